/**
 * Follows one natural frequency from spectrum to spectrum in a band around where it was last, and says so when it is lost.
 * Picking the peak is `modal.ts`'s; what a change means is `frequency-shift.ts`'s.
 *
 * After damage a frequency may fall out of the band in one step, and a lost one must not stay lost in silence: with each
 * miss the band grows to a stated limit, and the misses are counted for the caller to raise.
 */
import { requirePositive } from '../signal/finite.ts'
import type { PowerSpectrum } from '../signal/spectrum.ts'
import { type ModalPeak, type NoPeak, pickPeak, SNR_MIN_DB } from './modal.ts'

export type FrequencyTrackerOptions = {
  /** Where to look first: a design value or a first measurement. */
  readonly start_hz: number
  /** Half of the band, of the frequency; 0.1 by default. Narrow enough to leave the next mode out. */
  readonly halfBand?: number
  /** Largest half band after misses; 0.3 by default. */
  readonly halfBandMax?: number
  readonly snrMin_db?: number
  /** Estimates that the mean and its spread are of. */
  readonly keep?: number
}

export type Tracked = {
  readonly found: ModalPeak | undefined
  readonly reason: NoPeak['reason'] | undefined
  /** Median of the kept estimates; undefined before the first. */
  readonly frequency_hz: number | undefined
  /** Standard deviation of that median: the larger of the estimates' own and what their spread shows. */
  readonly uncertainty_hz: number | undefined
  /** Misses since the last find. */
  readonly misses: number
}

export type FrequencyTrackerState = {
  readonly recent: ReadonlyArray<{ readonly frequency_hz: number; readonly uncertainty_hz: number }>
  readonly misses: number
}

const GROWTH = 1.5
/** A median of n normal values scatters as 1.2533 σ/√n (√(π/2)). */
const MEDIAN_FACTOR = Math.sqrt(Math.PI / 2)

export class FrequencyTracker {
  readonly #options: Required<FrequencyTrackerOptions>
  #recent: Array<{ frequency_hz: number; uncertainty_hz: number }> = []
  #misses = 0

  constructor(options: FrequencyTrackerOptions, state?: FrequencyTrackerState) {
    this.#options = { halfBand: 0.1, halfBandMax: 0.3, snrMin_db: SNR_MIN_DB, keep: 6, ...options }
    const { start_hz, halfBand, halfBandMax, keep } = this.#options
    requirePositive(start_hz, 'start_hz')
    if (!(halfBand > 0 && halfBand <= halfBandMax && halfBandMax < 1))
      throw new RangeError(`halfBand: expected 0 < halfBand <= halfBandMax < 1, got ${halfBand} and ${halfBandMax}`)
    if (!(Number.isInteger(keep) && keep >= 1)) throw new RangeError(`keep: expected 1 or more, got ${keep}`)
    if (state === undefined) return
    this.#recent = state.recent.slice(-keep).map((r) => ({ ...r }))
    this.#misses = state.misses
  }

  /** The band in which the next spectrum is looked at. */
  get band(): { from_hz: number; to_hz: number } {
    const { start_hz, halfBand, halfBandMax } = this.#options
    const centre_hz = this.#recent.at(-1)?.frequency_hz ?? start_hz
    const half = Math.min(halfBandMax, halfBand * GROWTH ** this.#misses)
    return { from_hz: centre_hz * (1 - half), to_hz: centre_hz * (1 + half) }
  }

  /** @throws RangeError where the band holds fewer than five bins: the segments are too short for this frequency */
  push(spectrum: PowerSpectrum): Tracked {
    const peak = pickPeak(spectrum, this.band, this.#options.snrMin_db)
    if ('reason' in peak) {
      this.#misses++
      return { ...this.#tracked(), found: undefined, reason: peak.reason }
    }
    this.#misses = 0
    this.#recent.push({ frequency_hz: peak.frequency_hz, uncertainty_hz: peak.uncertainty_hz })
    if (this.#recent.length > this.#options.keep) this.#recent.shift()
    return { ...this.#tracked(), found: peak, reason: undefined }
  }

  state(): FrequencyTrackerState {
    return { recent: this.#recent.map((r) => ({ ...r })), misses: this.#misses }
  }

  #tracked() {
    const n = this.#recent.length
    if (n === 0) return { frequency_hz: undefined, uncertainty_hz: undefined, misses: this.#misses }
    const frequency_hz = medianOf(this.#recent.map((r) => r.frequency_hz))
    const own = Math.sqrt(this.#recent.reduce((sum, r) => sum + r.uncertainty_hz ** 2, 0) / n)
    const spread =
      n < 3 ? 0 : Math.sqrt(this.#recent.reduce((sum, r) => sum + (r.frequency_hz - frequency_hz) ** 2, 0) / (n - 1))
    const factor = n < 3 ? 1 : MEDIAN_FACTOR
    return { frequency_hz, uncertainty_hz: (factor * Math.max(own, spread)) / Math.sqrt(n), misses: this.#misses }
  }
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
