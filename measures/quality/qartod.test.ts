/**
 * The vectors that ioos_qc publishes for its tests (tests/test_qartod.py, Apache-2.0, © U.S. IOOS), as quoted in `domain.md` 6;
 * null is a missing value.
 */
import { describe, expect, test } from 'vitest'
import { attenuatedRecord, attenuatedSignal } from './attenuated-signal.ts'
import { climatologyFlag } from './climatology.ts'
import { combineSeries, countFlags } from './combine.ts'
import { withoutCodes } from './flags.ts'
import { flatLine } from './flat-line.ts'
import { grossRange } from './gross-range.ts'
import { rateOfChange } from './rate-of-change.ts'
import { spike } from './spike.ts'

const MISSING = null
const every = (step_s: number, count: number) => Array.from({ length: count }, (_, i) => i * step_s)
const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000

describe('ioos_qc gross range, fail (10, 50), suspect (20, 40)', () => {
  const range = { fail: [10, 50], suspect: [20, 40] } as const
  test('bounds are inclusive', () => {
    expect(grossRange([5, 10, 15, 20, 25, 30, 35, 40, 45, 51], range)).toEqual([4, 3, 3, 1, 1, 1, 1, 1, 3, 4])
  })
  test('masked values are 9', () => {
    const x = withoutCodes([MISSING, 10, 15, 20, 25, 30, 35, 40, Number.NaN, 51, MISSING])
    expect(grossRange(x, range)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 9, 4, 9])
  })
  test('USGS −999999 is missing, not a very low stage', () => {
    expect(grossRange(withoutCodes([25, -999_999], [-999_999]), range)).toEqual([1, 9])
    expect(grossRange([25, -999_999], range)).toEqual([1, 4])
  })
  test('a suspect span beyond the sensor span is refused', () => {
    expect(() => grossRange([5], { fail: [1, 1], suspect: [2, 2] })).toThrow(/suspect/)
    expect(() => grossRange([5], { fail: [2, 1] })).toThrow(/fail/)
  })
})

describe('ioos_qc spike', () => {
  test('average, suspect 25, fail 50: the neighbours of a spike are flagged too, ends are 2', () => {
    const x = [10, 12, 999.99, 13, 15, 40, 9, 9]
    expect(spike(every(1, 8), x, { method: 'average', suspect: 25, fail: 50 })).toEqual([2, 4, 4, 4, 1, 3, 1, 2])
  })
  const x = withoutCodes([3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, MISSING, 4, 4])
  const thresholds = { suspect: 0.5, fail: 1 }
  test('average, suspect 0.5, fail 1', () => {
    const flags = spike(every(1, 18), x, { method: 'average', ...thresholds })
    expect(flags).toEqual([2, 3, 1, 1, 4, 3, 1, 3, 1, 1, 3, 1, 4, 4, 2, 9, 2, 2])
  })
  test('differential (the default) blames only the spike', () => {
    const flags = spike(every(1, 18), x, thresholds)
    expect(flags).toEqual([2, 1, 1, 1, 4, 1, 1, 3, 1, 1, 3, 1, 1, 4, 2, 9, 2, 2])
  })
  test('real data: a tide with one zero', () => {
    const tide = [
      -0.189, -0.0792, -0.0122, 0.0457, 0.0671, 0.0213, -0.0488, -0.1463, -0.2438, -0.3261, -0.3871, -0.4054, -0.3932,
      -0.3383, -0.2804, -0.2347, -0.2134, -0.2347, -0.2926, -0.3597, -0.442, -0.509, 0, -0.5944, -0.57, -0.4267,
      -0.2926, -0.1585, -0.0945, -0.0762,
    ]
    const expected = tide.map((_, i) => (i === 0 || i === 29 ? 2 : i === 22 ? 3 : 1))
    expect(spike(every(1, 30), tide, { method: 'average', ...thresholds })).toEqual(expected)
  })
  test('a neighbour too far away in time supports nothing', () => {
    const flags = spike([0, 900, 1800, 30_000], [1, 9, 1, 1], { ...thresholds, neighbour_max_s: 3600 })
    expect(flags).toEqual([2, 4, 2, 2])
  })
  test('nothing, one value, thresholds that are none', () => {
    expect(spike([], [], thresholds)).toEqual([])
    expect(spike([0], [1], thresholds)).toEqual([2])
    expect(() => spike([0], [1], {})).toThrow(/expected a suspect or a fail threshold/)
    expect(() => spike([0], [1], { fail: -1 })).toThrow(/spike.fail/)
    expect(() => spike([1, 0], [1, 1], thresholds)).toThrow(/t_s\[1\]/)
  })
})

