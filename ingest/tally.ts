/** What ingest has done so far, in numbers. Plain counting; how it is shown is `metrics.ts`'s. */
import type { AppendOutcome, StoreHealth } from '../domain/ports.ts'
import { blockLength, sampleInstant } from '../domain/reading.ts'
import { ReadingRun } from '../domain/reading-page.ts'
import type { KeptRecord } from '../domain/record.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import { type Instant, secondsBetween } from '../domain/time.ts'
import { Histogram, type HistogramState } from '../runtime/prometheus.ts'
import type { Arrival } from './arrival.ts'
import type { Foreign } from './foreign.ts'

/** From a second behind to weeks of backlog [s]. */
const LAG_BOUNDS_S = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 604_800] as const

/**
 * Why records stand aside: `layout` broke the layout of the wire, `conflict` says otherwise what is stored already, `refused`
 * no transaction accepted, `time` bears a time that cannot be true (foreign nodes).
 */
export const DEAD_LETTER_REASONS = ['layout', 'conflict', 'refused', 'time'] as const
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number]

export type TallyCounts = {
  /** Outcomes of records since the start. */
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  readonly deadLetters: Readonly<Record<DeadLetterReason, number>>
  /** Records whose edge node was told that they are committed. */
  readonly acknowledged: number
  /** Device data that name no record, or that nothing could store. */
  readonly faults: number
  /** Messages of a node by whose name two gateways go. */
  readonly rivals: number
  readonly rebirthsAsked: number
  /** Sparkplug nodes born in this session. */
  readonly nodesOnline: number
  /** Age of what was stored, when it was: sent at once, and sent again. */
  readonly lag: { readonly live: HistogramState; readonly resent: HistogramState }
}

export type IngestStats = TallyCounts & {
  readonly up: boolean
  /** Why not. */
  readonly away?: string | undefined
  /** What STATE says: whether edge nodes are asked for what they have kept. */
  readonly serving: boolean
  /** Not taken because too much waited for the store; the edge sends them again. */
  readonly dropped: number
  readonly refusedMessages: number
  readonly waitingRecords: number
  readonly waitingBytes: number
  /** Age of the oldest record that waits [s]. */
  readonly oldest_s: number
  readonly batches: number
  readonly commitTime: HistogramState
  /** Error code while the store fails. */
  readonly storeFailing: string | undefined
  readonly foreign: Foreign['counts']
  readonly foreignLosses: Foreign['losses']
  /** As it last said of itself. */
  readonly store: StoreHealth | undefined
}

export class Tally {
  faults = 0
  rivals = 0
  readonly #outcomes = { stored: 0, duplicate: 0, quarantined: 0 }
  readonly #deadLetters: Record<DeadLetterReason, number> = { layout: 0, conflict: 0, refused: 0, time: 0 }
  readonly #lag = { live: new Histogram(LAG_BOUNDS_S), resent: new Histogram(LAG_BOUNDS_S) }
  readonly #online = new Set<string>()
  #acknowledged = 0
  #rebirths = 0

  event(event: HostEvent): void {
    if (event.kind === 'birth') this.#online.add(event.node)
    else if (event.kind === 'death') this.#online.delete(event.node)
    else if (event.kind === 'rebirth-wanted') this.#rebirths++
  }

  sessionEnded(): void {
    this.#online.clear()
  }

  committed(arrival: Arrival, outcome: AppendOutcome, now: Instant): void {
    this.#outcomes[outcome.kind]++
    if (!arrival.foreign) this.#acknowledged++
    if (outcome.kind === 'quarantined') this.#deadLetters[deadLetterReason(arrival)]++
    if (outcome.kind !== 'stored' || !('record' in arrival)) return
    const newest = newestOf(arrival.record)
    if (newest !== undefined)
      this.#lag[arrival.record.historical ? 'resent' : 'live'].add(Math.max(0, secondsBetween(now, newest)))
  }

  counts(): TallyCounts {
    return {
      ...this.#outcomes,
      deadLetters: { ...this.#deadLetters },
      acknowledged: this.#acknowledged,
      faults: this.faults,
      rivals: this.rivals,
      rebirthsAsked: this.#rebirths,
      nodesOnline: this.#online.size,
      lag: { live: this.#lag.live.state(), resent: this.#lag.resent.state() },
    }
  }
}

/** A record that came whole is put aside by the store for what it says; one that did not, before. */
function deadLetterReason(arrival: Arrival): DeadLetterReason {
  if ('record' in arrival) return 'conflict'
  if (arrival.unaccepted) return 'refused'
  return arrival.foreign ? 'time' : 'layout'
}

function newestOf({ readings, blocks }: KeptRecord): Instant | undefined {
  let newest: Instant | undefined
  const see = (t_ns: Instant) => {
    if (newest === undefined || t_ns > newest) newest = t_ns
  }
  if (!(readings instanceof ReadingRun)) for (const { t_ns } of readings) see(t_ns)
  else if (readings.newest_ns !== undefined) see(readings.newest_ns)
  for (const block of blocks) see(sampleInstant(block, blockLength(block)))
  return newest
}
