/**
 * The quarantine of the embedded store, for a person: listed page by page, and tried again. A part that is stored at last (or
 * stands there already) leaves the quarantine in the same transaction. Ingest must not run: only one process writes a store.
 */
import type { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import type { Block, Gap, Reading } from '../../domain/reading.ts'
import { openSqlite, type SqliteClient, type SqliteProgram } from '../../runtime/sqlite-worker.ts'
import { type DeadLetter, type DeadLetters, placeOf, type Retried, readable } from '../dead-letter.ts'
import { SCHEMA, SERIES_KINDS, seriesFiles } from '../files.ts'
import { pack, samplesIn } from '../packed.ts'
import { placesIn, readingAt } from '../packed-readings.ts'
import type { Verdict } from './reading-table.ts'
import { checkFile, tablesIn } from './schema.ts'
import { SeriesFile } from './series-file.ts'

type Row = Omit<DeadLetter, 'id'> & { readonly id: number }
/** @throws PlumblineError STORE_UNAVAILABLE, DATA_CORRUPT */
export async function openDeadLetters(folder: string, readOnly: boolean): Promise<DeadLetters> {
  const program = new URL('./dead-letters.ts', import.meta.url)
  const client: SqliteClient = await openSqlite({ ...seriesFiles(folder), readOnly, synchronous: 'FULL', program })
  return {
    list: (limit, after) => client.call('list', limit, after),
    find: (id) => client.call('find', id),
    retry: (id) => client.call('retry', id),
    drop: (id) => client.call('drop', id),
    close: () => client.close(),
  }
}

class Quarantine {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  list(limit: number, after?: string): DeadLetter[] {
    const from = after === undefined ? { file: 0, row: 0 } : fileOf(after)
    const out: DeadLetter[] = []
    for (let file = from.file; file < SERIES_KINDS.length && out.length < limit; file++) {
      const rows = this.#rows(file, 'id > ? ORDER BY id LIMIT ?', file === from.file ? from.row : 0, limit - out.length)
      out.push(...rows)
    }
    return out
  }

  find(id: string): DeadLetter | undefined {
    const { file, row } = fileOf(id)
    return this.#rows(file, 'id = ?', row)[0]
  }

  retry(id: string): Retried {
    const { file } = fileOf(id)
    const letter = this.find(id)
    if (letter === undefined) throw new PlumblineError('USAGE', `${id}: there is no such dead letter`)
    const found = readable(letter.body)
    if ('why' in found) return found
    const schema = SCHEMA[SERIES_KINDS[file]!]
    const series = new SeriesFile(this.#db, schema)
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const conflict = conflictOf(series, found.parts)
      if (conflict === undefined) this.drop(id)
      this.#db.exec(conflict === undefined ? 'COMMIT' : 'ROLLBACK')
      return conflict === undefined ? { stored: true } : { why: conflict }
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  drop(id: string): void {
    const { file, row } = fileOf(id)
    this.#db.prepare(`DELETE FROM ${tablesIn(SCHEMA[SERIES_KINDS[file]!])('quarantine')} WHERE id = ?`).run(row)
  }

  #rows(file: number, where: string, ...values: number[]): DeadLetter[] {
    const kind = SERIES_KINDS[file]!
    const sql = `SELECT id, node, outbox, stream, record_offset AS offset, device, reason, body
      FROM ${tablesIn(SCHEMA[kind])('quarantine')} WHERE ${where}`
    const rows = this.#db.prepare(sql).all(...values) as unknown as Row[]
    return rows.map((row) => ({ ...row, id: `${kind}-${row.id}` }))
  }
}

/** Stores all parts; the first that is refused is told, and the caller rolls back. */
function conflictOf(
  series: SeriesFile,
  { readings, blocks, gaps }: { readings: readonly Reading[]; blocks: readonly Block[]; gaps: readonly Gap[] },
): string | undefined {
  const identity = { node: '', outbox: '', stream: 'blocks', offset: 0 } as const
  const record = { identity, device: '', exercise: false, historical: false, readings, blocks, gaps }
  const packed = pack([record])
  const told = (verdict: Verdict) => (typeof verdict === 'object' ? verdict.conflict : undefined)
  for (const { refused, ...parts } of packed.records) {
    const why = [
      ...refused.map(({ reason }) => reason),
      ...placesIn(parts.readings).map((place) => told(series.readings.add(readingAt(packed.readings, place)))),
      ...parts.gaps.map((gap) => told(series.addGap(gap))),
      ...parts.blocks.map((block) => told(series.blocks.add(block, samplesIn(packed, block)))),
    ].find((text) => text !== undefined)
    if (why !== undefined) return why
  }
  return undefined
}

function fileOf(id: string): { file: number; row: number } {
  const { kind, row } = placeOf(id)
  return { file: SERIES_KINDS.indexOf(kind), row }
}

export function open(db: DatabaseSync): SqliteProgram {
  for (const kind of SERIES_KINDS) checkFile(db, SCHEMA[kind])
  const quarantine = new Quarantine(db)
  return {
    list: (limit: number, after?: string) => quarantine.list(limit, after),
    find: (id: string) => quarantine.find(id),
    retry: (id: string) => quarantine.retry(id),
    drop: (id: string) => quarantine.drop(id),
  }
}
