import { describe, expect, test } from 'vitest'
import { sampleAt } from './resample.ts'

const sine = (count: number, cycles_per_sample: number) =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(2 * Math.PI * cycles_per_sample * k))
/** Largest value in the middle of a record asked for every `step` samples. */
const peak = (samples: Float64Array, step: number) => {
  let most = 0
  for (let x = samples.length / 4; x < (samples.length * 3) / 4; x += step)
    most = Math.max(most, Math.abs(sampleAt(samples, x, step)))
  return most
}

describe('a record between its samples', () => {
  test('whole positions at a step of 1 are the samples themselves', () => {
    const samples = sine(100, 0.1234)
    for (let k = 0; k < 100; k++) expect(Object.is(sampleAt(samples, k, 1), samples[k])).toBe(true)
  })

  test('a sine is found again anywhere, 70 dB true, up to 0.8 of Nyquist', () => {
    for (const frequency of [0.01, 0.1, 0.25, 0.4]) {
      const samples = sine(400, frequency)
      for (let x = 100; x < 300; x += 0.37)
        expect(
          Math.abs(sampleAt(samples, x, 0.37) - Math.sin(2 * Math.PI * frequency * x)),
          `${frequency}`,
        ).toBeLessThan(3.2e-4)
    }
  })

  test('constants stay what they are at every rate', () => {
    const samples = new Float64Array(4000).fill(3)
    for (const step of [0.1, 1, 1.7, 10, 100]) expect(sampleAt(samples, 2000.3, step)).toBeCloseTo(3, 9)
  })

  test.each([2, 2.5, 10, 50])(
    'at a step of %d: below 0.7 of the lower Nyquist it passes, above Nyquist it is 70 dB down',
    (step) => {
      const nyquist = 0.5 / step
      expect(peak(sine(20_000, nyquist * 0.6123), step)).toBeGreaterThan(0.98)
      for (const share of [1.05, 1.5, Math.min(3, step * 0.9)])
        expect(peak(sine(20_000, nyquist * share), step), `${share} of Nyquist`).toBeLessThan(3.2e-4)
    },
  )

  test('before, after and where the record is missing stands 0', () => {
    const samples = Float64Array.of(1, Number.NaN, 1)
    expect(sampleAt(samples, 1, 1)).toBe(0)
    expect(sampleAt(samples, -100, 1)).toBe(0)
    expect(sampleAt(samples, 100.5, 1)).toBe(0)
  })
})
