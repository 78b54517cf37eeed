import { describe, expect, test } from 'vitest'
import { decodeState, deviceTopic, encodeState, nodeTopic, parseStateTopic, parseTopic, stateTopic } from './topics.ts'

describe('topics (tck-id-topic-structure)', () => {
  test('of nodes and devices are built and taken apart alike', () => {
    expect(parseTopic(nodeTopic('yard', 'NBIRTH', 'north'))).toEqual({ group: 'yard', type: 'NBIRTH', node: 'north' })
    expect(parseTopic(deviceTopic('yard', 'DDATA', 'north', 'gauge'))).toEqual({
      group: 'yard',
      type: 'DDATA',
      node: 'north',
      device: 'gauge',
    })
  })

  test.each([
    'spBv1.0/yard/NBIRTH/north/gauge',
    'spBv1.0/yard/DDATA/north',
    'spBv1.0/yard/DDATA/north/',
    'spBv1.0/yard/DDATA/north/gauge/stage',
    'spBv1.0//NDATA/north',
    'spBv1.0/yard/NDATA/',
    'spBv1.0/yard/OTHER/north',
    'spAv1.0/yard/NDATA/north',
    'spBv1.0/STATE/yard-desk',
    '',
  ])('%s is none of a node or device', (text) => {
    expect(parseTopic(text)).toBeUndefined()
  })

  test('are the same whether they were seen before or not, and after any number of others', () => {
    const topic = { group: 'yard', type: 'DDATA', node: 'n1', device: 'tower' }
    expect(parseTopic('spBv1.0/yard/DDATA/n1/tower')).toEqual(topic)
    for (let i = 0; i < 10_000; i++)
      expect(parseTopic(`spBv1.0/yard/DDATA/n1/d${i}`)).toEqual({ ...topic, device: `d${i}` })
    expect(parseTopic('spBv1.0/yard/DDATA/n1/tower')).toEqual(topic)
    const long = 'd'.repeat(300)
    expect(parseTopic(`spBv1.0/yard/DDATA/n1/${long}`)).toEqual({ ...topic, device: long })
  })

  test('of STATE name the host', () => {
    expect(stateTopic('yard-desk')).toBe('spBv1.0/STATE/yard-desk')
    expect(parseStateTopic('spBv1.0/STATE/yard-desk')).toBe('yard-desk')
    for (const text of ['STATE/yard-desk', 'spBv1.0/STATE', 'spBv1.0/STATE/', 'spBv1.0/STATE/a/b'])
      expect(parseStateTopic(text)).toBeUndefined()
  })
})

describe('STATE payloads (tck-id-payloads-state-will-message-payload)', () => {
  test('are JSON with online and timestamp', () => {
    expect(Buffer.from(encodeState(true, 1_528_048_800_000)).toString()).toBe(
      '{"online":true,"timestamp":1528048800000}',
    )
    expect(decodeState(encodeState(false, 5))).toEqual({ online: false, timestamp: 5 })
  })

  test.each(['OFFLINE', '{}', 'null', '{"online":1,"timestamp":2}', '{"online":true}', '\xff'])(
    '%s is none',
    (text) => {
      expect(decodeState(Buffer.from(text, 'latin1'))).toBeUndefined()
    },
  )
})
