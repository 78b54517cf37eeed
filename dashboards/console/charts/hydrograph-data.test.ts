import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addReading, emptySeries } from '../state/series.ts'
import { ns } from '../test/fake-world.ts'
import { NOW_MS, reading } from '../test/fixtures.ts'
import { hydrographData, mergeSpans, placeLabels, stageRange, summarize } from './hydrograph-data.ts'

const WINDOW_MS = 60_000
const from_ms = NOW_MS - WINDOW_MS
type Row = [before_s: number, value: number | null, flag?: 1 | 3 | 4]
const draw = (rows: Row[], known: Array<{ from_ms: number; to_ms: number }> = []) =>
  hydrographData(
    rows.reduce(
      (s, [before_s, value, flag]) =>
        addReading(s, reading('c', value, { t_ns: ns(NOW_MS - before_s * 1000), ...(flag && { flag }) })),
      emptySeries(WINDOW_MS),
    ),
    from_ms,
    NOW_MS,
    3000,
    known,
  )
const steady = (from_s: number, to_s: number): Row[] =>
  Array.from({ length: from_s - to_s + 1 }, (_, i) => [from_s - i, 1] as Row)
const gaps = (data: ReturnType<typeof draw>) =>
  data.gaps.map((g) => [(NOW_MS - g.from_ms) / 1000, (NOW_MS - g.to_ms) / 1000])

describe('what the hydrograph draws', () => {
  test('is one line without gaps while readings come', () => {
    const data = draw(steady(60, 0))
    expect(data.gaps).toEqual([])
    expect(data.mean).not.toContain(null)
    expect(data.x_s).toHaveLength(61)
  })
  test('breaks where readings are missing: never a line across', () => {
    const data = draw([...steady(60, 40), ...steady(20, 0)])
    expect(gaps(data)).toEqual([[40, 20]])
    const cut = data.mean.indexOf(null)
    expect(data.x_s[cut]).toBe((NOW_MS - 30_000) / 1000)
  })
  test('breaks at bad readings, from the last good to the next good value', () => {
    expect(gaps(draw([...steady(60, 31), [30, null], ...steady(29, 0)]))).toEqual([[31, 29]])
    expect(gaps(draw([...steady(60, 31), [30, 999, 4], ...steady(29, 0)]))).toEqual([[31, 29]])
  })
  test('is open to the right while the sensor is silent, and to the left before the first value', () => {
    expect(gaps(draw(steady(60, 10)))).toEqual([[10, 0]])
    expect(gaps(draw(steady(30, 0)))).toEqual([[60, 30]])
    expect(gaps(draw([]))).toEqual([[60, 0]])
  })
  test('draws a gap that the store has counted, though it is short', () => {
    const known = [{ from_ms: NOW_MS - 20_000, to_ms: NOW_MS - 18_000 }]
    const data = draw([...steady(60, 20), ...steady(18, 0)], known)
    expect(gaps(data)).toEqual([[20, 18]])
    expect(data.mean.filter((v) => v === null)).toHaveLength(1)
  })
  test('marks suspect values and still draws them', () => {
    const data = draw([...steady(60, 31), [30, 1.5, 3], ...steady(29, 0)])
    expect(data.suspect.filter((v) => v !== null)).toEqual([1.5])
    expect(Math.max(...data.high.map((v) => v ?? 0))).toBe(1.5)
  })
  test('marks a column from which a failed value was left out, apart from the suspect ones', () => {
    const both = [
      reading('c', 2, { t_ns: ns(NOW_MS - 30_000) }),
      reading('c', 99, { t_ns: ns(NOW_MS - 29_990), flag: 4 }),
    ]
    const data = hydrographData(both.reduce(addReading, emptySeries(WINDOW_MS)), from_ms, NOW_MS, 60_000)
    expect(data.failed.filter((v) => v !== null)).toEqual([2])
    expect(data.suspect.filter((v) => v !== null)).toEqual([])
  })
  test('is told in numbers to whoever cannot see it', () => {
    expect(
      summarize(
        draw([
          [30, 0.4],
          [29, 1.9],
          [28, 1.2],
        ]),
      ),
    ).toMatchObject({
      low: 0.4,
      low_ms: NOW_MS - 30_000,
      high: 1.9,
      high_ms: NOW_MS - 29_000,
      gaps: 2,
    })
    expect(summarize(draw([]))).toBeNull()
  })
  test('shows every value and every level within its range', () => {
    const [low, high] = stageRange(
      draw([
        [2, 0.4],
        [1, 1.9],
      ]),
      [0.6, 3.2],
    )
    expect(low).toBeLessThan(0.4)
    expect(high).toBeGreaterThan(3.2)
    expect(stageRange(draw([]), [])).toEqual([0, 1])
  })
})

test('spans are joined where they meet and cut to the window', () =>
  expect(
    mergeSpans(
      [
        { from_ms: 50, to_ms: 70 },
        { from_ms: -10, to_ms: 20 },
        { from_ms: 10, to_ms: 30 },
        { from_ms: 90, to_ms: 200 },
      ],
      0,
      100,
    ),
  ).toEqual([
    { from_ms: 0, to_ms: 30 },
    { from_ms: 50, to_ms: 70 },
    { from_ms: 90, to_ms: 100 },
  ]))

test('level labels never overlap and never leave the plot', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 400 }), { minLength: 1, maxLength: 10 }), (wanted) => {
      const placed = placeLabels(wanted, 15, 12, 260)
      const sorted = [...placed].sort((a, b) => a - b)
      for (const [i, y] of sorted.entries()) if (i > 0) expect(y - sorted[i - 1]!).toBeGreaterThanOrEqual(15)
      expect(sorted[0]).toBeGreaterThanOrEqual(12)
      expect(sorted.at(-1)).toBeLessThanOrEqual(260)
    }),
  ))
