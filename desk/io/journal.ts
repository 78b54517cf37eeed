/**
 * The journal on disk: `journal.db` in the desk's folder, each commit durable (synchronous=FULL) in a thread of its own.
 * What is written is decided elsewhere.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { JournalEntryJson, JournalKind } from '../../domain/alarm.ts'
import { openSqlite, type SqliteClient } from '../../runtime/sqlite-worker.ts'
import type { NewEntry } from '../alarm.ts'
import { entryJson, type JournalRow, type Verified } from '../journal-chain.ts'
import { type AlarmSnapshot, verifyTail } from './journal-program.ts'

export type { AlarmSnapshot } from './journal-program.ts'

export const JOURNAL_FILE = 'journal.db'
/** Checked at every start; the whole chain is `verifyJournal`'s. */
const TAIL_ROWS = 2000

export interface Journal {
  /** Durable when it resolves, all or nothing; returns the entries that were new. Rejects with a PlumblineError. */
  append(entries: readonly NewEntry[], alarms: readonly AlarmSnapshot[]): Promise<readonly JournalEntryJson[]>
  alarms(): Promise<readonly AlarmSnapshot[]>
  /** Rows after `seq` in their order, or the newest `limit` rows in their order. */
  entries(after: number | undefined, limit: number): Promise<readonly JournalEntryJson[]>
  /** Rows of a kind in their order: every one of those of which there are few, or the newest ones. */
  ofKind(kind: 'drill' | 'maintenance'): Promise<readonly JournalEntryJson[]>
  ofKind(kind: JournalKind, newest: number): Promise<readonly JournalEntryJson[]>
  verifyTail(): Promise<Verified>
  close(): Promise<void>
}

export async function openJournal(folder: string): Promise<Journal> {
  const open = () =>
    openSqlite({
      path: join(folder, JOURNAL_FILE),
      synchronous: 'FULL',
      program: new URL('./journal-program.ts', import.meta.url),
    })
  return new SqliteJournal(await open(), open)
}

class SqliteJournal implements Journal {
  #db: SqliteClient
  readonly #open: () => Promise<SqliteClient>
  #closed = false

  constructor(db: SqliteClient, open: () => Promise<SqliteClient>) {
    this.#db = db
    this.#open = open
  }

  /** A thread that ended is started anew by the next call. */
  async #call<T>(name: string, ...args: unknown[]): Promise<T> {
    if (!this.#db.alive && !this.#closed) this.#db = await this.#open()
    return this.#db.call<T>(name, ...args)
  }

  async append(entries: readonly NewEntry[], alarms: readonly AlarmSnapshot[]): Promise<JournalEntryJson[]> {
    return (await this.#call<JournalRow[]>('append', entries, alarms)).map(entryJson)
  }

  alarms(): Promise<AlarmSnapshot[]> {
    return this.#call('alarms')
  }

  async entries(after: number | undefined, limit: number): Promise<JournalEntryJson[]> {
    const rows =
      after === undefined ? this.#call<JournalRow[]>('newest', limit) : this.#call<JournalRow[]>('after', after, limit)
    return (await rows).map(entryJson)
  }

  async ofKind(kind: JournalKind, newest = Number.MAX_SAFE_INTEGER): Promise<JournalEntryJson[]> {
    return (await this.#call<JournalRow[]>('ofKind', kind, newest)).map(entryJson)
  }

  verifyTail(): Promise<Verified> {
    return this.#call('verifyTail', TAIL_ROWS)
  }

  close(): Promise<void> {
    this.#closed = true
    return this.#db.close()
  }
}

/** Checks a whole journal file, also of a desk that is running; names the first row that does not fit. */
export async function verifyJournal(path: string): Promise<Verified> {
  await access(path)
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return verifyTail(db, Number.POSITIVE_INFINITY)
  } finally {
    db.close()
  }
}
