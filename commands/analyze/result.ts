/**
 * What `analyze` finds, in the shape of its JSON: numbers in the units that their keys name, null where there is none, then
 * `reasons` says why under the same key. Computing them is left to `ground-motion.ts` and `water.ts`.
 */
import type { Flag } from '../../domain/reading.ts'

/** ISO 8601; seconds of the file's own time where the file states no date. */
export type Moment = string | number
export type ReasonByKey = Readonly<Record<string, string>>

export type About = {
  readonly files: readonly string[]
  readonly name: string
  readonly format: string
  readonly source: string
  readonly station: string | null
  /** First sample; null where the file states no date. */
  readonly start: string | null
  readonly sample_rate_hz: number | null
  /** Per component. */
  readonly samples: number
  readonly duration_s: number
}

export type ComponentResult = {
  readonly axis: string
  readonly label: string
  readonly vertical: boolean
  readonly missing: number
  readonly pga_gal: number | null
  readonly pga_time_s: number | null
  /** What the header of the file says, where it says so: not compared, not corrected. */
  readonly published_pga_gal?: number
  readonly pgv_cm_s: number | null
  readonly pgd_cm: number | null
  readonly rms_gal: number | null
  readonly arias_m_s: number | null
  readonly cav_g_s: number | null
  readonly d5_95_s: number | null
  readonly dominant_frequency_hz: number | null
  /** By period [s]. */
  readonly sa_5pct_gal: Readonly<Record<string, number>> | null
  readonly reasons?: ReasonByKey
}

export type Trigger = { readonly on_s: number; readonly off_s: number }

export type CombinedResult = {
  readonly pga_vector_gal: number | null
  readonly pga_vector_time_s: number | null
  readonly jma_a_gal: number | null
  readonly jma_intensity: number | null
  readonly jma_class: string | null
  readonly cwa_class: string | null
  readonly cwa_pga_gal: number | null
  readonly cwa_pgv_cm_s: number | null
  readonly triggers: readonly Trigger[] | null
  readonly reasons?: ReasonByKey
}

export type GroundMotionResult = About & {
  readonly kind: 'ground-motion'
  readonly components: readonly ComponentResult[]
  readonly combined: CombinedResult
  readonly conventions: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

export type EpisodeResult = {
  readonly level: string
  readonly raised: Moment
  /** Null while the record ends above. */
  readonly cleared: Moment | null
  readonly peak_m: number
  readonly peak_time: Moment
}

export type WaterMeasures = {
  readonly peak_m: number | null
  readonly peak_time: Moment | null
  /** Quality flag of the peak's own value. */
  readonly peak_flag: Flag | null
  readonly min_m: number | null
  readonly max_rise_m_per_15min: number | null
  /** End of that window. */
  readonly max_rise_15min_time: Moment | null
  readonly max_rise_m_per_60min: number | null
  readonly max_rise_60min_time: Moment | null
  /** Rows that hold no value. */
  readonly missing: number
  /** Rows that are not there: steps longer than the usual one, and how many values they lack. */
  readonly time_gaps: { readonly count: number; readonly values: number; readonly longest_s: number }
  readonly flags: Readonly<Record<string, number>>
  readonly levels: ReadonlyArray<{ readonly level: string; readonly stage_m: number; readonly given: string }>
  readonly episodes: readonly EpisodeResult[]
  readonly reasons?: ReasonByKey
}

export type WaterResult = About & {
  readonly kind: 'water'
  readonly end: Moment
  /** Median step between rows. */
  readonly sample_interval_s: number | null
  readonly water: WaterMeasures
  readonly conventions: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

export type AnalyzeResult = GroundMotionResult | WaterResult

/** Eight significant digits: more than any recorder gives, and free of the last bits' noise. */
export const rounded = (value: number): number => Number(value.toPrecision(8))

/** Collects, key by key, why a value is null. */
export class Reasons {
  readonly #byKey: Record<string, string> = {}

  /** The value, or null where the measure refuses its input (RangeError): its message becomes the reason of every key. */
  attempt<T>(keys: readonly string[], compute: () => T): T | null {
    try {
      return compute()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.refuse(keys, error.message)
    }
  }

  refuse(keys: readonly string[], reason: string): null {
    for (const key of keys) this.#byKey[key] = reason
    return null
  }

  /** To spread into a result: nothing where nothing is null. */
  get found(): { reasons?: ReasonByKey } {
    return Object.keys(this.#byKey).length === 0 ? {} : { reasons: { ...this.#byKey } }
  }
}
