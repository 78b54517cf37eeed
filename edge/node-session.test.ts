import { beforeEach, describe, expect, test } from 'vitest'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { type Message, NodeSession, nextBdSeq } from './node-session.ts'

const metric = (name: string): Metric => ({ name, datatype: DataType.Double, timestamp: 1, value: 1 })
const data = encodePayload({ metrics: [{ name: 'stage', timestamp: 1, value: 2 }] })
const payloadOf = (message: Message) => decodePayload(message.payload)
const bdSeqOf = (message: Message) => payloadOf(message).metrics.find((m) => m.name === 'bdSeq')

let session: NodeSession
beforeEach(() => {
  session = new NodeSession('site', 'edge-1')
})
const born = (devices: string[] = []) => {
  session.will(0, 1)
  return session.births(
    [metric('a')],
    devices.map((device) => ({ device, metrics: [metric('stage')] })),
    1,
  )
}

describe('will and death', () => {
  test('tck-id-payloads-ndeath-will-message: the will is NDEATH with bdSeq and nothing else', () => {
    const will = session.will(7, 1234)
    expect(will.topic).toBe('spBv1.0/site/NDEATH/edge-1')
    expect(payloadOf(will).metrics).toMatchObject([{ name: 'bdSeq', datatype: DataType.Int64, value: 7n }])
  })

  test('tck-id-payloads-ndeath-seq: it has no sequence number', () => {
    expect(payloadOf(session.will(7, 1234)).seq).toBeUndefined()
  })

  test('tck-id-topics-nbirth-bdseq-matching: birth, rebirth and death of a session carry the bdSeq of its will', () => {
    const will = session.will(9, 1)
    const messages = [will, session.births([], [], 1)[0]!, session.births([], [], 2)[0]!, session.death(3)]
    expect(messages.map((m) => bdSeqOf(m)?.value)).toEqual([9n, 9n, 9n, 9n])
  })

  test('tck-id-topics-nbirth-bdseq-increment: bdSeq starts at 0, grows with every CONNECT, and follows 255 with 0', () => {
    expect([undefined, 0, 254, 255].map(nextBdSeq)).toEqual([0, 1, 255, 0])
  })
})

describe('sequence numbers', () => {
  test('tck-id-payloads-nbirth-seq: NBIRTH has 0, every further message one more, 255 is followed by 0', () => {
    const messages = born(['dead-run'])
    for (let i = 0; i < 300; i++) messages.push(session.data('dead-run', data, 1))
    expect(messages.map((m) => payloadOf(m).seq)).toEqual(messages.map((_, i) => i % 256))
  })

  test('tck-id-payloads-sequence-num-always-included: NDATA, DBIRTH, DDATA and DDEATH share the one counter', () => {
    born()
    const birth = { device: 'roof', metrics: [] }
    const messages = [
      session.data('', data, 1),
      session.deviceBirth(birth, 1),
      session.data('roof', data, 1),
      session.deviceDeath('roof', 1),
    ]
    expect(messages.map((m) => payloadOf(m).seq)).toEqual([1, 2, 3, 4])
    expect(messages.map((m) => m.topic)).toEqual([
      'spBv1.0/site/NDATA/edge-1',
      'spBv1.0/site/DBIRTH/edge-1/roof',
      'spBv1.0/site/DDATA/edge-1/roof',
      'spBv1.0/site/DDEATH/edge-1/roof',
    ])
  })

  test('start at 0 again with a rebirth', () => {
    born(['dead-run'])
    session.data('dead-run', data, 1)
    expect(session.births([], [], 1).map((m) => payloadOf(m).seq)).toEqual([0])
  })
})

describe('order', () => {
  test('tck-id-message-flow-device-birth-publish-nbirth-wait: nothing goes before NBIRTH', () => {
    session.will(0, 1)
    expect(() => session.data('', data, 1)).toThrow('NBIRTH comes first')
    expect(() => session.deviceBirth({ device: 'a', metrics: [] }, 1)).toThrow('NBIRTH comes first')
  })

  test('tck-id-payloads-dbirth-order: every DBIRTH stands directly behind NBIRTH', () => {
    expect(born(['dead-run', 'roof']).map((m) => m.topic)).toEqual([
      'spBv1.0/site/NBIRTH/edge-1',
      'spBv1.0/site/DBIRTH/edge-1/dead-run',
      'spBv1.0/site/DBIRTH/edge-1/roof',
    ])
  })

  test('tck-id-payloads-ddata-order: no DDATA of a device before its DBIRTH or after its DDEATH', () => {
    born(['dead-run'])
    expect(() => session.data('roof', data, 1)).toThrow('DDATA of roof')
    session.deviceDeath('dead-run', 1)
    expect(() => session.data('dead-run', data, 1)).toThrow('DDATA of dead-run')
  })

  test('a new CONNECT forgets the births of the one before', () => {
    born(['dead-run'])
    session.will(1, 1)
    expect(session.born).toBe(false)
    expect(session.isBorn('dead-run')).toBe(false)
  })
})

describe('data', () => {
  test('tck-id-payloads-timestamp-in-UTC: payload time is that of publishing; metrics stay as they were recorded', () => {
    born(['dead-run'])
    const payload = payloadOf(session.data('dead-run', data, 4321))
    expect(payload).toMatchObject({ timestamp: 4321, metrics: [{ name: 'stage', timestamp: 1, value: 2 }] })
  })
})
