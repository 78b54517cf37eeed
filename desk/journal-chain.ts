/**
 * The hash chain of the journal: each row's hash covers the row and the hash before it, so that no row can be changed,
 * left out or put elsewhere unnoticed. Storing rows is left to `io/`.
 */
import { createHash } from 'node:crypto'
import type { JournalEntryJson, JournalKind } from '../domain/alarm.ts'
import { canonicalJson } from '../domain/site-load.ts'
import type { NewEntry } from './alarm.ts'

/** A row as it is stored; `body` is canonical JSON text, so that the hash never depends on how a number is printed. */
export type JournalRow = {
  readonly seq: number
  readonly at_ns: string
  readonly kind: JournalKind
  readonly alarm: string | null
  readonly occurrence: number | null
  readonly actor: string
  readonly body: string
  readonly dedupe: string | null
  readonly prev: string
  readonly hash: string
}

/** `prev` of the first row. */
export const CHAIN_START = '0'.repeat(64)

/** SHA-256 (hex) over the canonical JSON of the row, `prev` included. */
export const rowHash = (row: Omit<JournalRow, 'hash'>): string =>
  createHash('sha256')
    .update(
      canonicalJson({
        seq: row.seq,
        at_ns: row.at_ns,
        kind: row.kind,
        alarm: row.alarm,
        occurrence: row.occurrence,
        actor: row.actor,
        body: row.body,
        dedupe: row.dedupe,
        prev: row.prev,
      }),
    )
    .digest('hex')

export function chained(entry: NewEntry, last: Pick<JournalRow, 'seq' | 'hash'> | undefined): JournalRow {
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at_ns: entry.at_ns,
    kind: entry.kind,
    alarm: entry.alarm,
    occurrence: entry.occurrence,
    actor: entry.actor,
    body: canonicalJson(entry.body),
    dedupe: entry.dedupe,
    prev: last?.hash ?? CHAIN_START,
  }
  return { ...row, hash: rowHash(row) }
}

export type BrokenRow = { readonly seq: number; readonly why: string }
/** `removed_to`: the last of the rows that were removed for their age, as the chain itself says. */
export type Verified = { readonly rows: number; readonly removed_to?: number; readonly broken?: BrokenRow }

/**
 * Walks the rows in the order of `seq` and names the first that does not fit. `before` is the row in front of the first,
 * where only a tail is checked.
 */
export function verifyRows(rows: Iterable<JournalRow>, before?: Pick<JournalRow, 'seq' | 'hash'>): Verified {
  let last = before
  let count = 0
  for (const row of rows) {
    const why = fault(row, last)
    if (why !== undefined) return { rows: count, broken: { seq: row.seq, why } }
    last = row
    count++
  }
  return { rows: count }
}

function fault(row: JournalRow, last: Pick<JournalRow, 'seq' | 'hash'> | undefined): string | undefined {
  const seq = (last?.seq ?? 0) + 1
  if (row.seq !== seq) return `expected row ${seq} here: a row is missing`
  if (row.prev !== (last?.hash ?? CHAIN_START)) return 'its prev is not the hash of the row before it'
  if (row.hash !== rowHash(row)) return 'its hash is not that of its content: the row was changed'
  return undefined
}

export const entryJson = ({ dedupe: _, prev: __, ...row }: JournalRow): JournalEntryJson => ({
  ...row,
  body: JSON.parse(row.body) as unknown,
})
