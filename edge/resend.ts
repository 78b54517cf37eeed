/**
 * When a recorded stream is sent again, and how much of it at once: a pure policy per stream, asked with instants. What a
 * record is, where it lies and how it travels is left to others. Memory is bounded whatever the backlog: the policy keeps
 * a place in the stream, the live records that may still be acknowledged, and a window of resent ones.
 */
import { inRanges } from '../domain/ranges.ts'
import type { Ranges } from '../domain/record.ts'
import { type Monotonic, monotonic, NS_PER_MS, NS_PER_S } from '../domain/time.ts'
import { before, type Position, START } from './outbox.ts'

/** An acknowledgement may take this long before a record is sent again: max(10 s, 4 x measured), doubling to 5 min. */
export const TIMEOUT_MIN_NS = 10n * NS_PER_S
export const TIMEOUT_MAX_NS = 300n * NS_PER_S
/** After an owner came online, what is still on its way gets this long before everything unacknowledged is sent again. */
export const GRACE_NS = 2n * NS_PER_S
/** Share of the link that resending takes unasked; every acknowledged byte allows another one on top. */
export const BASE_BYTES_PER_S = 256 * 1024
const TOKENS_MAX = 1024 * 1024
/** Bytes in flight: starts small, grows with quick acknowledgements, halves when they become slow, so live data stays quick. */
const FLIGHT_START = 128 * 1024
const FLIGHT_MIN = 32 * 1024
const FLIGHT_MAX = 1024 * 1024
const QUICK_NS = NS_PER_S
const SLOW_NS = 2n * NS_PER_S
/** Above this the socket itself is behind; resending waits. */
export const PENDING_BYTES_MAX = 64 * 1024
/** A record sent this often without an answer makes room for others (one that the owner cannot read must not block). */
const PARKED_AFTER = 3
const PARKED_MAX = 1024
/** Live records sent within this time share one entry: at most time-out / 1 s entries. */
const LIVE_ENTRY_NS = NS_PER_S
const LIVE_ENTRIES_MAX = 512
/** Ask again after this long where tokens or the socket were in the way. */
const BLOCKED_NS = 50n * NS_PER_MS

type LiveEntry = {
  from: number
  to: number
  position: Position
  sent_at: Monotonic
  due: Monotonic
  /** The time of its acknowledgement has been taken. */
  measured: boolean
}
export type Resent = { readonly offset: number; readonly position: Position; readonly bytes: number }
type InFlight = Resent & { sent_at: Monotonic; due: Monotonic; attempts: number }
export type Place = { readonly previousEnd: Position; readonly position: Position; readonly end: Position }
export type Room = { readonly records: number; readonly bytes: number }
const NO_ROOM: Room = { records: 0, bytes: 0 }

export type ResendOptions = {
  /** Records in flight. */
  readonly windowRecords: number
  /** Nothing new before the last batch was acknowledged: the owner then meets them in offset order. */
  readonly inOrder: boolean
}

const later = (at: Monotonic, ns: bigint): Monotonic => monotonic(at + ns)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

export const earliest = (instants: readonly bigint[]): Monotonic | undefined =>
  instants.length === 0 ? undefined : monotonic(instants.reduce(min))

export type ResendStats = {
  /** Time that acknowledgements took lately [s]. */
  readonly ack_s: number
  readonly in_flight: number
  readonly owner_online: boolean
  /** Records sent again, each time counted. */
  readonly resent: number
}

export class Resend {
  #resent = 0
  readonly #options: ResendOptions
  /** Next record to look at. */
  cursor: Position = START
  #live: LiveEntry[] = []
  readonly #window = new Map<number, InFlight>()
  #owner: { online: boolean; since_ms: number | undefined } = { online: false, since_ms: undefined }
  #session = false
  #graceUntil: Monotonic
  #ackTime_ns = 0n
  #lastAck: Monotonic
  #tokens = BASE_BYTES_PER_S
  #tokensAt: Monotonic
  #flight = FLIGHT_START
  #halvedAt: Monotonic

