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
import { byChannel, readingAt } from '../packed-readings.ts'
import { bodyJson } from '../quarantine-body.ts'
import { CommittedTable } from './committed-table.ts'
import { HealthQueries } from './health.ts'
import type { Verdict } from './reading-table.ts'
import { prepareFile } from './schema.ts'
import { SeriesFile } from './series-file.ts'
import { type Tended, Tending, type TendOrder } from './tend-program.ts'

const schemas = SERIES_KINDS.map((kind) => SCHEMA[kind])
const fileOf = (exercise: boolean): number => SERIES_KINDS.indexOf(exercise ? 'exercise' : 'real')

/** The same object for all records: it is cloned to the other thread once. */
const STORED: AppendOutcome = { kind: 'stored' }
const DUPLICATE: AppendOutcome = { kind: 'duplicate' }

/** What has become of a record's parts so far. */
type Taken = { stored: number; same: number; readonly refused: Refused[] }

function note(taken: Taken, verdict: Verdict, body: () => string): void {
  if (verdict === 'stored') taken.stored++
  else if (verdict === 'same') taken.same++
  else taken.refused.push({ reason: verdict.conflict, body: body() })
}

/** Places of the readings of some records, and by place the record that each belongs to. */
function readingsOf({ records, readings }: PackedBatch, wanted: (record: number) => boolean) {
  const owner = new Uint32Array(readings.value.length)
  const places = new Uint32Array(readings.value.length)
  let n = 0
  for (const [i, record] of records.entries()) {
    const { from, to } = record.readings
    if (from === to || !wanted(i)) continue
    for (let place = from; place < to; place++) {
      owner[place] = i
      places[n++] = place
    }
  }
  return { owner, places: places.subarray(0, n) }
}

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
    return this.#transaction(() => this.#append(batch))
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

  /** Readings of all records channel by channel, then what else each record holds. */
  #append(batch: PackedBatch): AppendOutcome[] {
    const taken = batch.records.map((record) => this.#take(record))
    for (const [number, file] of this.#files.entries()) {
      const { places, owner } = readingsOf(
        batch,
        (i) => taken[i] !== undefined && fileOf(batch.records[i]!.exercise) === number,
      )
      file.readings.addAll(batch.readings, byChannel(batch.readings, places), (place, verdict) =>
        note(taken[owner[place]!]!, verdict, () => bodyJson(readingAt(batch.readings, place))),
      )
    }
    return batch.records.map((record, i) => {
      const result = taken[i]
      return result === undefined ? DUPLICATE : this.#finish(record, result, batch)
    })
  }

  /** `undefined` where it is committed already. */
  #take(record: PackedRecord): Taken | undefined {
    if (this.#committed.has(record.identity)) return undefined
    this.#committed.add(fileOf(record.exercise), record.identity)
    return { stored: 0, same: 0, refused: [...record.refused] }
  }

  #finish(record: PackedRecord, taken: Taken, batch: PackedBatch): AppendOutcome {
    const file = this.#files[fileOf(record.exercise)]!
    for (const gap of record.gaps) note(taken, file.addGap(gap), () => bodyJson(gap))
    for (const block of record.blocks) {
      const data = samplesIn(batch, block)
      const body = () => bodyJson({ ...block, at: undefined, wide: undefined, samples: data })
      note(taken, file.blocks.add(block, data), body)
    }
    const { refused, stored, same } = taken
    for (const part of refused) file.quarantine(record.identity, record.device, part)
    if (refused.length > 0) return { kind: 'quarantined', reason: reasonOf(refused) }
    return stored === 0 && same > 0 ? DUPLICATE : STORED
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
