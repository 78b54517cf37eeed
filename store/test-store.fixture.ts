/** The programs of writer and reader on connections of the test's own: each call is done when it returns, and time is told. */
import { DatabaseSync } from 'node:sqlite'
import type { LatestReading, SeriesColumn } from '../domain/ports.ts'
import type { DeviceRecord } from '../domain/record.ts'
import type { Instant } from '../domain/time.ts'
import { ALWAYS, type SqliteProgram, type Transferred } from '../runtime/sqlite-worker.ts'
import { SCHEMA, seriesFiles } from './files.ts'
import { type FoundLatest, unpackLatest } from './io/latest.ts'
import { open as openReading } from './io/read-program.ts'
import type { Tended, TendOrder } from './io/tend-program.ts'
import { open as openWriting } from './io/write-program.ts'
import { pack } from './packed.ts'

export class TestStore {
  readonly db: DatabaseSync
  readonly #writing: SqliteProgram
  readonly #reader: DatabaseSync
  readonly #reading: SqliteProgram

  constructor(folder: string) {
    this.db = connection(folder)
    this.#writing = openWriting(this.db)
    for (const schema of Object.values(SCHEMA))
      this.db.exec(`PRAGMA "${schema}".journal_mode = WAL; PRAGMA "${schema}".synchronous = OFF`)
    this.#reader = connection(folder)
    this.#reading = openReading(this.#reader, undefined, ALWAYS)
  }

  append(...records: DeviceRecord[]): unknown {
    return this.#writing['append']!(pack(records))
  }

  /** Works everything off that nobody touched for `rounds` rounds. */
  tend(order: TendOrder = { rounds: 0 }): Tended {
    let tended = this.#writing['tend']!(order) as Tended
    let done = tended.done
    while (tended.left > 0) {
      tended = this.#writing['tend']!({}) as Tended
      done += tended.done
    }
    return { ...tended, done }
  }

  series(channel: string, from: Instant, to: Instant, points: number): SeriesColumn[] {
    return this.#reading['series']!(channel, from, to, points) as SeriesColumn[]
  }

  /** Seals all that has come to rest. */
  seal(): void {
    this.tend({ rounds: 0 })
    for (let done = -1; done !== 0; ) ({ done } = this.tend({ rounds: 0, seal: true }))
  }

  readings(channel: string, from: Instant, to: Instant, limit: number): LatestReading[] {
    return this.#reading['readings']!(channel, from, to, limit) as LatestReading[]
  }

  latest(): LatestReading[] {
    return unpackLatest((this.#reading['latest']!() as Transferred<FoundLatest>).value)
  }

  /** Whole numbers that are too large stay bigints. */
  rows(table: string): Array<Record<string, unknown>> {
    const statement = this.db.prepare(`SELECT * FROM ${table}`)
    statement.setReadBigInts(true)
    const plain = (value: unknown) =>
      typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
    return statement.all().map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, plain(v)])))
  }

  close(): void {
    this.#reader.close()
    this.db.close()
  }
}

function connection(folder: string): DatabaseSync {
  const { path, attach } = seriesFiles(folder)
  const db = new DatabaseSync(path)
  db.prepare('ATTACH ? AS exercise').run(attach[SCHEMA.exercise]!)
  return db
}
