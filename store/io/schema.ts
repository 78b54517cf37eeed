/**
 * Tables of one series file and their making. Blocks stand in a rowid table: a 1.2 kB BLOB in a WITHOUT ROWID table
 * wastes 3.4 times the disk (research: limits.md 1); readings stand without rowid, as their key is half of the row.
 */
import type { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import type { TABLE } from '../../domain/series.ts'
import { HOUR_NS, SOURCE } from '../rollup.ts'
import { copyBeside } from './copy-beside.ts'

/** "PLMB": marks the file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x504c4d42
export const VERSION = 3

/** Readable names instead of two schema names in every statement. */
export type Table = (
  table: keyof typeof TABLE | 'block_group' | 'block_format' | 'touched' | 'horizon' | 'sealed' | 'chunk',
) => string
export const tablesIn =
  (schema: string): Table =>
  (table) =>
    `"${schema}".${table}`

/**
 * Since version 2. `expected` counts what should have been there; `horizon` is how far retention has dropped rows, by kind of
 * source (`touched-table.ts`).
 */
const rollupDdl = (schema: string): string => {
  const t = tablesIn(schema)
  return `
    CREATE TABLE ${t('rollup')} (
      channel INTEGER NOT NULL, grain_s INTEGER NOT NULL, t_ns INTEGER NOT NULL, min REAL, max REAL,
      total REAL NOT NULL, count INTEGER NOT NULL, expected INTEGER NOT NULL, flag_rank INTEGER NOT NULL,
      PRIMARY KEY (channel, grain_s, t_ns)) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t('touched')} (
      kind INTEGER NOT NULL, source INTEGER NOT NULL, hour INTEGER NOT NULL,
      PRIMARY KEY (kind, source, hour)) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t('horizon')} (
      kind INTEGER NOT NULL, source INTEGER NOT NULL, before_ns INTEGER NOT NULL,
      PRIMARY KEY (kind, source)) STRICT, WITHOUT ROWID;`
}

/**
 * Since version 3. Bodies stand in a table of their own, so that what is sealed is looked up without passing over them; a
 * number of a body is never used again (AUTOINCREMENT): readers remember what they unpacked by it.
 */
const sealedDdl = (schema: string): string => {
  const t = tablesIn(schema)
  return `
    CREATE TABLE ${t('sealed')} (
      channel INTEGER NOT NULL, hour INTEGER NOT NULL, n INTEGER NOT NULL, first_ns INTEGER NOT NULL,
      last_ns INTEGER NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY (channel, hour)) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t('chunk')} (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;`
}

/** What `block` refers to: every row would else repeat device, group, axes, unit and scale. */
const ddl = (schema: string): string => {
  const t = tablesIn(schema)
  return `
    CREATE TABLE ${t('channel')} (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, device TEXT NOT NULL) STRICT;
    CREATE TABLE ${t('reading')} (
      channel INTEGER NOT NULL, t_ns INTEGER NOT NULL, value REAL, half_width_ns INTEGER NOT NULL,
      flag INTEGER NOT NULL, reason TEXT, detail TEXT, PRIMARY KEY (channel, t_ns)) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t('block_group')} (
      id INTEGER PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, longest_ns INTEGER NOT NULL,
      UNIQUE (device, name)) STRICT;
    CREATE TABLE ${t('block_format')} (
      id INTEGER PRIMARY KEY, axes TEXT NOT NULL, unit TEXT NOT NULL, scale REAL NOT NULL,
      UNIQUE (axes, unit, scale)) STRICT;
    CREATE TABLE ${t('block')} (
      id INTEGER PRIMARY KEY, block_group INTEGER NOT NULL, block_format INTEGER NOT NULL, boot_id INTEGER NOT NULL,
      first_counter INTEGER NOT NULL, n INTEGER NOT NULL, t0_ns INTEGER NOT NULL, half_width_ns INTEGER NOT NULL,
      sample_rate_hz REAL NOT NULL, stats BLOB NOT NULL, samples BLOB NOT NULL,
      UNIQUE (block_group, boot_id, first_counter)) STRICT;
    CREATE INDEX "${schema}".block_by_time ON block (block_group, t0_ns);
    CREATE TABLE ${t('gap')} (
      from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, channels TEXT NOT NULL, reason TEXT NOT NULL,
      expected INTEGER NOT NULL, missing INTEGER NOT NULL,
      PRIMARY KEY (from_ns, to_ns, channels, reason)) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t('quarantine')} (
      id INTEGER PRIMARY KEY, node TEXT NOT NULL, outbox TEXT NOT NULL, stream TEXT NOT NULL,
      record_offset INTEGER NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE ${t('committed')} (
      node TEXT NOT NULL, outbox TEXT NOT NULL, stream TEXT NOT NULL, from_offset INTEGER NOT NULL,
      to_offset INTEGER NOT NULL, PRIMARY KEY (node, outbox, stream, from_offset)) STRICT, WITHOUT ROWID;
    ${rollupDdl(schema)}
    ${sealedDdl(schema)}
    PRAGMA "${schema}".application_id = ${APPLICATION_ID};
    PRAGMA "${schema}".user_version = ${VERSION};`
}

const pragma = (db: DatabaseSync, schema: string, name: string): number =>
  Object.values(db.prepare(`PRAGMA "${schema}".${name}`).get() ?? {})[0] as number

/** Makes the tables of an empty file; the file is then either whole or still empty. */
export function prepareFile(db: DatabaseSync, schema: string): void {
  const [{ n }] = db.prepare(`SELECT count(*) AS n FROM "${schema}".sqlite_schema`).all() as [{ n: number }]
  if (n > 0) {
    if (pragma(db, schema, 'application_id') === APPLICATION_ID && pragma(db, schema, 'user_version') < VERSION)
      migrate(db, schema)
    checkFile(db, schema)
    return
  }
  wholly(db, () => db.exec(ddl(schema)))
}

/** What turns a file of version n into one of n + 1, at place n. Versions start at 1. */
const MIGRATIONS: ReadonlyArray<((schema: string) => string) | undefined> = [
  undefined,
  (schema) => {
    const t = tablesIn(schema)
    return `${rollupDdl(schema)}
      INSERT INTO ${t('touched')} SELECT DISTINCT ${SOURCE.readings}, channel, ${HOUR_SQL('t_ns')} FROM ${t('reading')};
      INSERT INTO ${t('touched')} SELECT DISTINCT ${SOURCE.blocks}, block_group, ${HOUR_SQL('t_ns')} FROM (
        SELECT block_group, t0_ns AS t_ns FROM ${t('block')}
        UNION ALL SELECT block_group, t0_ns + CAST(n * 1e9 / sample_rate_hz AS INTEGER) FROM ${t('block')});`
  },
  sealedDdl,
]
/** `hourOf` in SQL, which divides towards zero. */
const HOUR_SQL = (t_ns: string): string => `${t_ns} / ${HOUR_NS} - (${t_ns} < 0 AND ${t_ns} % ${HOUR_NS} <> 0)`

function migrate(db: DatabaseSync, schema: string): void {
  const version = pragma(db, schema, 'user_version')
  copyBeside(db, schema, fileOf(db, schema), version)
  wholly(db, () => {
    for (let from = version; from < VERSION; from++) db.exec(MIGRATIONS[from]!(schema))
    db.exec(`PRAGMA "${schema}".user_version = ${VERSION}`)
  })
}

function wholly(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * @throws PlumblineError STORE_UNAVAILABLE where the writer has not made the tables yet, DATA_CORRUPT where the file is
 * another program's or a newer version's.
 */
export function checkFile(db: DatabaseSync, schema: string): void {
  const application = pragma(db, schema, 'application_id')
  const version = pragma(db, schema, 'user_version')
  if (application === APPLICATION_ID && version === VERSION) return
  if (application === 0 && version === 0 && pragma(db, schema, 'page_count') <= 1)
    throw new PlumblineError('STORE_UNAVAILABLE', `${fileOf(db, schema)}: the store is not made yet`)
  if (application === APPLICATION_ID && version > 0 && version < VERSION)
    throw new PlumblineError(
      'STORE_UNAVAILABLE',
      `${fileOf(db, schema)}: of version ${version}; ingest makes version ${VERSION} of it when it starts`,
    )
  if (application === APPLICATION_ID && version > VERSION)
    throw new PlumblineError(
      'DATA_CORRUPT',
      `${fileOf(db, schema)}: written by a newer Plumbline (series file version ${version}, this one knows ${VERSION}); nothing was changed`,
    )
  throw new PlumblineError(
    'DATA_CORRUPT',
    `${fileOf(db, schema)}: expected a series file of version ${VERSION}, got application ${application} version ${version}`,
  )
}

const fileOf = (db: DatabaseSync, schema: string): string => db.location(schema) ?? schema
