/**
 * Baseline of an acceleration record: which offset is taken from it before anything else is computed.
 * Integration and its filters are left to `motion.ts`.
 *
 * mean        whole-record mean, the convention of K-NET headers and of JMA
 * pre-event   mean of the quiet part before the motion (COSMOS guidelines [K]); the motion itself then cannot shift it
 * linear      least-squares straight line: offset and drift
 * high-pass   mean, then a Butterworth high-pass: what remains below the corner is gone, permanent displacement with it
 */
import { butterworth, filterCausal, filterZeroPhase } from '../signal/butterworth.ts'
import { requireFinite, requirePositive } from '../signal/finite.ts'
import { demean, detrendLinear, mean, minus } from '../signal/integrate.ts'

export type Baseline =
  | { readonly kind: 'none' }
  | { readonly kind: 'mean' }
  | { readonly kind: 'pre-event'; readonly duration_s: number }
  | { readonly kind: 'linear' }
  | {
      readonly kind: 'highpass'
      readonly corner_hz: number
      /** 4 unless told. */
      readonly order?: number
      /** True unless told: no phase shift. */
      readonly zeroPhase?: boolean
    }

/**
 * The record less its baseline; unit of the samples.
 * @throws RangeError naming a sample that is no number, for a pre-event part without a sample in it or longer than the
 *   record, or for a corner that is not below Nyquist
 */
export function correctBaseline(x: Float64Array, sample_rate_hz: number, baseline: Baseline): Float64Array {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireFinite(x)
  switch (baseline.kind) {
    case 'none':
      return x.slice()
    case 'mean':
      return demean(x)
    case 'pre-event':
      return minus(x, preEventMean(x, sample_rate_hz, baseline.duration_s))
    case 'linear':
      return detrendLinear(x)
    case 'highpass': {
      const { corner_hz, order = 4, zeroPhase = true } = baseline
      const sos = butterworth({ kind: 'highpass', order, corner_hz, sample_rate_hz })
      return (zeroPhase ? filterZeroPhase : filterCausal)(sos, demean(x))
    }
  }
}

/** Mean of the samples in [0, duration_s). */
export function preEventMean(x: Float64Array, sample_rate_hz: number, duration_s: number): number {
  const n = Math.round(duration_s * sample_rate_hz)
  if (!(n >= 1 && n <= x.length))
    throw new RangeError(
      `duration_s: expected a pre-event part of 1 to ${x.length} samples, got ${duration_s} s (${n} samples)`,
    )
  return mean(x, 0, n)
}
