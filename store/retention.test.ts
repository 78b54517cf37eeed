/** What is older than the site keeps it goes, in small steps, never before its rollup is made; blocks around an event stay. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock, Log } from '../domain/ports.ts'
import { SERIES_FILE } from '../domain/series.ts'
import type { Instant } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesWriter } from './embedded.ts'
import { Tender } from './io/tender.ts'
import { at, record, shaking, stage } from './records.fixture.ts'
import { horizonsAt, keptAround, notKept, type Retention } from './retention.ts'
import { TestStore } from './test-store.fixture.ts'

const DAY_S = 86_400
const kept = (more: Partial<Retention>): Retention => ({
  blocks_d: 0,
  events_d: 0,
  readings_d: 0,
  rollups_d: 0,
  events: [],
  ...more,
})

describe('how far back series may go', () => {
  const day = (n: number) => at(n * DAY_S)
  test('each class by its own days, down to a whole minute; 0 keeps all', () => {
    const at20 = horizonsAt(at(20 * DAY_S + 59), at(20 * DAY_S), kept({ blocks_d: 2, events_d: 7, readings_d: 10 }))
    expect(at20).toEqual({ blocks: day(18), events: day(13), readings: day(10), rollups: undefined })
  })
  test('a clock that has jumped ahead drops nothing: the newest row bears witness', () => {
    expect(horizonsAt(day(5000), day(20), kept({ blocks_d: 30 })).blocks).toBe(day(21 - 30))
  })
  test('rollups stay while rows stay of which they were made, blocks of events while other blocks do', () => {
    const set = kept({ blocks_d: 30, events_d: 3, readings_d: 20, rollups_d: 1 })
    expect(horizonsAt(day(100), day(100), set)).toMatchObject({ events: day(70), rollups: day(70) })
    expect(horizonsAt(day(100), day(100), { ...set, readings_d: 0 }).rollups).toBeUndefined()
  })
  test('events cut their surroundings out of what goes', () => {
    const span = { from: 0n, to: 3600_000_000_000n }
    const event = keptAround(600_000_000_000n)
    expect(notKept(span, [event])).toEqual([
      { from: 0n, to: 480_000_000_000n },
      { from: 1_260_000_000_000n, to: span.to },
    ])
    expect(notKept(span, [{ from: -1n, to: 2n * span.to }])).toEqual([])
  })
})

describe('dropping', () => {
  let folder: string
  let store: TestStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'series-'))
    store = new TestStore(folder)
  })
  afterEach(async () => {
    store.close()
    await rm(folder, { recursive: true })
  })
  const sweep = (now: Instant, more: Partial<Retention>) =>
    store.tend({ rounds: 1_000_000, sweep: { now_ns: now, retention: kept(more) } })

  test('readings go after their days; the long view stays what it was', () => {
    // One reading each 10 min for four days, none of them rolled up before the sweep.
    const all = Array.from({ length: 4 * 144 }, (_, i) => stage(i * 600, i))
    store.append(record({ readings: all }))
    const ask = (points: number) => store.series('dead-run/stage', at(0), at(4 * DAY_S), points)
    const before = [ask(4), ask(96)]
    const { dropped } = sweep(at(4 * DAY_S), { readings_d: 1 })
    expect(dropped).toEqual({ readings: 3 * 144, blocks: 0, rollups: 0 })
    expect(store.rows('reading').map((r) => r['value'])).toEqual(Array.from({ length: 144 }, (_, i) => 3 * 144 + i))
    expect([ask(4), ask(96)]).toEqual(before)
    expect(sweep(at(4 * DAY_S), { readings_d: 1 }).dropped.readings).toBe(3 * 144)
  })

  test('a reading that comes when its hour has been swept changes no rollup and goes at the next look', () => {
    store.append(record({ readings: [stage(0, 1), stage(60, 2), stage(3 * DAY_S, 3)] }))
    sweep(at(3 * DAY_S), { readings_d: 1 })
    store.append(record({ readings: [stage(30, 99)] }))
    store.tend()
    expect(store.rows('reading').map((r) => r['value'])).toEqual([3])
    expect(store.series('dead-run/stage', at(0), at(3600), 1)).toMatchObject([{ max: 2, count: 2 }])
  })

  test('blocks go, those around an event with the events; the long view stays', () => {
    const pga = (s: number, value: number) => stage(s, value, { channel: 'yonago/pga' })
    // A block each 5 min over two hours; at 60 min the ground moves.
    const blocks = Array.from({ length: 24 }, (_, i) => shaking(i * 30_000, 100))
    store.append(record({ blocks }), record({ readings: [pga(0, 0.01), pga(3600, 0.4), pga(7200, 0.02)] }))
    store.append(record({ blocks: [shaking(100 * 40 * DAY_S, 100)] }))
    const events = [{ channel: 'yonago/pga', above: 0.25 }]
    const series = () => store.series('yonago/acceleration/x', at(0), at(7200), 2)
    const before = series()
    const minutes = () =>
      store
        .rows('block')
        .map((b) => Number((b['t0_ns'] as bigint) - at(0)) / 60e9)
        .filter((m) => m < 1000)
    sweep(at(40 * DAY_S), { blocks_d: 30, events_d: 35, events })
    expect(minutes()).toEqual([])
    expect(series()).toEqual(before)
  })

  test('blocks around an event stay while events are kept', () => {
    const pga = (s: number, value: number) => stage(s, value, { channel: 'yonago/pga' })
    const blocks = Array.from({ length: 24 }, (_, i) => shaking(i * 30_000, 100))
    store.append(record({ blocks }), record({ readings: [pga(0, 0.01), pga(3600, 0.4), pga(7200, 0.02)] }))
    store.append(record({ blocks: [shaking(100 * 40 * DAY_S, 100)] }))
    const before = store.series('yonago/acceleration/x', at(0), at(7200), 2)
    const { dropped } = sweep(at(40 * DAY_S), {
      blocks_d: 30,
      events_d: 50,
      events: [{ channel: 'yonago/pga', above: 0.25 }],
    })
    const minutes = store.rows('block').map((b) => Number((b['t0_ns'] as bigint) - at(0)) / 60e9)
    expect(minutes).toEqual([60, 65, 70, 40 * 24 * 60])
    expect(dropped.blocks).toBe(21)
    for (const [i, column] of store.series('yonago/acceleration/x', at(0), at(7200), 2).entries())
      expect(column).toEqual({ ...before[i], mean: expect.closeTo(before[i]!.mean, 9) })
    // At full width the event is there sample by sample.
    expect(store.series('yonago/acceleration/x', at(3600), at(3601), 100)).toHaveLength(100)
  })

  test('is done in short slices', () => {
    store.append(...Array.from({ length: 300 }, (_, i) => record({ readings: [stage(i * 3600, i)] })))
    store.append(record({ readings: [stage(400 * DAY_S, 0)] }))
    const order = { rounds: 1_000_000, sweep: { now_ns: at(400 * DAY_S), retention: kept({ readings_d: 10 }) } }
    let longest = 0
    const { left } = store.tend(order)
    expect(left).toBe(0)
    for (let i = 0; i < 20; i++) {
      const begun = performance.now()
      store.tend({ rounds: 0 })
      longest = Math.max(longest, performance.now() - begun)
    }
    expect(store.rows('reading')).toHaveLength(1)
    expect(longest).toBeLessThan(1000)
  })
})

test('the tender goes on after a failure, tells of it once, and rests while batches are written', async () => {
  const said: string[] = []
  const line = (message: string) => void said.push(message)
  const log: Log = { info: line, warn: line, error: line, child: () => log }
  let calls = 0
  let fine: () => void = () => {}
  const worked = new Promise<void>((resolve) => (fine = resolve))
  const clock = new SystemClock()
  const tender = new Tender({
    clock,
    log,
    retention: kept({}),
    busy: () => false,
    tend: async () => {
      if (++calls < 3) throw new Error('disk full')
      fine()
      return { done: 0, left: 0, dropped: { readings: 0, blocks: 0, rollups: 0 } }
    },
  })
  await worked
  await new Promise((resolve) => setTimeout(resolve, 10))
  tender.stop()
  expect(said).toEqual(['rollups and retention fail; rows are stored all the same', 'the store is tended again'])
})

test('a store that is opened with a clock makes its rollups and drops what is old by itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'series-'))
  const real = new SystemClock()
  // Every wait is over at once; it is the 41st day.
  const clock: Clock = {
    now: () => at(41 * DAY_S),
    monotonic: () => real.monotonic(),
    hold: () => () => {},
    at: (_, fn) => {
      const timer = setTimeout(fn, 1)
      return () => clearTimeout(timer)
    },
  }
  const writer = await openSeriesWriter(folder, silentLog, { clock, retention: kept({ readings_d: 30 }) })
  await writer.append([record({ readings: [stage(0, 1), stage(60, 2), stage(41 * DAY_S, 3)] })])
  const count = (table: string): number => {
    const db = new DatabaseSync(join(folder, SERIES_FILE.real), { readOnly: true })
    const { n } = db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }
    db.close()
    return n
  }
  await expect.poll(() => [count('reading'), count('rollup'), count('touched')], { timeout: 20_000 }).toEqual([1, 5, 0])
  await writer.close()
  await rm(folder, { recursive: true })
}, 30_000)
