import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkImperfections,
  converted,
  deviate,
  driftedScale,
  type Imperfections,
  isStarting,
  jitter_ns,
  sensed,
} from './imperfections.ts'

const N = 100_000
const samples = (seed: number, channel = 0) =>
  Float64Array.from({ length: N }, (_, counter) => deviate(seed, 1, { counter, channel }))
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length
const correlation = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0) / a.length

describe('noise', () => {
  test('is white and normal: mean 0, variance 1, kurtosis near 3, no memory', () => {
    const x = samples(42)
    const sigma_of_mean = 1 / Math.sqrt(N)
    expect(Math.abs(mean(x))).toBeLessThan(4 * sigma_of_mean)
    expect(Math.abs(correlation(x, x) - 1)).toBeLessThan(4 * Math.sqrt(2 / N))
    // Sum of 12 uniform deviates: kurtosis 3 - 1.2 / 12.
    expect(x.reduce((sum, v) => sum + v ** 4, 0) / N).toBeCloseTo(2.9, 1)
    for (const lag of [1, 2, 3, 100])
      expect(Math.abs(correlation(x.subarray(lag), x.subarray(0, -lag)))).toBeLessThan(4 * sigma_of_mean)
  })

  test('of two seeds, and of two axes, have nothing in common', () => {
    expect(Math.abs(correlation(samples(1), samples(2)))).toBeLessThan(4 / Math.sqrt(N))
    expect(Math.abs(correlation(samples(1, 0), samples(1, 1)))).toBeLessThan(4 / Math.sqrt(N))
  })

  test('belongs to the counter: the order in which samples are asked for does not matter', () => {
    const of: Imperfections = { seed: 9, noise_rms: 0.5 }
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 40), { minLength: 2, maxLength: 20 }), (counters) => {
        const ask = (counter: number) => sensed(of, 3, { counter, channel: 1 })
        const forward = counters.map(ask)
        expect(counters.toReversed().map(ask).toReversed()).toEqual(forward)
      }),
    )
  })

  test('goes on past 2^32 samples without repeating', () => {
    const at = (counter: number) => deviate(5, 1, { counter, channel: 0 })
    const beyond = Array.from({ length: 50 }, (_, i) => at(2 ** 32 + i))
    expect(beyond).not.toEqual(Array.from({ length: 50 }, (_, i) => at(i)))
  })

  test('has the same bits everywhere: sums of fractions of 2^16', () => {
    for (let counter = 0; counter < 1000; counter++) {
      const steps = deviate(7, 1, { counter, channel: 2 }) * 65_536
      expect(Number.isInteger(steps)).toBe(true)
    }
  })
})

describe('the sensor', () => {
  const at = { counter: 0, channel: 0 }

  test('without imperfections gives the truth', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (truth) => {
        expect(sensed({ seed: 1 }, truth, at)).toBe(truth + 0)
      }),
    )
  })

  test('adds its offset and drifts with temperature: 10 K above reference', () => {
    const of = { seed: 1, offset: 0.01, offset_per_K: 0.002, gain_per_K: 0.0005, reference_c: 25 }
    // 2 x (1 + 10 x 0.0005) + 0.01 + 10 x 0.002
    expect(sensed(of, 2, at, 35)).toBeCloseTo(2.04, 12)
    expect(sensed(of, 2, at, 25)).toBeCloseTo(2.01, 12)
    expect(sensed(of, 2, at)).toBeCloseTo(2.01, 12)
  })

  test('saturates at its range and steps by its converter: 4-20 mA in 12 bits', () => {
    const of = { seed: 1, range: { low: 4, high: 20 }, bits: 12 }
    const step = 16 / 4095
    expect(converted(of, 3)).toBe(4)
    expect(converted(of, 25)).toBe(20)
    expect(converted(of, 4 + 0.4 * step)).toBe(4)
    expect(converted(of, 4 + 0.6 * step)).toBeCloseTo(4 + step, 12)
    fc.assert(
      fc.property(fc.double({ min: 4, max: 20, noNaN: true }), (value) => {
        expect(Math.abs(converted(of, value) - value)).toBeLessThanOrEqual(step / 2 + 1e-12)
      }),
    )
  })

  test('has no value where the truth has none', () => {
    const of = { seed: 1, range: { low: 0, high: 1 }, bits: 8, noise_rms: 1 }
    expect(sensed(of, Number.NaN, at)).toBeNaN()
  })

  test('starts without a value for as long as told', () => {
    expect(isStarting({ seed: 1, startup_s: 2 }, 1_999_999_999n)).toBe(true)
    expect(isStarting({ seed: 1, startup_s: 2 }, 2_000_000_000n)).toBe(false)
    expect(isStarting({ seed: 1 }, 0n)).toBe(false)
  })
})

describe('its clock', () => {
  test('runs fast or slow by its ppm: 20 ppm are 1.728 s a day', () => {
    expect((driftedScale(1, { seed: 1, clock_ppm: 20 }) - 1) * 86_400).toBeCloseTo(1.728, 6)
  })

  test('jitters with its standard deviation, whole nanoseconds, at most six of them', () => {
    const of = { seed: 3, clock_jitter_ns: 50_000 }
    const x = Float64Array.from({ length: 20_000 }, (_, counter) => Number(jitter_ns(of, counter)))
    expect(Math.sqrt(correlation(x, x)) / 50_000).toBeCloseTo(1, 1)
    expect(Math.max(...x.map(Math.abs))).toBeLessThanOrEqual(300_000)
  })
})

test.each([
  [{ seed: 1, bits: 12 }, 'roof.range: expected a range, which bits divide, got undefined'],
  [{ seed: 1, range: { low: 1, high: 1 } }, 'roof.range: expected low below high, got {"low":1,"high":1}'],
  [{ seed: 1, noise_rms: -1 }, 'roof.noise_rms: expected a number not below 0, got -1'],
  [{ seed: 1, offset: Number.NaN }, 'roof.offset: expected a finite number, got "NaN"'],
  [{ seed: 1, clock_ppm: 20_000 }, 'roof.clock_ppm: expected -10000 to 10000, got 20000'],
  [{ seed: 1, range: { low: 0, high: 1 }, bits: 33 }, 'roof.bits: expected 1 to 32, got 33'],
] as Array<[Imperfections, string]>)('a sensor that cannot be is refused: %j', (of, message) => {
  expect(() => checkImperfections(of, 'roof')).toThrow(`USAGE: ${message}`)
})
