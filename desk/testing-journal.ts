/** A journal in memory that can be taken away, as a full disk takes it. */
import type { JournalEntryJson } from '../domain/alarm.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { AlarmSnapshot, Journal } from './io/journal.ts'
import { chained, entryJson, type JournalRow } from './journal-chain.ts'

export class MemoryJournal implements Journal {
  rows: JournalRow[] = []
  readonly snapshots = new Map<string, string>()
  readonly #kept = new Map<string, string>()
  full = false
  transactions = 0

  async append(entries: Parameters<Journal['append']>[0], alarms: readonly AlarmSnapshot[]) {
    await Promise.resolve()
    if (this.full) throw new PlumblineError('DATA_FULL', 'journal.db: database or disk is full (SQLite 13)')
    this.transactions++
    const fresh = entries.filter((e) => e.dedupe === null || !this.rows.some((r) => r.dedupe === e.dedupe))
    const rows: JournalRow[] = []
    for (const entry of fresh) rows.push(chained(entry, rows.at(-1) ?? this.rows.at(-1)))
    this.rows.push(...rows)
    for (const { id, body } of alarms) this.snapshots.set(id, body)
    return rows.map(entryJson)
  }
  async alarms() {
    return [...this.snapshots].map(([id, body]) => ({ id, body }))
  }
  async keep(key: string, body: string) {
    this.#kept.set(key, body)
  }
  async kept(key: string) {
    return this.#kept.get(key)
  }
  async entries(after?: number, limit = 100): Promise<JournalEntryJson[]> {
    return this.rows
      .filter((r) => r.seq > (after ?? 0))
      .slice(...(after === undefined ? [-limit] : [0, limit]))
      .map(entryJson)
  }
  page(filter: { after?: number | undefined }, limit: number) {
    return this.entries(filter.after, limit)
  }
  async retain() {
    return undefined
  }
  async ofKind(kind: string): Promise<JournalEntryJson[]> {
    return this.rows.filter((r) => r.kind === kind).map(entryJson)
  }
  async verifyTail() {
    return { rows: this.rows.length }
  }
  async close() {}
}
