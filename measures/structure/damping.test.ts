import { describe, expect, test } from 'vitest'
import { type PowerSpectrum, welch } from '../signal/spectrum.ts'
import { freeDecay, halfPowerDamping, logDecrement, randomDecrement } from './damping.ts'
import { pickPeak } from './modal.ts'
import { ambient } from './test/ambient.ts'

/** |H|² of an oscillator under white noise, without noise of its own. */
function resonance(f0: number, damping: number, df_hz: number): PowerSpectrum {
  const frequency_hz = Float64Array.from({ length: 4000 }, (_, k) => k * df_hz)
  const psd = frequency_hz.map((f) => 1 / ((1 - (f / f0) ** 2) ** 2 + (2 * damping * (f / f0)) ** 2))
  return { frequency_hz, psd, df_hz, segments: 1000 }
}
const decay = (f: number, damping: number, rate: number, n: number) => {
  const [w, wd] = [2 * Math.PI * f, 2 * Math.PI * f * Math.sqrt(1 - damping ** 2)]
  return Float64Array.from({ length: n }, (_, k) => Math.exp((-damping * w * k) / rate) * Math.sin((wd * k) / rate))
}

describe('half power', () => {
  test.each([0.005, 0.01, 0.02, 0.05])('of an exact resonance with damping %f is that damping', (damping) => {
    const result = halfPowerDamping(resonance(2, damping, 0.001), 2)!
    expect(result.damping / damping).toBeCloseTo(1, 1.9)
    expect(result.resolved).toBe(true)
  })

  test.each([
    [2, 0.03, 6000, 4096],
    [1, 0.01, 12000, 16384],
  ])('of a simulated mode at %f Hz with %f is within 10 %% on average', (f_hz, damping, seconds, nperseg) => {
    const all = Array.from({ length: 10 }, (_, seed) => {
      const spectrum = welch(ambient({ f_hz, damping, seconds, rate: 50, seed }), 50, { nperseg })
      const peak = pickPeak(spectrum, { from_hz: 0.7 * f_hz, to_hz: 1.3 * f_hz })
      if ('reason' in peak) throw new Error(peak.reason)
      const result = halfPowerDamping(spectrum, peak.frequency_hz)!
      expect(result.resolved).toBe(true)
      return result.damping
    })
    expect(all.reduce((sum, z) => sum + z, 0) / 10 / damping).toBeGreaterThan(0.9)
    expect(all.reduce((sum, z) => sum + z, 0) / 10 / damping).toBeLessThan(1.1)
  })

  test('says where the bins are too wide, the segments too few, or a flank is missing', () => {
    expect(halfPowerDamping(resonance(2, 0.005, 0.02), 2)!.resolved).toBe(false)
    expect(halfPowerDamping({ ...resonance(2, 0.05, 0.001), segments: 13 }, 2)!.resolved).toBe(false)
    expect(halfPowerDamping(resonance(3.95, 0.05, 0.001), 3.95)).toBeUndefined()
    expect(() => halfPowerDamping(resonance(2, 0.05, 0.001), 5)).toThrow('peak_hz')
  })
})

describe('decay', () => {
  test.each([0.001, 0.02, 0.05, 0.2])(
    'log decrement of two peaks n cycles apart gives damping %f exactly',
    (damping) => {
      const ratio = (n: number) => Math.exp((2 * Math.PI * damping * n) / Math.sqrt(1 - damping ** 2))
      for (const n of [1, 3, 10]) expect(logDecrement(ratio(n), 1, n)).toBeCloseTo(damping, 12)
      // For light damping ln(x_i/x_{i+n})/(2πn), as it is usually quoted.
      if (damping <= 0.02) expect(Math.log(ratio(5)) / (2 * Math.PI * 5)).toBeCloseTo(damping, 5)
    },
  )

  test.each([
    [1.3, 0.01],
    [0.16, 0.02],
    [4, 0.05],
  ])('of a record gives frequency %f Hz (damped) and damping %f', (f, damping) => {
    const result = freeDecay(decay(f, damping, 100, Math.round((100 * 30) / f)), 100)!
    expect(result.damping / damping).toBeCloseTo(1, 2)
    expect(result.frequency_hz / (f * Math.sqrt(1 - damping ** 2))).toBeCloseTo(1, 3)
  })

  test('with too few cycles, of silence or of one sample is none', () => {
    expect(freeDecay(decay(1, 0.05, 100, 150), 100)).toBeUndefined()
    expect(freeDecay(new Float64Array(1000), 100)).toBeUndefined()
    expect(freeDecay(Float64Array.of(1), 100)).toBeUndefined()
    expect(() => logDecrement(1, 0, 1)).toThrow('later')
    expect(() => logDecrement(2, 1, 0)).toThrow('cycles')
  })

  test.each([
    [1, 0.02],
    [2, 0.03],
    [4, 0.005],
  ])('the random decrement of ambient vibration at %f Hz gives damping %f within 15 %%', (f_hz, damping) => {
    const x = ambient({ f_hz, damping, seconds: 3600, rate: 50, seed: 2 })
    const sd = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
    const { signature, segments } = randomDecrement(x, Math.SQRT2 * sd, Math.round((6 * 50) / f_hz))!
    expect(segments).toBeGreaterThan(200)
    const result = freeDecay(signature, 50)!
    expect(Math.abs(result.damping / damping - 1)).toBeLessThan(0.15)
    expect(result.frequency_hz / f_hz).toBeCloseTo(1, 1.5)
    expect(randomDecrement(x, 100 * sd, 100)).toBeUndefined()
  })
})
