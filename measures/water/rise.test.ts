import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RateOfRise } from '../rate-of-rise.ts'
import { largestRise, RobustRise, rateOfRise_m_s } from './rise.ts'
import { deadRun } from './test/dead-run.ts'
import { theilSen } from './theil-sen.ts'

const river = deadRun()
const { t_s, stage_m } = river
const M_PER_FT = 0.3048

describe('recordings/usgs-dead-run-2018 README: largest rises, by difference', () => {
  test.each([
    [5, 0.67, '2018-06-10T22:00:00Z'],
    [15, 1.76, '2018-06-03T21:30:00Z'],
    [60, 4.0, '2018-06-11T10:10:00Z'],
  ])('over %i min: %f ft, ending %s', (minutes, rise_ft, end) => {
    const most = largestRise(t_s, stage_m, { window_s: minutes * 60 })!
    expect(most.rise_m / M_PER_FT).toBeCloseTo(rise_ft, 9)
    expect(river.time[most.index]).toBe(end)
  })

  test('the same values come from the edge measure, one at a time', () => {
    const streaming = new RateOfRise(300)
    const batch = rateOfRise_m_s(t_s, stage_m, { window_s: 900, period_s: 300 })
    const one = Float64Array.from(stage_m, (h, i) => streaming.push(t_s[i]!, h) ?? Number.NaN)
    expect(batch).toEqual(one)
  })
})

describe('rise on an uneven series', () => {
  test('is divided by the time that really lies between the two values', () => {
    expect([...rateOfRise_m_s([0, 610, 980], [1, 1.1, 2], { window_s: 900 })]).toEqual([
      Number.NaN,
      Number.NaN,
      expect.closeTo(1 / 980, 12),
    ])
  })
  test('where no value lies a window back there is none: hourly values have no 15 min rise', () => {
    const hourly = rateOfRise_m_s([0, 3600, 7200], [1, 2, 3], { window_s: 900 })
    expect(hourly.every(Number.isNaN)).toBe(true)
    expect(largestRise([0, 3600], [1, 2], { window_s: 900 })).toBeNull()
    expect(largestRise([], [], { window_s: 900 })).toBeNull()
  })
  test('a missing value is neither an end nor a beginning', () => {
    const rates = rateOfRise_m_s([0, 450, 900, 1350], [1, Number.NaN, 2, 9], { window_s: 900 })
    expect([...rates]).toEqual([Number.NaN, Number.NaN, expect.closeTo(1 / 900, 12), Number.NaN])
  })
  test('instants that do not rise and an infinite stage are refused with their index', () => {
    expect(() => rateOfRise_m_s([0, 5, 5], [1, 1, 1], { window_s: 900 })).toThrow(/t_s\[2\]/)
    expect(() => rateOfRise_m_s([0, 5], [1, Number.POSITIVE_INFINITY], { window_s: 900 })).toThrow(/stage_m\[1\]/)
    expect(() => rateOfRise_m_s([0, 5], [1], { window_s: 900 })).toThrow(/as many values/)
  })
  test('a shift in time or datum changes nothing; twice the stage rises twice as fast', () => {
    const series = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: -500, max: 500 })), {
      minLength: 2,
      maxLength: 60,
    })
    fc.assert(
      fc.property(series, fc.integer({ min: -1e6, max: 1e6 }), (steps, shift) => {
        let at = 0
        const t = steps.map(([dt]) => (at += dt))
        const h = steps.map(([, v]) => v / 64)
        const rates = rateOfRise_m_s(t, h, { window_s: 900 })
        const shifted = rateOfRise_m_s(
          t.map((v) => v + shift),
          h.map((v) => v + 8),
          { window_s: 900 },
        )
        expect(shifted).toEqual(rates)
        const twice = rateOfRise_m_s(
          t,
          h.map((v) => 2 * v),
          { window_s: 900 },
        )
        expect(twice).toEqual(rates.map((v) => 2 * v))
      }),
      { numRuns: 60 },
    )
  })
})

