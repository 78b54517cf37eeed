import { describe, expect, test } from 'vitest'
import { uniform } from './test/ambient.ts'
import {
  compensateTilt,
  DailyTilt,
  degrees,
  fitTiltTemperature,
  radians,
  TILT_LIMITS,
  tiltFromGravity,
  tiltOfRatio,
} from './tilt.ts'

test.each([
  [500, 0.11459],
  [300, 0.19099],
  [250, 0.22918],
  [200, 0.28648],
  [150, 0.38197],
  [60, 0.95484],
  [40, 1.4321],
])('a ratio of 1/%i is %f° (domain.md 4)', (n, deg) => {
  expect(degrees(tiltOfRatio(1 / n))).toBeCloseTo(deg, 5)
  expect(Math.tan(radians(deg))).toBeCloseTo(1 / n, 6)
})

test('the published ratios stand in order from the most to the least sensitive (Bjerrum 1963 [K])', () => {
  expect(TILT_LIMITS.map((l) => Math.round(1 / l.ratio))).toEqual([750, 600, 500, 300, 250, 150])
})

describe('tilt from gravity', () => {
  const g = 9.79
  test('is the angle by which an axis leaves the horizontal, about both axes', () => {
    const a = radians(0.5)
    expect(tiltFromGravity(g * Math.sin(a), 0, g * Math.cos(a))!.x_rad).toBeCloseTo(a, 12)
    expect(tiltFromGravity(0, -g * Math.sin(a), g * Math.cos(a))!.y_rad).toBeCloseTo(-a, 12)
    expect(tiltFromGravity(0, 0, g)).toEqual({ x_rad: 0, y_rad: 0 })
  })
  test('is none while it moves, with a broken axis, or upside down', () => {
    for (const [x, y, z] of [
      [0, 0, 10.2],
      [0, 0, 0],
      [0, 0, -g],
      [Number.NaN, 0, g],
    ] as const)
      expect(tiltFromGravity(x, y, z)).toBeUndefined()
  })
})

describe('the daily mean', () => {
  /** 2024-04-03 in Taiwan begins at 2024-04-02T16:00Z. */
  const DAY_S = Date.UTC(2024, 3, 2, 16) / 1000
  const OFFSET_S = 8 * 3600

  test('takes the sun out: a swing of 0.02° about 0.1° over local days is 0.1°', () => {
    const daily = new DailyTilt(OFFSET_S)
    const done = []
    for (let t = 0; t < 3 * 86_400; t += 600) {
      const day = daily.push(DAY_S + t, radians(0.1 + 0.02 * Math.sin((2 * Math.PI * t) / 86_400)))
      if (day !== undefined) done.push(day)
    }
    expect(done).toHaveLength(2)
    for (const day of done) {
      expect(degrees(day.tilt_rad)).toBeCloseTo(0.1, 10)
      expect(day).toMatchObject({ readings: 144, hours: 24 })
    }
    expect(done[1]!.day - done[0]!.day).toBe(1)
    expect(new Date(done[0]!.day * 86_400_000).toISOString().slice(0, 10)).toBe('2024-04-03')
  })

  test('weighs every hour alike: a burst of readings in one does not lean the day', () => {
    const daily = new DailyTilt()
    for (let h = 0; h < 24; h++) daily.push(h * 3600, 0.001)
    for (let s = 0; s < 3600; s++) daily.push(5 * 3600 + s, 0.025)
    expect(daily.today!.tilt_rad).toBeCloseTo(0.001 + (0.024 * 3600) / 3601 / 24, 12)
    expect(daily.today).toMatchObject({ readings: 3624, hours: 24 })
  })

  test('says how many hours it is of, counts what came too late, and goes on after a restart', () => {
    const first = new DailyTilt()
    for (let h = 20; h < 30; h++) first.push(h * 3600, h)
    expect(first.today).toEqual({ day: 1, tilt_rad: 26.5, readings: 6, hours: 6 })
    expect(first.push(3600, 1)).toBeUndefined()
    expect(first.late).toBe(1)
    const second = new DailyTilt(0, JSON.parse(JSON.stringify(first.state())))
    expect(second.today).toEqual(first.today)
    expect(second.push(2 * 86_400, 0)).toEqual(first.today)
    expect(new DailyTilt().today).toBeUndefined()
    expect(() => first.push(0, Number.NaN)).toThrow('t_s, tilt_rad: expected finite numbers')
  })
})

describe('temperature compensation', () => {
  const random = uniform(4)
  const temperature_c = Array.from({ length: 240 }, (_, h) => 25 + 6 * Math.sin((2 * Math.PI * h) / 24))
  const tilt_rad = temperature_c.map((t) => 0.002 + 3e-5 * (t - 20) + 1e-6 * (random() - 0.5))
  const fit = fitTiltTemperature(tilt_rad, temperature_c)!

  test('takes the daily swing of 0.36 mrad down to the noise, referred to the mean temperature', () => {
    const compensated = tilt_rad.map((tilt, k) => compensateTilt(fit, tilt, temperature_c[k]!).tilt_rad)
    expect(Math.max(...compensated) - Math.min(...compensated)).toBeLessThan(1.2e-6)
    expect(compensated[0]).toBeCloseTo(0.002 + 3e-5 * 5, 6)
    expect(fit.slope).toBeCloseTo(3e-5, 7)
  })
  test('leaves a real tilt in: 1/1000 more stays 1/1000 more', () => {
    const now = compensateTilt(fit, 0.002 + 3e-5 * 11 + 1e-3, 31)
    expect(now.tilt_rad - (0.002 + 3e-5 * 5)).toBeCloseTo(1e-3, 6)
    expect(now.extrapolated).toBe(false)
    expect(compensateTilt(fit, 0.002, 45).extrapolated).toBe(true)
  })
  test('is not made from too few readings or a steady temperature', () => {
    expect(fitTiltTemperature(tilt_rad.slice(0, 23), temperature_c.slice(0, 23))).toBeUndefined()
    expect(
      fitTiltTemperature(
        tilt_rad,
        temperature_c.map((t) => 22 + (t - 25) * 0.1),
      ),
    ).toBeUndefined()
  })
})
