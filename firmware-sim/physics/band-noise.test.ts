import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BandNoise } from './band-noise.ts'
import { hashAt, streamSeed, uniformAt, whiteAt } from './hash-noise.ts'

describe('hashes', () => {
  test('white noise: mean 0, variance 1, neighbours and other seeds unrelated', () => {
    const n = 100_000
    const x = Float64Array.from({ length: n + 1 }, (_, k) => whiteAt(7, k))
    const y = Float64Array.from({ length: n }, (_, k) => whiteAt(8, k))
    const mean = (f: (k: number) => number) => Array.from({ length: n }, (_, k) => f(k)).reduce((a, b) => a + b, 0) / n
    // Five standard errors of the mean of n independent values.
    const within = 5 / Math.sqrt(n)
    expect(Math.abs(mean((k) => x[k]!))).toBeLessThan(within)
    expect(Math.abs(mean((k) => x[k]! ** 2) - 1)).toBeLessThan(within * 1.5)
    expect(Math.abs(mean((k) => x[k]! * x[k + 1]!))).toBeLessThan(within)
    expect(Math.abs(mean((k) => x[k]! * y[k]!))).toBeLessThan(within)
  })

  test('even draws fill [0, 1) evenly', () => {
    const bins = new Float64Array(10)
    for (let k = 0; k < 100_000; k++) bins[Math.floor(uniformAt(3, k) * 10)]! += 1
    for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000))
  })

  test('positions far apart, before 0 and beyond 2^32 are all different draws', () => {
    const draws = [-3, -2, -1, 0, 1, 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((k) => hashAt(0, k))
    expect(new Set(draws).size).toBe(draws.length)
    expect(streamSeed(1, 'ns')).not.toBe(streamSeed(1, 'ew'))
  })

  test('the same numbers on every machine', () => {
    expect([hashAt(1, 0), hashAt(1, 1), hashAt(1, -1), streamSeed(1, 'ambient ns')]).toEqual([
      3584742034, 454272835, 2566029870, 1677919212,
    ])
  })
})

describe('ambient ground motion', () => {
  const noise = new BandNoise({ seed: 5, sample_rate_hz: 100, low_hz: 1, high_hz: 20, rms: 2e-4 })

  test('a sample has one value, however it is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e9 }), fc.integer({ min: 1, max: 40 }), (first, count) => {
        const together = noise.fill(first, count)
        expect(together[count - 1]).toBe(noise.at(first + count - 1))
      }),
      { numRuns: 50 },
    )
  })

  test('its RMS is what was asked for', () => {
    const x = noise.fill(0, 50_000)
    expect(Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length) / 2e-4).toBeCloseTo(1, 1)
  })

  test('its power lies in its band: under 0.1 % of it an octave below 1 Hz and beyond 25 Hz', () => {
    const x = noise.fill(0, 20_000)
    const powerAt = (f_hz: number) => {
      let [re, im] = [0, 0]
      for (let k = 0; k < x.length; k++) {
        // Hann window: the band next door must not leak in.
        const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / x.length)
        re += w * x[k]! * Math.cos((2 * Math.PI * f_hz * k) / 100)
        im += w * x[k]! * Math.sin((2 * Math.PI * f_hz * k) / 100)
      }
      return re * re + im * im
    }
    const mean = (from: number, to: number) =>
      Array.from({ length: 30 }, (_, i) => powerAt(from + ((to - from) * i) / 29)).reduce((a, b) => a + b, 0) / 30
    const inside = mean(2, 18)
    expect(mean(0.05, 0.4) / inside).toBeLessThan(1e-3)
    expect(mean(25, 49) / inside).toBeLessThan(1e-3)
    expect(mean(2, 8) / inside).toBeGreaterThan(0.4)
    expect(mean(12, 18) / inside).toBeGreaterThan(0.4)
  })

  test.each([
    ['high_hz', { high_hz: 60 }],
    ['low_hz', { low_hz: 0.01 }],
    ['rms', { rms: -1 }],
  ])('%s that cannot be is named', (where, change) => {
    expect(() => new BandNoise({ seed: 1, sample_rate_hz: 100, rms: 1, ...change })).toThrow(where)
  })
})
