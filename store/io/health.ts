/** How the files of a store stand: asked of the disk, and of their own tables in the thread that has them open. */
import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StoreHealth } from '../../domain/ports.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { lastBackup } from './last-backup.ts'
import { tablesIn } from './schema.ts'

export type RowHealth = Pick<StoreHealth, 'oldest_ns' | 'newest_ns' | 'quarantined' | 'rows'>

/** A database with what SQLite keeps beside it. */
const OURS = /\.db(-wal|-shm|-journal)?$/

/** Of the databases in `folder`; copies that a migration left behind are not counted. */
export async function diskHealth(
  folder: string,
): Promise<Pick<StoreHealth, 'bytes' | 'free_bytes' | 'last_backup_ns'>> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names
      .filter((name) => OURS.test(name))
      .map((name) =>
        stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  )
  const disk = await statfs(folder).catch(() => undefined)
  return {
    bytes: sizes.reduce((a, b) => a + b, 0),
    free_bytes: disk && disk.bavail * disk.bsize,
    last_backup_ns: await lastBackup(folder),
  }
}

type Extremes = { oldest: bigint | null; newest: bigint | null }

/** Every question is answered from an index: a few look-ups for each channel and group. */
export class HealthQueries {
  readonly #extremes: readonly StatementSync[]
  readonly #quarantined: readonly StatementSync[]
  readonly #rows: ReadonlyArray<{ readonly readings: StatementSync; readonly blocks: StatementSync }>

  constructor(db: DatabaseSync, schemas: readonly string[]) {
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    this.#extremes = schemas.flatMap((schema) => {
      const t = tablesIn(schema)
      const ends = (table: string, owner: string, at: string) =>
        `(SELECT min(${at}) FROM ${table} WHERE ${owner} = o.id) AS a, (SELECT max(${at}) FROM ${table} WHERE ${owner} = o.id) AS b`
      return [
        prepare(`SELECT min(a) AS oldest, NULL AS newest FROM (
          SELECT (SELECT first_ns FROM ${t('sealed')} WHERE channel = o.id ORDER BY hour LIMIT 1) AS a FROM ${t('channel')} o)`),
        prepare(
          `SELECT min(a) AS oldest, max(b) AS newest FROM (SELECT ${ends(t('reading'), 'channel', 't_ns')} FROM ${t('channel')} o)`,
        ),
        prepare(
          `SELECT min(a) AS oldest, max(b) AS newest FROM (SELECT ${ends(t('block'), 'block_group', 't0_ns')} FROM ${t('block_group')} o)`,
        ),
      ]
    })
    this.#quarantined = schemas.map((schema) =>
      db.prepare(`SELECT count(*) AS n FROM ${tablesIn(schema)('quarantine')}`),
    )
    this.#rows = schemas.map((schema) => {
      const t = tablesIn(schema)
      return {
        readings: db.prepare(
          `SELECT (SELECT count(*) FROM ${t('reading')}) + (SELECT coalesce(sum(n), 0) FROM ${t('sealed')}) AS n`,
        ),
        blocks: db.prepare(`SELECT count(*) AS n FROM ${t('block')}`),
      }
    })
  }

  look(): RowHealth {
    const found = this.#extremes.map((statement) => statement.get() as Extremes)
    return {
      oldest_ns: furthest(
        found.map(({ oldest }) => oldest),
        (a, b) => a < b,
      ),
      newest_ns: furthest(
        found.map(({ newest }) => newest),
        (a, b) => a > b,
      ),
      quarantined: sum(this.#quarantined),
    }
  }

  /** Reads an index from end to end: not for the writer's thread. */
  rows(): NonNullable<StoreHealth['rows']> {
    return { readings: sum(this.#rows.map((r) => r.readings)), blocks: sum(this.#rows.map((r) => r.blocks)) }
  }
}

const sum = (statements: readonly StatementSync[]): number =>
  statements.reduce((total, statement) => total + (statement.get() as { n: number }).n, 0)

function furthest(all: ReadonlyArray<bigint | null>, beyond: (a: bigint, b: bigint) => boolean): Instant | undefined {
  const there = all.filter((at) => at !== null)
  return there.length === 0 ? undefined : instant(there.reduce((a, b) => (beyond(b, a) ? b : a)))
}