describe('ioos_qc rate of change, 15 min steps, 5 per 15 min', () => {
  const threshold = { suspect: 5 / 15 / 60 }
  test('up and down a step are suspect', () => {
    const x = [2, 10, 2.1, 3, 4, 5, 7, 10, 0, 2, 2.2, 2, 1, 2, 3, 90, 91, 92, 93, 1, 2, 3, 4, 5]
    const expected = [1, 3, 3, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 3, 1, 1, 1, 1]
    expect(rateOfChange(every(900, 24), x, threshold)).toEqual(expected)
  })
  test('missing and negative values', () => {
    const x = withoutCodes([2, 10, 2, 3, MISSING, MISSING, 7, 10])
    expect(rateOfChange(every(900, 8), x, threshold)).toEqual([1, 3, 3, 1, 9, 9, 1, 1])
    expect(rateOfChange(every(900, 4), [-2, -10, -2, -3], threshold)).toEqual([1, 3, 3, 1])
  })
  test('by time: a jump of 8 is too fast in 15 min and fine in an hour, also across missing values', () => {
    expect(rateOfChange([0, 900], [0, 8], threshold)).toEqual([1, 3])
    expect(rateOfChange([0, 3600], [0, 8], threshold)).toEqual([1, 1])
    expect(rateOfChange([0, 900, 1800], [0, Number.NaN, 12], threshold)).toEqual([1, 9, 3])
  })
})

describe('ioos_qc flat line, 15 min steps, suspect 3000 s, fail 4800 s, tolerance 0.01', () => {
  const flat = { suspect_s: 3000, fail_s: 4800, tolerance: 0.01, period_s: 900 }
  const run = (x: Array<number | null>) => flatLine(every(900, x.length), withoutCodes(x), flat)
  const x = [1, 2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001]
  test('two runs', () => {
    expect(run(x)).toEqual([1, 1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3])
    expect(run(x.map((v) => -v))).toEqual([1, 1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3])
  })
  test('flat from the beginning', () => {
    expect(run(x.slice(1))).toEqual([1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3])
  })
  test('with missing values', () => {
    const gappy = [1, MISSING, MISSING, 2, 2.0001, 2, 2.0001, 2, 4, MISSING, 3, MISSING, MISSING, 3.00001]
    expect(run(gappy)).toEqual([1, 9, 9, 1, 3, 3, 4, 4, 1, 9, 1, 9, 9, 3])
  })
  test('with a spike, tolerance 4, 3 s and 6 s', () => {
    const flags = flatLine(every(1, 10), [1, 1, 1, 1, 1, 6, 5, 4, 3, 2], {
      suspect_s: 3,
      fail_s: 6,
      tolerance: 4,
      period_s: 1,
    })
    expect(flags).toEqual([1, 1, 1, 3, 3, 1, 1, 1, 3, 3])
  })
  test('short series of fives, 3 s and 5 s, with and without a period', () => {
    const expected = [1, 1, 1, 3, 3, 4]
    for (const period_s of [1, undefined])
      for (let n = 0; n <= 6; n++) {
        const flags = flatLine(every(1, n), new Array<number>(n).fill(5), {
          suspect_s: 3,
          fail_s: 5,
          tolerance: 0.1,
          period_s,
        })
        expect(flags).toEqual(expected.slice(0, n))
      }
  })
})

