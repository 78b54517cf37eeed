/**
 * Whether records are being lost: dropped by a limit of the outbox before their owner had them, or never written because the
 * disk cannot be. The desk is told as of any condition; it returns once nothing was lost for a while and there is room again.
 */
import { outboxLimit } from '../domain/automatic-limits.ts'
import type { Log } from '../domain/ports.ts'
import { STREAMS, type Stream } from '../domain/record.ts'
import { type Instant, secondsBetween } from '../domain/time.ts'
import type { StreamLimits, StreamStats } from './outbox.ts'
import { OwnCondition } from './outputs/own-condition.ts'
import type { Recorder } from './ports.ts'

/** So long without a loss before it may return [s]. */
const QUIET_S = 60
/** A stream this near to its limits loses again as soon as it grows by a segment (an eighth). */
const ROOM = 0.75

type Seen = Readonly<Record<Stream, Pick<StreamStats, 'dropped' | 'unrecorded' | 'disk_bytes' | 'oldest_age_s'>>>

export class OutboxWatch {
  readonly #condition: OwnCondition
  readonly #limits: Readonly<Record<Stream, StreamLimits>>
  readonly #log: Log
  #lost = 0
  /** Since the condition was raised. */
  #lostBefore = 0
  #lastLoss_ns: Instant

  /** @param now a condition that stood when the node ended stands for a while longer */
  constructor(
    node: string,
    limits: Readonly<Record<Stream, StreamLimits>>,
    recorder: Recorder,
    log: Log,
    now: Instant,
  ) {
    this.#condition = new OwnCondition(outboxLimit(node), false, recorder)
    this.#limits = limits
    this.#log = log
    this.#lastLoss_ns = now
  }

  /** Something was lost lately, or there is no room yet. */
  get losing(): boolean {
    return this.#condition.raised
  }

  look(seen: Seen, now: Instant): void {
    const lost = STREAMS.reduce((sum, stream) => sum + seen[stream].dropped + seen[stream].unrecorded, 0)
    if (lost > this.#lost) {
      this.#lastLoss_ns = now
      if (this.#condition.set(true, now) !== undefined) {
        this.#lostBefore = this.#lost
        const of = STREAMS.filter((stream) => seen[stream].dropped + seen[stream].unrecorded > 0)
        this.#log.error('records are being lost', { records: lost - this.#lostBefore, streams: of })
      }
      this.#lost = lost
      return
    }
    // A clock that was set back must not make it stand for ever.
    if (this.#lastLoss_ns > now) this.#lastLoss_ns = now
    if (!this.#condition.raised || secondsBetween(now, this.#lastLoss_ns) < QUIET_S || !this.#hasRoom(seen)) return
    if (this.#condition.set(false, now) !== undefined)
      this.#log.info('no more records are lost', { records: this.#lost - this.#lostBefore })
  }

  #hasRoom(seen: Seen): boolean {
    return STREAMS.every((stream) => {
      const { maxBytes, maxAge_ns } = this.#limits[stream]
      const { disk_bytes, oldest_age_s } = seen[stream]
      return disk_bytes <= maxBytes * ROOM && oldest_age_s <= (Number(maxAge_ns) / 1e9) * ROOM
    })
  }
}
