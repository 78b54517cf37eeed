/**
 * Words of the outbox and the port behind which it lies on disk (`io/outbox-file.ts`). What is appended keeps its offset
 * for ever; when it may be forgotten is decided by its owner's acknowledgement alone, or by the limits of the site file.
 */
import type { Committed, Ranges, Stream } from '../domain/record.ts'
import { type Instant, instant, type Monotonic } from '../domain/time.ts'
import type { OutboxRecord, RecordKind } from './outbox-record.ts'

/** A place in a stream: segment (its first offset) and byte in it. */
export type Position = { readonly segment: number; readonly at: number }
export const START: Position = { segment: 0, at: 0 }
export const before = (a: Position, b: Position): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.at < b.at)

/** A record on disk: where it stands and where the next one would. */
export type Stored = {
  readonly record: OutboxRecord
  readonly position: Position
  readonly next: Position
  readonly bytes: number
}

export type NewRecord = {
  readonly kind: RecordKind
  /** Empty for node metrics. */
  readonly device: string
  /** Sparkplug metrics of the body, as `encodePayload({ metrics })` writes them. */
  readonly metrics: Uint8Array
  readonly mono_ns: Monotonic
  readonly utc_ns: Instant | null
}

/** Outcome of an append. Without `place` it is not on disk (no space, read-only); without `offset` it has no identity. */
export type Appended = {
  readonly offset?: number
  readonly place?: {
    readonly previousEnd: Position
    readonly position: Position
    readonly end: Position
    readonly bytes: number
  }
}

export type StreamStats = {
  appended: number
  /** Not written for want of a writable disk. */
  unrecorded: number
  committed: number
  dropped: number
  torn_bytes: number
  /** Segments in which a bad record was met and the rest set aside. */
  corrupt: number
  segments: number
  disk_bytes: number
  backlog_records: number
  backlog_bytes: number
  oldest_age_s: number
}

export interface Outbox {
  /** UUID made with the folder: a replaced disk is a new outbox. */
  readonly id: string
  append(stream: Stream, record: NewRecord): Appended
  /** Whole records from `from` on; `next` is where to go on. Empty at the end of the stream. */
  read(stream: Stream, from: Position, bytes: number): Promise<{ stored: readonly Stored[]; next: Position }>
  end(stream: Stream): Position
  /** All that is committed of a stream, with what lies below its oldest segment. */
  committed(stream: Stream): Ranges
  isCommitted(stream: Stream, offset: number): boolean
  /** Highest offset given out; 0 before the first. */
  highest(stream: Stream): number
  /** Whether a record up to this offset is on disk and not committed. */
  waits(stream: Stream, upTo: number): boolean
  /** Marks what its owner has committed; false where the acknowledgement is not for this outbox. */
  commit(committed: Committed): boolean
  /** Marks records that nobody will ever get, and counts them as dropped. */
  giveUp(stream: Stream, ranges: Ranges, records: number): void
  /** Resolves when everything appended before this call is on stable storage. */
  sync(stream?: Stream): Promise<void>
  stats(stream: Stream): StreamStats
}

/** Segments are this big, but never so big that a small byte limit could not be kept to within an eighth. */
export const SEGMENT_BYTES = 8 * 1024 * 1024
export const segmentBytesFor = (maxBytes: number): number =>
  Math.max(4096, Math.min(SEGMENT_BYTES, Math.floor(maxBytes / 8)))

export type StreamLimits = { readonly maxBytes: number; readonly maxAge_ns: bigint }
export type SegmentAge = { readonly bytes: number; readonly newest_ns: Instant | null }
/** How many of the oldest segments go, so that bytes and age are within the limits. `segments` are oldest first. */
export function beyondLimits(segments: readonly SegmentAge[], limits: StreamLimits, now: Instant): number {
  let bytes = segments.reduce((sum, s) => sum + s.bytes, 0)
  let drop = 0
  for (const { bytes: own, newest_ns } of segments) {
    const tooOld = newest_ns !== null && now - newest_ns > limits.maxAge_ns
    if (!tooOld && bytes <= limits.maxBytes) break
    bytes -= own
    drop++
  }
  return drop
}

/** How many offsets of [from, to] are in the set. */
export const countIn = (ranges: Ranges, from: number, to: number): number =>
  ranges.reduce((sum, [low, high]) => sum + Math.max(0, Math.min(high, to) - Math.max(low, from) + 1), 0)

type Span = {
  readonly first: number
  readonly last: number
  readonly waiting: number
  readonly oldest_ns: Instant | null
  readonly newest_ns: Instant | null
}
/** About when the oldest uncommitted record was made: between the first and the last of its segment in proportion. */
export function oldestInstant(spans: readonly Span[], committed: Ranges): Instant | null {
  const span = spans.find((s) => s.waiting > 0)
  if (span === undefined || span.oldest_ns === null || span.newest_ns === null) return span?.oldest_ns ?? null
  const done = committed.find(([low, high]) => low <= span.first && span.first <= high)
  const share = done === undefined ? 0 : (done[1] + 1 - span.first) / Math.max(1, span.last - span.first)
  return instant(span.oldest_ns + BigInt(Math.round(Number(span.newest_ns - span.oldest_ns) * Math.min(1, share))))
}
