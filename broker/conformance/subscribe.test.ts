// MQTT 3.1.1, sections 3.8 to 3.11 and 4.7: subscriptions and topic filters.
import { describe, expect, test } from 'vitest'
import {
  frame,
  publishPacket,
  type RawMqtt,
  SUBACK,
  SUBSCRIBE,
  subscribePacket,
  text,
  UNSUBACK,
  UNSUBSCRIBE,
  u16,
  unsubscribePacket,
} from '../raw-mqtt.fixture.ts'
import { sessions } from './session.fixture.ts'

const mqtt = sessions()
const ndata = 'spBv1.0/yard/NDATA/north'
const ddata = 'spBv1.0/yard/DDATA/north/gauge'

/** Identifier and return codes of the next SUBACK. */
async function suback(raw: RawMqtt): Promise<[number, ...number[]]> {
  const { type, body } = await raw.next()
  expect(type).toBe(SUBACK)
  return [body.readUInt16BE(0), ...body.subarray(2)]
}

describe('SUBSCRIBE', () => {
  test('MQTT-3.8.4-1, MQTT-3.8.4-2, MQTT-2.3.1-7: is answered by SUBACK with its identifier', async () => {
    const desk = await mqtt.client('yard-desk')
    for (const id of [1, 0xabcd, 0xffff]) {
      desk.send(subscribePacket(id, [ndata, 1]))
      expect((await suback(desk))[0]).toBe(id)
    }
  })

  test('MQTT-3.8.4-4, MQTT-3.8.4-5, MQTT-3.9.3-1: one return code for each filter, in their order', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(subscribePacket(3, [ndata, 2], ['spBv1.0/field/#', 1], ['spBv1.0/yard/NBIRTH/+', 0], [ddata, 1]))
    expect(await suback(desk)).toEqual([3, 2, 0x80, 0, 1])
  })

  test('MQTT-3.8.4-5 deviates: a filter that stands twice in one SUBSCRIBE has one return code', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(subscribePacket(3, [ndata, 0], [ndata, 1]))
    expect(await suback(desk)).toEqual([3, 1])
  })

  test('MQTT-3.8.3-3: without a filter ends the connection', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(frame(SUBSCRIBE, 2, u16(1)))
    expect(await desk.closes()).toBe(true)
  })

  test.each([3, 4, 0x80, 0xff])('MQTT-3.8.3-4: QoS byte %i ends the connection', async (qos) => {
    const desk = await mqtt.client('yard-desk')
    desk.send(subscribePacket(1, [ndata, qos]))
    expect(await desk.closes()).toBe(true)
  })

  test('MQTT-3.8.4-3: the same filter again takes the place of the first', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 1])
    desk.send(subscribePacket(2, [ndata, 0]))
    await suback(desk)
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 1 }))
    expect(await desk.message()).toMatchObject({ payload: 'x', qos: 0 })
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.3.5-1: overlapping filters deliver the message, at the highest QoS of them', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 1], ['spBv1.0/yard/NDATA/+', 1], ['spBv1.0/yard/#', 1])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 1 }))
    expect(await desk.message()).toMatchObject({ payload: 'x', qos: 1 })
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.3.5-1 deviates: of overlapping filters the one that aedes meets first sets the QoS', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0], ['spBv1.0/yard/NDATA/+', 1])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 1 }))
    expect(await desk.message()).toMatchObject({ payload: 'x', qos: 0 })
    expect(await desk.staysQuiet()).toBe(true)
  })
})

