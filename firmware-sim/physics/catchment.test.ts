import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runoff_mm } from '../../measures/water/scs.ts'
import { type Catchment, reachParts, routeReach, runCatchment } from './catchment.ts'
import { designStorm } from './storm.ts'

const HOUR_S = 3600
const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0)
const trapezoid = (values: Float64Array) => total(values) - (values[0]! + values.at(-1)!) / 2

const creek: Catchment = {
  area_km2: 14,
  curve_number: 85,
  transform: { tc_h: 1.2 },
  baseflow_m3_s: 0.3,
  reaches: [
    { k_s: 3600, x: 0.2 },
    { k_s: 5400, x: 0.15 },
  ],
  gauges: [0, 1, 2].map((reach) => ({ id: `g${reach}`, reach, rating: [{ from_m: 0.1, C: 20, h0_m: 0.1, b: 1.7 }] })),
}
const storm = designStorm({ total_mm: 120, duration_h: 6, step_s: 300 })

describe('a design storm', () => {
  test('Chow 14.4: the most intense steps carry P(d) = total (d/D)^(1−n), the peak where it was asked for', () => {
    const { rain_mm } = designStorm({ total_mm: 100, duration_h: 4, step_s: HOUR_S, exponent: 0.5, peak: 0.5 })
    // P(1 h ... 4 h) = 50, 70.71, 86.60, 100; blocks 50, 20.71, 15.89, 13.40 around hour 3.
    const expected = [13.397, 20.711, 50, 15.892]
    for (const [i, mm] of expected.entries()) expect(rain_mm[i]).toBeCloseTo(mm, 3)
  })

  test('whatever peak, sharpness and unevenness: the total falls, no step is negative, one seed is one storm', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (peak, exponent, unevenness, seed) => {
          const options = { total_mm: 80, duration_h: 5, step_s: 600, peak, exponent, unevenness, seed }
          const { rain_mm } = designStorm(options)
          expect(rain_mm.length).toBe(30)
          expect(total(rain_mm)).toBeCloseTo(80, 9)
          expect(Math.min(...rain_mm)).toBeGreaterThanOrEqual(0)
          expect(designStorm(options).rain_mm).toEqual(rain_mm)
        },
      ),
    )
  })

  test.each([
    ['total_mm', { total_mm: 0 }],
    ['duration_h', { duration_h: 1e6 }],
    ['peak', { peak: 2 }],
  ])('%s that cannot be is named', (where, change) => {
    expect(() => designStorm({ total_mm: 10, duration_h: 1, step_s: 60, ...change })).toThrow(`USAGE: ${where}`)
  })
})

describe('a river reach', () => {
  test('Chow et al. 1988, ex. 8.4.1: K 2.3 h, x 0.15, step 1 h', () => {
    const inflow = [93, 137, 208, 320, 442, 546, 630, 678, 691, 675, 634, 571, 477, 390, 329, 247, 184, 134, 108, 90]
    const book = [85, 91, 114, 159, 233, 324, 420, 509, 578, 623, 642, 635, 603, 546, 479, 413, 341, 274, 215, 170]
    const outflow = routeReach(Float64Array.from(inflow), { k_s: 2.3 * HOUR_S, x: 0.15 }, HOUR_S, 'reach', 85)
    for (const [i, expected] of book.entries())
      expect(Math.abs(outflow[i]! - expected), `hour ${i + 1}`).toBeLessThan(1)
  })

  test('a reach too long for the step is cut in parts, one too short is refused with what would do', () => {
    expect(reachParts({ k_s: 2.3 * HOUR_S, x: 0.15 }, HOUR_S)).toBe(1)
    expect(reachParts({ k_s: 6 * HOUR_S, x: 0.3 }, HOUR_S)).toBe(4)
    expect(() => reachParts({ k_s: 600, x: 0.2 }, HOUR_S, 'catchment.reaches[0]')).toThrow(
      'catchment.reaches[0].k_s: expected at least 2250 s',
    )
  })

  test('water that came in went out or is stored as S = K (x I + (1−x) O), for any wave', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 2, maxLength: 60 }),
        fc.double({ min: 0.6, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 0.1, noNaN: true }),
        (wave, k_h, x) => {
          fc.pre(reachParts({ k_s: k_h * HOUR_S, x }, HOUR_S) === 1)
          const inflow = Float64Array.from(wave)
          const outflow = routeReach(inflow, { k_s: k_h * HOUR_S, x }, HOUR_S)
          const stored = (k: number) => k_h * (x * inflow.at(k)! + (1 - x) * outflow.at(k)!)
          expect(trapezoid(inflow) - trapezoid(outflow)).toBeCloseTo(stored(-1) - stored(0), 6)
          expect(Math.min(...outflow)).toBeGreaterThanOrEqual(-1e-9)
        },
      ),
    )
  })
})

