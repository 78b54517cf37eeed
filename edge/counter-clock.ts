/**
 * The instant of a sample from its counter: counter x rate, disciplined to the node's clock by what the ring's header says,
 * never by arrival. Pure: header reads come in as estimates, instants of samples go out.
 */
import { addNs, type Instant, instant, NS_PER_MS } from '../domain/time.ts'

/** One header read: the node's time of a sample is `t_ns`, to within `half_width_ns`. */
export type Estimate = { readonly counter: number; readonly t_ns: Instant; readonly half_width_ns: bigint }

/** How well the mapping of counters to instants is known, for metrics. */
export type ClockState = {
  /** Best estimate less the mapping in use [s]: what is still to be slewed. */
  readonly offset_s: number
  /** How much too fast the device's clock runs against the node's [ppm]; undefined while its estimates are too close. */
  readonly drift_ppm: number | undefined
  /** Half-width of the mapping at the newest sample [s]. */
  readonly half_width_s: number
}

/** Correction per second of data. Crystals stay below 100 ppm, so 200 ppm always catches up. */
export const SLEW_S_PER_S = 0.2e-3
/** A mapping that is further off than this was broken by a step of the node's clock; slewing would take minutes. */
const STEP_NS = 50n * NS_PER_MS
/** Header reads before the first block; with the latched device clock the best of four is within 2 ms (contracts 3). */
export const FIRST_READS = 4
/** On a busy node the best of four may still be wide; then more are waited for, up to this many. */
const FIRST_READS_MAX = 16
const NARROW_NS = 1n * NS_PER_MS
/** Estimates age by the drift of two clocks; beyond this they are forgotten. */
const AGE_MAX_S = 10
const DRIFT_NS_PER_S = 100_000
const ESTIMATES_MAX = 64
/** The drift is told over at least this much, against estimates that are taken this far apart. */
const DRIFT_SPAN_S = 60
const REFERENCE_S = 300

/**
 * An estimate with its numbers ready: it is compared with every later one of ten seconds. `off_ns`: its instant less what the
 * counter says, both since the first estimate; differences of these are exact to a nanosecond for a hundred days.
 */
type Kept = Estimate & { readonly off_ns: number; readonly half_ns: number }

export class CounterClock {
  /** Samples per second of the node's clock. */
  readonly #rate_hz: number
  readonly #estimates: Kept[] = []
  #first: Estimate | undefined
  #newest_best: Kept | undefined
  /** Best estimates of minutes ago, at most two: the older is at least `REFERENCE_S` old once there are two. */
  #references: readonly Kept[] = []
  #reads = 0
  #anchor: { counter: number; t_ns: Instant } | undefined

  constructor(rate_hz: number) {
    this.#rate_hz = rate_hz
  }

