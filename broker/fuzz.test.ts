// Bytes that nobody should send, before and after CONNECT, over TCP and WebSocket: the broker stays up, small, and says why.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { BrokerFixture } from './broker.fixture.ts'
import { STRANGERS_MAX } from './io/listener.ts'
import {
  connectPacket,
  DISCONNECT,
  frame,
  PINGREQ,
  PUBACK,
  publishPacket,
  RawMqtt,
  SUBACK,
  subscribePacket,
  text,
  UNSUBACK,
  u16,
  unsubscribePacket,
  varint,
} from './raw-mqtt.fixture.ts'

const RUNS = 100
/** Long enough for loopback; what is let pass by then was harmless. */
const ANSWER_MS = 25
const HEAP_GROWTH_MAX_BYTES = 24 * 2 ** 20

let fixture: BrokerFixture
const opened: RawMqtt[] = []
beforeAll(async () => {
  fixture = await BrokerFixture.start()
})
afterEach(() => {
  for (const raw of opened.splice(0)) raw.cut()
})
afterAll(() => fixture.stop())

async function overTcp(): Promise<RawMqtt> {
  const raw = await RawMqtt.open(fixture.port)
  opened.push(raw)
  return raw
}
async function overWebSocket(): Promise<RawMqtt> {
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.broker.portOf('websocket')}/mqtt`, 'mqtt')
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const raw = new RawMqtt(createWebSocketStream(socket))
  opened.push(raw)
  return raw
}
const connectAs = (user: string, clientId = user) => connectPacket({ clientId, user, password: fixture.password(user) })
async function letIn(raw: RawMqtt, user: string, clientId = user): Promise<RawMqtt> {
  raw.send(connectAs(user, clientId))
  expect((await raw.next()).body[1]).toBe(0)
  return raw
}

const refusals = () => [...fixture.broker.refusals.values()].reduce((sum, n) => sum + n, 0)

/** Sends and waits for an end; every end that the broker makes has a reason. */
async function endure(raw: RawMqtt, bytes: Uint8Array): Promise<void> {
  const before = refusals()
  raw.send(bytes)
  const ended = await raw.closes(ANSWER_MS)
  raw.cut()
  if (ended) await expect.poll(refusals, { timeout: 500, interval: 1 }).toBeGreaterThan(before)
}

/** A message still gets from a node to the desk. */
async function healthy(): Promise<void> {
  const desk = await letIn(await overTcp(), 'yard-desk')
  desk.send(subscribePacket(1, ['spBv1.0/yard/#', 1]))
  await desk.next()
  const south = await letIn(await overTcp(), 'south')
  south.send(publishPacket('spBv1.0/yard/NDATA/south', 'still here'))
  expect((await desk.message()).payload).toBe('still here')
  desk.cut()
  south.cut()
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
async function used(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const topic = fc.constantFrom(
  'spBv1.0/yard/NDATA/north',
  'spBv1.0/yard/NCMD/north',
  'spBv1.0/STATE/+',
  '',
  '#',
  '$SYS/x',
  '__proto__',
  'constructor/toString',
)
const valid = fc.oneof(
  fc
    .tuple(topic, fc.uint8Array({ maxLength: 300 }), fc.nat(2), fc.nat(0xffff))
    .map(([to, payload, qos, id]) => publishPacket(to, payload, { qos, ...(qos > 0 && { id }) })),
  fc.tuple(fc.nat(0xffff), topic, fc.nat(2)).map(([id, filter, qos]) => subscribePacket(id, [filter, qos])),
  fc.tuple(fc.nat(0xffff), topic).map(([id, filter]) => unsubscribePacket(id, filter)),
  fc.tuple(fc.constantFrom(4, 5, 7), fc.nat(0xffff)).map(([type, id]) => frame(type, 0, u16(id))),
  fc.constant(frame(PINGREQ, 0)),
  fc.constant(connectPacket({ clientId: 'north', user: 'north', password: 'guess' })),
)
/** A valid packet with some bytes changed; never one that becomes a DISCONNECT, which is no fault. */
const mutated = fc
  .tuple(valid, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }))
  .map(([packet, changes]) => {
    const bytes = Buffer.from(packet)
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes
  })
  .filter((bytes) => !bytes.includes(DISCONNECT << 4))
const random = fc.uint8Array({ minLength: 1, maxLength: 400 }).filter((bytes) => !bytes.includes(DISCONNECT << 4))
const truncated = fc.tuple(valid, fc.nat(1000)).map(([packet, at]) => packet.subarray(0, 1 + (at % packet.length)))
/** A length that announces more, or less, than there is. */
const misjudged = fc
  .tuple(fc.nat(13), fc.integer({ min: 0, max: 268_435_455 }), fc.uint8Array({ maxLength: 50 }))
  .map(([type, length, body]) => Buffer.concat([Buffer.from([(type << 4) | 2]), varint(length), body]))
  .filter((bytes) => !bytes.includes(DISCONNECT << 4))
const hostile = fc.oneof(random, mutated, truncated, misjudged)

describe.each([
  ['TCP', overTcp],
  ['WebSocket', overWebSocket],
])('hostile bytes over %s', (_, open) => {
  test('before CONNECT', async () => {
    const before = await used()
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => endure(await open(), bytes)),
      { numRuns: RUNS },
    )
    await healthy()
    expect((await used()) - before).toBeLessThan(HEAP_GROWTH_MAX_BYTES)
  }, 60_000)

  test('after CONNECT', async () => {
    const before = await used()
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => endure(await letIn(await open(), 'north'), bytes)),
      { numRuns: RUNS },
    )
    await healthy()
    expect((await used()) - before).toBeLessThan(HEAP_GROWTH_MAX_BYTES)
  }, 60_000)

  test('in the same segment as CONNECT', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        const raw = await open()
        raw.send(connectAs('north'), bytes)
        await raw.closes(ANSWER_MS)
        raw.cut()
      }),
      { numRuns: RUNS },
    )
    await healthy()
  }, 60_000)
})

describe('a client that was let in', () => {
  test('may send a thousand small packets in one segment, and has an answer to each', async () => {
    const north = await letIn(await overTcp(), 'north')
    const packets = Array.from({ length: 1000 }, (_, n) =>
      publishPacket('spBv1.0/yard/NDATA/north', String(n), { qos: 1, id: n + 1 }),
    )
    north.send(...packets)
    const ids = new Set<number>()
    while (ids.size < packets.length) ids.add((await north.next()).body.readUInt16BE(0))
    await healthy()
  })

  test('may not send a thousand before it knows that it is one', async () => {
    const raw = await overTcp()
    const before = fixture.refused('malformed')
    const packets = Array.from({ length: 1000 }, () => publishPacket('spBv1.0/yard/NDATA/north', 'x'))
    raw.send(connectAs('north'), ...packets)
    expect(await raw.closes()).toBe(true)
    await expect.poll(() => fixture.refused('malformed')).toBe(before + 1)
    await healthy()
  })

  test('may ask for the deepest topics without harm', async () => {
    for (const levels of [8, 9, 99, 100, 101, 5_000, 30_000]) {
      const deep = 'a/'.repeat(levels)
      const desk = await letIn(await overTcp(), 'yard-desk')
      desk.send(subscribePacket(1, [`spBv1.0/yard/${deep}+`, 0]))
      expect(await desk.closes()).toBe(true)
      const again = await letIn(await overTcp(), 'yard-desk')
      again.send(publishPacket(`spBv1.0/yard/NCMD/${deep}`, 'x'))
      expect(await again.closes()).toBe(true)
    }
    await healthy()
  })

  test('may name what every object of the language has, and finds nothing', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const desk = await letIn(await overTcp(), 'yard-desk')
      desk.send(
        subscribePacket(1, [`spBv1.0/yard/NDATA/${name}`, 1]),
        unsubscribePacket(2, name),
        publishPacket(`spBv1.0/yard/NCMD/${name}`, 'x', { qos: 1 }),
      )
      const answers = [await desk.next(), await desk.next(), await desk.next()]
      expect(answers.map(({ type }) => type).sort((a, b) => a - b)).toEqual([PUBACK, SUBACK, UNSUBACK])
      const raw = await overTcp()
      raw.send(connectPacket({ clientId: name, user: name, password: name }))
      expect((await raw.next()).body[1]).toBe(4)
    }
    await healthy()
  })
})

describe('a stranger', () => {
  test('that sends CONNECT byte by byte is served; one that stops in the middle holds nothing but its connection', async () => {
    const slow = await overTcp()
    for (const byte of connectAs('north')) {
      slow.send(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await slow.next()).body[1]).toBe(0)
    const before = await used()
    // Of one address no more strangers than these are let in.
    for (let n = 0; n < STRANGERS_MAX - 1; n++) {
      const raw = await overTcp()
      raw.send(frame(1, 0, text('MQTT'), Buffer.alloc(60_000)).subarray(0, 1_000))
    }
    await healthy()
    expect((await used()) - before).toBeLessThan(HEAP_GROWTH_MAX_BYTES)
  })
})
