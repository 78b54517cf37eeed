// MQTT 3.1.1, sections 3.3 to 3.7, 4.3 and 4.6: messages, their quality of service and their order.
import { describe, expect, test } from 'vitest'
import {
  frame,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  publishPacket,
  type RawMqtt,
  subscribePacket,
  u16,
} from '../raw-mqtt.fixture.ts'
import { sessions } from './session.fixture.ts'

const mqtt = sessions()
const ndata = 'spBv1.0/yard/NDATA/north'
const state = 'spBv1.0/STATE/yard-desk'

const idOf = async (raw: RawMqtt, type: number) => {
  const packet = await raw.next()
  expect(packet.type).toBe(type)
  return packet.body.readUInt16BE(0)
}

describe('fields of PUBLISH', () => {
  test('MQTT-3.3.1-3: DUP of a sender is not handed on', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 1])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 1, dup: true, id: 5 }))
    expect(await desk.message()).toMatchObject({ payload: 'x', dup: false })
  })

  test('MQTT-3.3.1-4: both bits of QoS end the connection', async () => {
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 3 }))
    expect(await north.closes()).toBe(true)
  })

  test.each(['spBv1.0/yard/DDATA/north/+', 'spBv1.0/yard/DDATA/north/#', '#', 'spBv1.0/yard/DDATA/north/a+b'])(
    'MQTT-3.3.2-2, MQTT-4.7.1-1: a topic with a wildcard, %s, ends the connection',
    async (topic) => {
      const north = await mqtt.client('north')
      north.send(publishPacket(topic, 'x'))
      expect(await north.closes()).toBe(true)
    },
  )

  test('MQTT-4.7.3-1: a topic without a character ends the connection', async () => {
    const north = await mqtt.client('north')
    north.send(publishPacket('', 'x'))
    expect(await north.closes()).toBe(true)
  })

  test.each([0, 1, 2])('MQTT-3.3.5-2: a publish of QoS %i that is not allowed ends the connection', async (qos) => {
    const north = await mqtt.client('north')
    north.send(publishPacket('spBv1.0/yard/NDATA/south', 'x', { qos }))
    expect(await north.closes()).toBe(true)
  })
})

describe('quality of service', () => {
  test('MQTT-4.3.1-1: QoS 0 is answered by nothing and comes once', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x'))
    expect(await desk.message()).toMatchObject({ payload: 'x', qos: 0 })
    expect(await north.staysQuiet()).toBe(true)
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-4.3.2-2, MQTT-2.3.1-6: QoS 1 is answered by PUBACK with its identifier', async () => {
    const north = await mqtt.client('north')
    for (const id of [1, 0x1234, 0xffff]) {
      north.send(publishPacket(ndata, 'x', { qos: 1, id }))
      expect(await idOf(north, PUBACK)).toBe(id)
    }
  })

  test('MQTT-4.3.3-2, MQTT-2.3.1-6: QoS 2 is answered by PUBREC, its PUBREL by PUBCOMP, and told once', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 2, id: 77 }))
    expect(await idOf(north, PUBREC)).toBe(77)
    // Again, as after a lost PUBREC.
    north.send(publishPacket(ndata, 'x', { qos: 2, id: 77, dup: true }))
    expect(await idOf(north, PUBREC)).toBe(77)
    north.send(frame(PUBREL, 2, u16(77)))
    expect(await idOf(north, PUBCOMP)).toBe(77)
    await desk.message()
    expect(await desk.staysQuiet()).toBe(true)
    // The identifier is free again: this is another message.
    north.send(publishPacket(ndata, 'y', { qos: 2, id: 77 }))
    expect(await idOf(north, PUBREC)).toBe(77)
    expect(await desk.message()).toMatchObject({ payload: 'y' })
  })

  test('MQTT-3.6.4-1: PUBREL of an identifier that is not known is answered by PUBCOMP', async () => {
    const north = await mqtt.client('north')
    north.send(frame(PUBREL, 2, u16(4242)))
    expect(await idOf(north, PUBCOMP)).toBe(4242)
  })

  test('MQTT-4.3.2-1, MQTT-4.3.3-1: to a subscriber, QoS above 0 has an identifier and no DUP', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 2])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'one', { qos: 1, id: 1 }), publishPacket(ndata, 'two', { qos: 2, id: 2 }))
    const heard = [await desk.message(), await desk.message()]
    expect(heard.map(({ qos, dup }) => ({ qos, dup })).sort((a, b) => a.qos - b.qos)).toEqual([
      { qos: 1, dup: false },
      { qos: 2, dup: false },
    ])
    for (const { id } of heard) expect(id).toBeGreaterThan(0)
    expect(heard[0]!.id).not.toBe(heard[1]!.id)
  })

  test('MQTT-3.8.4-6: delivered at the lower of the two QoS', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 1])
    const north = await mqtt.client('north')
    for (const [sent, expected] of [
      [0, 0],
      [1, 1],
      [2, 1],
    ] as const) {
      north.send(publishPacket(ndata, 'x', { qos: sent, id: sent === 0 ? undefined : 3 + sent }))
      expect(await desk.message()).toMatchObject({ qos: expected })
    }
  })

  test('MQTT-3.8.4-6 deviates: through a wildcard of QoS 1, a message of QoS 2 is delivered at QoS 2', async () => {
    const desk = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/NDATA/+', 1])
    const north = await mqtt.client('north')
    north.send(publishPacket(ndata, 'x', { qos: 2, id: 8 }))
    expect(await desk.message()).toMatchObject({ qos: 2 })
  })

  test('MQTT-4.3.3-2 restricted: seventeen messages of QoS 2 without PUBREL end the connection', async () => {
    const north = await mqtt.client('north')
    for (let id = 1; id <= 17; id++) north.send(publishPacket(ndata, 'x', { qos: 2, id }))
    expect(await north.closes()).toBe(true)
  })
})

