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
import { type JournalFilter, JournalQueries } from './journal-query.ts'

export type { AlarmSnapshot } from './journal-program.ts'
export type { JournalFilter } from './journal-query.ts'

export const JOURNAL_FILE = 'journal.db'
/** Checked at every start; the whole chain is `verifyJournal`'s. */
const TAIL_ROWS = 2000

export interface Journal {
  /** Durable when it resolves, all or nothing; returns the entries that were new. Rejects with a PlumblineError. */
  append(entries: readonly NewEntry[], alarms: readonly AlarmSnapshot[]): Promise<readonly JournalEntryJson[]>
  alarms(): Promise<readonly AlarmSnapshot[]>
  /** What a part of the desk must know again after a restart, and what is no entry: durable when it resolves. */
  keep(key: string, body: string): Promise<void>
  kept(key: string): Promise<string | undefined>
  /** Rows after `seq` in their order, or the newest `limit` rows in their order. */
  entries(after: number | undefined, limit: number): Promise<readonly JournalEntryJson[]>
  /** A page of the rows that a filter leaves, in their order. */
  page(filter: JournalFilter, limit: number): Promise<readonly JournalEntryJson[]>
  /** Removes rows of before an instant, none from `keepFrom` on, and some at a time; returns the entry that seals it. */
  retain(before_ns: string, keepFrom: number, at_ns: string): Promise<JournalEntryJson | undefined>
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

  keep(key: string, body: string): Promise<void> {
    return this.#call('keep', key, body)
  }

  kept(key: string): Promise<string | undefined> {
    return this.#call('kept', key)
  }

  entries(after: number | undefined, limit: number): Promise<JournalEntryJson[]> {
    return this.page(after === undefined ? {} : { after }, limit)
  }

  async page(filter: JournalFilter, limit: number): Promise<JournalEntryJson[]> {
    return (await this.#call<JournalRow[]>('page', filter, limit)).map(entryJson)
  }

  async retain(before_ns: string, keepFrom: number, at_ns: string): Promise<JournalEntryJson | undefined> {
    const row = await this.#call<JournalRow | undefined>('retain', before_ns, keepFrom, at_ns)
    return row && entryJson(row)
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

const EXPORT_PAGE = 1000

/** Every entry that a filter leaves, page by page, also of a desk that is running; nothing of it is held in memory. */
export function* exportJournal(path: string, filter: JournalFilter): Iterable<JournalEntryJson> {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const queries = new JournalQueries(db)
    for (let after = filter.after ?? 0; ; ) {
      const rows = queries.page({ ...filter, after }, EXPORT_PAGE)
      for (const row of rows) yield entryJson(row)
      if (rows.length < EXPORT_PAGE) return
      after = rows.at(-1)!.seq
    }
  } finally {
    db.close()
  }
}
