/**
 * Butterworth filters by design: analogue prototype, bilinear transform with prewarped corners, second-order sections.
 * Running samples through them is `sos-filter.ts` (records) and `streaming-filter.ts` (streams), given out again from here.
 *
 *   prototype |H(jΩ)|² = 1 / (1 + Ω^{2n}), poles exp(jπ(2k + n + 1)/(2n));  Ω = tan(π f / f_s)
 *   low-pass Ω/Ω_c, high-pass Ω_c/Ω, band-pass (Ω² − Ω1 Ω2) / (Ω (Ω2 − Ω1))
 *
 * The gain at each corner is 1/√2 exactly; 1 at zero (low-pass), at Nyquist (high-pass), at the band's warped centre
 * (band-pass). As everywhere in the field a band-pass of order n has 2n poles.
 * Source: Oppenheim & Schafer, Discrete-Time Signal Processing, ch. 7 [K].
 */
import { requirePositive } from './finite.ts'
import type { Section, Sos } from './sos.ts'

export type { Section, Sos } from './sos.ts'
export { filterCausal, filterZeroPhase } from './sos-filter.ts'
export { type FilterState, StreamingFilter } from './streaming-filter.ts'

export const ORDER_MAX = 10

export type ButterworthDesign = {
  readonly kind: 'lowpass' | 'highpass' | 'bandpass'
  /** 1 to 10 */
  readonly order: number
  /** One corner, or lower and upper of a band [Hz]; between 0 and half the sampling rate. */
  readonly corner_hz: number | readonly [number, number]
  readonly sample_rate_hz: number
}

/**
 * Sections of the filter, first-order ones (b2 = a2 = 0) last, in order of growing resonance before that.
 * @throws RangeError for an order outside 1 to 10, or a corner that is not between 0 and Nyquist
 */
export function butterworth({ kind, order, corner_hz, sample_rate_hz }: ButterworthDesign): Sos {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  if (!(Number.isInteger(order) && order >= 1 && order <= ORDER_MAX))
    throw new RangeError(`order: expected a whole number from 1 to ${ORDER_MAX}, got ${order}`)
  const warped = (f: number) => Math.tan((Math.PI * corner(f, sample_rate_hz)) / sample_rate_hz)
  if (kind === 'bandpass') {
    if (typeof corner_hz === 'number')
      throw new RangeError(`corner_hz: expected lower and upper corner of a band-pass, got ${corner_hz}`)
    const [low, high] = corner_hz
    if (!(low < high)) throw new RangeError(`corner_hz: expected the lower corner first, got ${low} and ${high} Hz`)
    return bandPass(order, warped(low), warped(high))
  }
  if (kind !== 'lowpass' && kind !== 'highpass')
    throw new RangeError(`kind: expected lowpass, highpass or bandpass, got ${kind as string}`)
  if (typeof corner_hz !== 'number')
    throw new RangeError(`corner_hz: expected one corner of a ${kind}, got ${corner_hz.join(' and ')}`)
  return oneSided(kind, order, warped(corner_hz))
}

function corner(f: number, sample_rate_hz: number): number {
  if (!(f > 0 && f < sample_rate_hz / 2))
    throw new RangeError(`corner_hz: expected between 0 and ${sample_rate_hz / 2} Hz (Nyquist), got ${f} Hz`)
  return f
}

/** Damping terms 2 sin θ of the prototype's pole pairs p = −sin θ ± j cos θ, least resonant first. */
const pairAngles = (order: number): number[] =>
  Array.from(
    { length: Math.floor(order / 2) },
    (_, k) => (Math.PI * (2 * (Math.floor(order / 2) - 1 - k) + 1)) / (2 * order),
  )

function oneSided(kind: 'lowpass' | 'highpass', order: number, K: number): Sos {
  const low = kind === 'lowpass'
  const sections = pairAngles(order).map((theta): Section => {
    const c1 = 2 * Math.sin(theta) * K
    const D = 1 + c1 + K * K
    const b0 = (low ? K * K : 1) / D
    return { b0, b1: low ? 2 * b0 : -2 * b0, b2: b0, a1: (2 * (K * K - 1)) / D, a2: (1 - c1 + K * K) / D }
  })
  if (order % 2 === 1) {
    const b0 = (low ? K : 1) / (1 + K)
    sections.push({ b0, b1: low ? b0 : -b0, b2: 0, a1: (K - 1) / (1 + K), a2: 0 })
  }
  return sections
}

/** Each prototype pole p becomes the two roots of s² − p B s + Ω0² = 0, B = Ω2 − Ω1, Ω0² = Ω1 Ω2. */
function bandPass(order: number, W1: number, W2: number): Sos {
  const [B, W0sq] = [W2 - W1, W1 * W2]
  const W0 = Math.sqrt(W0sq)
  // Analogue section g s / (s² + c1 s + c0), g such that its gain at Ω0 is 1.
  const section = (c1: number, c0: number): Section => {
    const D = 1 + c1 + c0
    const b0 = Math.hypot(c0 - W0sq, c1 * W0) / W0 / D
    return { b0, b1: 0, b2: -b0, a1: (2 * (c0 - 1)) / D, a2: (1 - c1 + c0) / D }
  }
  const sections = pairAngles(order).flatMap((theta) => {
    const [pr, pi] = [(-Math.sin(theta) * B) / 2, (Math.cos(theta) * B) / 2]
    const [rr, ri] = complexRoot(pr * pr - pi * pi - W0sq, 2 * pr * pi)
    return [1, -1].map((sign) => {
      const [sr, si] = [pr + sign * rr, pi + sign * ri]
      return section(-2 * sr, sr * sr + si * si)
    })
  })
  if (order % 2 === 1) sections.push(section(B, W0sq))
  return sections
}

/** Principal square root of re + j im. */
function complexRoot(re: number, im: number): [number, number] {
  const r = Math.hypot(re, im)
  // The larger part first, the other by division: no cancellation when im is small.
  const big = Math.sqrt((r + Math.abs(re)) / 2)
  if (big === 0) return [0, 0]
  const small = Math.abs(im) / (2 * big)
  const [a, b] = re >= 0 ? [big, small] : [small, big]
  return [a, im < 0 ? -b : b]
}
