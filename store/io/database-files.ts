/**
 * SQLite files as a whole: a copy while others write, and whether a file is sound. A copy is one moment of the file: VACUUM INTO
 * reads one snapshot, so that a writer who never rests can neither spoil nor delay it (https://www.sqlite.org/lang_vacuum.html).
 */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import { failureError, sqliteFailure } from '../../runtime/sqlite-errors.ts'
import { unpackChunk } from '../chunk/chunk.ts'

export type FileState = {
  /** What SQLite's integrity check says beside "ok"; empty where the file is sound. */
  readonly broken: readonly string[]
  readonly version: number
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>
}

const PROBLEMS_MAX = 20
const BUSY_MS = 5_000

/** Copies `path` to `to`, which must not be there. @throws PlumblineError STORE_UNAVAILABLE, DATA_FULL, DATA_CORRUPT */
export async function copyDatabase(path: string, to: string): Promise<void> {
  await there(path)
  using(path, (db) => db.prepare('VACUUM INTO ?').run(to))
  const file = openSync(to, 'r')
  fsyncSync(file)
  closeSync(file)
}

/** Reads every page. @throws PlumblineError STORE_UNAVAILABLE, DATA_CORRUPT where it is no database at all */
export async function stateOf(path: string): Promise<FileState> {
  await there(path)
  return using(path, (db) => {
    const said = db.prepare(`PRAGMA integrity_check(${PROBLEMS_MAX})`).all() as Array<{ integrity_check: string }>
    const broken = said.map((row) => row.integrity_check).filter((text) => text !== 'ok')
    const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (broken.length === 0) broken.push(...spoiltChunks(db))
    return { broken, version: user_version, rows: broken.length > 0 ? {} : rowsOf(db) }
  })
}

/** SQLite keeps no checksums; sealed readings do. */
function spoiltChunks(db: DatabaseSync): string[] {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'chunk'").get() === undefined) return []
  const spoilt: string[] = []
  for (const { id, body } of db.prepare('SELECT id, body FROM chunk').iterate() as Iterable<ChunkRow>)
    try {
      unpackChunk(body)
    } catch (error) {
      spoilt.push(`sealed readings, chunk ${id}: ${(error as Error).message}`)
      if (spoilt.length >= PROBLEMS_MAX) break
    }
  return spoilt
}
type ChunkRow = { id: number; body: Uint8Array }

function rowsOf(db: DatabaseSync): Record<string, number> {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all()
  return Object.fromEntries(
    (tables as Array<{ name: string }>).map(({ name }) => {
      const { n } = db.prepare(`SELECT count(*) AS n FROM "${name}"`).get() as { n: number }
      return [name, n]
    }),
  )
}

async function there(path: string): Promise<void> {
  await access(path).catch((cause: NodeJS.ErrnoException) => {
    throw new PlumblineError('STORE_UNAVAILABLE', `${path}: ${cause.code}`, { cause })
  })
}

function using<T>(path: string, work: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
    return work(db)
  } catch (error) {
    throw failureError(sqliteFailure(error, path, true))
  } finally {
    db?.close()
  }
}