describe('Theil-Sen', () => {
  test('by hand: 10 15 14 20 has slopes −1 2 2.5 3⅓ 5 6, median 2 11/12', () => {
    const line = theilSen([0, 1, 2, 3], [10, 15, 14, 20])!
    expect(line.slope).toBeCloseTo((2.5 + 10 / 3) / 2, 12)
    expect(line.count).toBe(4)
  })
  test('a straight rise keeps its slope under one wild value exactly, under a fifth of them nearly', () => {
    const t = Array.from({ length: 30 }, (_, i) => i * 30)
    const rise = (wild: (i: number) => number) =>
      theilSen(
        t,
        t.map((s, i) => 1 + s * 2e-4 + wild(i)),
      )!.slope
    expect(rise((i) => (i === 7 ? 1000 : 0))).toBeCloseTo(2e-4, 12)
    expect(rise((i) => (i % 5 === 2 ? 1000 : 0))).toBeCloseTo(2e-4, 12)
  })
  test('the interval holds the slope, and Sen’s ranks for n = 10 are the 12th and the 34th of 45', () => {
    const t = Array.from({ length: 10 }, (_, i) => i)
    const h = [0.3, 1.1, 1.9, 3.4, 3.9, 5.2, 5.8, 7.3, 7.7, 9.4]
    const slopes = t.flatMap((a, i) => t.slice(i + 1).map((b) => (h[b]! - h[a]!) / (b - a))).sort((a, b) => a - b)
    // C = 1.96 √(10·9·25/18) = 21.91; (45 − C)/2 = 11.5, (45 + C)/2 + 1 = 34.5
    const line = theilSen(t, h)!
    expect(line.low).toBe(slopes[11])
    expect(line.high).toBe(slopes[33])
    expect(line.low).toBeLessThan(line.slope)
    expect(line.slope).toBeLessThan(line.high)
  })
  test('constant, two values, one value, none, only missing ones', () => {
    expect(theilSen([0, 1, 2], [4, 4, 4])).toMatchObject({ slope: 0, intercept: 4 })
    expect(theilSen([0, 2], [1, 2])).toMatchObject({ slope: 0.5, low: -Infinity, high: Infinity })
    expect(theilSen([0], [1])).toBeNull()
    expect(theilSen([], [])).toBeNull()
    expect(theilSen([0, 1], [Number.NaN, Number.NaN])).toBeNull()
    expect(() => theilSen([0, 1], [1, Number.POSITIVE_INFINITY])).toThrow(/values\[1\]/)
  })
})

describe('robust rise in time', () => {
  test('one false value of 1000 m does not show, where the difference goes wild', () => {
    const robust = new RobustRise(900)
    const t = Array.from({ length: 60 }, (_, i) => i * 60)
    const h = t.map((s, i) => (i === 40 ? 1000 : 1 + s * 1e-4))
    const lines = t.map((s, i) => robust.push(s, h[i]!))
    expect(lines.slice(0, 8).every((line) => line === null)).toBe(true)
    for (const line of lines.slice(10)) expect(line!.slope).toBeCloseTo(1e-4, 5)
    expect(largestRise(t, h, { window_s: 900 })!.rate_m_s).toBeGreaterThan(1)
  })
  test('on Dead Run its steepest 15 min is near the difference’s, and a poll of 1 s costs no more values than one of 15 s', () => {
    const robust = new RobustRise(900)
    let steepest = 0
    stage_m.forEach((h, i) => {
      steepest = Math.max(steepest, robust.push(t_s[i]!, h)?.slope ?? 0)
    })
    expect((steepest * 900) / M_PER_FT).toBeGreaterThan(1.4)
    expect((steepest * 900) / M_PER_FT).toBeLessThan(2.2)
    const fast = new RobustRise(900)
    let count = 0
    for (let i = 0; i < 5000; i++) count = Math.max(count, fast.push(i, i * 1e-4)?.count ?? 0)
    expect(count).toBeLessThanOrEqual(61)
  })
  test('a missing value gives no line, a clock that goes back starts anew', () => {
    const robust = new RobustRise(900)
    for (let i = 0; i < 20; i++) robust.push(i * 60, i)
    expect(robust.push(1201, Number.NaN)).toBeNull()
    expect(robust.push(1260, 21)).not.toBeNull()
    expect(robust.push(0, 5)).toBeNull()
    expect(() => robust.push(Number.NaN, 5)).toThrow(/t_s/)
  })
})
