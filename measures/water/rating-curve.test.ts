import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { discharge_m3_s, isExtrapolated, ratingCurve, stageAtDischarge_m } from './rating-curve.ts'
import { distinctGaugings, fitRatingCurve, fitSegment } from './rating-fit.ts'
import { deadRun } from './test/dead-run.ts'

const { stage_ft, discharge_cfs } = deadRun()
const above1ft = [...stage_ft.keys()].filter((i) => stage_ft[i]! > 1)
const { stage_m: h, discharge: q } = distinctGaugings(
  above1ft.map((i) => stage_ft[i]!),
  above1ft.map((i) => discharge_cfs[i]!),
)

// The published fit is through each point of the rating once, not once per 5 min.
describe('domain.md 6: Dead Run, h > 1 ft, distinct points', () => {
  const fit = fitSegment(h, q)
  test('C 60.61, h0 0.308 ft, b 1.734', () => {
    expect(fit.C).toBeCloseTo(60.61, 2)
    expect(fit.h0_m).toBeCloseTo(0.308, 3)
    expect(fit.b).toBeCloseTo(1.734, 3)
  })
  test('largest error 6 %', () => {
    const curve = ratingCurve([{ from_m: 1, ...fit }])
    const worst = Math.max(...h.map((stage, i) => Math.abs(discharge_m3_s(curve, stage) / q[i]! - 1)))
    expect(worst).toBeGreaterThan(0.05)
    expect(worst).toBeLessThan(0.065)
  })
  test('two segments fit closer than one and meet within the scatter of the record', () => {
    const two = fitRatingCurve(h, q, [2])
    const one = fitRatingCurve(h, q)
    const error = (curve: typeof one) =>
      h.reduce((sum, stage, i) => sum + Math.log(discharge_m3_s(curve, stage) / q[i]!) ** 2, 0)
    expect(error(two)).toBeLessThan(error(one))
    const at = two.segments[1]!.from_m
    expect(Math.abs(discharge_m3_s(two, at) / discharge_m3_s(two, at - 1e-9) - 1)).toBeLessThan(0.06)
  })
})

describe('fitting finds what made the points', () => {
  test('any C, h0 and b', () => {
    const part = (low: number, high: number) =>
      fc.integer({ min: 0, max: 1000 }).map((k) => low + ((high - low) * k) / 1000)
    fc.assert(
      fc.property(part(1, 100), part(-0.5, 0.4), part(1.2, 3), (C, h0, b) => {
        const stage = Array.from({ length: 40 }, (_, i) => 0.5 + i * 0.1)
        const fit = fitSegment(
          stage,
          stage.map((s) => C * (s - h0) ** b),
        )
        expect(fit.h0_m).toBeCloseTo(h0, 3)
        expect(fit.b).toBeCloseTo(b, 2)
        expect(Math.abs(fit.C / C - 1)).toBeLessThan(0.01)
      }),
      { numRuns: 40 },
    )
  })
  test('a section control up to 1 m and a channel above it: the break is found where they cross', () => {
    const stage = Array.from({ length: 60 }, (_, i) => 0.3 + i * 0.05)
    // 20 (h − 0.2)^2 and 18 (h − 0.15658)^2.3... crossing by construction at h = 1: C2 = 20·0.8²/0.9^1.6
    const lower = (s: number) => 20 * (s - 0.2) ** 2
    const upper = (s: number) => ((20 * 0.8 ** 2) / 0.9 ** 1.6) * (s - 0.1) ** 1.6
    const curve = fitRatingCurve(
      stage,
      stage.map((s) => (s < 1 ? lower(s) : upper(s))),
      [1.05],
    )
    expect(curve.segments[1]!.from_m).toBeCloseTo(1, 1)
    for (const s of [0.5, 0.9, 1.5, 3])
      expect(discharge_m3_s(curve, s) / (s < 1 ? lower(s) : upper(s))).toBeCloseTo(1, 1)
  })
  test('too few stages, a discharge of zero, and a river that falls as it rises are refused', () => {
    expect(() => fitSegment([1, 1, 2], [1, 1, 2])).toThrow(/three different stages/)
    expect(() => fitSegment([1, 2, 3], [1, 0, 2])).toThrow(/discharge\[1\]/)
    expect(() => fitSegment([1, 2, Number.NaN], [1, 3, 2])).toThrow(/stage_m\[2\]/)
    expect(() => fitSegment([1, 2, 3], [3, 2, 1])).toThrow(/rises with the stage/)
    expect(() => fitSegment([1, 2, 3], [1, 2, 3], { h0_m: [0, 1] })).toThrow(/h0_m/)
  })
})

describe('curve and inverse', () => {
  const curve = ratingCurve(
    [
      { from_m: 0.2, C: 20, h0_m: 0.2, b: 2 },
      { from_m: 1, C: 18, h0_m: 0.1, b: 1.6 },
    ],
    { low: 0.3, high: 3 },
  )
  test('the inverse gives the stage back, on every segment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 201, max: 5000 }), (mm) => {
        const stage = mm / 1000
        expect(stageAtDischarge_m(curve, discharge_m3_s(curve, stage))).toBeCloseTo(stage, 9)
      }),
    )
  })
  test('a discharge inside the step between two segments belongs to the stage of the step', () => {
    const [low, high] = [discharge_m3_s(curve, 1 - 1e-12), discharge_m3_s(curve, 1)]
    expect(high).toBeGreaterThan(low)
    expect(stageAtDischarge_m(curve, (low + high) / 2)).toBe(1)
  })
  test('no flow at and below the stage of zero flow; beyond the gaugings it says so; NaN stays NaN', () => {
    expect(discharge_m3_s(curve, 0.2)).toBe(0)
    expect(discharge_m3_s(curve, -3)).toBe(0)
    expect(stageAtDischarge_m(curve, 0)).toBe(0.2)
    expect([0.2, 0.3, 3, 3.1].map((s) => isExtrapolated(curve, s))).toEqual([true, false, false, true])
    expect(discharge_m3_s(curve, Number.NaN)).toBeNaN()
    expect(stageAtDischarge_m(curve, Number.NaN)).toBeNaN()
    expect(() => stageAtDischarge_m(curve, -1)).toThrow(RangeError)
  })
  test('a curve that falls at a break or is out of order is no rating', () => {
    const s = { from_m: 0.2, C: 20, h0_m: 0.2, b: 2 }
    expect(() => ratingCurve([s, { ...s, from_m: 1, C: 5 }])).toThrow(/discharge falls/)
    expect(() => ratingCurve([s, { ...s, from_m: 0.2 }])).toThrow(/from_m/)
    expect(() => ratingCurve([])).toThrow(/at least one/)
    expect(() => ratingCurve([{ ...s, b: 0 }])).toThrow(/above 0/)
  })
})
