/**
 * How polling goes, in numbers: counts and histograms by device since the start. Plain data for metrics; counting is
 * `device-poll.ts`'s, how it is shown the readers'.
 */

import type { Instant } from '../domain/time.ts'
import type { ClockState } from './counter-clock.ts'

/** Upper bounds of the buckets [s]; a last bucket without bound follows. */
export const LATENCY_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] as const
export const LATENESS_BOUNDS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1] as const

export type HistogramState = {
  readonly bounds_s: readonly number[]
  /** By bucket, not added up: one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum_s: number
  readonly count: number
}

/**
 * `closed`: polled on its schedule; `open`: silent, waits for its next probe; `half-open`: a probe is under way.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

export type DeviceStats = {
  readonly device: string
  readonly link: string
  /** Born, and not given up since. */
  readonly online: boolean
  readonly breaker: BreakerState
  /** When `breaker` last opened or closed; undefined before the first poll ended. */
  readonly changed_ns: Instant | undefined
  readonly last_good_ns: Instant | undefined
  /** Polls ended, and those of them that gave everything they asked. */
  readonly polls: number
  readonly good: number
  /** Instants of the schedule that went by while a poll was still under way. */
  readonly missed: number
  /** Failed polls, and points refused in polls that gave the rest, by reason. */
  readonly errors: Readonly<Record<string, number>>
  /** Duration of polls that gave something. */
  readonly latency: HistogramState
  /** Start of a poll against its instant on the schedule. */
  readonly lateness: HistogramState
  /** Points left out because the device refuses their addresses or their function. */
  readonly refused_points: number
  /** Of a ring or queue: how its counter is mapped to the node's clock. */
  readonly clock: ClockState | undefined
}

export type AcquisitionStats = { readonly devices: readonly DeviceStats[] }

/** Counts durations into buckets. */
export class Histogram {
  readonly #bounds_s: readonly number[]
  readonly #counts: number[]
  #sum_s = 0
  #count = 0

  constructor(bounds_s: readonly number[]) {
    this.#bounds_s = bounds_s
    this.#counts = new Array(bounds_s.length + 1).fill(0)
  }

  /** A duration equal to a bound belongs to the bucket below it, as in Prometheus (`le`). */
  add(seconds: number): void {
    const found = this.#bounds_s.findIndex((bound) => seconds <= bound)
    const at = found < 0 ? this.#bounds_s.length : found
    this.#counts[at]!++
    this.#sum_s += seconds
    this.#count++
  }

  state(): HistogramState {
    return { bounds_s: this.#bounds_s, counts: [...this.#counts], sum_s: this.#sum_s, count: this.#count }
  }
}
