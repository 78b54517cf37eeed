/**
 * Brings the journal into InfluxDB as `event` points, in the order of its rows. A durable cursor says up to which row all
 * of them are there; it moves after the store has taken them, so that a crash repeats rows and never leaves one out.
 */
import { join } from 'node:path'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log, PointSink } from '../../domain/ports.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { afterMs } from '../../runtime/clock.ts'
import { type AboutAlarm, eventPoint, type Places } from '../event-points.ts'
import type { Journal } from './journal.ts'

export const CURSOR_FILE = 'event-export.json'
/** Rows of one request. */
const ROWS = 500
/** Between two looks where nobody said that there is something new, and after a failure, doubling up to the most. */
const LOOK_MS = 5_000
const RETRY = { first_ms: 1_000, most_ms: 60_000 }

export type EventExportOptions = {
  readonly site: string
  readonly folder: string
  readonly journal: Pick<Journal, 'entries'>
  readonly sink: PointSink
  readonly places: Places
  readonly about: (alarm: string) => AboutAlarm | undefined
  readonly clock: Clock
  readonly log: Log
}

export class EventExport {
  readonly #o: EventExportOptions
  #cursor = 0
  #head = 0
  #refused = 0
  #retry_ms = 0
  #stopped = false
  #cancel: () => void = () => {}
  #working: Promise<void> | undefined
  #again = false

  constructor(options: EventExportOptions) {
    this.#o = options
  }

  /** Every row up to this one is in the store. */
  get cursor(): number {
    return this.#cursor
  }
  /** Rows that the store will never take; they stand in the journal. */
  get refused(): number {
    return this.#refused
  }
  /** Rows known to be written and not in the store yet. */
  get behind(): number {
    return Math.max(0, this.#head - this.#cursor)
  }

  async start(): Promise<void> {
    this.#cursor = await this.#readCursor()
    // A journal that was restored from a backup is shorter: from its start on, as what is there already is written over alike.
    const [newest] = await this.#o.journal.entries(undefined, 1)
    this.#head = newest?.seq ?? 0
    if (this.#cursor > this.#head) {
      this.#o.log.warn('the journal is shorter than what was exported of it: it is exported anew', {
        exported: this.#cursor,
        journal: this.#head,
      })
      this.#cursor = 0
    }
    this.kick()
  }

  /** A row was written. */
  wrote(seq: number): void {
    this.#head = Math.max(this.#head, seq)
    if (this.#retry_ms === 0) this.kick()
  }

  kick(): void {
    if (this.#stopped) return
    if (this.#working !== undefined) {
      this.#again = true
      return
    }
    this.#cancel()
    this.#working = this.#work().finally(() => {
      this.#working = undefined
      if (this.#stopped) return
      const again = this.#again && this.#retry_ms === 0
      this.#again = false
      if (again) return this.kick()
      const { clock } = this.#o
      this.#cancel = clock.at(afterMs(clock, this.#retry_ms === 0 ? LOOK_MS : this.#retry_ms), () => this.kick())
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  async #work(): Promise<void> {
    try {
      for (;;) {
        const rows = await this.#o.journal.entries(this.#cursor, ROWS)
        if (rows.length === 0 || this.#stopped) break
        await this.#export(rows)
      }
      if (this.#retry_ms > 0) this.#o.log.info('events are exported again', { up_to: this.#cursor })
      this.#retry_ms = 0
    } catch (error) {
      if (this.#retry_ms === 0)
        this.#o.log.warn('events cannot be exported; they wait in the journal', { why: (error as Error).message })
      this.#retry_ms = Math.min(RETRY.most_ms, Math.max(RETRY.first_ms, this.#retry_ms * 2))
    }
  }

  async #export(rows: readonly JournalEntryJson[]): Promise<void> {
    const { site, sink, places, about, folder } = this.#o
    const points = rows.flatMap((row) => {
      const point = eventPoint(site, row, row.alarm === null ? undefined : about(row.alarm), places)
      return point === undefined ? [] : [point]
    })
    const refused = points.length === 0 ? [] : await sink.write(points)
    if (refused.length > 0) this.#told(refused[0]!.why, refused.length)
    const { seq } = rows.at(-1)!
    await writeFileDurably(join(folder, CURSOR_FILE), JSON.stringify({ seq }), 0o600)
    this.#cursor = seq
    this.#head = Math.max(this.#head, seq)
  }

  #told(why: string, count: number): void {
    if (this.#refused === 0)
      this.#o.log.warn('InfluxDB refuses events; they stand in the journal (told once, then counted)', { why })
    this.#refused += count
  }

  async #readCursor(): Promise<number> {
    const path = join(this.#o.folder, CURSOR_FILE)
    const bytes = await readFileIfThere(path)
    if (bytes === undefined) return 0
    try {
      const { seq } = JSON.parse(bytes.toString('utf8')) as { seq?: unknown }
      if (Number.isSafeInteger(seq) && (seq as number) >= 0) return seq as number
    } catch {}
    const { message } = new PlumblineError(
      'DATA_CORRUPT',
      `${path}: expected {"seq": number}; events are exported anew`,
    )
    this.#o.log.warn(message)
    return 0
  }
}
