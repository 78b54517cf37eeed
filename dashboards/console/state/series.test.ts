import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SeriesColumnJson } from '../../../domain/api.ts'
import { ns } from '../test/fake-world.ts'
import { NOW_MS, reading } from '../test/fixtures.ts'
import {
  addReading,
  COLUMNS,
  emptySeries,
  fromColumns,
  hydrographWindow_ms,
  isDrawn,
  peakSince,
  prune,
} from './series.ts'

const HOUR_MS = 3600_000
const at = (before_ms: number, value: number | null, more = {}) =>
  reading('dead-run/stage', value, { t_ns: ns(NOW_MS - before_ms), ...more })

describe('the window of the hydrograph', () => {
  test('is 12 h of device time: 4 min of wall time at x180', () => {
    expect(hydrographWindow_ms(1)).toBe(12 * HOUR_MS)
    expect(hydrographWindow_ms(180)).toBe(240_000)
  })
  test('is never too short to read', () => expect(hydrographWindow_ms(1e6)).toBe(60_000))
})

describe('a series', () => {
  test('keeps the lowest and highest value of every column whatever the thinning', () => {
    const values = fc.array(
      fc.record({
        before_ms: fc.integer({ min: 0, max: 12 * HOUR_MS }),
        value: fc.double({ min: -5, max: 10, noNaN: true }),
      }),
      {
        minLength: 1,
        maxLength: 200,
      },
    )
    fc.assert(
      fc.property(values, (rows) => {
        const inOrder = [...new Map(rows.map((r) => [r.before_ms, r])).values()].sort(
          (a, b) => b.before_ms - a.before_ms,
        )
        const series = inOrder.reduce((s, r) => addReading(s, at(r.before_ms, r.value)), emptySeries(12 * HOUR_MS))
        expect(Math.max(...series.columns.map((c) => c.high))).toBe(Math.max(...inOrder.map((r) => r.value)))
        expect(Math.min(...series.columns.map((c) => c.low))).toBe(Math.min(...inOrder.map((r) => r.value)))
        expect(series.columns.reduce((n, c) => n + c.count, 0)).toBe(inOrder.length)
        expect(series.columns.length).toBeLessThanOrEqual(COLUMNS + 1)
        for (const [i, c] of series.columns.entries())
          if (i > 0) expect(c.t_ms).toBeGreaterThan(series.columns[i - 1]!.last_ms)
      }),
      { numRuns: 50 },
    )
  })
  test('takes a reading that came late into its place, and the same one only once', () => {
    let series = emptySeries(240_000)
    for (const r of [at(3000, 1), at(1000, 3), at(2000, 2), at(1000, 3), at(2000, 2)]) series = addReading(series, r)
    expect(series.columns.map((c) => c.mean)).toEqual([1, 2, 3])
    expect(series.columns.map((c) => c.count)).toEqual([1, 1, 1])
  })
  test('without a value is a column that is not drawn; a failed value neither', () => {
    const series = [at(3000, null), at(2000, 99, { flag: 4 }), at(1000, 1)].reduce(addReading, emptySeries(240_000))
    expect(series.columns.map(isDrawn)).toEqual([false, false, true])
  })
  test('of many readings with a failed one among them keeps the others, and their peak', () => {
    const series = fromColumns(12 * HOUR_MS, [[ns(NOW_MS - 90_000), 1, 2, 3, 71, 4]])
    expect(series.columns.map(isDrawn)).toEqual([true])
    expect(peakSince(series, 0)?.value).toBe(3)
    const merged = [at(3000, 1), at(2000, 99, { flag: 4 }), at(1000, 2)].reduce(addReading, emptySeries(12 * HOUR_MS))
    expect(merged.columns.map((c) => [c.low, c.high, c.count, c.flag])).toEqual([[1, 2, 2, 4]])
  })
  test("goes on from the desk's columns", () => {
    const rows: SeriesColumnJson[] = [
      [ns(NOW_MS - 2000), 0.4, 0.5, 0.6, 10, 1],
      [ns(NOW_MS - 1000), 0.5, 0.6, 0.9, 10, 3],
    ]
    const series = addReading(fromColumns(240_000, rows), at(0, 0.7))
    expect(series.columns.map((c) => [c.low, c.high, c.flag])).toEqual([
      [0.4, 0.6, 1],
      [0.5, 0.9, 3],
      [0.7, 0.7, 1],
    ])
  })
  test('forgets what left the window, but for one column at its edge', () => {
    const series = [at(9000, 1), at(6000, 2), at(3000, 3)].reduce(addReading, emptySeries(5000))
    expect(prune(series, NOW_MS).columns.map((c) => c.mean)).toEqual([2, 3])
    expect(prune(series, NOW_MS + 99_000).columns.map((c) => c.mean)).toEqual([3])
  })
  test('knows its peak with the instant, failed values left out', () => {
    const series = [at(8000, 9), at(3000, 2), at(2000, 50, { flag: 4 }), at(1000, 1)].reduce(
      addReading,
      emptySeries(60_000),
    )
    expect(peakSince(series, NOW_MS - 5000)).toEqual({ value: 2, t_ms: NOW_MS - 3000 })
    expect(peakSince(emptySeries(60_000), 0)).toBeNull()
  })
})
