/**
 * The journal's side of the SQLite thread: an append-only table whose rows are chained, and the alarms as they are after
 * the last row, written in the same transaction.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { NewEntry } from '../alarm.ts'
import { chained, type JournalRow, type Verified, verifyRows } from '../journal-chain.ts'
import { COLUMNS, DISORDER_NS, type JournalFilter, JournalQueries, SPAN, STRETCHES } from './journal-query.ts'

export type AlarmSnapshot = { readonly id: string; readonly body: string }

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, alarm TEXT, occurrence INTEGER,
    actor TEXT NOT NULL, body TEXT NOT NULL, dedupe TEXT UNIQUE, prev TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
  CREATE TABLE IF NOT EXISTS journal_anchor (removed_to INTEGER PRIMARY KEY) STRICT;
  DROP TRIGGER IF EXISTS journal_no_delete;
  CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
    WHEN OLD.seq > (SELECT coalesce(max(removed_to), 0) FROM journal_anchor)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
  CREATE TABLE IF NOT EXISTS alarm (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
`
/** Rows removed at a time. */
const REMOVE_MAX = 20_000

export function open(db: DatabaseSync) {
  db.exec(SCHEMA)
  db.exec(STRETCHES)
  const queries = new JournalQueries(db)
  let highest = highestOf(db)
  const last = db.prepare(`SELECT ${COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1`)
  const known = db.prepare('SELECT 1 FROM journal WHERE dedupe = ?')
  const insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const stretch = db.prepare('INSERT INTO journal_stretch VALUES (?)')
  const keep = db.prepare('INSERT INTO alarm VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = ?2, body = ?3')
  const put = db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = ?2')
  const taken = db.prepare('SELECT body FROM kept WHERE key = ?')
  const ofKind = db.prepare(`SELECT ${COLUMNS} FROM journal WHERE kind = ? ORDER BY seq DESC LIMIT ?`)

  const write = (entries: readonly NewEntry[]): JournalRow[] => {
    let head = last.get() as unknown as JournalRow | undefined
    const rows: JournalRow[] = []
    for (const entry of entries) {
      if (entry.dedupe !== null && known.get(entry.dedupe) !== undefined) continue
      head = chained(entry, head)
      const { seq, at_ns, kind, alarm, occurrence, actor, body, dedupe, prev, hash } = head
      const at = BigInt(at_ns)
      if (at < highest - DISORDER_NS) stretch.run(seq)
      if (at > highest || at < highest - DISORDER_NS) highest = at
      insert.run(seq, BigInt(at_ns), kind, alarm, occurrence, actor, body, dedupe, prev, hash)
      rows.push(head)
    }
    return rows
  }

  const inOne = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    const before = highest
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      highest = before
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  const retained = (before_ns: string, keepFrom: number, at_ns: string): JournalRow | undefined => {
    const span = queries.span()
    if (span === undefined) return undefined
    const [first, newest] = span
    const [[, end] = [first, newest]] = queries.stretches(span)
    const old = queries.firstAt(first, end, BigInt(before_ns)) - 1
    const removed_to = Math.min(old, keepFrom - 1, newest - 1, first + REMOVE_MAX - 1)
    if (removed_to < first) return undefined
    return inOne(() => {
      const { hash } = db.prepare('SELECT hash FROM journal WHERE seq = ?').get(removed_to) as { hash: string }
      const body = { what: 'anchor', removed_from: first, removed_to, hash }
      const entry: NewEntry = { at_ns, kind: 'chain', alarm: null, occurrence: null, actor: 'desk', body, dedupe: null }
      const [anchor] = write([entry])
      db.prepare('INSERT INTO journal_anchor VALUES (?)').run(removed_to)
      db.prepare('DELETE FROM journal WHERE seq <= ?').run(removed_to)
      db.prepare('DELETE FROM journal_stretch WHERE seq <= ?').run(removed_to)
      return anchor
    })
  }

  return {
    /** All or nothing; returns the rows that were new. */
    append: (entries: readonly NewEntry[], alarms: readonly AlarmSnapshot[]): JournalRow[] =>
      inOne(() => {
        const rows = write(entries)
        const seq = (last.get() as { seq: number } | undefined)?.seq ?? 0
        for (const { id, body } of alarms) keep.run(id, seq, body)
        return rows
      }),
    alarms: (): AlarmSnapshot[] => db.prepare('SELECT id, body FROM alarm').all() as unknown as AlarmSnapshot[],
    keep: (key: string, body: string): void => {
      put.run(key, body)
    },
    kept: (key: string): string | undefined => (taken.get(key) as { body: string } | undefined)?.body,
    page: (filter: JournalFilter, limit: number): JournalRow[] => queries.page(filter, limit),
    ofKind: (kind: string, limit: number): JournalRow[] =>
      (ofKind.all(kind, limit) as unknown as JournalRow[]).reverse(),
    /** Removes rows of before an instant, none from `keepFrom` on; what proves the chain is sealed into it first. */
    retain: (before_ns: string, keepFrom: number, at_ns: string): JournalRow | undefined =>
      retained(before_ns, keepFrom, at_ns),
    verifyTail: (limit: number): Verified => verifyTail(db, limit),
  }
}

