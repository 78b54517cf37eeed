import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  directRunoff_m3_s,
  peakDischarge_m3_s_mm,
  retention_mm,
  runoff_mm,
  runoffByStep_mm,
  timeToPeak_h,
  unitHydrograph,
  unitHydrographShape,
} from './scs.ts'

const MM_PER_IN = 25.4
const sum = (values: Float64Array) => values.reduce((total, v) => total + v, 0)

describe('TR-55 table 2-1 [K] (domain.md 6)', () => {
  test.each([
    [75, 6, 3.28],
    [80, 5, 2.89],
  ])('CN %i, rain %f in: runoff %f in', (curveNumber, rain_in, runoff_in) => {
    expect(runoff_mm(rain_in * MM_PER_IN, curveNumber) / MM_PER_IN).toBeCloseTo(runoff_in, 2)
  })
  test('S = 1000/CN − 10 in', () => {
    expect(retention_mm(75) / MM_PER_IN).toBeCloseTo(1000 / 75 - 10, 12)
    expect(retention_mm(100)).toBe(0)
  })
})

describe('runoff', () => {
  test('none until a fifth of S has rained; all of it from a roof (CN 100)', () => {
    expect(runoff_mm(0.2 * retention_mm(75), 75)).toBe(0)
    expect(runoff_mm(40, 100)).toBe(40)
    expect(runoff_mm(0, 100)).toBe(0)
  })
  test('never more than the rain, and the steps add up to the storm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 40 }),
        fc.integer({ min: 30, max: 100 }),
        (rain, curveNumber) => {
          const steps = runoffByStep_mm(rain, curveNumber)
          const total = rain.reduce((a, b) => a + b, 0)
          expect(sum(steps)).toBeCloseTo(runoff_mm(total, curveNumber), 9)
          steps.forEach((v, i) => {
            expect(v).toBeGreaterThanOrEqual(0)
            expect(v).toBeLessThanOrEqual(rain[i]! + 1e-9)
          })
        },
      ),
    )
  })
  test('a negative or missing rain and an impossible curve number are refused', () => {
    expect(() => runoffByStep_mm([1, Number.NaN], 75)).toThrow(/rain_mm\[1\]/)
    expect(() => runoff_mm(-1, 75)).toThrow(/rain_mm/)
    expect(() => runoff_mm(1, 101)).toThrow(/curveNumber/)
  })
})

describe('unit hydrograph (NEH 630 ch. 16 [K])', () => {
  test('domain.md 6: the table’s area is 1.336, so the peak factor is 0.2079 (483 in US units)', () => {
    let area = 0
    for (let i = 0; i < 50_000; i++) area += unitHydrographShape((i + 0.5) * 1e-4) * 1e-4
    expect(area).toBeCloseTo(1.336, 2)
    expect(1 / (3.6 * area)).toBeCloseTo(0.2079, 3)
    expect(peakDischarge_m3_s_mm(1, 1)).toBe(0.208)
  })
  test('between the points it is straight; 1 at the peak; 0 outside', () => {
    expect(unitHydrographShape(1)).toBe(1)
    expect(unitHydrographShape(0.55)).toBeCloseTo(0.565, 12)
    expect(unitHydrographShape(2.1)).toBeCloseTo(0.2435, 12)
    expect([-1, 0, 5, 6].map(unitHydrographShape)).toEqual([0, 0, 0, 0])
  })
  test('a basin of 10 km² with Tc 2 h: peak after 1.3 h near 0.208·10/1.3, and exactly 1 mm runs off', () => {
    const basin = { area_km2: 10, tc_h: 2 }
    const dt_h = 0.2
    expect(timeToPeak_h(dt_h, 2)).toBeCloseTo(1.3, 12)
    const unit = unitHydrograph(basin, dt_h)
    expect(sum(unit) * dt_h * 3600).toBeCloseTo(10_000, 6)
    expect(Math.max(...unit) / peakDischarge_m3_s_mm(10, 1.3)).toBeCloseTo(1, 1)
    expect(unit.indexOf(Math.max(...unit)) * dt_h).toBeCloseTo(1.3, 0)
  })
  test('the flood carries the runoff: 12 mm from 10 km² are 120,000 m³', () => {
    const flood = directRunoff_m3_s([2, 7, 0, 3], { area_km2: 10, tc_h: 2 }, 0.25)
    expect(sum(flood) * 0.25 * 3600).toBeCloseTo(120_000, 4)
    expect(directRunoff_m3_s([], { area_km2: 10, tc_h: 2 }, 0.25)).toHaveLength(0)
    expect(() => directRunoff_m3_s([Number.NaN], { area_km2: 10, tc_h: 2 }, 0.25)).toThrow(/runoffByStep_mm\[0\]/)
    expect(() => unitHydrograph({ area_km2: 10, tc_h: 100 }, 0.001)).toThrow(/dt_h/)
  })
})
