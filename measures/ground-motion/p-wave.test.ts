import { describe, expect, test } from 'vitest'
import { PWave, pd_m, pWave, tauC_s } from './p-wave.ts'

/** Displacement 0 up to `onset`, then a sine of the given period and amplitude, with its velocity; 100 Hz. */
function sine(period_s: number, amplitude_m: number, onset: number, n = 1000): [Float64Array, Float64Array] {
  const w = (2 * Math.PI) / period_s
  const at = (k: number) => (k - onset) / 100
  const u = Float64Array.from({ length: n }, (_, k) => (k < onset ? 0 : amplitude_m * Math.sin(w * at(k))))
  const v = Float64Array.from({ length: n }, (_, k) => (k < onset ? 0 : amplitude_m * w * Math.cos(w * at(k))))
  return [u, v]
}

describe('Pd and τc (Kanamori 2005)', () => {
  test('of a sine are its amplitude and its period, over whole cycles in 3 s', () => {
    for (const period_s of [0.25, 0.5, 1, 1.5, 3]) {
      const [u, v] = sine(period_s, 0.004, 200)
      const measures = pWave(u, v, 100, 200)
      expect(measures.tauC_s).toBeCloseTo(period_s, 10)
      // The samples miss the crest by less than half a step of phase.
      expect(measures.pd_m / 0.004).toBeGreaterThan(Math.cos(Math.PI / (100 * period_s)) - 1e-12)
      expect(measures.pd_m).toBeLessThanOrEqual(0.004)
      expect(measures.whole).toBe(true)
      expect(pd_m(u, 100, 200)).toBe(measures.pd_m)
      expect(tauC_s(u, v, 100, 200)).toBe(measures.tauC_s)
    }
  })

  test('look at 3 s only: the S wave after them does not count, nor what was before the onset', () => {
    const [u, v] = sine(0.5, 0.001, 200)
    u[199] = 1
    u[500] = 1
    expect(pd_m(u, 100, 200)).toBeCloseTo(0.001, 5)
    u[499] = 1
    expect(pd_m(u, 100, 200)).toBe(1)
    expect(pWave(u, v, 100, 200, 1).pd_m).toBeCloseTo(0.001, 5)
  })

  test('τc does not depend on the amplitude, Pd is in proportion to it', () => {
    const [u, v] = sine(0.7, 0.001, 0)
    const [one, ten] = [
      pWave(u, v, 100, 0),
      pWave(
        u.map((x) => 10 * x),
        v.map((x) => 10 * x),
        100,
        0,
      ),
    ]
    expect(ten.tauC_s).toBeCloseTo(one.tauC_s!, 12)
    expect(ten.pd_m).toBeCloseTo(10 * one.pd_m, 12)
  })

  test('live, grow sample by sample to the value of the record and stay there', () => {
    const [u, v] = sine(0.8, 0.002, 100)
    const live = new PWave(100)
    for (let k = 100; k < 250; k++) live.push(u[k]!, v[k]!)
    expect(live.measures.whole).toBe(false)
    for (let k = 250; k < 900; k++) live.push(u[k]!, v[k]!)
    expect(live.measures).toEqual(pWave(u, v, 100, 100))
  })

  test('of a record that ends too soon are marked as not whole; of silence τc is undefined', () => {
    const [u, v] = sine(0.5, 0.001, 900)
    expect(pWave(u, v, 100, 900).whole).toBe(false)
    const zero = new Float64Array(400)
    expect(pWave(zero, zero, 100, 0)).toEqual({ pd_m: 0, tauC_s: undefined, whole: true })
  })

  test('refuse an onset outside the record, unlike lengths and samples that are no numbers', () => {
    const zero = new Float64Array(10)
    expect(() => pWave(zero, zero, 100, 10)).toThrow('onset: expected an index of 0 to 9, got 10')
    expect(() => pWave(zero, new Float64Array(9), 100, 0)).toThrow('axes[1]')
    expect(() => pWave(Float64Array.of(0, Number.NaN), new Float64Array(2), 100, 0)).toThrow('axes[0][1]')
    expect(() => new PWave(100).push(Number.NaN, 0)).toThrow('expected finite numbers')
  })
})