/** The latest instant of the newest stretch, as far as it matters for what comes. */
function highestOf(db: DatabaseSync): bigint {
  const { at_ns } = db
    .prepare(
      `SELECT CAST(max(at_ns) AS TEXT) AS at_ns FROM (SELECT at_ns FROM journal WHERE seq >=
       (SELECT coalesce(max(seq), 0) FROM journal_stretch) ORDER BY seq DESC LIMIT 10000)`,
    )
    .get() as { at_ns: string | null }
  return at_ns === null ? -(2n ** 63n) : BigInt(at_ns)
}

/**
 * Checks the last rows; the whole journal (`limit` = Infinity) takes about 5 s per million rows. Where the oldest rows were
 * removed, an entry of the chain itself must say so, with the hash that the first row left goes on from.
 */
export function verifyTail(db: DatabaseSync, limit: number): Verified {
  const span = db.prepare(SPAN).get() as { first: number | null; last: number | null }
  const [first, head] = [span.first ?? 1, span.last ?? 0]
  const from = Number.isFinite(limit) ? Math.max(first - 1, head - limit) : first - 1
  const rows = db.prepare(`SELECT ${COLUMNS} FROM journal WHERE seq > ? ORDER BY seq`).iterate(from)
  const before = db.prepare('SELECT seq, hash FROM journal WHERE seq = ?').get(from) as unknown as
    | JournalRow
    | undefined
  const anchor = before === undefined && from > 0 ? anchorOf(db, from) : undefined
  const verified = verifyRows(rows as unknown as Iterable<JournalRow>, before ?? anchor)
  if (verified.broken !== undefined) return verified
  // Alarms are written with the row that changed them: one that names a later row tells of a tail cut off.
  const { seq } = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM alarm').get() as { seq: number }
  const whole = anchor === undefined ? verified : { ...verified, removed_to: anchor.seq }
  if (seq <= head) return whole
  return { ...whole, broken: { seq: head + 1, why: `an alarm was last changed by row ${seq}: rows are missing` } }
}

/** The row before the first one left, as an entry that is still there has sealed it. */
function anchorOf(db: DatabaseSync, removed_to: number): Pick<JournalRow, 'seq' | 'hash'> | undefined {
  const entries = db.prepare("SELECT body FROM journal WHERE kind = 'chain' ORDER BY seq DESC").iterate()
  for (const { body } of entries as unknown as Iterable<{ body: string }>) {
    const said = JSON.parse(body) as { what?: string; removed_to?: number; hash?: string }
    if (said.what === 'anchor' && said.removed_to === removed_to && said.hash !== undefined)
      return { seq: removed_to, hash: said.hash }
  }
  return undefined
}
