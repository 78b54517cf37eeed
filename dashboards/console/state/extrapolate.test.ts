import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HORIZON_S, type Point, timeToLevel } from './extrapolate.ts'

/** One value a minute for half an hour. */
const points = (value: (min: number) => number): Point[] =>
  Array.from({ length: 31 }, (_, min) => ({ t_s: 1000 + min * 60, value: value(min) }))

describe('time to a level', () => {
  test('of a straight rise is what the line says, with no range', () => {
    // 0.6 m/h from 1.00 m: at the last point 1.30 m, so 1.60 m comes half an hour later.
    const reach = timeToLevel(
      points((min) => 1 + 0.01 * min),
      1.6,
    )!
    expect(reach.likely_s).toBeCloseTo(1800, 3)
    expect(reach.soonest_s).toBeCloseTo(1800, 3)
    expect(reach.latest_s).toBeCloseTo(1800, 3)
    expect(reach.rate_m_s * 3600).toBeCloseTo(0.6, 6)
  })
  test('of a rise that becomes faster has its range to the near side', () => {
    const reach = timeToLevel(
      points((min) => 1 + 0.0003 * min * min),
      2,
    )!
    expect(reach.soonest_s).toBeLessThan(reach.likely_s)
    expect(reach.latest_s! - reach.likely_s).toBeLessThan(reach.likely_s - reach.soonest_s)
  })
  test('is not said while the water falls or stands', () => {
    expect(
      timeToLevel(
        points((min) => 1.5 - 0.01 * min),
        1.6,
      ),
    ).toBeNull()
    expect(
      timeToLevel(
        points(() => 1.5),
        1.6,
      ),
    ).toBeNull()
  })
  test('is not said of noise', () =>
    expect(
      timeToLevel(
        points((min) => 1 + (min % 2) * 0.2 + 0.0002 * min),
        1.6,
      ),
    ).toBeNull())
  test('is not said of a level that is reached, nor beyond the horizon', () => {
    expect(
      timeToLevel(
        points((min) => 1 + 0.01 * min),
        1.3,
      ),
    ).toBeNull()
    expect(
      timeToLevel(
        points((min) => 1 + 0.0004 * min),
        5,
      ),
    ).toBeNull()
  })
  test('is not said of a few points, nor of a short stretch', () => {
    const line = points((min) => 1 + 0.01 * min)
    expect(timeToLevel(line.slice(0, 5), 1.6)).toBeNull()
    expect(timeToLevel(line.slice(0, 9), 1.6)).toBeNull()
    expect(timeToLevel([], 1)).toBeNull()
  })
  test('lies within its range, whatever the water does', () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (values, level) => {
          const reach = timeToLevel(
            values.map((value, i) => ({ t_s: i * 60, value })),
            level,
          )
          if (reach === null) return
          expect(reach.soonest_s).toBeGreaterThan(0)
          expect(reach.soonest_s).toBeLessThanOrEqual(reach.likely_s)
          expect(reach.latest_s ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(reach.likely_s)
          expect(reach.likely_s).toBeLessThanOrEqual(HORIZON_S)
        },
      ),
    ))
})
