/**
 * What the rooms need of one another and of the world. `stack.ts` fills these; rooms import only this file.
 */
import type { Block, Gap, Reading } from './reading.ts'
import type { KeptRecord, Ranges, RejectedRecord, Stream } from './record.ts'
import type { SeriesKind } from './series.ts'
import type { Instant, Monotonic } from './time.ts'

/** Constructors assign; `start()` acts; `stop()` resolves when nothing of it is left running. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Takes over a site file that has changed, while running. @throws PlumblineError; nothing has changed then */
  apply?(site: import('./channel.ts').Site): Promise<void>
}

/** The site file as it is written, for the people who look after it. */
export interface SiteText {
  /** What the running site was made from. */
  readonly text: string
  /** The file as it is now. @throws PlumblineError SITE_UNREADABLE */
  read(): Promise<import('./site-report.ts').SiteReport>
}

/** One line per change of state, for the person on call; nothing while all is well. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
  child(fields: Record<string, unknown>): Log
}

/** Wall clock, monotonic clock and timers. Simulated in rehearsals. */
export interface Clock {
  now(): Instant
  monotonic(): Monotonic
  /** Calls `fn` once when the monotonic clock reaches `at`; returns a function that cancels it. */
  at(at: Monotonic, fn: () => void): () => void
  /** While a hold is out the simulated clock does not advance; the real clock ignores it. Returns the release. */
  hold(): () => void
}

/** Answer of one Modbus request. The port rejects with `ModbusFailure`. */
export type ModbusFailure = { reason: import('./reading.ts').Reason; detail: string }

/**
 * One link: one request in flight at a time, time-out always set; unit id travels with the request; writes go before
 * waiting reads. Every call rejects with a `ModbusError`. Function codes: Modbus Application Protocol 1.1b3, section 6.
 */
export interface ModbusLink {
  /** FC 3 (`holding`) or FC 4 (`input`), 1 to 125 registers. */
  readRegisters(unitId: number, table: 'holding' | 'input', address: number, quantity: number): Promise<ModbusReply>
  /** FC 1 (`coil`) or FC 2 (`discrete`), 1 to 2000 bits; one element per bit, 0 or 1. */
  readBits(unitId: number, table: 'coil' | 'discrete', address: number, quantity: number): Promise<ModbusBits>
  /** FC 24: what stands in the queue, oldest first, 0 to 31 registers. */
  readFifo(unitId: number, address: number): Promise<ModbusReply>
  /** FC 43/14, basic and regular objects: text by object id (0 vendor, 1 product code, 2 revision, ...). */
  readIdentity(unitId: number): Promise<ReadonlyMap<number, string>>
  /** FC 5 for one coil, FC 15 for up to 1968; resolves when the device has confirmed. */
  writeCoils(unitId: number, address: number, bits: readonly boolean[]): Promise<void>
  /** FC 6 for one register (FC 16 where `multiple`), FC 16 for up to 123; resolves when the device has confirmed. */
  writeRegisters(
    unitId: number,
    address: number,
    values: readonly number[],
    options?: { readonly multiple?: boolean },
  ): Promise<void>
  /** FC 22: register = (register AND `and`) OR (`or` AND NOT `and`). */
  maskWriteRegister(unitId: number, address: number, and: number, or: number): Promise<void>
  /** FC 23: writes up to 121 registers, then reads up to 125, in one transaction. */
  readWriteRegisters(
    unitId: number,
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: readonly number[] },
  ): Promise<ModbusReply>
  /** Says that a poll is over: closes the connection where the site asks for it. */
  pollEnded?(): void
  /** Whether the far end could be reached when it was last tried. */
  state?(): LinkState
  close(): Promise<void>
}
export type LinkState = {
  readonly up: boolean
  /** Since when; undefined before the first try. */
  readonly changed_ns: Instant | undefined
  /** Connections made since the start. */
  readonly connections: number
}
export type ModbusBits = {
  readonly bits: Uint8Array
  readonly sent: Monotonic
  readonly received: Monotonic
}
export type ModbusReply = {
  readonly registers: Uint16Array
  /** Monotonic instants just before the request was written and just after the reply was complete. */
  readonly sent: Monotonic
  readonly received: Monotonic
}
export class ModbusError extends Error {
  readonly reason: import('./reading.ts').Reason
  constructor(reason: import('./reading.ts').Reason, detail: string) {
    super(detail)
    this.name = 'ModbusError'
    this.reason = reason
  }
}

