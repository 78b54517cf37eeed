// MQTT 3.1.1, sections 1.5, 2 and 3.12 to 4.8: how bytes become packets, and what ends a connection.

import { afterEach, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import {
  DISCONNECT,
  frame,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  publishPacket,
  RawMqtt,
  SUBSCRIBE,
  subscribePacket,
  text,
  UNSUBSCRIBE,
  u16,
  unsubscribePacket,
} from '../raw-mqtt.fixture.ts'
import { sessions } from './session.fixture.ts'

const mqtt = sessions()
const ndata = 'spBv1.0/yard/NDATA/north'
const ncmd = 'spBv1.0/yard/NCMD/north'

describe('strings', () => {
  test('MQTT-1.5.3-1: bytes that are no UTF-8 end the connection', async () => {
    const bad = Buffer.concat([Buffer.from('spBv1.0/yard/DDATA/north/'), Buffer.from([0xff, 0xfe])])
    for (const packet of [publishPacket(bad, 'x'), subscribePacket(1, [bad, 0])]) {
      const desk = await mqtt.client('yard-desk')
      desk.send(packet)
      expect(await desk.closes()).toBe(true)
      const north = await mqtt.client('north')
      north.send(packet)
      expect(await north.closes()).toBe(true)
    }
  })

  test('MQTT-1.5.3-2, MQTT-4.7.3-2: the character U+0000 in a topic ends the connection', async () => {
    for (const packet of [
      publishPacket('spBv1.0/yard/DDATA/north/a\0b', 'x'),
      subscribePacket(1, ['spBv1.0/yard/DCMD/north/a\0b', 0]),
    ]) {
      const north = await mqtt.client('north')
      north.send(packet)
      expect(await north.closes()).toBe(true)
    }
  })

  test('MQTT-1.5.3-3: U+FEFF is a character like any other', async () => {
    const topic = 'spBv1.0/yard/DDATA/north/\uFEFFgauge'
    const desk = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/DDATA/north/+', 0])
    const north = await mqtt.client('north')
    north.send(publishPacket(topic, 'x'))
    expect((await desk.message()).topic).toBe(topic)
  })

  test('MQTT-4.7.3-4: topics that only look alike are different topics', async () => {
    const desk = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/DDATA/north/caf\u00e9', 0])
    const north = await mqtt.client('north')
    north.send(publishPacket('spBv1.0/yard/DDATA/north/cafe\u0301', 'x'))
    expect(await desk.staysQuiet()).toBe(true)
    north.send(publishPacket('spBv1.0/yard/DDATA/north/caf\u00e9', 'x'))
    expect((await desk.message()).payload).toBe('x')
  })
})

describe('fixed headers', () => {
  test.each([
    ['PUBREL', frame(6, 0, u16(1))],
    ['PUBACK', frame(4, 1, u16(1))],
    ['SUBSCRIBE', frame(SUBSCRIBE, 0, u16(1), text(ncmd), Buffer.from([0]))],
    ['UNSUBSCRIBE', frame(UNSUBSCRIBE, 0, u16(1), text(ncmd))],
    ['PINGREQ', frame(PINGREQ, 1)],
    ['DISCONNECT', frame(DISCONNECT, 4)],
    ['reserved type 0', frame(0, 0)],
    ['reserved type 15', frame(15, 0)],
  ])('MQTT-2.2.2-2: %s with other flags than its own ends the connection', async (_, packet) => {
    const north = await mqtt.client('north')
    north.send(packet)
    expect(await north.closes()).toBe(true)
  })

  test('MQTT-3.14.1-1: a DISCONNECT with reserved bits is no leave-taking: the will is told', async () => {
    const desk = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/NDEATH/north', 1])
    const north = await mqtt.client('north', { will: { topic: 'spBv1.0/yard/NDEATH/north', payload: 'gone', qos: 1 } })
    north.send(frame(DISCONNECT, 1))
    expect(await desk.message()).toMatchObject({ payload: 'gone' })
  })

  test('MQTT-2.2.3: a length is read from one to four bytes, however they are split', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0])
    const north = await mqtt.client('north')
    for (const size of [0, 100, 127, 128, 16_383, 16_384, 300_000]) {
      const packet = publishPacket(ndata, Buffer.alloc(size, 0x61))
      for (let at = 0; at < 6; at++) {
        north.send(packet.subarray(at, at + 1))
        await new Promise((resolve) => setImmediate(resolve))
      }
      north.send(packet.subarray(6))
      expect((await desk.message()).payload).toHaveLength(size)
    }
  })

  test('MQTT-2.2.3: a fifth byte of length ends the connection', async () => {
    const north = await mqtt.client('north')
    north.send(Buffer.from([PUBLISH << 4, 0xff, 0xff, 0xff, 0xff, 0x01]))
    expect(await north.closes()).toBe(true)
  })

  test('MQTT-4.8.0-1: packets that only a broker sends end the connection', async () => {
    for (const packet of [
      frame(2, 0, u16(0)),
      frame(9, 0, u16(1), Buffer.from([0])),
      frame(11, 0, u16(1)),
      frame(13, 0),
    ]) {
      const north = await mqtt.client('north')
      north.send(packet)
      expect(await north.closes()).toBe(true)
    }
  })
})

