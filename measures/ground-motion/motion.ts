/**
 * Velocity and displacement from acceleration. The peaks of them are left to `peaks.ts`.
 *
 *   a less its baseline -> high-pass -> trapezoid = v;  v -> high-pass -> trapezoid = d
 *
 * Every integration turns what is left below the corner into drift, hence a high-pass before each. Permanent displacement
 * cannot be recovered this way; PGD depends on the corner and is only comparable at the same one. Valid where the motion of
 * interest lies well above the corner. Source: the conventions of strong-motion processing (COSMOS, CSMIP volume 2) [K].
 */
import { butterworth, filterCausal, filterZeroPhase } from '../signal/butterworth.ts'
import { cumulativeTrapezoid } from '../signal/integrate.ts'
import { type Baseline, correctBaseline } from './baseline.ts'

export type MotionOptions = {
  /** High-pass corner [Hz], 0.1 unless told; 0 integrates without any filter. */
  readonly highpass_hz?: number
  /** Order of the Butterworth high-pass, 4 unless told. */
  readonly order?: number
  /** Forwards and backwards (true, the default, for records) or causal as on a stream. */
  readonly zeroPhase?: boolean
  /** Whole-record mean unless told. */
  readonly baseline?: Baseline
}

export type Motion = {
  /** After baseline and high-pass. */
  readonly acceleration_m_s2: Float64Array
  /** Integral of the acceleration, beginning at 0. */
  readonly velocity_m_s: Float64Array
  /** Integral of the velocity high-passed once more, beginning at 0. */
  readonly displacement_m: Float64Array
}

/**
 * @param a_m_s2 acceleration of one component
 * @throws RangeError naming a sample that is no number, or for a corner that is not below Nyquist
 */
export function toVelocityDisplacement(
  a_m_s2: Float64Array,
  sample_rate_hz: number,
  options: MotionOptions = {},
): Motion {
  const { highpass_hz = 0.1, order = 4, zeroPhase = true, baseline = { kind: 'mean' } } = options
  const corrected = correctBaseline(a_m_s2, sample_rate_hz, baseline)
  const highPass = (x: Float64Array) => {
    if (highpass_hz === 0) return x
    const sos = butterworth({ kind: 'highpass', order, corner_hz: highpass_hz, sample_rate_hz })
    return zeroPhase ? filterZeroPhase(sos, x) : filterCausal(sos, x)
  }
  const acceleration_m_s2 = highPass(corrected)
  const velocity_m_s = cumulativeTrapezoid(acceleration_m_s2, 1 / sample_rate_hz)
  const displacement_m = cumulativeTrapezoid(highPass(velocity_m_s), 1 / sample_rate_hz)
  return { acceleration_m_s2, velocity_m_s, displacement_m }
}
