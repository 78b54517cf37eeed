/**
 * The outbox on disk, source of truth of the edge node: three streams of segments, the offsets given out, and what the
 * owners have committed. A disk that cannot be written never stops the measuring: what was not recorded is counted, told
 * once, and recording goes on as soon as it can.
 */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { Gap } from '../../domain/reading.ts'
import { type Committed, type Ranges, STREAMS, type Stream } from '../../domain/record.ts'
import { type Monotonic, monotonic, NS_PER_S } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { afterMs } from '../../runtime/clock.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import type { Appended, NewRecord, Outbox, Position, Stored, StreamLimits, StreamStats } from '../outbox.ts'
import { encodeRecord } from '../outbox-record.ts'
import { Offsets } from './outbox-offsets.ts'
import { OutboxStream } from './outbox-stream.ts'

/** What power loss may take of readings and blocks: at most this long or this much, whichever comes first. */
const SYNC_MS = 500
const SYNC_BYTES = 256 * 1024
const MAINTAIN_MS = 1000
/** Without a failure for so long it counts as writable again, as the alarm of it does. */
const RECOVERED_NS = 60n * NS_PER_S

export type OutboxOptions = {
  readonly folder: string
  readonly limits: Readonly<Record<Stream, StreamLimits>>
  /** 16 bytes of this run of the process. */
  readonly boot: Uint8Array
  readonly clock: Clock
  readonly log: Log
  /** Records the gaps that tell of dropped records, in the stream that lost them. */
  readonly onDropped: (stream: Stream, gaps: ReadonlyMap<string, readonly Gap[]>) => void
}