describe('packet identifiers', () => {
  test.each([
    ['SUBSCRIBE', subscribePacket(0, [ncmd, 0])],
    ['UNSUBSCRIBE', unsubscribePacket(0, ncmd)],
    ['PUBLISH of QoS 1', publishPacket(ndata, 'x', { qos: 1, id: 0 })],
    ['PUBLISH of QoS 2', publishPacket(ndata, 'x', { qos: 2, id: 0 })],
  ])('MQTT-2.3.1-1: %s with the identifier 0 ends the connection', async (_, packet) => {
    const north = await mqtt.client('north')
    north.send(packet)
    expect(await north.closes()).toBe(true)
  })

  test('MQTT-2.3.1-5: a PUBLISH of QoS 0 has no identifier: what follows the topic is payload', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0])
    const north = await mqtt.client('north')
    north.send(frame(PUBLISH, 0, text(ndata), Buffer.from([0x41, 0x42])))
    expect(await desk.message()).toMatchObject({ payload: 'AB' })
  })
})

describe('PINGREQ', () => {
  test('MQTT-3.12.4-1: is answered with PINGRESP', async () => {
    const north = await mqtt.client('north')
    north.send(frame(PINGREQ, 0))
    expect(await north.next()).toEqual({ type: PINGRESP, flags: 0, body: Buffer.alloc(0) })
  })
})

describe('WebSocket', () => {
  const opened: WebSocket[] = []
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.terminate()
  })
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${mqtt.fixture.broker.portOf('websocket')}/mqtt`, ['other', 'mqtt'])
    opened.push(socket)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return socket
  }

  test('MQTT-6.0.0-1: a text frame ends the connection', async () => {
    const socket = await open()
    const desk = await mqtt.subscriber('yard-desk', [ndata, 0])
    socket.send(mqtt.packetFor('north'))
    await new Promise((resolve) => socket.once('message', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const before = mqtt.fixture.refused('malformed')
    socket.send(publishPacket(ndata, 'x').toString('latin1'), { binary: false })
    await closed
    expect(mqtt.fixture.refused('malformed')).toBe(before + 1)
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-6.0.0-2: packets and frames need not begin together', async () => {
    const socket = await open()
    const raw = new RawMqtt(createWebSocketStream(socket))
    const bytes = Buffer.concat([mqtt.packetFor('north'), frame(PINGREQ, 0), frame(PINGREQ, 0)])
    for (const at of [0, 5, 11, bytes.length - 3]) {
      const end = { 0: 5, 5: 11, 11: bytes.length - 3 }[at] ?? bytes.length
      socket.send(bytes.subarray(at, end))
    }
    expect((await raw.next()).body).toEqual(Buffer.from([0, 0]))
    expect((await raw.next()).type).toBe(PINGRESP)
    expect((await raw.next()).type).toBe(PINGRESP)
  })

  test('MQTT-6.0.0-4: the subprotocol chosen is mqtt', async () => {
    expect((await open()).protocol).toBe('mqtt')
  })
})
