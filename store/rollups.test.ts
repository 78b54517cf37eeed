/** Columns made of rollups are those that the rows themselves give: at any window, after any order of arrival, at any moment. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesColumn } from '../domain/ports.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import { planColumns } from './columns-plan.ts'
import { at, gap, record, shaking, stage } from './records.fixture.ts'
import { HOUR_NS } from './rollup.ts'
import { TestStore } from './test-store.fixture.ts'

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

type Sample = { readonly t_ns: bigint; readonly value: number; readonly usable: boolean; readonly rank: number }
const RANK = { 9: 0, 2: 1, 1: 2, 3: 3, 4: 4 } as const
const FLAG = [9, 2, 1, 3, 4]

/** Straight from the samples: every one is put into its column; columns of two minutes and more hold whole minutes. */
function columnsOf(samples: readonly Sample[], from: bigint, to: bigint, points: number): SeriesColumn[] {
  const { start, width_ns: width } = planColumns({ from, to }, points, ['1m'])
  const columns = new Map<bigint, Sample[]>()
  for (const sample of samples)
    if (sample.t_ns >= from && sample.t_ns < to) {
      const k = (sample.t_ns - start) / width
      columns.set(k, [...(columns.get(k) ?? []), sample])
    }
  return [...columns]
    .sort(([a], [b]) => Number(a - b))
    .flatMap(([k, all]) => {
      const values = all.filter((s) => s.usable).map((s) => s.value)
      if (values.length === 0) return []
      return {
        t_ns: k === 0n ? instant(from) : instant(start + k * width),
        min: Math.min(...values),
        max: Math.max(...values),
        mean: values.reduce((a, b) => a + b, 0) / values.length,
        count: values.length,
        worst_flag: FLAG[Math.max(...all.map((s) => s.rank))]!,
      }
    })
}

function expectColumns(got: readonly SeriesColumn[], expected: readonly SeriesColumn[]): void {
  expect(got.map(({ mean, ...rest }) => rest)).toEqual(expected.map(({ mean, ...rest }) => rest))
  for (const [i, column] of got.entries()) expect(column.mean).toBeCloseTo(expected[i]!.mean, 9)
}

const SPAN_S = 6 * 3600
const moment = fc.integer({ min: 0, max: SPAN_S * 10 - 1 }).map((tenth) => tenth / 10)
const flag = fc.constantFrom<Flag>(1, 1, 1, 2, 3, 4, 9)
const readings = fc.array(fc.tuple(moment, fc.integer({ min: -500, max: 500 }), flag), { minLength: 1, maxLength: 25 })
const edge = fc.oneof(
  fc.integer({ min: -1, max: 7 }).map((h) => h * 3600),
  moment,
)
const windows = fc.array(fc.tuple(edge, edge, fc.constantFrom(1, 2, 3, 5, 6, 12, 36, 100, 180, 999)), {
  minLength: 1,
  maxLength: 8,
})
const bounds = (a: number, b: number): [Instant, Instant] => [at(Math.min(a, b)), at(Math.max(a, b) + 1)]