export class OutboxFile implements Outbox {
  readonly id: string
  /** True where the folder was made by this start. */
  readonly isNew: boolean
  readonly #options: OutboxOptions
  readonly #streams: Record<Stream, OutboxStream>
  readonly #offsets: Offsets
  #failure: string | undefined
  #unrecordedSince = 0
  #failedAt: Monotonic = monotonic(0n)
  #maintainFailed = false
  #syncTimer: (() => void) | undefined
  #maintainTimer: () => void = () => {}
  #maintaining: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(options: OutboxOptions, id: string, isNew: boolean) {
    this.#options = options
    this.id = id
    this.isNew = isNew
    const make = (s: Stream) => new OutboxStream(s, join(options.folder, s), options.limits[s], options.log)
    this.#streams = { conditions: make('conditions'), readings: make('readings'), blocks: make('blocks') }
    this.#offsets = new Offsets(options.folder)
  }

  /** @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  static async open(options: OutboxOptions): Promise<OutboxFile> {
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o700 })
      const known = await readIdentity(options.folder)
      const outbox = new OutboxFile(options, known ?? randomUUID(), known === undefined)
      await outbox.#open()
      return outbox
    } catch (error) {
      throw operatingError(error, options.folder)
    }
  }

  async #open(): Promise<void> {
    const { folder, log } = this.#options
    const committed = this.isNew ? {} : await readCommitted(folder, log)
    for (const stream of STREAMS) await this.#streams[stream].open(committed[stream] ?? [])
    const { conditions, readings, blocks } = this.#streams
    if (this.isNew && STREAMS.some((s) => this.#streams[s].segments.list.length > 0))
      throw new PlumblineError('DATA_CORRUPT', `${folder} holds records but no outbox.json, which says whose they are`)
    const known = { conditions: conditions.highest, readings: readings.highest, blocks: blocks.highest }
    this.#offsets.open(this.isNew ? undefined : known, log)
    for (const stream of STREAMS) this.#streams[stream].settle(this.#offsets.highest(stream))
    // Last, so that an outbox has its id only when everything else of it is there.
    if (this.isNew) await writeFileDurably(join(folder, 'outbox.json'), `${JSON.stringify({ id: this.id })}\n`, 0o600)
    this.#maintainLater()
  }

  append(stream: Stream, record: NewRecord): Appended {
    const lane = this.#streams[stream]
    let offset: number | undefined
    try {
      offset = this.#offsets.take(stream)
      const bytes = encodeRecord({ ...record, offset, boot: this.#options.boot })
      const previousEnd = lane.segments.end
      const position = lane.segments.append(bytes, offset, record.utc_ns, record.mono_ns)
      lane.appended++
      this.#recovered()
      this.#syncSoon(lane, bytes.length)
      return { offset, place: { previousEnd, position, end: lane.segments.end, bytes: bytes.length } }
    } catch (error) {
      lane.unrecorded++
      this.#unrecordedSince++
      this.#failed(error, join(this.#options.folder, stream))
      return offset === undefined ? {} : { offset }
    }
  }

  /** @throws where it is our bug; an operating error is told once. */
  #failed(error: unknown, where: string): void {
    const coded = operatingError(error, where)
    if (coded instanceof PlumblineError && coded.fault === 'bug') throw coded
    const what = coded instanceof Error ? coded.message : String(coded)
    this.#failedAt = this.#options.clock.monotonic()
    if (this.#failure === undefined)
      this.#options.log.error('outbox: cannot be written; measuring and sending go on, but are not recorded', { what })
    this.#failure = what
  }

  #recovered(): void {
    if (this.#failure === undefined) return
    // On a full disk a small record still finds its place between two that do not.
    if (this.#options.clock.monotonic() - this.#failedAt < RECOVERED_NS) return
    this.#options.log.info('outbox: recording again', { records_not_recorded: this.#unrecordedSince })
    this.#failure = undefined
    this.#unrecordedSince = 0
  }

  #syncSoon(lane: OutboxStream, bytes: number): void {
    lane.unsyncedBytes += bytes
    if (lane.name === 'conditions' || lane.unsyncedBytes >= SYNC_BYTES) {
      void this.sync(lane.name).catch(() => {})
      return
    }
    const { clock } = this.#options
    this.#syncTimer ??= clock.at(afterMs(clock, SYNC_MS), () => {
      this.#syncTimer = undefined
      void this.sync().catch(() => {})
    })
  }

  /** Failures are told here as well as thrown. */
  async sync(stream?: Stream): Promise<void> {
    const lanes = STREAMS.filter((s) => stream === undefined || s === stream).map((s) => this.#streams[s])
    const release = this.#options.clock.hold()
    try {
      for (const lane of lanes) lane.unsyncedBytes = 0
      await Promise.all(lanes.map((lane) => lane.segments.sync()))
    } catch (error) {
      this.#failed(error, this.#options.folder)
      throw operatingError(error, this.#options.folder)
    } finally {
      release()
    }
  }

  async read(stream: Stream, from: Position, bytes: number): Promise<{ stored: readonly Stored[]; next: Position }> {
    const release = this.#options.clock.hold()
    try {
      return await this.#streams[stream].segments.read(from, bytes)
    } finally {
      release()
    }
  }

  end(stream: Stream): Position {
    return this.#streams[stream].segments.end
  }
  committed(stream: Stream): Ranges {
    return this.#streams[stream].committed
  }
  isCommitted(stream: Stream, offset: number): boolean {
    return this.#streams[stream].isCommitted(offset)
  }
  highest(stream: Stream): number {
    return this.#offsets.highest(stream)
  }
  waits(stream: Stream, upTo: number): boolean {
    return this.#streams[stream].waits(upTo)
  }

  commit({ outbox, stream, ranges }: Committed): boolean {
    return outbox === this.id && this.#streams[stream].commit(ranges, this.#offsets.highest(stream))
  }

  giveUp(stream: Stream, ranges: Ranges, records: number): void {
    this.#streams[stream].giveUp(ranges, records, this.#offsets.highest(stream))
  }

  stats(stream: Stream): StreamStats {
    return this.#streams[stream].stats(this.#options.clock.now())
  }

  #maintainLater(): void {
    const { clock } = this.#options
    if (this.#closed) return
    this.#maintainTimer = clock.at(
      afterMs(clock, MAINTAIN_MS),
      () => void this.maintain().then(() => this.#maintainLater()),
    )
  }

  /** Deletes what is committed, enforces the limits, writes what is committed; runs every second, never twice at once. */
  maintain(): Promise<void> {
    this.#maintaining = this.#maintaining.then(() => this.#maintain(true))
    return this.#maintaining
  }

  async #maintain(enforce: boolean): Promise<void> {
    const { clock, onDropped } = this.#options
    const release = clock.hold()
    try {
      for (const stream of STREAMS) {
        const lane = this.#streams[stream]
        await lane.trim()
        if (enforce) await lane.enforceLimits(clock.now(), clock.monotonic(), (gaps) => onDropped(stream, gaps))
        lane.settle(this.#offsets.highest(stream))
      }
      await this.#writeCommitted()
      this.#maintainFailed = false
    } catch (error) {
      if (!this.#maintainFailed)
        this.#options.log.error('outbox: cannot be trimmed', { what: operatingError(error, this.#options.folder) })
      this.#maintainFailed = true
    } finally {
      release()
    }
  }

  /** May lag behind: losing it only causes resends. */
  async #writeCommitted(): Promise<void> {
    const lanes = STREAMS.map((stream) => this.#streams[stream])
    if (!lanes.some((lane) => lane.committedChanged)) return
    for (const lane of lanes) lane.committedChanged = false
    const committed = Object.fromEntries(lanes.map((lane) => [lane.name, lane.committed]))
    await writeFileDurably(join(this.#options.folder, 'committed.json'), `${JSON.stringify(committed)}\n`, 0o600)
  }

  /** Everything on stable storage, then nothing more is written. Limits wait for the next start, which can tell the gaps. */
  async close(): Promise<void> {
    this.#closed = true
    this.#syncTimer?.()
    this.#maintainTimer()
    await this.#maintaining
    await this.#maintain(false)
    for (const stream of STREAMS) await this.#streams[stream].segments.close().catch((e) => this.#failed(e, stream))
    this.#offsets.close()
  }
}

/** Id of the outbox in `folder`, or `undefined` where there is none. */
async function readIdentity(folder: string): Promise<string | undefined> {
  const path = join(folder, 'outbox.json')
  const text = (await readFileIfThere(path))?.toString()
  if (text === undefined) return undefined
  const { id } = parse(text) as { id?: unknown }
  if (typeof id !== 'string' || id === '')
    throw new PlumblineError('DATA_CORRUPT', `${path}: expected {"id": …}, got ${text.slice(0, 80)}`)
  return id
}

async function readCommitted(folder: string, log: Log): Promise<Partial<Record<Stream, Ranges>>> {
  const text = (await readFileIfThere(join(folder, 'committed.json')))?.toString()
  if (text === undefined) return {}
  const body = parse(text) as Partial<Record<Stream, Ranges>>
  const sound = STREAMS.every((s) => {
    const ranges: unknown = body[s] ?? []
    return (
      Array.isArray(ranges) && ranges.every((r) => Array.isArray(r) && r.length === 2 && r.every(Number.isSafeInteger))
    )
  })
  if (!sound) log.warn('outbox: committed.json cannot be read; what it said is sent again')
  return sound ? body : {}
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
