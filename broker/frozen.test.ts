// A subscriber that no longer reads, and what the others notice of it.
import { readFile } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { createLog } from '../runtime/log.ts'
import { BrokerFixture } from './broker.fixture.ts'
import { connectPacket, publishPacket, RawMqtt, subscribePacket } from './raw-mqtt.fixture.ts'

const topic = 'spBv1.0/yard/DDATA/north/acc'
const MESSAGE_BYTES = 16 * 1024
/** At each turn of some 5 ms: enough to fill what aedes does at once well within the time of a cut-off. */
const AT_ONCE = 4

let fixture: BrokerFixture
const lines: string[] = []
const opened: RawMqtt[] = []
beforeAll(async () => {
  fixture = await BrokerFixture.start({ log: createLog({ pretty: false, write: (line) => lines.push(line) }) }, true)
})
afterEach(() => {
  for (const raw of opened.splice(0)) raw.cut()
})
afterAll(() => fixture.stop())

async function overTls(): Promise<RawMqtt> {
  const ca = await readFile(fixture.authority)
  const socket = connectTls({ port: fixture.broker.portOf('tls')!, host: '127.0.0.1', ca })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return new RawMqtt(socket)
}
async function overWebSocket(): Promise<RawMqtt> {
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.broker.portOf('websocket')}/mqtt`, 'mqtt')
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return new RawMqtt(createWebSocketStream(socket))
}
const overTcp = () => RawMqtt.open(fixture.port)

async function client(open: () => Promise<RawMqtt>, user: string, clientId = user): Promise<RawMqtt> {
  const raw = await open()
  opened.push(raw)
  raw.send(connectPacket({ clientId, user, password: fixture.password(user) }))
  expect((await raw.next()).body[1]).toBe(0)
  return raw
}
async function subscriber(...who: Parameters<typeof client>): Promise<RawMqtt> {
  const raw = await client(...who)
  raw.send(subscribePacket(1, [topic, 0]))
  await raw.next()
  return raw
}

/** Publishes until somebody is cut off; gives the longest wait of a healthy subscriber [ms]. */
async function longestWait(healthy: RawMqtt, cutOff: () => boolean): Promise<number> {
  const north = await client(overTcp, 'north')
  const payload = Buffer.alloc(MESSAGE_BYTES)
  const begun = performance.now()
  let sent = 0
  let longest_ms = 0
  let last = begun
  const listen = async () => {
    await healthy.next(10_000)
    const now = performance.now()
    longest_ms = Math.max(longest_ms, now - last)
    last = now
  }
  const heard: Promise<void>[] = []
  let queue = Promise.resolve()
  while (!cutOff() && performance.now() - begun < 15_000) {
    north.send(...Array.from({ length: AT_ONCE }, () => publishPacket(topic, payload)))
    sent += AT_ONCE
    for (let n = 0; n < AT_ONCE; n++) {
      queue = queue.then(listen)
      heard.push(queue)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(heard)
  expect(heard).toHaveLength(sent)
  return longest_ms
}

test.each([
  ['TCP', overTcp],
  ['TLS', overTls],
  ['WebSocket', overWebSocket],
])(
  'a host that freezes over %s delays others for less than a second, and is cut off with a reason',
  async (_, open) => {
    const healthy = await subscriber(overTcp, 'yard-desk')
    const frozen = await subscriber(open, 'yard-ingest')
    frozen.stream.pause()
    const before = fixture.refused('not-reading')
    expect(await longestWait(healthy, () => fixture.refused('not-reading') > before)).toBeLessThan(1_000)
    expect(fixture.refused('not-reading')).toBe(before + 1)
    expect(lines.some((line) => line.includes('"not-reading"') && line.includes('yard-ingest'))).toBe(true)
    expect(await healthy.alive()).toBe(true)
  },
  30_000,
)

test('observers that freeze delay nobody, and are cut off with a reason', async () => {
  const healthy = await subscriber(overTcp, 'yard-desk')
  const frozen = [
    await subscriber(overTcp, 'eye', 'eye.1'),
    await subscriber(overTls, 'eye', 'eye.2'),
    await subscriber(overWebSocket, 'eye', 'eye.3'),
  ]
  for (const raw of frozen) raw.stream.pause()
  const before = fixture.refused('not-reading')
  const wait_ms = await longestWait(healthy, () => fixture.refused('not-reading') >= before + 3)
  expect(fixture.refused('not-reading')).toBe(before + 3)
  // Well below what a host may cost; the rest is a machine that is busy.
  expect(wait_ms).toBeLessThan(400)
  for (const { stream } of frozen) stream.resume()
  for (const raw of frozen) expect(await raw.closes()).toBe(true)
}, 30_000)

test('a subscriber that reads slowly but in time stays, and misses nothing', async () => {
  const slow = await subscriber(overTcp, 'yard-ingest')
  const north = await client(overTcp, 'north')
  const messages = 150
  const before = fixture.refused('not-reading')
  const breathe = setInterval(() => {
    slow.stream.pause()
    setTimeout(() => slow.stream.resume(), 200)
  }, 300)
  try {
    for (let n = 0; n < messages; n++) north.send(publishPacket(topic, Buffer.alloc(MESSAGE_BYTES, n)))
    for (let n = 0; n < messages; n++) expect((await slow.next(10_000)).body.at(-1)).toBe(n)
  } finally {
    clearInterval(breathe)
  }
  expect(fixture.refused('not-reading')).toBe(before)
}, 30_000)
