/**
 * What the writer's database thread does: one transaction per batch that holds the data of its records and their
 * identities, in both series files at once. Only one such program runs on a store.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { AppendOutcome } from '../../domain/ports.ts'
import type { Ranges, RejectedRecord, Stream } from '../../domain/record.ts'
import type { SqliteProgram } from '../../runtime/sqlite-worker.ts'
import { SCHEMA, SERIES_KINDS } from '../files.ts'
import { type PackedBatch, type PackedRecord, type Refused, samplesIn } from '../packed.ts'
import { readingsIn } from '../packed-readings.ts'
import { bodyJson } from '../quarantine-body.ts'
import { CommittedTable } from './committed-table.ts'
import { HealthQueries } from './health.ts'
import type { Verdict } from './reading-table.ts'
import { prepareFile } from './schema.ts'
import { SeriesFile } from './series-file.ts'
import { type Tended, Tending, type TendOrder } from './tend-program.ts'

const schemas = SERIES_KINDS.map((kind) => SCHEMA[kind])
const fileOf = (exercise: boolean): number => SERIES_KINDS.indexOf(exercise ? 'exercise' : 'real')

class Writer {
  readonly #db: DatabaseSync
  readonly #files: readonly SeriesFile[]
  readonly #committed: CommittedTable
  readonly #tending: Tending

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#files = schemas.map((schema) => new SeriesFile(db, schema))
    this.#committed = new CommittedTable(db, schemas)
    this.#tending = new Tending(this.#files, (work) => this.#transaction(work))
  }

  append(batch: PackedBatch): AppendOutcome[] {
    return this.#transaction(() => batch.records.map((record) => this.#appendOne(record, batch)))
  }

  /** Records that could not be decoded: kept as they came, and committed, so that they are not sent for ever. */
  quarantine(rejected: readonly RejectedRecord[]): void {
    this.#transaction(() => {
      for (const { identity, device, exercise, reason, body } of rejected) {
        if (this.#committed.has(identity)) continue
        this.#files[fileOf(exercise)]!.quarantine(identity, device, { reason, body })
        this.#committed.add(fileOf(exercise), identity)
      }
    })
  }

  /** Rollups and retention, for a few milliseconds. */
  tend(order: TendOrder): Tended {
    return this.#tending.tend(order)
  }

  committed(node: string, outbox: string, stream: Stream): Ranges {
    return this.#committed.ranges({ node, outbox, stream })
  }

  #appendOne(record: PackedRecord, batch: PackedBatch): AppendOutcome {
    if (this.#committed.has(record.identity)) return { kind: 'duplicate' }
    const file = this.#files[fileOf(record.exercise)]!
    const refused = [...record.refused]
    let stored = 0
    let same = 0
    const take = (verdict: Verdict, body: () => string): void => {
      if (verdict === 'stored') stored++
      else if (verdict === 'same') same++
      else refused.push({ reason: verdict.conflict, body: body() })
    }
    for (const reading of readingsIn(batch.readings, record.readings, record.device))
      take(file.readings.add(reading), () => bodyJson(reading))
    for (const gap of record.gaps) take(file.addGap(gap), () => bodyJson(gap))
    for (const block of record.blocks) {
      const data = samplesIn(batch, block)
      take(file.blocks.add(block, data), () => bodyJson({ ...block, at: undefined, wide: undefined, samples: data }))
    }
    for (const part of refused) file.quarantine(record.identity, record.device, part)
    this.#committed.add(fileOf(record.exercise), record.identity)
    if (refused.length > 0) return { kind: 'quarantined', reason: reasonOf(refused) }
    return { kind: stored === 0 && same > 0 ? 'duplicate' : 'stored' }
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#committed.write()
      this.#db.exec('COMMIT')
      this.#committed.committed()
      return result
    } catch (error) {
      // A full disk may have rolled back already (https://www.sqlite.org/lang_transaction.html, response to errors).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      this.#committed.forget()
      this.#tending.forget()
      for (const file of this.#files) file.forget()
      throw error
    }
  }
}

const reasonOf = ([first, ...rest]: readonly Refused[]): string =>
  rest.length === 0 ? first!.reason : `${first!.reason} (and ${rest.length} more)`

export function open(db: DatabaseSync): SqliteProgram {
  for (const schema of schemas) prepareFile(db, schema)
  const writer = new Writer(db)
  const health = new HealthQueries(db, schemas)
  return {
    append: (batch: PackedBatch) => writer.append(batch),
    quarantine: (rejected: readonly RejectedRecord[]) => writer.quarantine(rejected),
    tend: (order: TendOrder) => writer.tend(order),
    health: () => health.look(),
    committed: (node: string, outbox: string, stream: Stream) => writer.committed(node, outbox, stream),
  }
}
