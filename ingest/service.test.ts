import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PlumblineError } from '../domain/errors.ts'
import type { SeriesReader, SeriesWriter } from '../domain/ports.ts'
import { decodeIngestHealth } from '../domain/wire/ingest-health.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { QuickClock } from '../runtime/quick-clock.fixture.ts'
import { openSeriesReader, openSeriesWriter } from '../store/embedded.ts'
import { IngestService } from './service.ts'
import { FakeEdge } from './test/fake-edge.ts'
import { at, BOX, blockRecord, readingRecord, second, yard } from './test/yard.ts'

/** Looks, periods and back-offs are waited for in a fifth of their time. */
const clock = new QuickClock(5)
const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 10_000, interval: 5 })
const pause = (wait_ms: number) => new Promise((resolve) => setTimeout(resolve, wait_ms))

let folder: string
let edge: FakeEdge
let writer: SeriesWriter
let reader: SeriesReader
let ingest: IngestService

const start = async (store: SeriesWriter = writer, limits?: { records: number; bytes: number }) => {
  ingest = new IngestService({
    site: yard,
    brokerUrl: edge.url,
    clock,
    log: silentLog,
    connectMqtt: connectMqtt(clock, silentLog),
    store,
    password: async () => '',
    limits,
  })
  const births = edge.births
  await ingest.start()
  await until(() => ingest.stats().up && edge.births >= births + 2)
}
const emptyOutbox = () => edge.outbox.readings.size === 0 && edge.outbox.blocks.size === 0
const stages = async () => (await reader.readings('gauge/stage', at(0), at(1e6), 100_000)).map((r) => r.value)
const counters = async () =>
  (await reader.blocks('roof', 'acceleration', at(0), at(1e6))).map((b) => b.first_counter / 100)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

/** The real store behind a switch: away as with a full disk, or so slow that nothing comes back. */
function switched(): SeriesWriter & { away: boolean; slow: Promise<unknown> } {
  const gate = { away: false, slow: Promise.resolve() as Promise<unknown> }
  return Object.assign(gate, {
    append: async (...args: Parameters<SeriesWriter['append']>) => {
      await gate.slow
      if (gate.away) throw new PlumblineError('DATA_FULL', 'series.db')
      return writer.append(...args)
    },
    committed: (...args: Parameters<SeriesWriter['committed']>) => writer.committed(...args),
    quarantine: (...args: Parameters<SeriesWriter['quarantine']>) => writer.quarantine(...args),
    health: () => writer.health(),
    close: async () => {},
  })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingest-'))
  edge = await FakeEdge.start()
  writer = await openSeriesWriter(folder, silentLog)
  reader = openSeriesReader(folder, silentLog)
})
afterEach(async () => {
  await ingest.stop()
  await reader.close()
  await writer.close()
  await edge.stop()
  await rm(folder, { recursive: true })
})

describe('from the wire to the store and back', () => {
  test('asks for births, stores what comes, and acknowledges to the node that published it', async () => {
    await start()
    for (const s of upTo(20)) edge.live(s)
    await until(emptyOutbox)
    expect(await stages()).toEqual(upTo(20))
    const blocks = await reader.blocks('roof', 'acceleration', at(0), at(1e6))
    expect(blocks).toEqual(upTo(20).map((s) => ({ ...second(s), exercise: true })))
    expect(edge.committed.every((line) => /^gateway readings|^gateway-blocks blocks/.test(line))).toBe(true)
    expect(ingest.stats()).toMatchObject({ stored: 40, duplicate: 0, quarantined: 0, dropped: 0, faults: 0 })
  })

  test('what is sent again is stored once and acknowledged again', async () => {
    await start()
    edge.live(1)
    await until(emptyOutbox)
    const told = edge.committed.length
    edge.live(1)
    await until(emptyOutbox)
    expect(edge.committed.slice(told).toSorted()).toEqual(['gateway readings [[1,1]]', 'gateway-blocks blocks [[1,1]]'])
    expect([await stages(), await counters()]).toEqual([[1], [1]])
    expect(ingest.stats()).toMatchObject({ stored: 2, duplicate: 2 })
  })

  test('a record that breaks the layout is kept aside and acknowledged, so that it is not sent for ever', async () => {
    await start()
    edge.record('blocks', 1, blockRecord(1).slice(0, -1))
    edge.live(2)
    await until(emptyOutbox)
    expect(await counters()).toEqual([2])
    expect(ingest.stats()).toMatchObject({ quarantined: 1, stored: 2 })
    expect(await writer.committed('gateway', BOX, 'blocks')).toEqual([[1, 2]])
  })

  test('after the connection was cut it asks for births anew and goes on', async () => {
    await start()
    edge.live(1)
    await until(emptyOutbox)
    const births = edge.births
    edge.cut()
    edge.live(2)
    await until(() => ingest.stats().up && edge.births >= births + 2)
    edge.live(3)
    edge.resend()
    await until(emptyOutbox)
    expect([await stages(), await counters()]).toEqual([upTo(3), upTo(3)])
  })
})

