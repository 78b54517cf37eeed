/**
 * A snapshot of who was told of what, so that a start need not read the whole journal. It names the journal's row that it
 * follows by number and hash: one that does not fit is left aside, and everything is read.
 */
import { join } from 'node:path'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { Log } from '../../domain/ports.ts'
import { type Instant, instantToMs } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import type { TellingBook, TellingSnapshot } from '../telling/telling-book.ts'
import type { Journal } from './journal.ts'

const FILE = 'telling.json'
const PAGE = 1000
/** Written at most so often while the desk runs; what came after is read from the journal. */
const EVERY_MS = 60_000
/** Read in a tenth of a second. */
const LONG_ROWS = 20_000

type Saved = {
  readonly seq: number
  readonly hash: string
  /** Of the clock that never steps, and of the wall, when it was written. */
  readonly t: number
  readonly wall_ms: number
  readonly book: TellingSnapshot
}
export type Head = { readonly seq: number; readonly hash: string }

export class TellingFile {
  readonly #path: string
  readonly #journal: Pick<Journal, 'entries'>
  readonly #log: Log
  #saved_t = Number.NEGATIVE_INFINITY
  #saved_seq = -1
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string, journal: Pick<Journal, 'entries'>, log: Log) {
    this.#path = join(folder, FILE)
    this.#journal = journal
    this.#log = log
  }

  /** Fills the book; returns the row that it follows, and whether so many rows were read that it should be saved at once. */
  async restore(book: TellingBook, now_ms: number): Promise<Head & { readonly long: boolean }> {
    const saved = await this.#read()
    if (saved !== undefined) book.restore(saved.book, saved.wall_ms - saved.t)
    let head: Head = saved ?? { seq: 0, hash: '' }
    // A clock that was set back between two rows must not let time run backwards.
    let t = Number.NEGATIVE_INFINITY
    let read = 0
    for (;;) {
      const entries = await this.#journal.entries(head.seq, PAGE)
      for (const entry of entries) {
        t = Math.min(Math.max(t, Number(BigInt(entry.at_ns) / 1_000_000n)), now_ms)
        book.apply(entry, t)
      }
      const last = entries.at(-1)
      read += entries.length
      if (last === undefined) return { ...head, long: read > LONG_ROWS }
      head = { seq: last.seq, hash: last.hash }
    }
  }

  async #read(): Promise<Saved | undefined> {
    try {
      const text = await readFileIfThere(this.#path)
      if (text === undefined) return undefined
      const saved = JSON.parse(text.toString('utf8')) as Saved
      const [row] = (await this.#journal.entries(saved.seq - 1, 1)) as JournalEntryJson[]
      if (row?.seq === saved.seq && row.hash === saved.hash) return saved
      this.#log.warn('the snapshot of messages is not of this journal; the journal is read instead')
    } catch (error) {
      this.#log.warn('the snapshot of messages cannot be read; the journal is read instead', { why: String(error) })
    }
    return undefined
  }

  async save(
    book: TellingBook,
    { seq, hash, t, wall }: Head & { readonly t: number; readonly wall: Instant },
    now = false,
  ): Promise<void> {
    if (seq === 0 || seq === this.#saved_seq || (!now && t - this.#saved_t < EVERY_MS)) return
    this.#saved_t = t
    this.#saved_seq = seq
    const saved: Saved = { seq, hash, t, wall_ms: instantToMs(wall), book: book.snapshot() }
    const text = JSON.stringify(saved)
    this.#writing = this.#writing
      .then(() => writeFileDurably(this.#path, text, 0o600))
      // It only saves time: a full disk is told of by what cannot do without.
      .catch(() => {})
    await this.#writing
  }
}