  /**
   * One header read. An estimate that contradicts older ones beyond all their widths means a clock stepped: only what comes
   * from then on counts.
   */
  observe(estimate: Estimate): void {
    this.#first ??= estimate
    const { counter, t_ns, half_width_ns } = estimate
    const passed_ns = ((counter - this.#first.counter) * 1e9) / this.#rate_hz
    const off_ns = Number(t_ns - this.#first.t_ns) - passed_ns
    const kept: Kept = { counter, t_ns, half_width_ns, off_ns, half_ns: Number(half_width_ns) }
    this.#forget(kept)
    // Only this one is left: a clock stepped, and what was before tells nothing of the drift.
    if (this.#estimates.length === 0) this.#references = []
    this.#estimates.push(kept)
    this.#newest_best = undefined
    this.#reads++
    this.#refer()
  }

  /** Estimates that the new one contradicts, that are too old, or too many. */
  #forget({ counter, off_ns, half_ns }: Kept): void {
    const all = this.#estimates
    const room_ns = half_ns + Number(STEP_NS)
    const age_max = AGE_MAX_S * this.#rate_hz
    const young = all.length - FIRST_READS
    let left = 0
    for (let i = 0; i < all.length; i++) {
      const e = all[i]!
      const fits = Math.abs(off_ns - e.off_ns) <= this.#width_ns(e, counter) + room_ns
      if (fits && (counter - e.counter <= age_max || i >= young)) all[left++] = e
    }
    all.length = left
    if (left >= ESTIMATES_MAX) all.splice(0, left + 1 - ESTIMATES_MAX)
  }

  /** Whether samples may be given instants: at once where the mapping was restored. */
  get settled(): boolean {
    if (this.#anchor !== undefined) return true
    if (this.#reads < FIRST_READS) return false
    return this.#reads >= FIRST_READS_MAX || this.#best()!.half_width_ns <= NARROW_NS
  }

  /** The fixed point of the present block: undefined before the first. */
  get anchor(): { readonly counter: number; readonly t_ns: Instant } | undefined {
    return this.#anchor
  }

  /** Goes on with the mapping of before a restart: same device start, so re-cut blocks keep their instants. */
  restore(counter: number, t_ns: Instant): void {
    this.#anchor = { counter, t_ns }
  }

  /**
   * Opens a block at `counter`: its start advances by exactly n / rate and the slew.
   * @returns how far the mapping was stepped [ns], 0 for the usual slew
   */
  startBlock(counter: number): bigint {
    const best = this.#best()
    if (this.#anchor === undefined || best === undefined) {
      if (best !== undefined) this.#anchor = { counter, t_ns: this.#project(best, counter) }
      return 0n
    }
    const nominal = this.timeOf(counter)
    const error = this.#project(best, counter) - nominal
    const most = BigInt(Math.floor(((counter - this.#anchor.counter) / this.#rate_hz) * SLEW_S_PER_S * 1e9))
    const size = error < 0n ? -error : error
    const stepped = size > STEP_NS + best.half_width_ns
    const change = stepped || size <= most ? error : error < 0n ? -most : most
    this.#anchor = { counter, t_ns: addNs(nominal, change) }
    return stepped ? change : 0n
  }

  /** After a gap nothing needs to be continuous: the next block takes the best estimate as it is. */
  letGo(): void {
    if (this.#best() !== undefined) this.#anchor = undefined
  }

  timeOf(counter: number): Instant {
    const from = this.#anchor ?? this.#best()!
    return this.#project(from, counter)
  }

  /** Uncertainty of the mapping at `counter`: the best estimate's, and what is still to be slewed. */
  halfWidthAt(counter: number): bigint {
    const best = this.#best()
    if (best === undefined) return 0n
    const off = this.#project(best, counter) - this.timeOf(counter)
    return BigInt(this.#width_ns(best, counter)) + (off < 0n ? -off : off)
  }

  /** `undefined` before the first header. */
  state(): ClockState | undefined {
    const best = this.#best()
    if (best === undefined) return undefined
    const { counter } = this.#estimates.at(-1)!
    const offset_s = Number(this.#project(best, counter) - this.timeOf(counter)) / 1e9
    return { offset_s, drift_ppm: this.#drift_ppm(best), half_width_s: Number(this.halfWidthAt(counter)) / 1e9 }
  }

  /** Against a narrow estimate of minutes ago: half a millisecond over a minute is 8 ppm. */
  #drift_ppm(best: Kept): number | undefined {
    const [from] = this.#references
    if (from === undefined) return undefined
    const device_s = (best.counter - from.counter) / this.#rate_hz
    if (device_s < DRIFT_SPAN_S) return undefined
    return (device_s / (Number(best.t_ns - from.t_ns) / 1e9) - 1) * 1e6
  }

  #refer(): void {
    const best = this.#best()!
    const last = this.#references.at(-1)
    if (last !== undefined && best.counter - last.counter < REFERENCE_S * this.#rate_hz) return
    if (last === undefined && this.#reads < FIRST_READS) return
    this.#references = [...this.#references.slice(-1), best]
  }

  #project(from: { counter: number; t_ns: Instant }, counter: number): Instant {
    return instant(from.t_ns + BigInt(Math.round(((counter - from.counter) * 1e9) / this.#rate_hz)))
  }

  #width_ns(estimate: Kept, counter: number): number {
    const age_s = Math.abs(counter - estimate.counter) / this.#rate_hz
    return estimate.half_ns + Math.round(age_s * DRIFT_NS_PER_S)
  }

  /** The narrowest as of the newest estimate. */
  #best(): Kept | undefined {
    const now = this.#estimates.at(-1)
    if (now === undefined || this.#newest_best !== undefined) return this.#newest_best
    let [best, narrowest] = [now, Number.POSITIVE_INFINITY]
    for (const estimate of this.#estimates) {
      const width_ns = this.#width_ns(estimate, now.counter)
      if (width_ns >= narrowest) continue
      best = estimate
      narrowest = width_ns
    }
    this.#newest_best = best
    return best
  }
}