describe('order', () => {
  test.each([0, 1])('MQTT-4.6.0-6: messages of one topic and QoS %i keep their order', async (qos) => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, qos])
    const north = await mqtt.client('north')
    const sent = Array.from({ length: 500 }, (_, n) => String(n))
    north.send(...sent.map((payload, n) => publishPacket(ndata, payload, { qos, id: qos === 0 ? undefined : n + 1 })))
    const heard: string[] = []
    while (heard.length < sent.length) heard.push((await desk.message()).payload)
    expect(heard).toEqual(sent)
  })
})

describe('retained messages', () => {
  const newcomer = () => mqtt.subscriber('north', [state, 1])
  const tell = async (payload: string, retain: boolean, qos = 1) => {
    const desk = await mqtt.client('yard-desk')
    desk.send(publishPacket(state, payload, { qos, retain }))
    if (qos > 0) await idOf(desk, PUBACK)
    expect(await desk.alive()).toBe(true)
    desk.cut()
  }

  test('MQTT-3.3.1-5, MQTT-3.3.1-6, MQTT-3.3.1-8: the last one is there for a newcomer, marked as retained', async () => {
    await tell('off', true)
    await tell('on', true)
    const raw = await newcomer()
    expect(await raw.message()).toMatchObject({ topic: state, payload: 'on', retain: true, qos: 1 })
    expect(await raw.staysQuiet()).toBe(true)
  })

  test('MQTT-3.3.1-7: one of QoS 0 takes the place of the one before', async () => {
    await tell('old', true)
    await tell('new', true, 0)
    expect(await (await newcomer()).message()).toMatchObject({ payload: 'new', retain: true })
  })

  test('MQTT-3.3.1-9: not marked for who was already subscribed', async () => {
    const raw = await newcomer()
    while (!(await raw.staysQuiet())) await raw.message()
    await tell('now', true)
    expect(await raw.message()).toMatchObject({ payload: 'now', retain: false })
  })

  test('MQTT-3.3.1-12: a message without the mark neither replaces nor removes it', async () => {
    await tell('kept', true)
    await tell('passing', false)
    expect(await (await newcomer()).message()).toMatchObject({ payload: 'kept' })
  })

  test('MQTT-3.3.1-10, MQTT-3.3.1-11: an empty one is delivered and removes it', async () => {
    await tell('kept', true)
    const raw = await newcomer()
    expect(await raw.message()).toMatchObject({ payload: 'kept' })
    await tell('', true)
    expect(await raw.message()).toMatchObject({ payload: '', retain: false })
    raw.cut()
    expect(await (await newcomer()).staysQuiet()).toBe(true)
  })

  test('MQTT-3.8.4-3: a subscription made again brings the retained message again', async () => {
    await tell('kept', true)
    const raw = await newcomer()
    await raw.message()
    raw.send(subscribePacket(10, [state, 0]))
    await raw.next()
    expect(await raw.message()).toMatchObject({ payload: 'kept', retain: true })
  })
})