export type MqttMessage = { topic: string; payload: Uint8Array; retain: boolean }
export type MqttWill = { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }
export type MqttOptions = {
  readonly url: string
  readonly clientId: string
  readonly username: string
  /** Asked before every CONNECT. */
  readonly password: () => Promise<string>
  /** Asked before every CONNECT: the will of this session (bdSeq, STATE timestamp). */
  readonly will: () => MqttWill
  readonly keepalive_s: number
  /** CONNACK accepted. Nothing has been subscribed yet. */
  readonly onUp: () => void
  /** The session ended; a new one is tried with jittered back-off until `stop()`. */
  readonly onDown: (why: string) => void
  /** An attempt failed, for another reason than the one before it at this address. */
  readonly onAway?: (why: string) => void
  readonly onMessage: (message: MqttMessage) => void
}
/** A clean-session MQTT 3.1.1 client that reconnects for ever. Nothing is queued while it is down. */
export interface MqttConnection {
  start(): void
  readonly up: boolean
  /** Why there is no session: what the last attempt or the end of the last session said. */
  readonly away: string | undefined
  /** Bytes accepted but not yet written to the socket. */
  readonly pendingBytes: number
  /** QoS 0: resolves when handed to the socket; QoS 1: when acknowledged. Rejects when down. */
  publish(topic: string, payload: Uint8Array, options: { qos: 0 | 1; retain?: boolean }): Promise<void>
  subscribe(filters: readonly string[], qos: 0 | 1): Promise<void>
  unsubscribe(filters: readonly string[]): Promise<void>
  /** Drops the connection without DISCONNECT handling of its own; the will fires (used to force a new session). */
  drop(): void
  /** Publishes nothing more, sends DISCONNECT, resolves within `deadline_ms` whatever the peer does. */
  stop(deadline_ms: number): Promise<void>
}
export type ConnectMqtt = (options: MqttOptions) => MqttConnection

export type AppendOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'quarantined'; readonly reason: string }

/** The series store as ingest sees it: the only writer. */
export interface SeriesWriter {
  /** Commits durably, all or nothing, together with the identities; one outcome per record, in order. */
  append(records: readonly KeptRecord[]): Promise<readonly AppendOutcome[]>
  /** Puts aside, durably and with their identities, records that can never be stored; they are then acknowledged. */
  quarantine(rejected: readonly RejectedRecord[]): Promise<void>
  /** What has been committed of a stream, for acknowledgements after a restart. */
  committed(node: string, outbox: string, stream: Stream): Promise<Ranges>
  /** Cheap enough to ask every few seconds. */
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

/** How a series store stands, for whoever runs it. `undefined` is what this side cannot know. */
export type StoreHealth = {
  readonly kind: 'embedded' | 'influxdb'
  /** Its folder or address. */
  readonly where: string
  /** Of its files on this machine, and the room left on their disk. */
  readonly bytes: number | undefined
  readonly free_bytes: number | undefined
  /** Of all that is stored, real or exercise; `undefined` also where nothing is. */
  readonly oldest_ns: Instant | undefined
  readonly newest_ns: Instant | undefined
  /** What stands in quarantine now. */
  readonly quarantined: number | undefined
  /** When the last backup was whole. */
  readonly last_backup_ns: Instant | undefined
  /** How many readings and blocks; only where a reader is asked. */
  readonly rows?: { readonly readings: number; readonly blocks: number }
}

export type SeriesColumn = {
  t_ns: Instant
  min: number
  mean: number
  max: number
  count: number
  worst_flag: number
}
export type LatestReading = Reading & { exercise: boolean }
export type StoredBlock = Block & { exercise: boolean }
export type StoredGap = Gap & { exercise: boolean }

/** Waveforms of a device as a file, piece by piece; ends early where the consumer stops asking. */
export type ExportSeries = (options: {
  readonly channel: string
  readonly from: Instant
  readonly to: Instant
  readonly format: 'csv' | 'miniseed'
}) => AsyncIterable<Uint8Array>

/**
 * The series store as the desk sees it: read only, and it may be absent for a while (`STORE_UNAVAILABLE`). A question whose
 * `signal` aborts rejects at once with the signal's reason; it is not begun, or ended where it stands.
 */
export interface SeriesReader {
  latest(): Promise<readonly LatestReading[]>
  /**
   * Good and suspect readings of [from, to) in at most `points` columns; columns without readings are left out. Where a store
   * has its figures by the second, minute or hour, columns may be as much wider as it takes to hold whole ones.
   */
  series(
    channel: string,
    from: Instant,
    to: Instant,
    points: number,
    signal?: AbortSignal,
  ): Promise<readonly SeriesColumn[]>
  readings(channel: string, from: Instant, to: Instant, limit: number): Promise<readonly LatestReading[]>
  blocks(
    device: string,
    group: string,
    from: Instant,
    to: Instant,
    signal?: AbortSignal,
  ): Promise<readonly StoredBlock[]>
  gaps(from: Instant, to: Instant, signal?: AbortSignal): Promise<readonly StoredGap[]>
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

/** Integers are bigint, floats are number: a field keeps its type for ever. */
export type PointField = bigint | number | string
/** A point beside readings and blocks: what the desk knows of alarms and of the line. Names are `domain/series.ts`'s. */
export type SeriesPoint = {
  readonly kind: SeriesKind
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, PointField | undefined>>
  readonly t_ns: Instant
}

/** Where InfluxDB is the store: takes points of the desk. The same point twice is stored once. */
export interface PointSink {
  /** In the store when it resolves, except for those returned, which it will never take. Rejects with a PlumblineError. */
  write(points: readonly SeriesPoint[]): Promise<readonly RefusedPoint[]>
  close(): Promise<void>
}
export type RefusedPoint = { readonly point: SeriesPoint; readonly why: string }
