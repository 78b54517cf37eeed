/**
 * One stream of the outbox: its segments, what its owner has committed of it, and what goes: committed segments at once,
 * others only beyond the limits of the site file, counted and told as gaps.
 */

import type { Log } from '../../domain/ports.ts'
import { addRange, addRanges, coversRange, inRanges } from '../../domain/ranges.ts'
import type { Gap } from '../../domain/reading.ts'
import type { Ranges, Stream } from '../../domain/record.ts'
import { type Instant, instant, secondsBetween } from '../../domain/time.ts'
import { LossTally } from '../loss-tally.ts'
import {
  beyondLimits,
  countIn,
  oldestInstant,
  type StreamLimits,
  type StreamStats,
  segmentBytesFor,
} from '../outbox.ts'
import { type Segment, Segments } from './outbox-segments.ts'

/** Segments of earlier runs that are read through per round to learn their last offset. */
const READ_THROUGH_PER_ROUND = 8

export class OutboxStream {
  readonly name: Stream
  readonly segments: Segments
  readonly #limits: StreamLimits
  readonly #log: Log
  #committed: Ranges = []
  committedChanged = false
  #dropTold = false
  appended = 0
  unrecorded = 0
  #committedCount = 0
  #dropped = 0
  /** Bytes written since the last sync was asked for. */
  unsyncedBytes = 0

  constructor(name: Stream, folder: string, limits: StreamLimits, log: Log) {
    this.name = name
    this.#limits = limits
    this.#log = log.child({ stream: name })
    this.segments = new Segments(folder, segmentBytesFor(limits.maxBytes), this.#log)
  }

  async open(committed: Ranges): Promise<void> {
    await this.segments.open()
    this.#committed = committed
  }

  /** Highest offset on disk or committed. */
  get highest(): number {
    const last = this.segments.list.at(-1)
    return Math.max(0, last?.last ?? last?.first ?? 0, this.#committed.at(-1)?.[1] ?? 0)
  }

  get committed(): Ranges {
    return this.#committed
  }

  isCommitted(offset: number): boolean {
    return inRanges(this.#committed, offset)
  }

  /** Whether a record up to this offset is on disk and not committed; a segment not yet read through counts as such. */
  waits(upTo: number): boolean {
    return this.segments.list.some(({ first, last }) => {
      const end = Math.min(last ?? upTo, upTo)
      return first <= upTo && (last === undefined || !coversRange(this.#committed, first, end))
    })
  }

  /** What lies below the oldest segment needs nothing any more; so one range stands for all holes of the past. */
  settle(highestGiven: number): void {
    const floor = (this.segments.list[0]?.first ?? highestGiven + 1) - 1
    if (floor >= 1) this.#committed = addRange(this.#committed, 1, floor)
  }

  /** Only offsets that were given out can have been committed. False where there is none among them. */
  commit(ranges: Ranges, highestGiven: number): boolean {
    const given = ranges.flatMap(([from, to]) =>
      from <= highestGiven ? [[from, Math.min(to, highestGiven)] as const] : [],
    )
    if (given.length === 0) return false
    const before = countIn(this.#committed, 1, highestGiven)
    this.#committed = addRanges(this.#committed, given)
    const news = countIn(this.#committed, 1, highestGiven) - before
    this.#committedCount += news
    this.committedChanged ||= news > 0
    return true
  }

  /** Not its owner's doing: counted as dropped. The caller has recorded the gap that tells of them. */
  giveUp(ranges: Ranges, records: number, highestGiven: number): void {
    const committed = this.#committedCount
    this.commit(ranges, highestGiven)
    this.#committedCount = committed
    this.#dropped += records
  }

  /** Deletes segments that are committed as a whole. */
  async trim(): Promise<void> {
    let read = 0
    for (const segment of [...this.segments.list]) {
      if (this.segments.isActive(segment) || !this.isCommitted(segment.first)) continue
      if (segment.last === undefined && read++ < READ_THROUGH_PER_ROUND) await this.segments.readThrough(segment)
      if (segment.last !== undefined && coversRange(this.#committed, segment.first, segment.last))
        await this.segments.remove(segment)
    }
    if (this.segments.list.length === 0) this.#dropTold = false
  }

  /**
   * Drops the oldest segments beyond the limits. `told` records the gaps; they are on stable storage before the data go,
   * so that a crash between the two leaves both rather than neither.
   */
  async enforceLimits(
    now: Instant,
    mono_ns: bigint,
    told: (gaps: ReadonlyMap<string, readonly Gap[]>) => void,
  ): Promise<void> {
    const aged = this.segments.list.map(({ bytes, newest_ns, newest_mono_ns }) => {
      // Without a time the monotonic clock of this boot says how old it is.
      const ago_ns = newest_mono_ns === undefined ? null : instant(now - (mono_ns - newest_mono_ns))
      return { bytes, newest_ns: newest_ns ?? ago_ns }
    })
    const drop = this.segments.list.slice(0, beyondLimits(aged, this.#limits, now))
    if (drop.length === 0) return
    const tally = new LossTally()
    for (const segment of drop) await this.#tally(segment, tally)
    if (tally.records > 0) {
      this.#dropped += tally.records
      if (!this.#dropTold)
        this.#log.error('outbox: limit reached, the oldest records are dropped', { records: tally.records })
      this.#dropTold = true
      if (this.name !== 'conditions') told(tally.gaps('outbox-limit'))
      await this.segments.sync()
    }
    for (const segment of drop) await this.segments.remove(segment)
  }

  async #tally(segment: Segment, tally: LossTally): Promise<void> {
    if (this.segments.isActive(segment)) this.segments.seal()
    await this.segments.readThrough(segment, ({ record }) => {
      if (this.isCommitted(record.offset)) return
      if (this.name === 'conditions') tally.records++
      else tally.add(record.device, record.metrics)
    })
  }

  stats(now: Instant): StreamStats {
    const spans = this.segments.list.map((segment, i) => {
      const last = segment.last ?? (this.segments.list[i + 1]?.first ?? segment.first + 1) - 1
      const records = last - segment.first + 1
      return { ...segment, last, records, waiting: records - countIn(this.#committed, segment.first, last) }
    })
    const oldest = oldestInstant(spans, this.#committed)
    return {
      appended: this.appended,
      unrecorded: this.unrecorded,
      committed: this.#committedCount,
      dropped: this.#dropped,
      torn_bytes: this.segments.tornBytes,
      corrupt: this.segments.corrupt,
      segments: spans.length,
      disk_bytes: spans.reduce((sum, s) => sum + s.bytes, 0),
      backlog_records: spans.reduce((sum, s) => sum + s.waiting, 0),
      backlog_bytes: Math.round(spans.reduce((sum, s) => sum + (s.bytes * s.waiting) / s.records, 0)),
      oldest_age_s: oldest === null ? 0 : Math.max(0, secondsBetween(now, oldest)),
    }
  }
}
