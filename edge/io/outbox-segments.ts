/**
 * One stream on disk: append-only segment files named by their first offset, records without holes in each. Knows bytes and
 * files; offsets are given by `outbox-file.ts`, and when a segment may go is decided there too.
 */
import { type FileHandle, mkdir, open, readdir, stat, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../domain/ports.ts'
import type { Instant } from '../../domain/time.ts'
import type { Position, Stored } from '../outbox.ts'
import { scanRecords } from '../outbox-record.ts'
import { SegmentWriter } from './segment-writer.ts'

export type Segment = {
  readonly first: number
  readonly path: string
  /** Offset of the newest record; `undefined` for a segment of an earlier run that was not read through yet. */
  last: number | undefined
  bytes: number
  oldest_ns: Instant | null
  newest_ns: Instant | null
  /** By the monotonic clock of this boot, where this run wrote it. */
  newest_mono_ns?: bigint | undefined
}

const CHUNK_BYTES = 256 * 1024
/** Holds the first record of nearly every segment; a larger one shows its instant when it is read. */
const HEAD_BYTES = 16 * 1024
/** A cut tail up to this size is what an unsynced group may leave; a longer one is kept for inspection. */
const TAIL_BYTES = 256 * 1024
/** Bytes set aside for inspection are kept of this many segments. */
const CORRUPT_FILES_MAX = 4

const fileName = (first: number): string => `${String(first).padStart(16, '0')}.seg`

export class Segments {
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #log: Log
  #segments: Segment[] = []
  readonly #writer = new SegmentWriter()
  tornBytes = 0
  corrupt = 0

  constructor(folder: string, segmentBytes: number, log: Log) {
    this.#folder = folder
    this.#segmentBytes = segmentBytes
    this.#log = log
  }

  /** Oldest first. */
  get list(): readonly Segment[] {
    return this.#segments
  }
  isActive(segment: Segment): boolean {
    return this.#writer.path === segment.path
  }

  get end(): Position {
    const last = this.#segments.at(-1)
    return last === undefined ? { segment: 0, at: 0 } : { segment: last.first, at: last.bytes }
  }

  /** Finds what is there and cuts a torn tail; writing goes on in a new segment. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const firsts = (await readdir(this.#folder)).flatMap((name) =>
      /^\d{16}\.seg$/.test(name) ? [Number.parseInt(name, 10)] : [],
    )
    for (const first of firsts.sort((a, b) => a - b)) await this.#adopt(first)
    for (let i = 0; i + 1 < this.#segments.length; i++)
      this.#segments[i]!.newest_ns = this.#segments[i + 1]!.oldest_ns ?? this.#segments[i]!.oldest_ns
    const last = this.#segments.at(-1)
    if (last !== undefined) await this.readThrough(last)
  }

  async #adopt(first: number): Promise<void> {
    const segment = this.#segmentFrom(first, null)
    segment.bytes = (await stat(segment.path)).size
    if (segment.bytes === 0) return unlink(segment.path)
    const [head] = scanRecords((await this.#bytes(segment, 0, HEAD_BYTES)) ?? new Uint8Array()).records
    segment.oldest_ns = head?.record.utc_ns ?? null
    segment.newest_ns = segment.oldest_ns
    this.#segments.push(segment)
  }

  /** Reads a whole segment, so that its newest record is known; what is no record is cut or set aside. */
  async readThrough(segment: Segment, each: (stored: Stored) => void = () => {}): Promise<void> {
    let at = 0
    while (at < segment.bytes) {
      const { stored } = await this.#readIn(segment, at, CHUNK_BYTES)
      stored.forEach(each)
      at = stored.at(-1)?.next.at ?? segment.bytes
    }
  }

  /** Records from a place on, at least one where there is one, about `bytes` of them. */
  async read(from: Position, bytes: number): Promise<{ stored: readonly Stored[]; next: Position }> {
    for (const segment of [...this.#segments]) {
      if (segment.first < from.segment) continue
      const at = segment.first === from.segment ? from.at : 0
      if (at >= segment.bytes) continue
      const { stored } = await this.#readIn(segment, at, bytes)
      if (stored.length > 0) return { stored, next: stored.at(-1)!.next }
    }
    return { stored: [], next: this.end }
  }

  async #readIn(segment: Segment, at: number, wanted: number): Promise<{ stored: readonly Stored[] }> {
    const left = segment.bytes - at
    const asked = Math.min(wanted, left)
    const bytes = await this.#bytes(segment, at, asked)
    // Committed or dropped while it was read.
    if (bytes === undefined) return { stored: [] }
    const scan = scanRecords(bytes)
    const shorterThanKnown = bytes.length < asked
    if (scan.stop === 'short' && scan.records.length === 0 && scan.need <= left && !shorterThanKnown)
      return this.#readIn(segment, at, scan.need)
    const bad = scan.stop === 'corrupt' || shorterThanKnown || (scan.stop === 'short' && scan.end + scan.need > left)
    if (bad) await this.#cut(segment, at + scan.end)
    const stored = scan.records.map(({ record, at: inChunk, bytes: length }): Stored => {
      const start = at + inChunk
      return {
        record,
        bytes: length,
        position: { segment: segment.first, at: start },
        next: { segment: segment.first, at: start + length },
      }
    })
    const newest = stored.at(-1)
    if (newest !== undefined && newest.next.at >= segment.bytes) {
      segment.last = newest.record.offset
      segment.newest_ns = newest.record.utc_ns ?? segment.newest_ns
    }
    return { stored }
  }

  /** `undefined` where the segment was removed meanwhile. */
  async #bytes(segment: Segment, at: number, length: number): Promise<Buffer | undefined> {
    let file: FileHandle
    try {
      file = await open(segment.path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      const bytes = Buffer.allocUnsafe(length)
      const { bytesRead } = await file.read(bytes, 0, length, at)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  /** Cuts a segment behind its last good record. What is too much for a torn tail is set aside first. */
  async #cut(segment: Segment, end: number): Promise<void> {
    if (this.isActive(segment)) this.#writer.seal()
    const lost = segment.bytes - end
    const tail = segment === this.#segments.at(-1) && lost <= TAIL_BYTES
    if (!tail) await this.#setAside(segment, end)
    await truncate(segment.path, end)
    segment.bytes = end
    if (tail) this.tornBytes += lost
    else this.corrupt++
    this.#log.warn(tail ? 'outbox: torn tail cut' : 'outbox: bad record, the rest of its segment is set aside', {
      segment: fileName(segment.first),
      good_bytes: end,
      cut_bytes: lost,
    })
    if (end === 0) await this.remove(segment)
  }

  async #setAside(segment: Segment, end: number): Promise<void> {
    const kept = (await readdir(this.#folder)).filter((name) => name.endsWith('.corrupt')).sort()
    for (const name of kept.slice(0, Math.max(0, kept.length + 1 - CORRUPT_FILES_MAX)))
      await unlink(join(this.#folder, name))
    const bytes = await this.#bytes(segment, end, segment.bytes - end)
    if (bytes !== undefined) await writeFile(`${segment.path}.corrupt`, bytes)
  }

  /**
   * One write(2) of one record. After a failure nothing of it is left and the next record opens a new segment, so that a
   * segment never has a hole.
   * @throws the error of the file system
   */
  append(record: Uint8Array, offset: number, utc_ns: Instant | null, mono_ns?: bigint): Position {
    const segment = this.#segmentFor(record.length) ?? this.#create(offset, utc_ns)
    const position = { segment: segment.first, at: segment.bytes }
    try {
      this.#writer.append(record)
    } catch (error) {
      if (segment.bytes === 0) this.#segments = this.#segments.filter((s) => s !== segment)
      throw error
    }
    segment.bytes += record.length
    segment.last = offset
    segment.newest_ns = utc_ns ?? segment.newest_ns
    segment.newest_mono_ns = mono_ns
    return position
  }

  /** The segment being written, where the record still fits. */
  #segmentFor(bytes: number): Segment | undefined {
    const last = this.#segments.at(-1)
    return last !== undefined && this.isActive(last) && last.bytes + bytes <= this.#segmentBytes ? last : undefined
  }

  #create(first: number, utc_ns: Instant | null): Segment {
    const segment = this.#segmentFrom(first, utc_ns)
    this.#writer.create(segment.path)
    this.#segments.push(segment)
    return segment
  }

  #segmentFrom(first: number, utc_ns: Instant | null): Segment {
    const path = join(this.#folder, fileName(first))
    return { first, path, last: undefined, bytes: 0, oldest_ns: utc_ns, newest_ns: utc_ns }
  }

  /** The next record opens a new segment. */
  seal(): void {
    this.#writer.seal()
  }

  sync(): Promise<void> {
    return this.#writer.sync()
  }

  async remove(segment: Segment): Promise<void> {
    this.#writer.abandon(segment.path)
    await unlink(segment.path)
    this.#segments = this.#segments.filter((s) => s !== segment)
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}
