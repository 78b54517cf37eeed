import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dominantFrequency_hz, fourierAmplitude, welch, windowOf } from './spectrum.ts'
import { WindowSum } from './window-sum.ts'

/** Repeatable noise in −1 … 1 (an LCG: Numerical Recipes' constants); its variance is 1/3. */
function noise(n: number, seed = 1): Float64Array {
  let state = seed
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}
const sine = (n: number, rate: number, f: number, amplitude = 1) =>
  Float64Array.from({ length: n }, (_, k) => amplitude * Math.sin((2 * Math.PI * f * k) / rate))
const sum = (x: ArrayLike<number>) => Array.from(x).reduce((total, v) => total + v, 0)
const variance = (x: Float64Array) => sum(x.map((v) => (v - sum(x) / x.length) ** 2)) / x.length

describe('the Fourier amplitude spectrum', () => {
  test('holds Parseval: Σ 2·amplitude²·df (single at 0 and f_s/2) = Σ x²·dt', () => {
    for (const n of [1000, 1001]) {
      const x = noise(n)
      const { amplitude, df_hz, frequency_hz } = fourierAmplitude(x, 200)
      const energy = sum(amplitude.map((a, k) => (k === 0 || 2 * k === n ? 1 : 2) * a * a * df_hz))
      expect(energy / (sum(x.map((v) => v * v)) / 200)).toBeCloseTo(1, 12)
      expect(frequency_hz[1]).toBe(200 / n)
    }
  })
  test('of a sine of amplitude A over D seconds is A·D/2 at its frequency, whatever the sampling rate', () => {
    for (const rate of [50, 100, 200]) {
      const { amplitude, df_hz } = fourierAmplitude(sine(20 * rate, rate, 2, 3), rate)
      expect(amplitude[Math.round(2 / df_hz)]).toBeCloseTo((3 * 20) / 2, 9)
    }
  })
})

describe("Welch's power spectral density", () => {
  test('of one boxcar segment sums to the variance (Parseval), even and odd', () => {
    for (const n of [512, 513]) {
      const x = noise(n).map((v) => v + 5)
      const { psd, df_hz } = welch(x, 100, { nperseg: n, window: 'boxcar' })
      expect((sum(psd) * df_hz) / variance(x)).toBeCloseTo(1, 12)
    }
  })
  test('of Hann segments sums to Σ(wx)²/Σw² of each, on average', () => {
    const x = noise(1000)
    const { psd, df_hz, segments } = welch(x, 100, { nperseg: 100, detrend: 'none' })
    const w = windowOf('hann', 100)
    const expected = Array.from(
      { length: 19 },
      (_, s) => sum(w.map((v, k) => (v * x[50 * s + k]!) ** 2)) / sum(w.map((v) => v * v)),
    )
    expect(segments).toBe(19)
    expect((sum(psd) * df_hz) / (sum(expected) / 19)).toBeCloseTo(1, 12)
  })
  test('of white noise is flat at variance/(f_s/2), not doubled at 0 and f_s/2', () => {
    const x = noise(400_000, 9)
    const { psd } = welch(x, 100, { nperseg: 64, detrend: 'none' })
    const level = 1 / 3 / 50
    for (let k = 2; k < 31; k++) expect(psd[k]! / level).toBeCloseTo(1, 1)
    expect(psd[0]! / level).toBeLessThan(0.8)
    expect(psd[32]! / level).toBeLessThan(0.8)
  })
  test('of a sine of amplitude A puts A²/2 into its bins', () => {
    const { psd, df_hz, frequency_hz } = welch(sine(8192, 128, 8, 3), 128, { nperseg: 1024 })
    expect(sum(psd) * df_hz).toBeCloseTo(4.5, 3)
    expect(frequency_hz[psd.indexOf(Math.max(...psd))]).toBe(8)
  })
  test('scales with the square, and an offset is not in it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.double({ min: -1000, max: 1000, noNaN: true }),
        (scale, offset) => {
          const x = noise(300)
          const plain = welch(x, 100, { nperseg: 100 }).psd
          const other = welch(
            x.map((v) => scale * v + offset),
            100,
            { nperseg: 100 },
          ).psd
          for (const [k, v] of other.entries())
            expect(Math.abs(v - scale * scale * plain[k]!)).toBeLessThan(
              1e-9 * (scale * scale + offset * offset * 1e-6),
            )
        },
      ),
      { numRuns: 30 },
    )
  })
  test('of a constant is zero', () => {
    expect(Math.max(...welch(new Float64Array(500).fill(9.80665), 100, { nperseg: 128 }).psd)).toBeLessThan(1e-25)
  })
  test('refuses what cannot be averaged, with what was expected', () => {
    const x = noise(100)
    expect(() => welch(x, 100, { nperseg: 101 })).toThrow('nperseg: expected 2 to 100 samples (all there are), got 101')
    expect(() => welch(x, 100, { nperseg: 50, overlap: 1 })).toThrow('overlap: expected 0 to below 1, got 1')
    expect(() => welch(x.with(7, Number.NaN), 100, { nperseg: 50 })).toThrow('x[7]: expected a finite number, got NaN')
    expect(() => welch(x, 0, { nperseg: 50 })).toThrow('sample_rate_hz')
  })
})

describe('the dominant frequency', () => {
  test('is the strongest bin above zero, within half a bin, whatever the offset', () => {
    for (const f of [0.5, 3.33, 12.2, 49]) {
      const x = sine(1000, 100, f).map((v) => v + 981)
      expect(Math.abs(dominantFrequency_hz(x, 100)! - f)).toBeLessThanOrEqual(0.05 + 1e-9)
    }
  })
  test('is looked for in the band that is asked for', () => {
    const [slow, fast] = [sine(2000, 100, 1), sine(2000, 100, 5, 0.2)]
    const x = slow.map((v, k) => v + fast[k]!)
    expect(dominantFrequency_hz(x, 100)).toBeCloseTo(1, 10)
    expect(dominantFrequency_hz(x, 100, { from_hz: 3, to_hz: 8 })).toBeCloseTo(5, 10)
    expect(dominantFrequency_hz(x, 100, { from_hz: 60, to_hz: 80 })).toBeUndefined()
  })
  test('is none where nothing moves', () => {
    for (const x of [new Float64Array(100), new Float64Array(100).fill(9.81), Float64Array.of(5)])
      expect(dominantFrequency_hz(x, 100)).toBeUndefined()
  })
})

describe('the sum of a window', () => {
  test('equals the sum of the last values, and goes on after a restart to the bit', () => {
    const x = noise(500)
    for (const size of [1, 2, 7, 100]) {
      let window = new WindowSum(size)
      for (let k = 0; k < x.length; k++) {
        expect(window.push(x[k]!)).toBeCloseTo(sum(x.slice(Math.max(0, k + 1 - size), k + 1)), 12)
        expect(window.full).toBe(k + 1 >= size)
        if (window.full && k + 1 < x.length) expect(window.oldest).toBe(x[k + 1 - size])
        const restored = WindowSum.from(JSON.parse(JSON.stringify(window.state())))
        expect(restored.sum).toBe(window.sum)
        if (k % 50 === 0) window = restored
      }
      window.clear()
      expect([window.sum, window.full]).toEqual([0, false])
    }
  })
  test('forgets a large value wholly', () => {
    const window = new WindowSum(10)
    for (let k = 0; k < 25; k++) window.push(k === 5 ? 1e18 : 1e-3)
    expect(window.sum).toBeCloseTo(0.01, 15)
  })
})