describe('columns from rollups are those from the rows', () => {
  test('of readings, whatever came late and whatever was tended between', () => {
    let n = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(readings, fc.boolean()), { maxLength: 8 }), windows, (batches, asked) => {
        const channel = `gauge/${++n}`
        const samples = new Map<bigint, Sample>()
        for (const [batch, tended] of batches) {
          const fresh = batch.flatMap(([s, value, of]): Reading[] => {
            const t_ns = at(s)
            if (samples.has(t_ns)) return []
            samples.set(t_ns, { t_ns, value, usable: of !== 4 && of !== 9, rank: RANK[of] })
            return [stage(s, value, { channel, flag: of, ...(of === 9 ? { reason: 'timeout' } : {}) })]
          })
          store.append(record({ readings: fresh }))
          if (tended) store.tend()
        }
        for (const [a, b, points] of asked) {
          const [from, to] = bounds(a, b)
          expectColumns(store.series(channel, from, to, points), columnsOf([...samples.values()], from, to, points))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of the axes of blocks, by figures and by samples', () => {
    let n = 0
    const placed = fc.array(fc.integer({ min: 0, max: SPAN_S / 5 - 1 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(fc.tuple(placed, fc.boolean()), { maxLength: 5 }), windows, (batches, asked) => {
        const device = `roof-${++n}`
        const samples: Sample[] = []
        const seen = new Set<number>()
        for (const [places, tended] of batches) {
          for (const place of places) {
            if (seen.has(place)) continue
            seen.add(place)
            // Every 5 s from 0.7 s on, 40 samples at 10 Hz: some blocks straddle minutes and hours.
            const block = shaking(place * 50, 40, {
              device,
              sample_rate_hz: 10,
              t0_ns: at(place * 5 + 2.7),
              scale: -0.5,
            })
            store.append(record({ blocks: [block] }))
            for (const [i, raw] of block.axes[2]!.samples.entries())
              samples.push({ t_ns: block.t0_ns + BigInt(i) * 100_000_000n, value: raw * -0.5, usable: true, rank: 1 })
          }
          if (tended) store.tend()
        }
        for (const [a, b, points] of asked) {
          const [from, to] = bounds(a, b)
          expectColumns(
            store.series(`${device}/acceleration/z`, from, to, points),
            columnsOf(samples, from, to, points),
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('rollups', () => {
  const minutes = () =>
    store.rows("rollup WHERE grain_s = 60 AND channel = (SELECT id FROM channel WHERE name = 'dead-run/stage')")

  test('hold min, max, mean, count and what was expected: readings that failed, and those that a gap says are missing', () => {
    const values = [1, 2, 6].map((value, i) => stage(i * 10, value))
    const failed = stage(30, 99, { flag: 4, reason: 'out-of-range' })
    store.append(record({ readings: [...values, failed], gaps: [gap(40, 160, { missing: 12, expected: 12 })] }))
    store.tend()
    // The gap of 120 s lies with 20 s in this minute: 2 of its 12 are missing here. The other minutes hold no row.
    expect(minutes()).toMatchObject([{ min: 1, max: 6, total: 9, count: 3, expected: 6, flag_rank: 4 }])
  })

  test('answer wide columns alone, whatever the window: none straddles an edge and is read row by row', () => {
    store.append(record({ readings: Array.from({ length: 6 * 60 }, (_, minute) => stage(minute * 60 + 30, minute)) }))
    store.tend()
    store.db.exec('DELETE FROM reading')
    // 6 h in 100 columns are 3.6 minutes each: made 4 wide, they begin on a minute and hold 4 readings each.
    const columns = store.series('dead-run/stage', at(10), at(6 * 3600), 100)
    expect(columns.map(({ count }) => count)).toEqual([3, ...Array(89).fill(4)])
    expect(columns.map(({ t_ns }) => t_ns)).toEqual([
      at(10),
      ...Array.from({ length: 89 }, (_, k) => at((k + 1) * 240)),
    ])
  })

  test('are not made while rows still come, and are made of all of them once none does', () => {
    for (let s = 0; s < 40; s++) {
      store.append(record({ readings: [stage(s, s)] }))
      expect(store.tend({ rounds: 30 }).done).toBe(0)
    }
    for (let round = 0; round < 29; round++) expect(store.tend({ rounds: 30 }).done).toBe(0)
    expect(store.tend({ rounds: 30 }).done).toBeGreaterThan(0)
    expect(minutes()).toMatchObject([{ min: 0, max: 39, count: 40 }])
    expect(store.rows('touched')).toEqual([])
  })

  test('a late reading makes the rollup anew; until then the row itself answers', () => {
    const ask = () => store.series('dead-run/stage', at(0), at(3600), 1).map(({ max, count }) => [max, count])
    store.append(record({ readings: [stage(0, 1), stage(60, 2)] }))
    store.tend()
    store.append(record({ readings: [stage(30, 9)] }))
    expect(ask()).toEqual([[9, 3]])
    store.tend()
    expect(ask()).toEqual([[9, 3]])
    expect(minutes()).toMatchObject([
      { count: 2, max: 9 },
      { count: 1, max: 2 },
    ])
  })

  test('what was touched and not yet rolled up when the process died is rolled up by the next one', () => {
    store.append(record({ readings: [stage(0, 1)] }), record({ blocks: [shaking(0, 100)] }))
    store.close()
    store = new TestStore(folder)
    expect(store.rows('touched')).toHaveLength(2)
    store.tend({ rounds: 30 })
    expect(minutes()).toMatchObject([{ count: 1, max: 1 }])
    expect(store.rows('touched')).toEqual([])
  })

  test('a rollup that fails leaves the mark, and the rows still answer', () => {
    store.append(record({ readings: [stage(0, 1)] }))
    store.db.exec('CREATE TRIGGER full BEFORE INSERT ON rollup BEGIN SELECT RAISE(ABORT, "disk full"); END')
    expect(() => store.tend()).toThrow('disk full')
    expect(store.rows('touched')).toHaveLength(1)
    expect(store.series('dead-run/stage', at(0), at(3600), 1)).toMatchObject([{ max: 1 }])
    store.db.exec('DROP TRIGGER full')
    store.tend()
    expect(minutes()).toHaveLength(1)
  })

  test('an instant at the end of 64 bits is stored and hinders nothing', () => {
    const last = instant(2n ** 63n - 2n)
    store.append(record({ readings: [stage(0, 5, { t_ns: last }), stage(0, 1)] }))
    store.tend()
    store.tend()
    expect(minutes()).toHaveLength(1)
    expect(store.series('dead-run/stage', instant(last - HOUR_NS), instant(last + 1n), 2)).toMatchObject([{ max: 5 }])
  })
})
