/**
 * Tables of one series file and their making. Blocks stand in a rowid table: a 1.2 kB BLOB in a WITHOUT ROWID table
 * wastes 3.4 times the disk (research: limits.md 1); readings stand without rowid, as their key is half of the row.
 */
import type { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import type { TABLE } from '../../domain/series.ts'

/** "PLMB": marks the file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x504c4d42
const VERSION = 1

/** Readable names instead of two schema names in every statement. */
export type Table = (table: keyof typeof TABLE | 'block_group' | 'block_format') => string
export const tablesIn =
  (schema: string): Table =>
  (table) =>
    `"${schema}".${table}`

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
    PRAGMA "${schema}".application_id = ${APPLICATION_ID};
    PRAGMA "${schema}".user_version = ${VERSION};`
}

const pragma = (db: DatabaseSync, schema: string, name: string): number =>
  Object.values(db.prepare(`PRAGMA "${schema}".${name}`).get() ?? {})[0] as number

/** Makes the tables of an empty file; the file is then either whole or still empty. */
export function prepareFile(db: DatabaseSync, schema: string): void {
  const [{ n }] = db.prepare(`SELECT count(*) AS n FROM "${schema}".sqlite_schema`).all() as [{ n: number }]
  if (n > 0) {
    checkFile(db, schema)
    return
  }
  db.exec('BEGIN IMMEDIATE')
  try {
    db.exec(ddl(schema))
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
  throw new PlumblineError(
    'DATA_CORRUPT',
    `${fileOf(db, schema)}: expected a series file of version ${VERSION}, got application ${application} version ${version}`,
  )
}

const fileOf = (db: DatabaseSync, schema: string): string => db.location(schema) ?? schema
