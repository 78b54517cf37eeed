import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { butterworth, filterCausal, filterZeroPhase, StreamingFilter } from './butterworth.ts'
import { response } from './sos.ts'

const RATE = 100
const low4 = butterworth({ kind: 'lowpass', order: 4, corner_hz: 10, sample_rate_hz: RATE })
const high4 = butterworth({ kind: 'highpass', order: 4, corner_hz: 0.075, sample_rate_hz: RATE })
const band3 = butterworth({ kind: 'bandpass', order: 3, corner_hz: [1, 20], sample_rate_hz: RATE })
const sine = (n: number, f: number) =>
  Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * f * i) / RATE))
const signal = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 300 })
const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i]!)), 0)

describe('a record through a filter', () => {
  test('comes out as the difference equation says (order 1: y = K/(1+K) (x + x₋₁) + (1−K)/(1+K) y₋₁)', () => {
    const K = Math.tan((Math.PI * 10) / RATE)
    const sos = butterworth({ kind: 'lowpass', order: 1, corner_hz: 10, sample_rate_hz: RATE })
    const x = Float64Array.of(1, -2, 3, 0.5, 0)
    let [px, py] = [0, 0]
    const expected = x.map((v) => {
      py = (K / (1 + K)) * (v + px) + ((1 - K) / (1 + K)) * py
      px = v
      return py
    })
    expect(largestDifference(filterCausal(sos, x), expected)).toBeLessThan(1e-15)
  })

  test.each([0.5, 5, 10, 15])('a lasting sine of %d Hz leaves with the gain and phase of the response', (f) => {
    const { gain, phase_rad } = response(low4, f, RATE)
    const y = filterCausal(low4, sine(4000, f))
    for (const i of [3990, 3995, 3999])
      expect(y[i]).toBeCloseTo(gain * Math.sin((2 * Math.PI * f * i) / RATE + phase_rad), 9)
  })

  test('forwards and backwards it is not shifted and the gain is squared', () => {
    const x = sine(8000, 9)
    const { gain } = response(low4, 9, RATE)
    const y = filterZeroPhase(low4, x)
    for (let i = 3000; i < 5000; i++) expect(Math.abs(y[i]! - gain * gain * x[i]!)).toBeLessThan(1e-9)
  })

  test('forwards and backwards a constant passes a low-pass whole from the first sample on, a straight line off the ends', () => {
    const constant = new Float64Array(50).fill(9.81)
    expect(largestDifference(filterZeroPhase(low4, constant), constant)).toBeLessThan(1e-12)
    const line = Float64Array.from({ length: 600 }, (_, i) => 3 + 0.5 * i)
    expect(largestDifference(filterZeroPhase(low4, line).slice(200, 400), line.slice(200, 400))).toBeLessThan(1e-9)
    expect(filterZeroPhase(high4, new Float64Array(50).fill(9.81)).every((v) => Math.abs(v) < 1e-12)).toBe(true)
  })

  test('scipy.signal.sosfiltfilt pads 3 (2 sections + 1 − first-order sections) samples: 15 of order 4, 12 of order 3', () => {
    // Reflected at both ends by hand, filtered both ways from the steady state, then cut.
    for (const [order, pad] of [
      [4, 15],
      [3, 12],
    ] as const) {
      const sos = butterworth({ kind: 'lowpass', order, corner_hz: 3, sample_rate_hz: RATE })
      const x = Array.from({ length: 40 }, (_, i) => Math.cos(i * i))
      const head = x.slice(1, pad + 1).reverse()
      const tail = x.slice(-pad - 1, -1).reverse()
      const wide = [...head.map((v) => 2 * x[0]! - v), ...x, ...tail.map((v) => 2 * x[39]! - v)]
      const once = (y: number[]) => {
        const filter = new StreamingFilter(sos)
        filter.settle(y[0]!)
        return y.map((v) => filter.push(v)).reverse()
      }
      const expected = Float64Array.from(once(once(wide)).slice(pad, pad + 40))
      expect(largestDifference(filterZeroPhase(sos, Float64Array.from(x)), expected)).toBeLessThan(1e-12)
    }
  })

  test('is linear, and a shift in time shifts the answer', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: -5, max: 5, noNaN: true }), fc.nat(20), (values, factor, shift) => {
        const x = Float64Array.from(values)
        const y = filterCausal(band3, x)
        expect(
          largestDifference(
            filterCausal(
              band3,
              x.map((v) => factor * v),
            ),
            y.map((v) => factor * v),
          ),
        ).toBeLessThan(1e-10)
        const later = filterCausal(band3, Float64Array.from([...new Array(shift).fill(0), ...values]))
        expect(largestDifference(later.subarray(shift), y)).toBe(0)
      }),
    )
  })

  test('reversed in time it gives the reversed answer forwards and backwards, inside a long record', () => {
    const x = Float64Array.from({ length: 3000 }, (_, i) => (i > 1400 && i < 1500 ? Math.sin(i * i) : 0))
    const y = filterZeroPhase(band3, x)
    const back = filterZeroPhase(band3, x.slice().reverse()).reverse()
    expect(largestDifference(y, back)).toBeLessThan(1e-10)
  })

  test('of one sample or a few is filtered too', () => {
    expect(filterCausal(low4, Float64Array.of(1))[0]).toBeCloseTo(
      low4.reduce((g, s) => g * s.b0, 1),
      15,
    )
    expect(filterZeroPhase(low4, Float64Array.of(5))[0]).toBeCloseTo(5, 12)
    expect(filterZeroPhase(low4, Float64Array.of(5, 6, 7)).length).toBe(3)
  })

  test.each([
    [new Float64Array(0), /expected at least one sample, got none/],
    [Float64Array.of(1, 2, Number.NaN), /\[2\]: expected a finite number, got NaN/],
    [Float64Array.of(Number.POSITIVE_INFINITY), /\[0\]: expected a finite number, got Infinity/],
  ])('%o is refused with its place', (x, message) => {
    expect(() => filterCausal(low4, x)).toThrow(message)
    expect(() => filterZeroPhase(low4, x)).toThrow(message)
  })

  test('the record itself is left as it was', () => {
    const x = Float64Array.of(1, 2, 3)
    filterCausal(low4, x)
    filterZeroPhase(low4, x)
    expect(Array.from(x)).toEqual([1, 2, 3])
  })
})

