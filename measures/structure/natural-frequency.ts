/**
 * The natural frequency of a structure from the stream of one of its accelerometers, a value for every ten minutes of ambient
 * vibration. Following it is `frequency-tracker.ts`'s, what a change means `frequency-shift.ts`'s.
 *
 * Horizontal axes -> low-pass and decimation to 25-50 Hz -> segments of 82 s or more, Hann, half overlapping -> those that are ambient
 * (no sample beyond 10 gal of their mean: shaking lowers a frequency for as long as it lasts) -> mean of 13 densities, summed over the axes
 * -> peak.
 * The sum over two horizontal axes is the same however the sensor is turned. The first peak is the largest between 0.3 Hz and a third
 * of the decimated rate and counts once the next window finds it again; from then on it is followed in a band around it. A value is
 * told only where its standard deviation is 1.5 % or less: a broad peak, of the ground or of the sea, is none of a building's.
 *
 * Not to be told from one sensor: which mode it is. Where the second mode is the larger one at that floor, or a machine's tone stands out,
 * that is what is followed.
 */
import type { SampleArray } from '../../domain/reading.ts'
import { Decimator } from '../signal/decimator.ts'
import { type PowerSpectrum, welch } from '../signal/spectrum.ts'
import { FrequencyTracker, type FrequencyTrackerState } from './frequency-tracker.ts'
import { pickPeak } from './modal.ts'

export const AMBIENT_MAX_M_S2 = 0.1
export const UNCERTAINTY_MAX = 0.015
/** Lowest frequency that is looked for, and the highest as a part of the decimated rate: above it lie the skirts of the filter. */
export const LOWEST_HZ = 0.3
const HIGHEST = 0.3
/** Rate that is at least kept, and the least duration of a segment. */
const RATE_MIN_HZ = 25
const SEGMENT_MIN_S = 80
/** Half overlapping: ten minutes of segments of 82 s. */
export const SEGMENTS = 13
/** Quiet that comes in pieces is put together for so long: a structure may change meanwhile. */
const WINDOW_MAX_S = 3600
/** Half of the band around what is followed; of a low frequency so many bins that noise is seen on both sides of the peak. */
const HALF_BAND = 0.1
const HALF_BAND_MAX = 0.3
const BAND_BINS = 8
/** Windows without a find after which it is searched anew: a day. */
const LOST_WINDOWS = 144

export type NaturalFrequency = {
  readonly second: number
  readonly frequency_hz: number
  readonly uncertainty_hz: number
}

/** Plain JSON. The window that is open is not kept: after a restart it begins anew. */
export type NaturalFrequencyState = {
  readonly candidate_hz: number | null
  readonly start_hz: number | null
  readonly tracker: FrequencyTrackerState | null
}

export class NaturalFrequencyWatch {
  readonly #scale: number
  readonly #axes: readonly number[]
  readonly #rate_hz: number
  readonly #decimator: Decimator
  /** Segment under way, axis by axis, in steps; 24 bits are more than a sensor has. */
  readonly #segment: readonly Float32Array[]
  #length = 0
  #psd: Float64Array | undefined
  #segments = 0
  #opened_s = 0
  #candidate_hz: number | undefined
  #start_hz: number | undefined
  #tracker: FrequencyTracker | undefined
  #told: NaturalFrequency[] = []
  /** Windows that were judged, whatever they gave. */
  windows = 0

