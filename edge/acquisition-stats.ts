/**
 * How polling goes, in numbers: counts and histograms by device since the start. Plain data for metrics; counting is
 * `device-poll.ts`'s, how it is shown the readers'.
 */

import type { LinkState } from '../domain/ports.ts'
import type { Instant } from '../domain/time.ts'
import type { HistogramState } from '../runtime/prometheus.ts'
import type { ClockState } from './counter-clock.ts'

/** Upper bounds of the buckets [s]; a last bucket without bound follows. */
export const LATENCY_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] as const
export const LATENESS_BOUNDS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1] as const

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

export type LinkStats = LinkState & { readonly link: string }

export type AcquisitionStats = { readonly devices: readonly DeviceStats[]; readonly links: readonly LinkStats[] }