describe('a stream through a filter', () => {
  test('gives what the record gives, in samples, in blocks, and over a restart from saved state', () => {
    fc.assert(
      fc.property(signal, fc.nat(300), fc.constantFrom(low4, high4, band3), (values, cut, sos) => {
        const x = Float64Array.from(values)
        const expected = filterCausal(sos, x)
        const bySample = new StreamingFilter(sos)
        expect(
          largestDifference(
            x.map((v) => bySample.push(v)),
            expected,
          ),
        ).toBeLessThan(1e-12)
        const before = new StreamingFilter(sos)
        const first = before.pushBlock(x.slice(0, cut))
        const after = new StreamingFilter(sos, JSON.parse(JSON.stringify(before.state())))
        const rest = after.pushBlock(x.slice(cut))
        expect(largestDifference(Float64Array.from([...first, ...rest]), expected)).toBeLessThan(1e-12)
      }),
    )
  })

  test('a sample that is no number is answered NaN and spoils nothing after it', () => {
    const withGap = new StreamingFilter(low4)
    const without = new StreamingFilter(low4)
    const out = withGap.pushBlock(Float64Array.of(1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY, 4))
    expect([out[2], out[4]]).toEqual([Number.NaN, Number.NaN])
    expect([out[0], out[1], out[3], out[5]]).toEqual([1, 2, 3, 4].map((v) => without.push(v)))
  })

  test('settled at the sensor’s offset it has no start-up transient', () => {
    const filter = new StreamingFilter(high4)
    filter.settle(9.81)
    for (let i = 0; i < 100; i++) expect(Math.abs(filter.push(9.81))).toBeLessThan(1e-9)
    filter.reset()
    expect(filter.push(9.81)).toBeGreaterThan(9)
  })

  test('a day of silence after a shock stays at rest and never falls into subnormal numbers', () => {
    const filter = new StreamingFilter(low4)
    filter.push(30)
    const silence = new Float64Array(100_000)
    for (let k = 0; k < 87; k++) filter.pushBlock(silence)
    expect(filter.state().z.every((z) => z === 0)).toBe(true)
    filter.push(30)
    for (let i = 0; i < 20_000; i++) filter.push(0)
    expect(filter.state().z.every((z) => z === 0)).toBe(true)
  })

  test('a day of a 3 g record with an offset stays true to the response', () => {
    const filter = new StreamingFilter(low4)
    const block = Float64Array.from({ length: 86_400 }, (_, i) => 9.81 + 29.4 * Math.sin((2 * Math.PI * i) / 100))
    let last = new Float64Array()
    for (let k = 0; k < 100; k++) last = filter.pushBlock(block) as Float64Array<ArrayBuffer>
    const { gain } = response(low4, 1, RATE)
    const largest = last.reduce((m, v) => Math.max(m, v))
    expect(Math.abs(largest - 9.81 - 29.4 * gain)).toBeLessThan(0.1)
    expect(last.every(Number.isFinite)).toBe(true)
  })

  test('a state of another filter or of no numbers is refused', () => {
    expect(() => new StreamingFilter(low4, { z: [1, 2] })).toThrow('filter state: expected 4 numbers, got [1,2]')
    expect(() => new StreamingFilter(low4, { z: [1, 2, 3, Number.NaN] })).toThrow('filter state: expected 4 numbers')
    expect(() => new StreamingFilter(low4).settle(Number.NaN)).toThrow('settle: expected a finite number, got NaN')
  })
})
