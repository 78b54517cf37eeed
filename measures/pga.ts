/**
 * Peak ground acceleration: the vector magnitude of each sample less the running mean, and its largest in every whole UTC
 * second. Reading the samples, their instants and the limits on them are left to the edge.
 *
 * a(k) = scale · sqrt( Σ_axis ( raw_axis(k) − mean_axis )² )   [m/s²]
 * mean_axis = mean of raw_axis over the 10 s of samples before k (at least 1 s, else no value), held while `hold` is true.
 *
 * Valid for acceleration with content above about 0.1 Hz (JMA and COSMOS quote PGA of records with the pre-event mean
 * removed; a 10 s mean does so continuously). While held, a lasting offset (a tilted sensor) stays in the value.
 */
import { type SampleArray, sampleArray } from '../domain/reading.ts'
import { type SecondPeak, SecondPeaks } from './second-peaks.ts'

/** Samples before the mean counts, and samples of a full mean, in seconds of data. */
export const MEAN_LEAST_S = 1
export const MEAN_S = 10

/** Largest magnitude of a second. */
export type PgaSecond = Omit<SecondPeak, 'peak'> & { readonly pga_m_s2: number }

export class Pga {
  readonly #axes: number
  readonly #scale: number
  readonly #window: number
  readonly #least: number
  readonly #ring: SampleArray
  /** Sums of integers stay exact: nothing drifts however long it runs. */
  readonly #sums: Float64Array
  readonly #means: Float64Array
  #count = 0
  #at = 0
  #haveMeans = false
  readonly #seconds = new SecondPeaks()

  /** @param scale m/s² per step @param sample_rate_hz samples per second of the device @param wide samples of 32 bits */
  constructor(axes: number, scale: number, sample_rate_hz: number, wide = false) {
    this.#axes = axes
    this.#scale = scale
    this.#window = Math.max(1, Math.round(MEAN_S * sample_rate_hz))
    this.#least = Math.max(1, Math.round(MEAN_LEAST_S * sample_rate_hz))
    this.#ring = sampleArray(wide, this.#window * axes)
    this.#sums = new Float64Array(axes)
    this.#means = new Float64Array(axes)
  }

  /**
   * Takes the next sample: `axes` values of the interleaved `data` from index `at`.
   * @param second whole UTC second in which it lies
   * @param hold keep the mean as it was before the sample that raised a limit
   * @returns magnitude [m/s²], or undefined before there is a second of data
   */
  push(data: SampleArray, at: number, second: number, hold: boolean): number | undefined {
    const value = this.#magnitude(data, at, hold)
    this.#remember(data, at)
    this.#seconds.push(second, value)
    return value
  }

  /** A sample of this second is not to count: time goes on without it. */
  skip(second: number): void {
    this.#seconds.push(second, undefined)
    this.gap()
  }

  /** Samples are missing here; the mean goes on with those before, for the sensor's offset did not change. */
  gap(): void {
    this.#seconds.gap()
  }

  /** The device started anew: its offset may be another one. */
  reset(): void {
    this.gap()
    this.#count = 0
    this.#at = 0
    this.#sums.fill(0)
    this.#haveMeans = false
  }

  /** Seconds completed since the last call: a second is complete when a later sample has come. */
  take(): PgaSecond[] {
    return this.#seconds.take().map(({ peak, ...second }) => ({ ...second, pga_m_s2: peak }))
  }

  /** Mean in steps per axis, to be restored after a restart in the middle of a shaking. */
  get means(): number[] | undefined {
    return this.#haveMeans ? Array.from(this.#means) : undefined
  }
  set means(means: readonly number[] | undefined) {
    if (means?.length !== this.#axes) return
    this.#means.set(means)
    this.#haveMeans = true
  }

  #magnitude(data: SampleArray, at: number, hold: boolean): number | undefined {
    if (!(hold && this.#haveMeans)) {
      if (this.#count < this.#least) return undefined
      for (let a = 0; a < this.#axes; a++) this.#means[a] = this.#sums[a]! / this.#count
      this.#haveMeans = true
    }
    let squares = 0
    for (let a = 0; a < this.#axes; a++) squares += (data[at + a]! - this.#means[a]!) ** 2
    return this.#scale * Math.sqrt(squares)
  }

  #remember(data: SampleArray, at: number): void {
    const slot = this.#at * this.#axes
    const full = this.#count === this.#window
    for (let a = 0; a < this.#axes; a++) {
      if (full) this.#sums[a]! -= this.#ring[slot + a]!
      this.#sums[a]! += data[at + a]!
      this.#ring[slot + a] = data[at + a]!
    }
    if (!full) this.#count++
    this.#at = (this.#at + 1) % this.#window
  }
}
