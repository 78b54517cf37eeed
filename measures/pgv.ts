/**
 * Peak ground velocity: the vector magnitude of the velocity of each sample, and its largest in every whole UTC second.
 * Reading the samples, their instants and the limits on them are left to the edge.
 *
 * v_axis(k) = causal Butterworth high-pass of order 4 at 0.075 Hz and trapezoid of a_axis, run without end
 * v(k) = sqrt( Σ_axis v_axis(k)² )   [m/s]
 *
 * The filter of Taiwan's PGV (CWA 2020), so a value here is that of an event report, met settled. Valid for motion well above
 * 0.075 Hz. A start in the middle of a motion gives too large a velocity (23.8 for 15.9 cm/s) until the filter has settled:
 * there is no value before 30 s of samples; after a gap, across which the filter keeps its memory, values are marked for as long.
 */
import type { SampleArray } from '../domain/reading.ts'
import { SETTLING_S, velocityFilter } from './ground-motion/velocity-filter.ts'
import { type SecondPeak, SecondPeaks, type SecondPeaksState } from './second-peaks.ts'
import { type FilterState, StreamingFilter } from './signal/butterworth.ts'

export { SETTLING_S } from './ground-motion/velocity-filter.ts'

/** The filters begin as if the mean of this first part had stood for ever. */
const OFFSET_S = 1

/** `settled` false: samples are missing within the last 30 s, the peak may be too large or too small. */
export type PgvSecond = SecondPeak & { readonly settled: boolean }

/** Plain JSON, as of one sample: a restart that reads on from there goes on as if there had been none. */
export type PgvState = {
  readonly filters: readonly FilterState[]
  readonly running: number
  readonly seconds: SecondPeaksState
  readonly doubtful: readonly number[]
}

export class Pgv {
  readonly #axes: number
  readonly #scale: number
  readonly #offset_samples: number
  readonly #settling: number
  readonly #filters: readonly StreamingFilter[]
  readonly #sums: Float64Array
  readonly #seconds = new SecondPeaks()
  /** Samples since the last start or gap, up to `#settling`. */
  #running = 0
  /** There was a value since the last start, so what follows is told, if in doubt. */
  #started = false
  /** Seconds with samples from before the start. */
  readonly #untold = new Set<number>()
  /** Seconds with samples that were not settled. */
  #doubtful = new Set<number>()

  /** @param scale m/s² per step @throws RangeError for a rate at which 0.075 Hz does not lie below Nyquist */
  constructor(axes: number, scale: number, sample_rate_hz: number) {
    this.#axes = axes
    this.#scale = scale
    this.#offset_samples = Math.max(1, Math.round(OFFSET_S * sample_rate_hz))
    this.#settling = Math.round(SETTLING_S * sample_rate_hz)
    const sos = velocityFilter(sample_rate_hz)
    this.#filters = Array.from({ length: axes }, () => new StreamingFilter(sos))
    this.#sums = new Float64Array(axes)
  }

  /**
   * Takes the next sample: `axes` values of the interleaved `data` from index `at`.
   * @param second whole UTC second in which it lies
   * @returns magnitude [m/s]; undefined in the first 30 s
   */
  push(data: SampleArray, at: number, second: number): number | undefined {
    if (!this.#started) {
      // It begins with a whole second, which can be told as one.
      if (this.settled && !this.#untold.has(second)) this.#started = true
      else this.#untold.add(second)
      if (this.#running < this.#offset_samples) {
        this.#begin(data, at)
        this.#seconds.push(second, undefined)
        return undefined
      }
    }
    let squares = 0
    for (let a = 0; a < this.#axes; a++) {
      const v = this.#filters[a]!.push(data[at + a]!)
      squares += v * v
    }
    if (!this.settled) {
      this.#running++
      if (this.#started) this.#doubtful.add(second)
    }
    const value = this.#scale * Math.sqrt(squares)
    this.#seconds.push(second, value)
    return this.#started ? value : undefined
  }

  /** Whether the value of the newest sample is free of the transient. */
  get settled(): boolean {
    return this.#running >= this.#settling
  }

  /** A sample of this second is not to count: the filter stands still, as over a gap. */
  skip(second: number): void {
    this.#seconds.push(second, undefined)
    this.gap()
  }

  /** Samples are missing here. The offset is the same on both sides and stands in the filters' memory. */
  gap(): void {
    this.#seconds.gap()
    this.#running = this.#started ? 0 : Math.min(this.#running, this.#offset_samples)
  }

  /** The device started anew: its offset may be another one. */
  reset(): void {
    this.#seconds.gap()
    this.#running = 0
    this.#started = false
    this.#sums.fill(0)
  }

  /** Seconds completed since the last call: a second is complete when a later sample has come. */
  take(): PgvSecond[] {
    return this.#seconds
      .take()
      .filter(({ second }) => !this.#untold.delete(second))
      .map((second) => ({ ...second, settled: !this.#doubtful.delete(second.second) }))
  }

  /** Undefined in the first 30 s: there is nothing yet that a restart could spoil. */
  state(): PgvState | undefined {
    if (!this.#started) return undefined
    const seconds = this.#seconds.state()
    return {
      filters: this.#filters.map((filter) => filter.state()),
      running: this.#running,
      seconds: { ...seconds, done: seconds.done.filter(({ second }) => !this.#untold.has(second)) },
      doubtful: [...this.#doubtful],
    }
  }

  /** The next sample is the one that followed the state. */
  restore(state: PgvState): void {
    if (state.filters.length !== this.#axes) return
    for (const [a, filter] of this.#filters.entries()) filter.restore(state.filters[a]!)
    this.#started = true
    this.#running = state.running
    this.#seconds.restore(state.seconds)
    this.#doubtful = new Set(state.doubtful)
  }

  /** The first second gives the offset that the filters begin with. */
  #begin(data: SampleArray, at: number): void {
    this.#running++
    for (let a = 0; a < this.#axes; a++) this.#sums[a]! += data[at + a]!
    if (this.#running === this.#offset_samples)
      for (const [a, filter] of this.#filters.entries()) filter.settle(this.#sums[a]! / this.#running)
  }
}
