/**
 * STA/LTA on a live stream: on and off with the long-term average frozen while triggered, and the samples before the onset
 * kept in memory. The averages are `sta-lta-averages.ts`'s, filtering before and what an event means are the caller's.
 *
 * Frozen (Trnkoczy 2012, NMSOP IS 8.1), a long shaking does not raise its own background and end too soon. A lasting rise of
 * the noise would then hold the trigger for ever, so an event has a greatest length; after it the LTA learns the new level.
 */
import { requirePositive } from '../signal/finite.ts'
import { type Averages, type AveragesState, averagesOf, requireReachable, type StaLtaKind } from './sta-lta-averages.ts'

export type StaLtaTriggerOptions = {
  readonly sample_rate_hz: number
  readonly sta_s: number
  readonly lta_s: number
  /** Ratio at which an event begins. */
  readonly on: number
  /** Ratio below which it ends. */
  readonly off: number
  readonly kind?: StaLtaKind
  /** Hold the LTA while triggered (default); without it the ratio equals the record's characteristic function. */
  readonly freeze?: boolean
  /** Samples before the onset that come with it, in seconds. */
  readonly preEvent_s?: number
  readonly maxEvent_s?: number
}

export type TriggerChange =
  | {
      readonly kind: 'on'
      /** Samples since the start of the stream, missing ones counted. */
      readonly sample: number
      readonly ratio: number
      /** The samples before this one, oldest first, up to `preEvent_s` and not across a gap. */
      readonly preEvent: Float64Array
    }
  | {
      readonly kind: 'off'
      /** The last sample of the event. */
      readonly sample: number
      readonly on: number
      readonly ratioMax: number
      readonly reason: 'ratio' | 'length' | 'gap'
    }

export type StaLtaTriggerState = {
  readonly averages: AveragesState
  readonly sample: number
  readonly ratio: number
  readonly since: number | null
  readonly ratioMax: number
}

const PRE_EVENT_S = 10
const MAX_EVENT_S = 300
/** Changes not taken yet; a stream that triggers every second for a quarter of an hour comes to it. */
const CHANGES_MAX = 1800

export class StaLtaTrigger {
  readonly #options: StaLtaTriggerOptions
  readonly #averages: Averages
  readonly #nlta: number
  readonly #maxEvent: number
  readonly #before: Float64Array
  /** Samples in #before, and where the next goes. */
  #kept = 0
  #at = 0
  #sample = 0
  #ratio = 0
  #since: number | undefined
  #ratioMax = 0
  #missing = 0
  #dropped = 0
  #changes: TriggerChange[] = []

  /** @throws RangeError for settings that cannot trigger: off above on, or on not below LTA/STA (classic, recursive) */
  constructor(options: StaLtaTriggerOptions, state?: StaLtaTriggerState) {
    const { sample_rate_hz, kind = 'classic', on, off } = options
    requirePositive(sample_rate_hz, 'sample_rate_hz')
    requirePositive(off, 'off')
    if (!(off <= on)) throw new RangeError(`off: expected a threshold at or below on (${on}), got ${off}`)
    const nsta = Math.round(options.sta_s * sample_rate_hz)
    this.#nlta = Math.round(options.lta_s * sample_rate_hz)
    this.#averages = averagesOf(kind, nsta, this.#nlta, state?.averages)
    if (kind !== 'delayed') requireReachable(on, nsta, this.#nlta)
    this.#options = options
    this.#maxEvent = Math.max(1, Math.round((options.maxEvent_s ?? MAX_EVENT_S) * sample_rate_hz))
    this.#before = new Float64Array(Math.max(0, Math.round((options.preEvent_s ?? PRE_EVENT_S) * sample_rate_hz)))
    if (state !== undefined) this.#restore(state)
  }

  /**
   * Takes the next sample, of any unit, its mean removed. One that is no number counts as missing.
   * @returns the ratio; 0 until the long window is full
   */
  push(x: number): number {
    if (!Number.isFinite(x)) {
      this.gap(1)
      return this.#ratio
    }
    const previous = this.#ratio
    this.#ratio = this.#averages.push(x * x, this.#since !== undefined && this.#options.freeze !== false)
    if (this.#since !== undefined) this.#follow(this.#since)
    if (this.#since === undefined && this.#ratio >= this.#options.on && previous < this.#options.on) this.#begin()
    this.#remember(x)
    this.#sample++
    return this.#ratio
  }

  pushBlock(x: Float64Array): void {
    for (let k = 0; k < x.length; k++) this.push(x[k]!)
  }

  /**
   * Samples are missing here. Up to a long window of them the averages go on with what was before, so that a lost packet does
   * not make the trigger blind for that long; after more an open event ends and the averages start anew.
   */
  gap(samples: number): void {
    this.#missing += samples
    this.#kept = 0
    if (samples > this.#nlta) {
      if (this.#since !== undefined) this.#end(this.#since, 'gap')
      this.#averages.clear()
      this.#ratio = 0
    }
    this.#sample += samples
  }

  /** Changes since the last call, oldest first. */
  take(): TriggerChange[] {
    return this.#changes.splice(0)
  }

  get triggered(): boolean {
    return this.#since !== undefined
  }
  /** False while the long window fills: no event can be seen. */
  get ready(): boolean {
    return this.#averages.ready
  }
  get missing(): number {
    return this.#missing
  }
  /** Changes lost because nobody took them. */
  get dropped(): number {
    return this.#dropped
  }

  /** Plain JSON for a restart; the samples before an onset are not in it. */
  state(): StaLtaTriggerState {
    const since = this.#since ?? null
    return {
      averages: this.#averages.state(),
      sample: this.#sample,
      ratio: this.#ratio,
      since,
      ratioMax: this.#ratioMax,
    }
  }

  #restore(state: StaLtaTriggerState): void {
    this.#sample = state.sample
    this.#ratio = state.ratio
    this.#since = state.since ?? undefined
    this.#ratioMax = state.ratioMax
  }

  #begin(): void {
    this.#since = this.#sample
    this.#ratioMax = this.#ratio
    this.#change({ kind: 'on', sample: this.#sample, ratio: this.#ratio, preEvent: this.#preEvent() })
  }

  #follow(since: number): void {
    if (this.#ratio < this.#options.off) this.#end(since, 'ratio')
    else if (this.#sample - since > this.#maxEvent) this.#end(since, 'length')
    else this.#ratioMax = Math.max(this.#ratioMax, this.#ratio)
  }

  #end(since: number, reason: 'ratio' | 'length' | 'gap'): void {
    this.#since = undefined
    this.#change({ kind: 'off', sample: this.#sample - 1, on: since, ratioMax: this.#ratioMax, reason })
  }

  #change(change: TriggerChange): void {
    this.#changes.push(change)
    if (this.#changes.length <= CHANGES_MAX) return
    this.#changes.shift()
    this.#dropped++
  }

  #remember(x: number): void {
    if (this.#before.length === 0) return
    this.#before[this.#at] = x
    this.#at = (this.#at + 1) % this.#before.length
    if (this.#kept < this.#before.length) this.#kept++
  }

  #preEvent(): Float64Array {
    const size = this.#before.length
    return Float64Array.from({ length: this.#kept }, (_, k) => this.#before[(this.#at - this.#kept + k + size) % size]!)
  }
}
