import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instant } from '../../domain/time.ts'
import {
  cornerFrequency_hz,
  peakGroundAcceleration_m_s2,
  type SiteGroundOptions,
  syntheticGround,
} from './site-ground.ts'
import { peakOf } from './whole-record.ts'

const options: SiteGroundOptions = {
  name: 'exercise',
  magnitude: 6.2,
  distance_km: 25,
  seed: 11,
  sample_rate_hz: 100,
  start: instant(1_577_836_800_000_000_000n),
}

describe('how strong', () => {
  test('Campbell 1981: M 6.5 at 10 km gives about 0.22 g, and less farther away', () => {
    // By hand: 0.0159 e^5.642 (10 + 0.0606 e^4.55)^-1.09 = 0.0159 · 282.0 · 15.735^-1.09 = 0.2224
    expect(peakGroundAcceleration_m_s2(6.5, 10) / 9.80665).toBeCloseTo(0.222, 2)
    fc.assert(
      fc.property(
        fc.double({ min: 4, max: 7.9, noNaN: true }),
        fc.double({ min: 1, max: 190, noNaN: true }),
        (m, r) => {
          expect(peakGroundAcceleration_m_s2(m, r + 5)).toBeLessThan(peakGroundAcceleration_m_s2(m, r))
          expect(peakGroundAcceleration_m_s2(m + 0.1, r)).toBeGreaterThan(peakGroundAcceleration_m_s2(m, r))
        },
      ),
    )
  })

  test("Brune's corner: M 6 near 0.36 Hz, and two units of magnitude are a factor of ten", () => {
    // 4.9e6 · 3.5 · (100 / 1.122e25)^(1/3)
    expect(cornerFrequency_hz(6)).toBeCloseTo(0.356, 3)
    expect(cornerFrequency_hz(4) / cornerFrequency_hz(6)).toBeCloseTo(10, 9)
  })

  test('the stronger horizontal axis peaks at the PGA, the vertical at two thirds of it', () => {
    for (const seed of [1, 2, 3, 4]) {
      const wave = syntheticGround({ ...options, seed, pga_m_s2: 1.5 })
      const [ns, ew, ud] = wave.axes.map((a) => peakOf(a.samples))
      expect(Math.max(ns!, ew!)).toBeCloseTo(1.5, 9)
      expect(Math.min(ns!, ew!)).toBeGreaterThan(1.05 - 1e-9)
      expect(ud).toBeCloseTo(1, 9)
    }
    const free = syntheticGround(options)
    expect(Math.max(...free.axes.map((a) => peakOf(a.samples)))).toBeCloseTo(peakGroundAcceleration_m_s2(6.2, 25), 9)
  })
})

describe('how it runs', () => {
  const wave = syntheticGround(options)
  const energy = (axis: string, from_s: number, to_s: number) =>
    wave.axes
      .find((a) => a.axis === axis)!
      .samples.subarray(from_s * 100, to_s * 100)
      .reduce((sum, x) => sum + x * x, 0)
  // S waves at 3.5 km/s arrive this long after P waves at 6.06 km/s.
  const s_s = 5 + 25 / 3.5 - 25 / 6.06

  test('still, then P, then the stronger S; at its end still again', () => {
    expect(energy('ns', 0, 5)).toBe(0)
    expect(energy('ud', 5, s_s)).toBeGreaterThan(0)
    expect(energy('ns', s_s, 2 * s_s)).toBeGreaterThan(20 * energy('ns', 5, s_s))
    expect(energy('ns', s_s, 2 * s_s) / energy('ns', 5, s_s)).toBeGreaterThan(
      energy('ud', s_s, 2 * s_s) / energy('ud', 5, s_s),
    )
    for (const { samples } of wave.axes) expect(Math.abs(samples.at(-1)!)).toBeLessThan(0.01 * peakOf(samples))
  })

  test('the ground does not go on moving: the velocity ends at 0', () => {
    for (const { samples } of wave.axes) {
      const end_m_s = samples.reduce((sum, x) => sum + x, 0) / 100
      expect(Math.abs(end_m_s)).toBeLessThan(1e-9)
    }
  })

  test('a larger earthquake lasts longer', () => {
    const significant_s = (magnitude: number) => {
      const { samples } = syntheticGround({ ...options, magnitude }).axes[0]!
      const total = samples.reduce((sum, x) => sum + x * x, 0)
      let [sum, from, to] = [0, 0, 0]
      for (const [k, x] of samples.entries()) {
        sum += x * x
        if (sum < 0.05 * total) from = k
        if (sum < 0.95 * total) to = k
      }
      return (to - from) / 100
    }
    expect(significant_s(7.5)).toBeGreaterThan(2 * significant_s(6))
    expect(significant_s(6)).toBeGreaterThan(significant_s(4.5))
  })

  test('one seed is one record, another seed another; each axis moves by itself', () => {
    expect(syntheticGround(options)).toEqual(wave)
    expect(syntheticGround({ ...options, seed: 12 }).axes[0]!.samples).not.toEqual(wave.axes[0]!.samples)
    const [ns, ew] = wave.axes.map((a) => a.samples)
    const product = ns!.reduce((sum, x, k) => sum + x * ew![k]!, 0)
    const norm = Math.sqrt(energy('ns', 0, 1000) * energy('ew', 0, 1000))
    expect(Math.abs(product / norm)).toBeLessThan(0.25)
  })

  test('the same bits on every machine (FNV-1a over the doubles of a short record)', () => {
    const { axes } = syntheticGround({ ...options, magnitude: 4, distance_km: 5 })
    let h = 0x811c_9dc5
    for (const { samples } of axes) {
      const view = new DataView(new ArrayBuffer(8))
      for (const x of samples) {
        view.setFloat64(0, x)
        for (let i = 0; i < 8; i++) h = Math.imul(h ^ view.getUint8(i), 0x0100_0193) >>> 0
      }
    }
    expect(h).toBe(3_474_360_275)
  })

  test('says in its source that it never happened', () => {
    expect(wave.source).toBe('synthetic: M 6.2 at 25 km, seed 11; no real earthquake')
  })
})

test.each([
  ['magnitude', { magnitude: 9.5 }],
  ['distance_km', { distance_km: 0 }],
  ['pga_m_s2', { pga_m_s2: -1 }],
  ['sample_rate_hz', { sample_rate_hz: Number.NaN }],
  ['seed', { seed: 0.5 }],
])('%s that cannot be is named', (where, change) => {
  expect(() => syntheticGround({ ...options, ...change })).toThrow(`USAGE: ${where}`)
})