  constructor(options: ResendOptions, now: Monotonic) {
    this.#options = options
    this.#graceUntil = now
    this.#lastAck = now
    this.#tokensAt = now
    this.#halvedAt = now
  }

  get ownerOnline(): boolean {
    return this.#owner.online
  }
  get active(): boolean {
    return this.#owner.online && this.#session
  }
  get timeout_ns(): bigint {
    return min(TIMEOUT_MAX_NS, max(TIMEOUT_MIN_NS, 4n * this.#ackTime_ns))
  }
  get inFlight(): number {
    return this.#window.size
  }
  get stats(): ResendStats {
    const { online } = this.#owner
    return {
      ack_s: Number(this.#ackTime_ns) / 1e9,
      in_flight: this.inFlight,
      owner_online: online,
      resent: this.#resent,
    }
  }

  /** Until its STATE is heard in the new session, the owner counts as offline. */
  session(up: boolean): void {
    this.#session = up
    this.#owner.online = false
  }

  /**
   * The owner's STATE. An offline older than the online we know is a late will and is ignored
   * (tck-id-operational-behavior-edge-node-termination-host-offline); a newer online is an owner that came anew.
   */
  ownerState(online: boolean, timestamp_ms: number, now: Monotonic): void {
    const { since_ms } = this.#owner
    if (!online) {
      if (since_ms !== undefined && timestamp_ms < since_ms) return
      this.#owner = { online: false, since_ms: undefined }
      this.#live = []
      return
    }
    this.#owner = { online: true, since_ms: timestamp_ms }
    if (since_ms !== timestamp_ms) this.#everythingSoon(now)
  }

  /** Everything unacknowledged becomes eligible after the grace, oldest first. */
  #everythingSoon(now: Monotonic): void {
    this.#live = []
    this.#window.clear()
    this.cursor = START
    this.#graceUntil = later(now, GRACE_NS)
    this.#flight = FLIGHT_START
  }

  /**
   * A record went out live, or could not yet for a reason that will pass (its device is not born). It is eligible after
   * the time-out.
   */
  sentLive(offset: number, place: Place, now: Monotonic): void {
    if (!before(this.cursor, place.previousEnd)) this.cursor = place.end
    const due = later(now, this.timeout_ns)
    const last = this.#live.at(-1)
    if (last !== undefined && last.to + 1 === offset && now - last.sent_at < LIVE_ENTRY_NS) {
      last.to = offset
      last.due = due
    } else this.#live.push({ from: offset, to: offset, position: place.position, sent_at: now, due, measured: false })
    if (this.#live.length > LIVE_ENTRIES_MAX) {
      const [oldest, next] = this.#live.splice(0, 2)
      this.#live.unshift({ ...next!, from: oldest!.from, position: oldest!.position })
    }
  }

  /** The owner answered; `ranges` is all that it has committed of the stream. */
  acknowledged(ranges: Ranges, now: Monotonic): void {
    for (const entry of this.#live) {
      if (entry.measured || !inRanges(ranges, entry.to)) continue
      entry.measured = true
      this.#measure(now - entry.sent_at)
    }
    this.#live = this.#live.filter((entry) => !covers(ranges, entry))
    let bytes = 0
    let slowest = 0n
    for (const [offset, record] of this.#window) {
      if (!inRanges(ranges, offset)) continue
      bytes += record.bytes
      // Karn: an answer to a record sent twice says nothing about the time it took.
      if (record.attempts === 1) slowest = max(slowest, now - record.sent_at)
      this.#window.delete(offset)
    }
    if (slowest > 0n) this.#measure(slowest)
    this.#refill(now)
    this.#tokens = Math.min(TOKENS_MAX, this.#tokens + bytes)
    if (bytes > 0 && slowest <= QUICK_NS) this.#flight = Math.min(FLIGHT_MAX, this.#flight + bytes)
    if (slowest > SLOW_NS) this.#halve(now)
    // An owner that answers again after a silence need not be waited for any longer.
    if (now - this.#lastAck > this.timeout_ns)
      for (const record of this.#window.values()) record.due = monotonic(min(record.due, now + GRACE_NS))
    this.#lastAck = now
  }

  #measure(took_ns: bigint): void {
    this.#ackTime_ns = this.#ackTime_ns === 0n ? took_ns : (7n * this.#ackTime_ns + took_ns) / 8n
  }

  #halve(now: Monotonic): void {
    if (now - this.#halvedAt < SLOW_NS) return
    this.#flight = Math.max(FLIGHT_MIN, this.#flight / 2)
    this.#halvedAt = now
  }

  #refill(now: Monotonic): void {
    this.#tokens = Math.min(TOKENS_MAX, this.#tokens + (Number(now - this.#tokensAt) / 1e9) * BASE_BYTES_PER_S)
    this.#tokensAt = now
  }

  /** Live records whose time is over are looked at again from the stream. */
  expire(now: Monotonic): void {
    const over = this.#live.filter((entry) => entry.due <= now)
    if (over.length === 0) return
    this.#live = this.#live.filter((entry) => entry.due > now)
    for (const { position } of over) if (before(position, this.cursor)) this.cursor = position
  }

  /** Resent records whose time is over, in offset order. */
  due(now: Monotonic): Resent[] {
    if (!this.#may(now)) return []
    return [...this.#window.values()].filter((r) => r.due <= now).sort((a, b) => a.offset - b.offset)
  }

  #may(now: Monotonic): boolean {
    return this.active && now >= this.#graceUntil
  }

  /** How much may go out now. At least one record may go where `bytes` is above zero, however big it is. */
  room(now: Monotonic, pendingBytes: number): Room {
    if (!this.#may(now) || pendingBytes > PENDING_BYTES_MAX) return NO_ROOM
    this.#refill(now)
    const bytes = Math.floor(this.#tokens)
    return bytes > 0 ? { records: this.#options.windowRecords, bytes } : NO_ROOM
  }

  /** The part of `room` that records which were not sent before may take. */
  roomForNew(room: Room): Room {
    const waiting = [...this.#window.values()]
    const flying = waiting.filter((r) => r.attempts < PARKED_AFTER)
    if (waiting.length - flying.length >= PARKED_MAX || (this.#options.inOrder && flying.length > 0)) return NO_ROOM
    const bytes = Math.min(room.bytes, this.#flight - flying.reduce((sum, r) => sum + r.bytes, 0))
    const records = Math.min(room.records, this.#options.windowRecords - flying.length)
    return bytes > 0 && records > 0 ? { records, bytes } : NO_ROOM
  }

  /** Whether an uncommitted record met in the stream is to be sent: neither on its way live nor in the window. */
  wants(offset: number): boolean {
    return !this.#window.has(offset) && !this.#live.some((entry) => entry.from <= offset && offset <= entry.to)
  }

  /** These went out again. */
  resent(records: readonly Resent[], now: Monotonic): void {
    this.#refill(now)
    this.#resent += records.length
    for (const { offset, position, bytes } of records) {
      const attempts = (this.#window.get(offset)?.attempts ?? 0) + 1
      if (attempts > 1) this.#halve(now)
      const due = later(now, min(TIMEOUT_MAX_NS, this.timeout_ns << BigInt(Math.min(attempts - 1, 10))))
      this.#window.set(offset, { offset, position, bytes, sent_at: now, due, attempts })
      this.#tokens -= bytes
    }
  }

  /** A record of the window is on disk no more. */
  forget(offset: number): void {
    this.#window.delete(offset)
  }

  /** When to ask again; `blocked`: something waits for tokens or for the socket. */
  nextWake(now: Monotonic, blocked: boolean): Monotonic | undefined {
    if (!this.active) return undefined
    const instants: bigint[] = [...this.#live.map((e) => e.due), ...[...this.#window.values()].map((r) => r.due)]
    instants.push(this.#graceUntil)
    if (blocked) instants.push(now + BLOCKED_NS)
    return earliest(instants.filter((at) => at > now))
  }
}

const covers = (ranges: Ranges, entry: LiveEntry): boolean =>
  ranges.some(([from, to]) => from <= entry.from && entry.to <= to)
