/** The recording side over real MQTT: an aedes broker that is stopped and started, and an owner on its own connection. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MqttConnection, MqttOptions } from '../../domain/ports.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { connectMqtt } from '../../runtime/mqtt-connection.ts'
import { block, condition, reading, testSite } from '../testing-site.ts'
import { Owner } from '../testing-uplink.ts'
import { Recording } from './recording.ts'

const clock = new SystemClock()
const connect = connectMqtt(clock, silentLog)
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
async function until(what: () => boolean, ms = 15_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (what()) return
  throw new Error(`not within ${ms} ms: ${what}`)
}

type Broker = { aedes: Aedes; server: Server; sockets: Set<Socket> }
let broker: Broker | undefined
let port = 0
async function openBroker(): Promise<void> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
  broker = { aedes, server, sockets }
}
/** As a kill: every connection is reset and nothing in memory is kept. */
async function killBroker(): Promise<void> {
  const { aedes, server, sockets } = broker!
  broker = undefined
  for (const socket of sockets) socket.resetAndDestroy()
  await new Promise((resolve) => server.close(resolve))
  await new Promise<void>((resolve) => aedes.close(resolve))
}

let dataDir: string
let owner: Owner
let ownerLine: MqttConnection
let recording: Recording | undefined
const ownerOptions = (): MqttOptions => ({
  url: `mqtt://127.0.0.1:${port}`,
  clientId: 'owner',
  username: 'owner',
  password: async () => '',
  keepalive_s: 10,
  will: () => ({ topic: 'spBv1.0/STATE/none', payload: new Uint8Array(), qos: 1, retain: false }),
  onUp: () => void ownerLine.subscribe(['spBv1.0/test/#'], 1).then(() => owner.state(true, Date.now())),
  onDown: () => {},
  onMessage: (message) => owner.take(message),
})
beforeEach(async () => {
  port = 0
  await openBroker()
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  owner = new Owner('test', (topic, payload, retain) => {
    ownerLine.publish(topic, payload, { qos: 1, retain }).catch(() => {})
  })
  ownerLine = connect(ownerOptions())
  ownerLine.start()
  await until(() => ownerLine.up)
})
afterEach(async () => {
  await recording?.stop(1000)
  await ownerLine.stop(500)
  if (broker !== undefined) await killBroker()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(connectMqtt = connect): Promise<Recording> {
  const { site, node } = testSite()
  const brokerUrl = `mqtt://127.0.0.1:${port}`
  const options = { site, node, dataDir, brokerUrl, clock, log: silentLog, password: async () => 'secret' }
  const made = new Recording({ ...options, connectMqtt })
  await made.start()
  return made
}
const backlog = () => Object.values(recording!.stats()!.streams).reduce((sum, s) => sum + s.backlog_records, 0)

test('every record reaches the owner, whatever becomes of the broker; births first, deaths last', async () => {
  recording = await start()
  const { recorder, life } = recording.seam
  let n = 0
  const record = async (count: number, pause_ms: number) => {
    for (let i = 0; i < count; i++) {
      n++
      recorder.readings('dead-run', { readings: [reading(n * 1000, n)] })
      recorder.block(block(n))
      if (n % 20 === 0) recorder.condition(condition(n, n % 40 !== 0, n * 1000))
      await sleep(pause_ms)
    }
  }
  life.online('dead-run')
  life.online('roof')
  await record(40, 5)
  await killBroker()
  await record(200, 1)
  await openBroker()
  await record(40, 20)
  for (const socket of broker!.sockets) socket.resetAndDestroy()
  await record(40, 20)

  const all = Array.from({ length: n }, (_, i) => i + 1)
  await until(() => new Set(owner.stages).size === n && new Set(owner.blocks).size === n && backlog() === 0, 18_000)
  expect(owner.stages).toEqual(all)
  expect(owner.blocks.sort((a, b) => a.first_counter - b.first_counter)).toEqual(all.map((i) => block(i)))
  expect([...owner.conditions.values()].map((c) => c.record.occurrence).sort((a, b) => a - b)).toEqual(
    all.filter((i) => i % 20 === 0),
  )
  for (const id of ['edge-1', 'edge-1-blocks']) {
    expect(owner.types(id)[0]).toBe('NBIRTH')
    for (const births of sessions(owner.types(id))) expect(births[0]).toBe('NBIRTH')
  }

  const begun = Date.now()
  await recording.stop(1000)
  recording = undefined
  expect(Date.now() - begun).toBeLessThan(2000)
  await until(() => ['edge-1', 'edge-1-blocks'].every((id) => owner.types(id).at(-1) === 'NDEATH'))
}, 40_000)

/** Messages of a node by session: each begins after a death or with a birth. */
function sessions(types: readonly string[]): string[][] {
  const out: string[][] = []
  let open: string[] | undefined
  for (const type of types) {
    if (type === 'NDEATH') open = undefined
    else if (open === undefined || type === 'NBIRTH') {
      open = [type]
      out.push(open)
    } else open.push(type)
  }
  return out
}

test('a backlog of an hour of two sensors is handed over in seconds, every record once', async () => {
  recording = await start()
  const { recorder, life } = recording.seam
  life.online('dead-run')
  life.online('roof')
  await until(() => owner.types('edge-1-blocks').includes('DBIRTH roof'))
  await killBroker()
  await until(() => recording!.stats()!.uplinks['node']!.births > 0)
  await sleep(50)
  for (let i = 1; i <= 3600; i++) {
    recorder.readings('dead-run', { readings: [reading(i * 1000, i)] })
    recorder.block(block(i))
  }
  await openBroker()
  await until(() => backlog() === 0, 40_000)
  expect(owner.stages).toEqual(Array.from({ length: 3600 }, (_, i) => i + 1))
  expect(owner.blocks).toHaveLength(3600)
  expect(Math.max(...owner.arrivals.values())).toBe(1)
}, 60_000)

test('of two brokers one dies for good: the line goes on at the other, without loss', async () => {
  const first = broker!
  const firstPort = port
  port = 0
  await openBroker()
  const urls = [`mqtt://127.0.0.1:${firstPort}`, `mqtt://127.0.0.1:${port}`]
  await ownerLine.stop(500)
  const both = connectMqtt(clock, silentLog, { urls })
  ownerLine = both({ ...ownerOptions(), url: urls[0]! })
  ownerLine.start()
  await until(() => ownerLine.up)
  recording = await start(both)
  const { recorder, life } = recording.seam
  life.online('dead-run')
  life.online('roof')
  const total = 150
  for (let i = 1; i <= total; i++) {
    recorder.readings('dead-run', { readings: [reading(i * 1000, i)] })
    recorder.block(block(i))
    await sleep(5)
    if (i !== 50) continue
    const second = broker
    broker = first
    await killBroker()
    broker = second
  }
  await until(
    () => new Set(owner.stages).size === total && new Set(owner.blocks).size === total && backlog() === 0,
    18_000,
  )
  expect(owner.stages).toEqual(Array.from({ length: total }, (_, i) => i + 1))
  expect(recording.stats()!.uplinks.node.births).toBeGreaterThanOrEqual(2)
}, 40_000)