describe('a store that fails', () => {
  test('nothing is acknowledged meanwhile; once it works all that was sent is there, once', async () => {
    const store = switched()
    await start(store)
    store.away = true
    for (const s of upTo(5)) edge.live(s)
    await until(() => ingest.stats().storeFailing === 'DATA_FULL')
    edge.resend()
    await pause(100)
    expect(edge.committed).toEqual([])
    store.away = false
    await until(emptyOutbox)
    expect([await stages(), await counters()]).toEqual([upTo(5), upTo(5)])
    expect(ingest.stats().storeFailing).toBeUndefined()
  })

  test('a store that hangs fills a bounded memory; what was not taken comes by resend', async () => {
    const store = switched()
    const slow = Promise.withResolvers<void>()
    await start(store, { records: 50, bytes: 1e9 })
    store.slow = slow.promise
    for (const s of upTo(100)) edge.live(s)
    await until(() => ingest.stats().dropped > 0)
    await until(() => ingest.stats().dropped + ingest.stats().waitingRecords === 200)
    expect(ingest.stats().waitingRecords).toBe(50)
    slow.resolve()
    await until(() => ingest.stats().waitingRecords === 0)
    while (!emptyOutbox()) {
      edge.resend()
      await pause(50)
    }
    expect([await stages(), await counters()]).toEqual([upTo(100), upTo(100)])
  })
})

describe('its health', () => {
  const health = () => decodeIngestHealth(edge.said.get('plumbline/yard/ingest/health') ?? new Uint8Array())

  test('stands on a topic of its own: the store, what was put aside and why, and who says so', async () => {
    await start()
    await until(() => health()?.store)
    expect(health()).toMatchObject({
      taking: true,
      why: null,
      quarantined_total: 0,
      last_quarantined: null,
      dead_letter_total: 0,
      store: { kind: 'embedded', oldest_ns: null, newest_ns: null },
      last_backup_ns: null,
    })
    expect(Number(health()!.store!.bytes)).toBeGreaterThan(0)
    const boot = health()!.boot
    edge.live(1)
    edge.record('blocks', 2, blockRecord(2).slice(0, -1))
    await until(() => health()?.dead_letter_total === 1)
    expect(health()).toMatchObject({ boot, quarantined_total: 1, last_quarantined: { device: 'roof' }, taking: true })
    expect(health()!.last_quarantined!.reason).toMatch(/block/)
    expect(health()!.store).toMatchObject({ oldest_ns: at(1), newest_ns: at(1) })
  })

  test('a store that fails is named at the next look, long before STATE gives up on it', async () => {
    const store = switched()
    await start(store)
    await until(() => health()?.why === null)
    store.away = true
    edge.live(1)
    await until(() => health()?.why === 'DATA_FULL')
    expect(health()!.taking).toBe(true)
    expect(health()!.waiting_records).toBe(2)
    store.away = false
    await until(() => health()?.why === null)
    await until(emptyOutbox)
  })

  test('it is said again in every session: the broker may have lost it', async () => {
    await start()
    await until(health)
    edge.said.clear()
    edge.cut()
    await until(health)
  })
})

describe('a restart', () => {
  test('commits what waits, and the next run takes up where this one ended', async () => {
    await start()
    for (const s of upTo(10)) edge.live(s)
    await until(() => ingest.stats().waitingRecords > 0)
    await ingest.stop()
    await writer.close()
    edge.live(11)

    writer = await openSeriesWriter(folder, silentLog)
    await start()
    edge.resend()
    await until(emptyOutbox)
    expect([await stages(), await counters()]).toEqual([upTo(11), upTo(11)])
  })
})

describe('what is already stored is never overwritten', () => {
  test('another value for the same instant, after a step of the clock or from a second gateway, is put aside', async () => {
    await start()
    edge.live(1)
    await until(emptyOutbox)
    const [offset, ...rest] = readingRecord(1, 1)
    const other = rest.map((metric) => ({ ...metric, value: 999 }))
    edge.record('readings', 2, [{ ...offset!, value: 2n }, ...other])
    await until(emptyOutbox)
    expect(await stages()).toEqual([1])
    expect(ingest.stats()).toMatchObject({ quarantined: 1, deadLetters: { conflict: 1 } })
    // The same again under another offset, as a replay gives it, is no news.
    edge.record('readings', 3, [{ ...offset!, value: 3n }, ...rest])
    await until(emptyOutbox)
    expect(await stages()).toEqual([1])
    expect(ingest.stats()).toMatchObject({ stored: 2, duplicate: 1, quarantined: 1 })
  })

  test('records in any order are stored in the order of their time', async () => {
    await start()
    for (const s of [5, 1, 4, 2, 3]) edge.live(s)
    await until(emptyOutbox)
    expect([await stages(), await counters()]).toEqual([upTo(5), upTo(5)])
  })
})