  /**
   * @param axes places of the horizontal axes in a sample @param scale m/s² per step
   * @throws RangeError for a rate below 2 Hz
   */
  constructor(axes: readonly number[], scale: number, sample_rate_hz: number, state?: NaturalFrequencyState) {
    if (!(sample_rate_hz >= 2)) throw new RangeError(`sample_rate_hz: expected 2 or more, got ${sample_rate_hz}`)
    const step = Math.max(1, Math.floor(sample_rate_hz / RATE_MIN_HZ))
    this.#scale = scale
    this.#axes = axes
    this.#rate_hz = sample_rate_hz / step
    this.#decimator = new Decimator(axes.length, step)
    const length = 2 ** Math.ceil(Math.log2(SEGMENT_MIN_S * this.#rate_hz))
    this.#segment = axes.map(() => new Float32Array(length))
    if (state === undefined) return
    this.#candidate_hz = state.candidate_hz ?? undefined
    if (state.start_hz !== null && state.tracker !== null) this.#follow(state.start_hz, state.tracker)
  }

  /** One sample, its axes in `data` from `at` on. @param second whole UTC second in which it lies */
  push(data: SampleArray, at: number, second: number): void {
    const out = this.#decimator.push(data, at, this.#axes)
    if (out === undefined) return
    for (let a = 0; a < out.length; a++) this.#segment[a]![this.#length] = out[a]!
    if (++this.#length < this.#segment[0]!.length) return
    this.#take(second)
    for (const axis of this.#segment) axis.copyWithin(0, axis.length / 2)
    this.#length /= 2
  }

  /** Samples are missing here, or one is not to count. */
  gap(): void {
    this.#decimator.gap()
    this.#length = 0
  }

  /** Values determined since the last call. */
  take(): NaturalFrequency[] {
    return this.#told.splice(0)
  }

  state(): NaturalFrequencyState {
    return {
      candidate_hz: this.#candidate_hz ?? null,
      start_hz: this.#start_hz ?? null,
      tracker: this.#tracker?.state() ?? null,
    }
  }

  #halfBand(f_hz: number): number {
    const df_hz = this.#rate_hz / this.#segment[0]!.length
    return Math.min(HALF_BAND_MAX, Math.max(HALF_BAND, (BAND_BINS * df_hz) / f_hz))
  }

  #follow(start_hz: number, state?: FrequencyTrackerState): void {
    this.#start_hz = start_hz
    const halfBand = this.#halfBand(start_hz)
    this.#tracker = new FrequencyTracker({ start_hz, halfBand, halfBandMax: HALF_BAND_MAX }, state)
  }

  /** A segment is full. */
  #take(second: number): void {
    const limit = AMBIENT_MAX_M_S2 / this.#scale
    if (this.#segment.some((axis) => beyond(axis, limit))) return
    if (this.#psd === undefined || second - this.#opened_s > WINDOW_MAX_S) {
      this.#psd = undefined
      this.#segments = 0
      this.#opened_s = second
    }
    for (const axis of this.#segment) {
      const { psd } = welch(Float64Array.from(axis), this.#rate_hz, { nperseg: axis.length })
      if (this.#psd === undefined) this.#psd = psd
      else for (let k = 0; k < psd.length; k++) this.#psd[k]! += psd[k]!
    }
    if (++this.#segments < SEGMENTS) return
    const df_hz = this.#rate_hz / this.#segment[0]!.length
    // Picking compares densities with one another: the sum serves as well as the mean.
    const frequency_hz = Float64Array.from(this.#psd!, (_, k) => k * df_hz)
    this.#judge({ psd: this.#psd!, df_hz, frequency_hz, segments: SEGMENTS }, second)
    this.#psd = undefined
    this.#segments = 0
  }

  #judge(spectrum: PowerSpectrum, second: number): void {
    this.windows++
    if (this.#tracker === undefined) {
      this.#search(spectrum)
      if (this.#tracker === undefined) return
    }
    const { found, misses } = this.#tracker.push(spectrum)
    if (found !== undefined && found.uncertainty_hz <= UNCERTAINTY_MAX * found.frequency_hz)
      this.#told.push({ second, frequency_hz: found.frequency_hz, uncertainty_hz: found.uncertainty_hz })
    if (misses < LOST_WINDOWS) return
    this.#tracker = undefined
    this.#start_hz = undefined
    this.#candidate_hz = undefined
  }

  /** The largest peak of all, if it is one for itself: other modes beside it would only make it look broad. */
  #sure(spectrum: PowerSpectrum): number | undefined {
    const top = pickPeak(spectrum, { from_hz: LOWEST_HZ, to_hz: HIGHEST * this.#rate_hz })
    if ('reason' in top) return undefined
    const half = this.#halfBand(top.frequency_hz)
    const peak = pickPeak(spectrum, { from_hz: top.frequency_hz * (1 - half), to_hz: top.frequency_hz * (1 + half) })
    const sure = !('reason' in peak) && peak.uncertainty_hz <= UNCERTAINTY_MAX * peak.frequency_hz
    return sure ? peak.frequency_hz : undefined
  }

  /** The largest peak of all, found by two windows one after the other. */
  #search(spectrum: PowerSpectrum): void {
    const f_hz = this.#sure(spectrum)
    const before_hz = this.#candidate_hz
    this.#candidate_hz = f_hz
    if (f_hz !== undefined && before_hz !== undefined && Math.abs(f_hz / before_hz - 1) <= 3 * UNCERTAINTY_MAX)
      this.#follow(f_hz)
  }
}

function beyond(axis: Float32Array, limit: number): boolean {
  let sum = 0
  for (let k = 0; k < axis.length; k++) sum += axis[k]!
  const mean = sum / axis.length
  for (let k = 0; k < axis.length; k++) if (Math.abs(axis[k]! - mean) > limit) return true
  return false
}
