/**
 * The journal's side of the SQLite thread: an append-only table whose rows are chained, and the alarms as they are after
 * the last row, written in the same transaction.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { NewEntry } from '../alarm.ts'
import { chained, type JournalRow, type Verified, verifyRows } from '../journal-chain.ts'

export type AlarmSnapshot = { readonly id: string; readonly body: string }

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, alarm TEXT, occurrence INTEGER,
    actor TEXT NOT NULL, body TEXT NOT NULL, dedupe TEXT UNIQUE, prev TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
  CREATE TRIGGER IF NOT EXISTS journal_no_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
  DROP INDEX IF EXISTS journal_drill;
  CREATE INDEX IF NOT EXISTS journal_kind ON journal (kind, seq);
  CREATE INDEX IF NOT EXISTS journal_alarm ON journal (alarm, seq) WHERE alarm IS NOT NULL;
  CREATE INDEX IF NOT EXISTS journal_actor ON journal (actor, seq);
  CREATE INDEX IF NOT EXISTS journal_at ON journal (at_ns, seq);
  CREATE TABLE IF NOT EXISTS alarm (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
`
/** JavaScript numbers do not hold nanoseconds: they leave SQLite as text. */
const COLUMNS = 'seq, CAST(at_ns AS TEXT) AS at_ns, kind, alarm, occurrence, actor, body, dedupe, prev, hash'

export function open(db: DatabaseSync) {
  db.exec(SCHEMA)
  const last = db.prepare(`SELECT ${COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1`)
  const known = db.prepare('SELECT 1 FROM journal WHERE dedupe = ?')
  const insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const keep = db.prepare('INSERT INTO alarm VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = ?2, body = ?3')
  const after = db.prepare(`SELECT ${COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`)
  const ofKind = db.prepare(`SELECT ${COLUMNS} FROM journal WHERE kind = ? ORDER BY seq DESC LIMIT ?`)
  const newest = db.prepare(`SELECT ${COLUMNS} FROM journal ORDER BY seq DESC LIMIT ?`)

  const write = (entries: readonly NewEntry[]): JournalRow[] => {
    let head = last.get() as unknown as JournalRow | undefined
    const rows: JournalRow[] = []
    for (const entry of entries) {
      if (entry.dedupe !== null && known.get(entry.dedupe) !== undefined) continue
      head = chained(entry, head)
      const { seq, at_ns, kind, alarm, occurrence, actor, body, dedupe, prev, hash } = head
      insert.run(seq, BigInt(at_ns), kind, alarm, occurrence, actor, body, dedupe, prev, hash)
      rows.push(head)
    }
    return rows
  }

  return {
    /** All or nothing; returns the rows that were new. */
    append: (entries: readonly NewEntry[], alarms: readonly AlarmSnapshot[]): JournalRow[] => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const rows = write(entries)
        const seq = (last.get() as { seq: number } | undefined)?.seq ?? 0
        for (const { id, body } of alarms) keep.run(id, seq, body)
        db.exec('COMMIT')
        return rows
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    alarms: (): AlarmSnapshot[] => db.prepare('SELECT id, body FROM alarm').all() as unknown as AlarmSnapshot[],
    after: (seq: number, limit: number): JournalRow[] => after.all(seq, limit) as unknown as JournalRow[],
    ofKind: (kind: string, limit: number): JournalRow[] =>
      (ofKind.all(kind, limit) as unknown as JournalRow[]).reverse(),
    newest: (limit: number): JournalRow[] => (newest.all(limit) as unknown as JournalRow[]).reverse(),
    verifyTail: (limit: number): Verified => verifyTail(db, limit),
  }
}

/** Checks the last rows; the whole journal (`limit` = Infinity) takes about 5 s per million rows. */
export function verifyTail(db: DatabaseSync, limit: number): Verified {
  const { seq: head } = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM journal').get() as { seq: number }
  const from = Number.isFinite(limit) ? Math.max(0, head - limit) : 0
  const rows = db.prepare(`SELECT ${COLUMNS} FROM journal WHERE seq > ? ORDER BY seq`).iterate(from)
  const before = db.prepare('SELECT seq, hash FROM journal WHERE seq = ?').get(from) as unknown as
    | JournalRow
    | undefined
  const verified = verifyRows(rows as unknown as Iterable<JournalRow>, before)
  if (verified.broken !== undefined) return verified
  // Alarms are written with the row that changed them: one that names a later row tells of a tail cut off.
  const { seq } = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM alarm').get() as { seq: number }
  if (seq <= head) return verified
  return { ...verified, broken: { seq: head + 1, why: `an alarm was last changed by row ${seq}: rows are missing` } }
}
