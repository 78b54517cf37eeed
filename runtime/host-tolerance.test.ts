/**
 * Sloppy edge nodes on a real broker: what is certain is read, what only a birth can settle makes us ask for it, with
 * back-off, and the rest is counted. The bytes are written field by field, as other makers' libraries write them.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { afterEach, expect, test, vi } from 'vitest'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { rawMetricOf, rawPayload } from '../domain/sparkplug/raw-payload.fixture.ts'
import { SystemClock } from './clock.ts'
import { HostApplication } from './host-application.ts'
import { silentLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'
import { tappedBroker } from './mqtt-tap.fixture.ts'

const UTC_MS = 1_528_048_800_000
const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 9_000, interval: 5 })
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Fields of sparkplug_b.proto: Payload timestamp 1, metrics 2, seq 3; Metric name 1, alias 2, datatype 4, values from 10. */
const metric = (name: string, write: (w: BinaryWriter) => BinaryWriter) =>
  write(new BinaryWriter().tag(1, WireType.LengthDelimited).string(name)).finish()
function payload(seq: number | undefined, metrics: readonly Uint8Array[]): Uint8Array {
  const w = new BinaryWriter().tag(1, WireType.Varint).uint64(UTC_MS)
  for (const one of metrics) w.tag(2, WireType.LengthDelimited).bytes(one)
  return seq === undefined ? w.finish() : w.tag(3, WireType.Varint).uint64(seq).finish()
}
const typed = (datatype: DataType) => (w: BinaryWriter) => w.tag(4, WireType.Varint).uint32(datatype)
const int = (value: number) => (w: BinaryWriter) => w.tag(10, WireType.Varint).uint32(value)
const long = (value: number) => (w: BinaryWriter) => w.tag(11, WireType.Varint).uint64(value)
const both =
  (...parts: ((w: BinaryWriter) => BinaryWriter)[]) =>
  (w: BinaryWriter) =>
    parts.reduce((done, part) => part(done), w)
/** Tahu and its descendants write bdSeq as UInt64 or Int64. */
const bdSeq = metric('bdSeq', both(typed(DataType.UInt64), long(0)))

async function listening() {
  const tap = await tappedBroker()
  const events: HostEvent[] = []
  const clock = new SystemClock()
  const app = new HostApplication({
    ...{ hostId: 'yard-ingest', group: 'yard', url: tap.url, username: 'x', password: async () => 'secret' },
    ...{ connectMqtt: connectMqtt(clock, silentLog), clock, log: silentLog, reorderTimeout_ms: 50 },
    ...{ filters: ['spBv1.0/yard/#'], checkSeq: () => true, onEvent: (event: HostEvent) => events.push(event) },
  })
  ends.push(
    () => tap.stop(),
    () => app.stop(200),
  )
  app.start()
  await until(() => app.up)
  const send = (type: string, bytes: Uint8Array, device = '') =>
    tap.send(`spBv1.0/yard/${type}/plc${device && `/${device}`}`, bytes)
  const rebirths = () => tap.published('yard-ingest').filter(({ topic }) => topic === 'spBv1.0/yard/NCMD/plc')
  return { app, events, send, rebirths }
}
const valuesOf = (events: readonly HostEvent[]) =>
  events.flatMap((event) => (event.kind === 'data' ? event.metrics.map(({ value }) => value) : []))

test('UInt32 in either field, with and without a datatype, is one number', async () => {
  const { events, send } = await listening()
  const most = 2 ** 32 - 1
  await send('NBIRTH', payload(0, [bdSeq]))
  await send('DBIRTH', payload(1, [metric('count', both(typed(DataType.UInt32), long(most)))]), 'pump')
  await send('DDATA', payload(2, [metric('count', both(typed(DataType.UInt32), int(most)))]), 'pump')
  await send('DDATA', payload(3, [metric('count', long(most))]), 'pump')
  await send('DDATA', payload(4, [metric('count', int(most))]), 'pump')
  await until(() => valuesOf(events).length === 3)
  expect(valuesOf(events)).toEqual([most, most, most])
  expect(events.find(({ kind }) => kind === 'device-birth')).toMatchObject({ metrics: [{ value: most }] })
})

test('a signed number without datatype is signed by its birth; one that no birth names is refused, not guessed', async () => {
  const { app, events, send, rebirths } = await listening()
  await send('NBIRTH', payload(0, [bdSeq]))
  await send('DBIRTH', payload(1, [metric('net', both(typed(DataType.Int16), int(0)))]), 'pump')
  await send('DDATA', payload(2, [metric('net', int(0xffff_fff9))]), 'pump')
  await send('DDATA', payload(3, [metric('flow', int(7))]), 'pump')
  await until(() => app.refused === 1)
  expect(valuesOf(events)).toEqual([-7])
  await until(() => rebirths().length === 1)
})

test('data before any birth: a rebirth is asked for at once, again after a second, and no more once it came', async () => {
  const { app, events, send, rebirths } = await listening()
  const early = payload(9, [metric('count', int(1))])
  for (let i = 0; i < 5; i++) await send('DDATA', early, 'pump')
  await until(() => rebirths().length === 1)
  expect(app.refused).toBe(5)
  await until(() => rebirths().length === 2)
  const [first, second] = rebirths()
  expect(second!.at_ms - first!.at_ms).toBeGreaterThan(900)
  for (const { payload: bytes } of [first!, second!])
    expect(rawMetricOf(rawPayload(bytes), 'Node Control/Rebirth')?.value).toBe(1n)
  await send('NBIRTH', payload(0, [bdSeq]))
  await send('DBIRTH', payload(1, [metric('count', both(typed(DataType.UInt32), int(0)))]), 'pump')
  await send('DDATA', payload(2, [metric('count', int(1))]), 'pump')
  await until(() => valuesOf(events).length === 1)
  await new Promise((resolve) => setTimeout(resolve, 2_200))
  expect(rebirths(), 'the next would have come 2 s after the second').toHaveLength(2)
})

test.each(['tck-id-operational-behavior-host-reordering-start', 'tck-id-operational-behavior-host-reordering-rebirth'])(
  '%s: a gap that does not fill in time makes us ask, its data are taken meanwhile',
  async () => {
    const { events, send, rebirths } = await listening()
    await send('NBIRTH', payload(0, [bdSeq]))
    await send('DBIRTH', payload(1, [metric('count', both(typed(DataType.UInt32), int(0)))]), 'pump')
    const gapAt = Date.now()
    await send('DDATA', payload(3, [metric('count', int(3))]), 'pump')
    await until(() => valuesOf(events).length === 1)
    await until(() => rebirths().length === 1)
    expect(rebirths()[0]!.at_ms - gapAt).toBeGreaterThanOrEqual(49)
  },
)

test('tck-id-operational-behavior-host-reordering-success: what comes late in time settles it', async () => {
  const { events, send, rebirths } = await listening()
  await send('NBIRTH', payload(0, [bdSeq]))
  await send('DBIRTH', payload(1, [metric('count', both(typed(DataType.UInt32), int(0)))]), 'pump')
  await send('DDATA', payload(3, [metric('count', int(3))]), 'pump')
  await send('DDATA', payload(2, [metric('count', int(2))]), 'pump')
  await until(() => valuesOf(events).length === 2)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(rebirths()).toEqual([])
})