describe('ioos_qc attenuated signal', () => {
  const day = 86_400
  test.each([
    ['good', [1, 2, 3, 4], { suspect: 0.75, fail: 0.5 }, [1, 1, 1, 1]],
    ['only suspect', [1, 2, 3, 4], { suspect: 5, fail: 0 }, [3, 3, 3, 3]],
    ['not changing', [1, 1, 1, 1], { suspect: 10, fail: 8 }, [4, 4, 4, 4]],
    ['below fail', [10, 20, 30, 40], { suspect: 100_000, fail: 1000 }, [4, 4, 4, 4]],
    ['range below fail', [10, 20, 30, 40], { suspect: 50, fail: 31, check: 'range' as const }, [4, 4, 4, 4]],
    ['range below suspect', [10, 20, 30, 40], { suspect: 31, fail: 10, check: 'range' as const }, [3, 3, 3, 3]],
    ['missing', [Number.NaN, 2, 3, 4], { suspect: 0.75, fail: 0.5 }, [9, 1, 1, 1]],
  ])('whole record: %s', (_, x, thresholds, expected) => {
    expect(attenuatedRecord(x, thresholds)).toEqual(expected)
  })
  test('windows of two days, range', () => {
    const run = (count_min: number) =>
      attenuatedSignal(every(day, 5), [1, 2, 3, 100, 1000], {
        check: 'range',
        suspect: 100,
        fail: 10,
        period_s: 2 * day,
        count_min,
      })
    expect(run(0)).toEqual([4, 4, 4, 3, 1])
    expect(run(2)).toEqual([2, 4, 4, 3, 1])
  })
  test('windows of two days with a missing value, range and standard deviation', () => {
    const x = [1, Number.NaN, 10, 100, 1000]
    const window = { period_s: 2 * day, count_min: 2 }
    const range = attenuatedSignal(every(day, 5), x, { check: 'range', suspect: 100, fail: 50, ...window })
    expect(range).toEqual([2, 9, 2, 3, 1])
    expect(attenuatedSignal(every(day, 5), x, { suspect: 150, fail: 40, ...window })).toEqual([2, 9, 2, 3, 1])
  })
})

describe('ioos_qc climatology', () => {
  const dates = ['2011-02-02', '2013-02-03', '2011-04-01', '2011-12-31', '2020-02-29']
  test.each([
    ['month', 1, 3],
    ['weekOfYear', 1, 12],
    ['dayOfYear', 1, 90],
    ['quarter', 1, 1],
  ] as const)('first quarter by %s, usual 10 to 20', (period, from, to) => {
    const members = [{ period, from, to, usual: [10, 20] as const }]
    const values = [9, 11, 21, 21, 15]
    expect(values.map((x, i) => climatologyFlag(at(dates[i]!), x, { members }))).toEqual([3, 1, 2, 2, 1])
  })
  test('all spans are inclusive; November to February runs over the new year', () => {
    const winter = {
      members: [{ period: 'month', from: 11, to: 2, usual: [50, 60], possible: [40, 70] }],
    } as const
    const flags = (date: string, ...x: number[]) => x.map((v) => climatologyFlag(at(date), v, winter))
    expect(flags('2020-01-01', 30, 40, 49, 50, 60, 61, 70, 71)).toEqual([4, 3, 3, 1, 1, 3, 3, 4])
    expect(flags('2019-10-31', 55)).toEqual([2])
    expect(flags('2019-11-01', 55)).toEqual([1])
    expect(flags('2020-02-29', 55)).toEqual([1])
    expect(flags('2020-03-01', 55)).toEqual([2])
  })
  test('the calendar is the site’s: 18:00 UTC on 31 March is April in Taipei', () => {
    const april = { members: [{ period: 'month', from: 4, to: 4, usual: [0, 1] }] } as const
    const evening = at('2024-03-31') + 18 * 3600
    expect(climatologyFlag(evening, 0.5, april)).toBe(2)
    expect(climatologyFlag(evening, 0.5, { ...april, utc_offset_s: 8 * 3600 })).toBe(1)
  })
  test('ISO weeks: 2021-01-03 is week 53, 2021-01-04 week 1, 2018-12-31 week 1', () => {
    const week = (date: string) =>
      Array.from({ length: 53 }, (_, i) => i + 1).filter(
        (n) =>
          climatologyFlag(at(date), 0, { members: [{ period: 'weekOfYear', from: n, to: n, usual: [0, 0] }] }) === 1,
      )
    expect([week('2021-01-03'), week('2021-01-04'), week('2018-12-31')]).toEqual([[53], [1], [1]])
  })
})

test('ioos_qc qartod_compare: 4 > 3 > 1 > 2 > 9', () => {
  const range = [1, 1, 1, 9, 1, 1, 9, 9] as const
  const spikes = [2, 1, 1, 1, 1, 1, 9, 9] as const
  const rates = [1, 3, 3, 4, 3, 1, 2, 9] as const
  const all = combineSeries([range, spikes, rates])
  expect(all).toEqual([1, 3, 3, 4, 3, 1, 2, 9])
  expect(countFlags(all)).toEqual({ 1: 2, 2: 1, 3: 3, 4: 1, 9: 1 })
  expect(combineSeries([])).toEqual([])
  expect(() => combineSeries([[1], [1, 1]])).toThrow(/tests\[1\]/)
})
