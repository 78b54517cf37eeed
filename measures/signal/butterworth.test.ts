import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ButterworthDesign, butterworth } from './butterworth.ts'
import { response, type Sos } from './sos.ts'

const gain = (sos: Sos, f: number, rate: number) => response(sos, f, rate).gain
const warped = (f: number, rate: number) => Math.tan((Math.PI * f) / rate)
const HALF_POWER = Math.SQRT1_2
const orders = Array.from({ length: 10 }, (_, k) => k + 1)

/** |H| of the analogue prototype at the warped frequency: what the bilinear transform must keep exactly. */
function analytic({ kind, order, corner_hz, sample_rate_hz: rate }: ButterworthDesign, f: number): number {
  const W = warped(f, rate)
  const at = (ratio: number) => 1 / Math.sqrt(1 + ratio ** (2 * order))
  if (kind === 'bandpass') {
    const [w1, w2] = (corner_hz as [number, number]).map((c) => warped(c, rate)) as [number, number]
    return at(Math.abs((W * W - w1 * w2) / (W * (w2 - w1))))
  }
  const ratio = W / warped(corner_hz as number, rate)
  return at(kind === 'lowpass' ? ratio : 1 / ratio)
}

describe('a Butterworth filter by design', () => {
  test.each(orders)('of order %i has gain 1/√2 at its corner, 1 in the pass band, 0 at the far end', (order) => {
    for (const corner_hz of [0.075, 1, 10, 49.9]) {
      const low = butterworth({ kind: 'lowpass', order, corner_hz, sample_rate_hz: 100 })
      expect(gain(low, corner_hz, 100)).toBeCloseTo(HALF_POWER, 8)
      expect(gain(low, 0, 100)).toBeCloseTo(1, 8)
      expect(gain(low, 50, 100)).toBeLessThan(1e-12)
      const high = butterworth({ kind: 'highpass', order, corner_hz, sample_rate_hz: 100 })
      expect(gain(high, corner_hz, 100)).toBeCloseTo(HALF_POWER, 8)
      expect(gain(high, 50, 100)).toBeCloseTo(1, 8)
      expect(gain(high, 0, 100)).toBe(0)
    }
    const band = butterworth({ kind: 'bandpass', order, corner_hz: [1, 20], sample_rate_hz: 100 })
    expect(gain(band, 1, 100)).toBeCloseTo(HALF_POWER, 9)
    expect(gain(band, 20, 100)).toBeCloseTo(HALF_POWER, 9)
    const centre = (Math.atan(Math.sqrt(warped(1, 100) * warped(20, 100))) * 100) / Math.PI
    expect(gain(band, centre, 100)).toBeCloseTo(1, 10)
    expect(gain(band, 0, 100)).toBe(0)
    expect(gain(band, 50, 100)).toBeLessThan(1e-12)
    expect([low(order), band.length]).toEqual([Math.ceil(order / 2), order])
  })
  const low = (order: number) => butterworth({ kind: 'lowpass', order, corner_hz: 5, sample_rate_hz: 100 }).length

  test('has the response of the analogue prototype at every frequency, order, corner and rate', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('lowpass', 'highpass', 'bandpass') as fc.Arbitrary<ButterworthDesign['kind']>,
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0.002, max: 0.497, noNaN: true }),
        fc.double({ min: 0.002, max: 0.497, noNaN: true }),
        fc.double({ min: 0.001, max: 0.499, noNaN: true }),
        fc.constantFrom(1, 20, 50, 100, 256, 1000),
        (kind, order, a, b, at, rate) => {
          fc.pre(Math.abs(a - b) > 0.002)
          const pair: [number, number] = [Math.min(a, b) * rate, Math.max(a, b) * rate]
          const corner_hz = kind === 'bandpass' ? pair : a * rate
          const design = { kind, order, corner_hz, sample_rate_hz: rate }
          expect(Math.abs(gain(butterworth(design), at * rate, rate) - analytic(design, at * rate))).toBeLessThan(1e-6)
        },
      ),
    )
  })

  test('equals scipy.signal.butter(2, 0.5) = ([0.2929, 0.5858, 0.2929], [1, 0, 0.1716]): 1/(2+√2), textbook half-band', () => {
    const [section] = butterworth({ kind: 'lowpass', order: 2, corner_hz: 25, sample_rate_hz: 100 })
    const b = 1 / (2 + Math.SQRT2)
    expect(section!.b0).toBeCloseTo(b, 15)
    expect(section!.b1).toBeCloseTo(2 * b, 15)
    expect(section!.b2).toBeCloseTo(b, 15)
    expect(section!.a1).toBeCloseTo(0, 15)
    expect(section!.a2).toBeCloseTo((2 - Math.SQRT2) / (2 + Math.SQRT2), 15)
  })

  test('is stable: every section keeps its poles inside the unit circle', () => {
    for (const order of orders)
      for (const corner_hz of [0.001, 0.075, 10, 49.99])
        for (const kind of ['lowpass', 'highpass'] as const)
          for (const { a1, a2 } of butterworth({ kind, order, corner_hz, sample_rate_hz: 100 })) {
            expect(Math.abs(a2)).toBeLessThan(1)
            expect(Math.abs(a1)).toBeLessThan(1 + a2)
          }
  })

  test.each([
    [{ order: 0 }, 'order: expected a whole number from 1 to 10, got 0'],
    [{ order: 11 }, 'order: expected a whole number from 1 to 10, got 11'],
    [{ order: 2.5 }, 'order: expected a whole number from 1 to 10, got 2.5'],
    [{ corner_hz: 0 }, 'corner_hz: expected between 0 and 50 Hz (Nyquist), got 0 Hz'],
    [{ corner_hz: 50 }, 'corner_hz: expected between 0 and 50 Hz (Nyquist), got 50 Hz'],
    [{ corner_hz: Number.NaN }, 'corner_hz: expected between 0 and 50 Hz (Nyquist), got NaN Hz'],
    [{ sample_rate_hz: 0 }, 'sample_rate_hz: expected a number above 0, got 0'],
    [{ corner_hz: [1, 2] as [number, number] }, 'corner_hz: expected one corner of a lowpass, got 1 and 2'],
    [
      { kind: 'bandpass' as const, corner_hz: [5, 5] as [number, number] },
      'corner_hz: expected the lower corner first, got 5 and 5 Hz',
    ],
    [
      { kind: 'bandpass' as const, corner_hz: [1, 60] as [number, number] },
      'corner_hz: expected between 0 and 50 Hz (Nyquist), got 60 Hz',
    ],
    [{ kind: 'bandpass' as const }, 'corner_hz: expected lower and upper corner of a band-pass, got 10'],
    [{ kind: 'notch' as never }, 'kind: expected lowpass, highpass or bandpass, got notch'],
  ])('%j is refused with the reason', (part, message) => {
    expect(() => butterworth({ kind: 'lowpass', order: 4, corner_hz: 10, sample_rate_hz: 100, ...part })).toThrow(
      new RangeError(message),
    )
  })
})
