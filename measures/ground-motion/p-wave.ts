/**
 * What the first seconds of a P wave say about the shaking to come: its peak displacement Pd and its period τc. Picking the
 * P onset is left to STA/LTA, filtering and integrating to displacement (0.075 Hz causal high-pass) to `motion.ts`.
 *
 *   Pd = max |u|,  τc = 2π √(∫u² dt / ∫u'² dt) over 3 s from the P onset, vertical component
 *
 * Sources: Kanamori (2005), Wu and Kanamori (2005) [K]; thresholds from the P-Alert manual v1.03. Valid for a clear P onset
 * and displacement above the noise of the integrated record; a τc of noise means nothing, so read it only with Pd.
 */
import { requireAxes, requirePositive } from '../signal/finite.ts'

export const P_WINDOW_S = 3
/** Pd above which PGV will probably exceed 0.2 m/s: damaging. */
export const PD_DAMAGING_M = 0.005
/** τc above which the earthquake is probably large (magnitude above 6 [K]). */
export const TAU_C_LARGE_S = 1

export type PWaveMeasures = {
  readonly pd_m: number
  /** Undefined where nothing moved. */
  readonly tauC_s: number | undefined
  /** False while less than the window has come: Pd is then a lower bound. */
  readonly whole: boolean
}

/** Takes displacement and velocity sample by sample from the P onset on; of what comes after the window nothing counts. */
export class PWave {
  readonly #samples: number
  #count = 0
  #pd_m = 0
  #u2 = 0
  #v2 = 0

  constructor(sample_rate_hz: number, window_s = P_WINDOW_S) {
    requirePositive(sample_rate_hz, 'sample_rate_hz')
    requirePositive(window_s, 'window_s')
    this.#samples = Math.max(1, Math.round(window_s * sample_rate_hz))
  }

  /**
   * @param u_m high-passed displacement [m] @param v_m_s its velocity [m/s]
   * @throws RangeError for a value that is no number; the measures stay as they were
   */
  push(u_m: number, v_m_s: number): void {
    if (!(Number.isFinite(u_m) && Number.isFinite(v_m_s)))
      throw new RangeError(`u_m, v_m_s: expected finite numbers, got ${u_m} and ${v_m_s}`)
    if (this.#count === this.#samples) return
    this.#count++
    this.#pd_m = Math.max(this.#pd_m, Math.abs(u_m))
    this.#u2 += u_m * u_m
    this.#v2 += v_m_s * v_m_s
  }

  get measures(): PWaveMeasures {
    const tauC_s = this.#v2 > 0 ? 2 * Math.PI * Math.sqrt(this.#u2 / this.#v2) : undefined
    return { pd_m: this.#pd_m, tauC_s, whole: this.#count === this.#samples }
  }
}

/**
 * Both measures of a record.
 * @param u_m, v_m_s displacement [m] and velocity [m/s] of the vertical component, from the same filter
 * @param onset index of the P onset
 */
export function pWave(
  u_m: Float64Array,
  v_m_s: Float64Array,
  sample_rate_hz: number,
  onset: number,
  window_s = P_WINDOW_S,
): PWaveMeasures {
  requireAxes([u_m, v_m_s], 2)
  if (!(Number.isInteger(onset) && onset >= 0 && onset < u_m.length))
    throw new RangeError(`onset: expected an index of 0 to ${u_m.length - 1}, got ${onset}`)
  const machine = new PWave(sample_rate_hz, window_s)
  const end = Math.min(u_m.length, onset + Math.round(window_s * sample_rate_hz))
  for (let k = onset; k < end; k++) machine.push(u_m[k]!, v_m_s[k]!)
  return machine.measures
}

/** Pd [m]: largest |displacement| in the window from the P onset. */
export const pd_m = (u_m: Float64Array, sample_rate_hz: number, onset: number, window_s = P_WINDOW_S): number =>
  pWave(u_m, new Float64Array(u_m.length), sample_rate_hz, onset, window_s).pd_m

/** τc [s], undefined where nothing moved. */
export const tauC_s = (
  u_m: Float64Array,
  v_m_s: Float64Array,
  sample_rate_hz: number,
  onset: number,
  window_s = P_WINDOW_S,
): number | undefined => pWave(u_m, v_m_s, sample_rate_hz, onset, window_s).tauC_s