describe('a catchment in a storm', () => {
  const run = runCatchment(creek, storm, 30)
  const peakAt = (values: Float64Array) => values.indexOf(Math.max(...values))

  test('runs off what the curve number leaves: 120 mm on CN 85', () => {
    expect(total(run.runoff_mm)).toBeCloseTo(runoff_mm(120, 85), 9)
  })

  test.each([
    ['unit hydrograph', creek.transform],
    ['nonlinear reservoir', { reservoir: { k: 20_000, m: 0.7 } }],
  ])('all of the runoff passes the last gauge in the end (%s)', (_, transform) => {
    const { discharge_m3_s, runoff_mm: depth_mm } = runCatchment({ ...creek, transform }, storm, 400)
    const volume_m3 = total(depth_mm) * 14 * 1000
    for (const flow of discharge_m3_s) {
      const passed_m3 = trapezoid(flow.map((q) => q - 0.3)) * 300
      expect(passed_m3 / volume_m3).toBeCloseTo(1, 3)
    }
  })

  test('downstream the wave is later and flatter, by about K of each reach', () => {
    const peaks = run.discharge_m3_s.map((q) => Math.max(...q))
    const times_s = run.discharge_m3_s.map((q) => peakAt(q) * 300)
    expect(peaks[0]).toBeGreaterThan(peaks[1]!)
    expect(peaks[1]).toBeGreaterThan(peaks[2]!)
    expect(times_s[1]! - times_s[0]!).toBeGreaterThan(0.7 * 3600)
    expect(times_s[1]! - times_s[0]!).toBeLessThan(1.5 * 3600)
    expect(times_s[2]! - times_s[1]!).toBeGreaterThan(0.7 * 5400)
    expect(times_s[2]! - times_s[1]!).toBeLessThan(1.5 * 5400)
  })

  test('stage is the inverse of the rating, to the millimetre', () => {
    for (const [i, { stage_m }] of run.gauges.entries())
      for (const [k, h] of stage_m.entries()) {
        expect(h).toBe(Math.round(h * 1000) / 1000)
        const [low, high] = [h - 0.0005, h + 0.0005].map((x) => 20 * Math.max(0, x - 0.1) ** 1.7)
        expect(run.discharge_m3_s[i]![k]).toBeGreaterThanOrEqual(low! - 1e-9)
        expect(run.discharge_m3_s[i]![k]).toBeLessThanOrEqual(high! + 1e-9)
      }
  })

  test('before the rain it is steady, and rain below the initial abstraction changes nothing', () => {
    const drizzle = designStorm({ total_mm: 5, duration_h: 6, step_s: 300 })
    for (const { stage_m } of runCatchment(creek, drizzle, 24).gauges)
      expect(new Set(stage_m)).toEqual(new Set([stage_m[0]]))
  })

  test('the same storm gives the same stages', () => {
    expect(runCatchment(creek, storm, 30)).toEqual(run)
  })

  test.each([
    ['catchment.area_km2', { area_km2: -1 }],
    ['catchment.curve_number', { curve_number: 101 }],
    ['catchment.baseflow_m3_s', { baseflow_m3_s: Number.NaN }],
    ['catchment.reaches[0].x', { reaches: [{ k_s: 3600, x: 0.7 }] }],
    ['catchment.gauges[0].reach', { gauges: [{ ...creek.gauges[0]!, reach: 3 }] }],
    ['catchment.gauges[0]', { gauges: [{ ...creek.gauges[0]!, rating: [] }] }],
    ['catchment.transform.tc_h', { transform: { tc_h: 0 } }],
  ])('%s that cannot be is named', (where, change) => {
    expect(() => runCatchment({ ...creek, ...change }, storm, 10)).toThrow(`USAGE: ${where}`)
  })
})
