/**
 * Elastic response spectra: the largest response of single-degree-of-freedom oscillators to a ground acceleration. Baseline
 * and filters of the record are left to the caller; buildings of several floors to the simulator.
 *
 *   u'' + 2ζω u' + ω² u = −a(t), at rest before the record;  SD = max|u|,  PSV = ω SD,  PSA = ω² SD
 *
 * Exact for an acceleration that runs straight from sample to sample (Nigam and Jennings 1969; Chopra, Dynamics of
 * Structures, sec. 5.2) and stable for any T and dt; PSA tends to the PGA for T far below dt. The largest is looked for at the
 * samples, as is usual, but at least 10 times per period: for T < 10 dt steps are divided, down to dt/50. A crest between
 * can be higher by 1/cos(π dt/T): 5 % at T = 10 dt, 1 % at 20 dt. Free vibration after the record's end is not looked at.
 */
import { requireFinite, requirePositive } from '../signal/finite.ts'

export type SpectralValues = {
  readonly period_s: number
  /** Relative displacement [m] */
  readonly sd_m: number
  /** Pseudo-velocity [m/s] */
  readonly psv_m_s: number
  /** Pseudo-acceleration [m/s²] */
  readonly psa_m_s2: number
  /** Largest absolute acceleration |u'' + a| [m/s²]; equals PSA where there is no damping. */
  readonly sa_m_s2: number
}

/** (u, v) after a step from (u, v) before it and the acceleration at its ends. */
type Step = {
  readonly uu: number
  readonly uv: number
  readonly vu: number
  readonly vv: number
  readonly u0: number
  readonly u1: number
  readonly v0: number
  readonly v1: number
}

const POINTS_PER_PERIOD = 10
const DIVISIONS_MAX = 50

/**
 * @param a ground acceleration [m/s²], evenly spaced, its mean removed
 * @param periods_s natural periods [s], 0 or above; 0 is the ground itself: PSA = PGA
 * @param damping fraction of critical, 0 or above (0.05 is usual); 1 and more is allowed
 * @throws RangeError naming a sample that is no number, a period or a damping below 0
 */
export function responseSpectrum(
  a: Float64Array,
  dt_s: number,
  periods_s: readonly number[],
  damping: number,
): SpectralValues[] {
  requirePositive(dt_s, 'dt_s')
  requireFinite(a, 'a')
  if (!(Number.isFinite(damping) && damping >= 0))
    throw new RangeError(`damping: expected 0 or more of critical, got ${damping}`)
  return periods_s.map((period_s, k) => {
    if (!(Number.isFinite(period_s) && period_s >= 0))
      throw new RangeError(`periods_s[${k}]: expected 0 or more seconds, got ${period_s}`)
    return period_s === 0 ? rigid(a) : oscillate(a, dt_s, period_s, damping)
  })
}

function rigid(a: Float64Array): SpectralValues {
  const pga_m_s2 = a.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return { period_s: 0, sd_m: 0, psv_m_s: 0, psa_m_s2: pga_m_s2, sa_m_s2: pga_m_s2 }
}

function oscillate(a: Float64Array, dt_s: number, period_s: number, damping: number): SpectralValues {
  const omega = (2 * Math.PI) / period_s
  // The small amount keeps T = 10 dt whole in spite of rounding.
  const wanted = Math.ceil((POINTS_PER_PERIOD * dt_s) / period_s - 1e-9)
  const divisions = Math.min(Math.max(wanted, 1), DIVISIONS_MAX)
  const { uu, uv, vu, vv, u0, u1, v0, v1 } = stepOf(omega, damping, dt_s / divisions)
  let [u, v, sd_m, sa_m_s2] = [0, 0, 0, 0]
  for (let k = 1; k < a.length; k++) {
    let before = a[k - 1]!
    const rise = (a[k]! - before) / divisions
    for (let part = 1; part <= divisions; part++) {
      const after = part === divisions ? a[k]! : a[k - 1]! + part * rise
      const next = uu * u + uv * v + u0 * before + u1 * after
      v = vu * u + vv * v + v0 * before + v1 * after
      u = next
      before = after
      sd_m = Math.max(sd_m, Math.abs(u))
      sa_m_s2 = Math.max(sa_m_s2, Math.abs(2 * damping * omega * v + omega * omega * u))
    }
  }
  return { period_s, sd_m, psv_m_s: omega * sd_m, psa_m_s2: omega * omega * sd_m, sa_m_s2 }
}

/**
 * From the impulse response h (h'' + 2ζω h' + ω² h = 0, h(0) = 0, h'(0) = 1) and its integrals as power series: no
 * differences of nearly equal numbers where ωτ is small, and no cases of damping. A long step is doubled up from a short one.
 */
function stepOf(omega: number, damping: number, tau_s: number): Step {
  const halvings = Math.max(0, Math.ceil(Math.log2(2 * omega * Math.max(1, damping) * tau_s)))
  let step = shortStep(omega, damping, tau_s / 2 ** halvings)
  for (let k = 0; k < halvings; k++) step = doubled(step)
  return step
}

function shortStep(omega: number, damping: number, tau_s: number): Step {
  // Terms g(k) τ^k / k! of h, where g(k+2) = −2ζω g(k+1) − ω² g(k).
  let [g, next, factor] = [0, 1, 1]
  let [h, slope, area, ramp, moment] = [0, 0, 0, 0, 0]
  for (let k = 0; k < 40; k++) {
    h += g * factor
    slope += next * factor
    area += (g * factor * tau_s) / (k + 1)
    moment += (g * factor * tau_s) / ((k + 1) * (k + 2))
    ramp += (next * factor * tau_s) / ((k + 1) * (k + 2))
    ;[g, next] = [next, -2 * damping * omega * next - omega * omega * g]
    factor *= tau_s / (k + 1)
  }
  // The integral of h(τ − s) is `area`, of h(τ − s) s/τ `moment`; of h' they are h and `ramp`.
  const damped = 2 * damping * omega
  return {
    uu: slope + damped * h,
    uv: h,
    vu: -omega * omega * h,
    vv: slope,
    u0: moment - area,
    u1: -moment,
    v0: ramp - h,
    v1: -ramp,
  }
}

/** Two steps in one, the acceleration running straight through both. */
function doubled({ uu, uv, vu, vv, u0, u1, v0, v1 }: Step): Step {
  // The acceleration between them is the mean of both ends: half of its part goes to each.
  const betweenU = (uu * u1 + uv * v1 + u0) / 2
  const betweenV = (vu * u1 + vv * v1 + v0) / 2
  return {
    uu: uu * uu + uv * vu,
    uv: uu * uv + uv * vv,
    vu: vu * uu + vv * vu,
    vv: vu * uv + vv * vv,
    u0: uu * u0 + uv * v0 + betweenU,
    u1: u1 + betweenU,
    v0: vu * u0 + vv * v0 + betweenV,
    v1: v1 + betweenV,
  }
}
