// A Sparkplug node of somebody else, with a client library of somebody else, on a broker without access rules, into the real store.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Site } from '../domain/channel.ts'
import type { SeriesReader, SeriesWriter } from '../domain/ports.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { instantFromMs } from '../domain/time.ts'
import { text } from '../domain/wire/metric.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { openSeriesReader, openSeriesWriter } from '../store/embedded.ts'
import { IngestService } from './service.ts'
import { FakeEdge } from './test/fake-edge.ts'
import { yard } from './test/yard.ts'

const clock = new SystemClock()
const until = (holds: () => unknown) => vi.waitFor(async () => expect(await holds()).toBeTruthy(), { timeout: 10_000 })
const EVER = [instantFromMs(0), instantFromMs(Date.UTC(2100, 0))] as const
const T0 = Date.UTC(2026, 0, 1)
const LEVEL = 'foreign.plant.Tank.3/Level'.replace('Tank.3', 'Tank%2E3')

let folder: string
let broker: FakeEdge
let client: MqttClient
let writer: SeriesWriter
let reader: SeriesReader
let ingest: IngestService
let seq = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingest-foreign-'))
  broker = await FakeEdge.start()
  client = await connectAsync(broker.url, { clientId: 'somebody' })
  writer = await openSeriesWriter(folder, silentLog)
  reader = openSeriesReader(folder, silentLog)
})
afterEach(async () => {
  await ingest.stop()
  await client.endAsync(true)
  await reader.close()
  await writer.close()
  await broker.stop()
  await rm(folder, { recursive: true })
})

async function start(foreign: string[]): Promise<void> {
  const site = { ...yard, file: { ...yard.file, ingest: { foreign } } } as Site
  ingest = new IngestService({
    site,
    brokerUrl: broker.url,
    clock,
    log: silentLog,
    connectMqtt: connectMqtt(clock, silentLog),
    store: writer,
    password: async () => '',
    folder,
  })
  await ingest.start()
  await until(() => ingest.stats().up)
}

const level = (s: number, value: number): Metric => ({ alias: 1n, timestamp: T0 + s * 1000, value })
async function publish(type: string, metrics: Metric[], s: number): Promise<void> {
  const device = type.startsWith('D') ? '/Tank.3' : ''
  const payload = encodePayload({ timestamp: T0 + s * 1000, seq: seq++ % 256, metrics })
  await client.publishAsync(`spBv1.0/yard/${type}/plant${device}`, Buffer.from(payload))
}
async function birth(s: number): Promise<void> {
  seq = 0
  await publish('NBIRTH', [{ name: 'bdSeq', timestamp: T0, datatype: DataType.Int64, value: 0n }], s)
  const properties = { engUnit: text('cm') }
  await publish('DBIRTH', [{ ...level(s, 100), name: 'Level', datatype: DataType.Float, properties }], s)
}
const stored = async () =>
  (await reader.readings(LEVEL, ...EVER, 100)).map(({ t_ns, value }) => [Number(t_ns / 1_000_000n - BigInt(T0)), value])

test('is stored where the site allows it, once however often it comes, and is told nothing', async () => {
  await start(['plant'])
  await birth(0)
  await publish('DDATA', [level(1, 125)], 1)
  await publish('DDATA', [level(2, 150)], 2)
  await until(() => ingest.stats().stored === 3)
  await birth(2)
  await publish('DDATA', [level(1, 125)], 1)
  await until(() => ingest.stats().duplicate >= 1)
  expect(await stored()).toEqual([
    [0, 1],
    [1000, 1.25],
    [2000, 1.5],
  ])
  expect(broker.committed).toEqual([])
})

test('another value for the same instant never overwrites: it is put aside', async () => {
  await start(['*'])
  await birth(0)
  await publish('DDATA', [level(1, 125)], 1)
  await publish('DDATA', [level(1, 700)], 1)
  await until(() => ingest.stats().quarantined === 1)
  expect(await stored()).toEqual([
    [0, 1],
    [1000, 1.25],
  ])
  expect(ingest.stats().deadLetters).toMatchObject({ conflict: 1 })
})

test('what came while ingest did not run is a gap in the store', async () => {
  await start(['plant'])
  await birth(0)
  await publish('DDATA', [level(5, 125)], 5)
  await until(() => ingest.stats().stored === 2)
  await ingest.stop()
  expect(JSON.parse(await readFile(join(folder, 'foreign-heard.json'), 'utf8'))).toEqual({ plant: T0 + 5000 })
  await publish('DDATA', [level(6, 130)], 6)
  await start(['plant'])
  await birth(60)
  await until(async () => (await reader.gaps(...EVER)).length === 1)
  expect(await reader.gaps(...EVER)).toMatchObject([
    {
      channels: [LEVEL],
      from_ns: instantFromMs(T0 + 5000),
      to_ns: instantFromMs(T0 + 60_000),
      reason: 'not-received',
    },
  ])
  expect(ingest.stats().foreign).toMatchObject({ gaps: 1 })
})

test('where the site does not allow it, it is counted, not stored, and asked for nothing', async () => {
  await start([])
  const births = broker.births
  await birth(0)
  await publish('DDATA', [level(1, 125)], 1)
  await until(() => ingest.stats().faults === 1)
  expect(ingest.stats().stored).toBe(0)
  expect(await stored()).toEqual([])
  expect(broker.births).toBe(births)
})