describe('UNSUBSCRIBE', () => {
  test('MQTT-3.10.4-4, MQTT-2.3.1-7: is answered by UNSUBACK with its identifier', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 1])
    desk.send(unsubscribePacket(0x1234, ndata))
    expect(await desk.next()).toEqual({ type: UNSUBACK, flags: 0, body: u16(0x1234) })
  })

  test('MQTT-3.10.4-5, MQTT-3.10.4-6: also where nothing was subscribed, and once for several filters', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(unsubscribePacket(5, ndata, ddata, 'never/there'))
    expect(await desk.next()).toEqual({ type: UNSUBACK, flags: 0, body: u16(5) })
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.10.4-1, MQTT-3.10.4-2: ends that filter, compared character by character, and no other', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0], ['spBv1.0/yard/DDATA/+/+', 0])
    desk.send(unsubscribePacket(5, ndata, ddata))
    await desk.next()
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'ended'), publishPacket(ddata, 'goes on'))
    expect(await desk.message()).toMatchObject({ payload: 'goes on' })
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.10.3-2: without a filter ends the connection', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(frame(UNSUBSCRIBE, 2, u16(1)))
    expect(await desk.closes()).toBe(true)
  })
})

describe('topic filters', () => {
  test.each(['spBv1.0/yard/#/north', 'spBv1.0/yard/NDATA#', 'spBv1.0/yard/##'])(
    'MQTT-4.7.1-2: # stands alone in the last level: %s ends the connection',
    async (filter) => {
      const desk = await mqtt.client('yard-desk')
      desk.send(subscribePacket(1, [filter, 0]))
      expect(await desk.closes()).toBe(true)
    },
  )

  test.each(['spBv1.0/yard/N+/north', 'spBv1.0/yard/NDATA/+h', 'spBv1.0/yard/++'])(
    'MQTT-4.7.1-3: + fills its level: %s ends the connection',
    async (filter) => {
      const desk = await mqtt.client('yard-desk')
      desk.send(subscribePacket(1, [filter, 0]))
      expect(await desk.closes()).toBe(true)
    },
  )

  test.each([
    ['spBv1.0/yard/#', true, true],
    ['spBv1.0/yard/+/north', true, false],
    ['spBv1.0/yard/+/north/#', true, true],
    ['spBv1.0/yard/DDATA/+/gauge', false, true],
    ['spBv1.0/yard/DDATA/north/+', false, true],
    ['spBv1.0/yard/ddata/north/gauge', false, false],
    ['spBv1.0/yard/NDATA/north/', false, false],
  ])('MQTT-4.5.0-1, MQTT-3.3.2-3: %s brings NDATA: %s, DDATA: %s', async (filter, node, device) => {
    const desk = await mqtt.subscriber('yard-desk', [filter, 0])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x'), publishPacket(ddata, 'x'))
    const expected = [...(node ? [ndata] : []), ...(device ? [ddata] : [])]
    const heard: string[] = []
    for (const _ of expected) heard.push((await desk.message()).topic)
    expect(heard.sort()).toEqual(expected.sort())
    expect(await desk.staysQuiet()).toBe(true)
  })

  test.each(['#', '+/#', '$SYS/#', '$share/g/spBv1.0/yard/#', '+/yard/NDATA/north'])(
    'MQTT-4.7.2-1 restricted: %s is refused, with or without a $ in front',
    async (filter) => {
      const desk = await mqtt.client('yard-desk')
      desk.send(subscribePacket(1, [filter, 0]))
      expect(await suback(desk)).toEqual([1, 0x80])
    },
  )

  test('MQTT-4.7.3-1: a filter without a character ends the connection', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(subscribePacket(1, ['', 0]))
    expect(await desk.closes()).toBe(true)
  })

  test('MQTT-3.8.3-1: a filter longer than its packet ends the connection', async () => {
    const desk = await mqtt.client('yard-desk')
    desk.send(frame(SUBSCRIBE, 2, u16(1), u16(500), Buffer.from('spBv1.0/yard/#'), Buffer.from([0])))
    expect(await desk.closes()).toBe(true)
    const again = await mqtt.client('yard-desk')
    again.send(frame(SUBSCRIBE, 2, u16(1), text(ndata)))
    expect(await again.closes()).toBe(true)
  })
})
