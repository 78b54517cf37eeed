/**
 * Measures of a whole record's energy and length: Arias intensity, cumulative absolute velocity, significant duration.
 * All integrals are trapezoidal. The offset must be gone before (`baseline.ts`): it counts as motion here.
 */
import { G_M_S2 } from '../../domain/units.ts'
import { requireFinite, requirePositive } from '../signal/finite.ts'

/** A second counts for the standardised CAV when its peak exceeds this [g]. */
export const CAV_THRESHOLD_G = 0.025

/**
 * Arias intensity I_a = π / (2 g) ∫ a² dt [m/s]. Source: Arias (1970) [K].
 * @param a acceleration [m/s²]
 * @param g standard gravity; eqsig and others take 9.81
 */
export function ariasIntensity_m_s(a: Float64Array, dt_s: number, g = G_M_S2): number {
  requirePositive(g, 'g')
  requirePositive(dt_s, 'dt_s')
  requireFinite(a)
  let sum = 0
  for (let i = 1; i < a.length; i++) sum += a[i - 1]! * a[i - 1]! + a[i]! * a[i]!
  return ((Math.PI / (2 * g)) * sum * dt_s) / 2
}

/** Cumulative absolute velocity ∫ |a| dt [m/s]; divide by g for g s. Source: EPRI TR-100082 (1991) [K]. */
export function cav_m_s(a: Float64Array, dt_s: number): number {
  requirePositive(dt_s, 'dt_s')
  requireFinite(a)
  return absoluteIntegral(a, 0, a.length - 1, dt_s)
}

/**
 * Standardised CAV [g s]: ∫ |a| dt over those whole seconds from the record's start whose peak exceeds 0.025 g. The sample
 * on the border of two seconds belongs to both; the last, shorter second counts too.
 * Source: EPRI TR-100082 (1991), Campbell & Bozorgnia (2011); the limit of an operating basis earthquake is 0.16 g s [K].
 * @param a acceleration [m/s²]
 * @throws RangeError below 1 Hz: no second would then have two samples
 */
export function standardisedCav_g_s(a: Float64Array, sample_rate_hz: number, g = G_M_S2): number {
  requirePositive(g, 'g')
  requireFinite(a)
  if (!(sample_rate_hz >= 1 && Number.isFinite(sample_rate_hz)))
    throw new RangeError(`sample_rate_hz: expected at least 1 Hz, got ${sample_rate_hz}`)
  let sum = 0
  // Borders are rounded from the second's own number, so that a rate such as 99.9 Hz does not drift away.
  for (let second = 0, from = 0; from < a.length - 1; second++) {
    const to = Math.min(Math.round((second + 1) * sample_rate_hz), a.length - 1)
    if (exceeds(a, from, to, CAV_THRESHOLD_G * g)) sum += absoluteIntegral(a, from, to, 1 / sample_rate_hz)
    from = to
  }
  return sum / g
}

function exceeds(a: Float64Array, from: number, to: number, threshold: number): boolean {
  for (let i = from; i <= to; i++) if (Math.abs(a[i]!) > threshold) return true
  return false
}

function absoluteIntegral(a: Float64Array, from: number, to: number, dt_s: number): number {
  let sum = 0
  for (let i = from + 1; i <= to; i++) sum += Math.abs(a[i - 1]!) + Math.abs(a[i]!)
  return (sum * dt_s) / 2
}

export type Duration = {
  /** From the record's first sample [s]. */
  readonly from_s: number
  readonly to_s: number
  readonly duration_s: number
}

/**
 * Significant duration: the time between two shares of ∫ a² dt, D5-95 with 0.05 and 0.95, D5-75 with 0.05 and 0.75; the
 * crossing is interpolated between samples. A record without motion has the duration 0.
 * Source: Trifunac & Brady (1975) [K].
 */
export function significantDuration_s(
  a: Float64Array,
  dt_s: number,
  lowFraction: number,
  highFraction: number,
): Duration {
  requirePositive(dt_s, 'dt_s')
  requireFinite(a)
  if (!(lowFraction >= 0 && lowFraction < highFraction && highFraction <= 1))
    throw new RangeError(`fractions: expected 0 <= low < high <= 1, got ${lowFraction} and ${highFraction}`)
  const husid = new Float64Array(a.length)
  for (let i = 1; i < a.length; i++) husid[i] = husid[i - 1]! + a[i - 1]! * a[i - 1]! + a[i]! * a[i]!
  const total = husid[husid.length - 1]!
  if (total === 0) return { from_s: 0, to_s: 0, duration_s: 0 }
  const from_s = crossing(husid, lowFraction * total) * dt_s
  const to_s = crossing(husid, highFraction * total) * dt_s
  return { from_s, to_s, duration_s: to_s - from_s }
}

/** Where the growing sum first reaches the level, in samples. */
function crossing(husid: Float64Array, level: number): number {
  let i = 0
  while (i < husid.length - 1 && husid[i]! < level) i++
  if (i === 0) return 0
  const step = husid[i]! - husid[i - 1]!
  return step > 0 ? i - (husid[i]! - level) / step : i
}
