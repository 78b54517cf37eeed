/**
 * Which records have been committed, as ranges of offsets per (node, outbox, stream). The ranges stand in the very file
 * that holds the record's data and in the same transaction, so that one can never be there without the other.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { addRange, addRanges, inRanges } from '../../domain/ranges.ts'
import type { Identity, Ranges } from '../../domain/record.ts'
import { tablesIn } from './schema.ts'

/** A node with real and simulated devices leaves every other offset to the other file; beyond this the two are joined. */
const FRAGMENTS_MAX = 256

type Key = Pick<Identity, 'node' | 'outbox' | 'stream'>
/** `durable`: what the file says. `pending`: what the open transaction will add to it. */
type State = { durable: Ranges; pending: Ranges }
type Entry = { readonly key: Key; readonly states: readonly State[] }

class RangeRows {
  readonly #select: StatementSync
  readonly #put: StatementSync
  readonly #drop: StatementSync

  constructor(db: DatabaseSync, schema: string) {
    const table = tablesIn(schema)('committed')
    const where = 'WHERE node = ? AND outbox = ? AND stream = ?'
    this.#select = db.prepare(`SELECT from_offset AS a, to_offset AS b FROM ${table} ${where} ORDER BY from_offset`)
    this.#put = db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?, ?)`)
    this.#drop = db.prepare(`DELETE FROM ${table} ${where} AND from_offset = ?`)
  }

  read({ node, outbox, stream }: Key): Ranges {
    const rows = this.#select.all(node, outbox, stream) as Array<{ a: number; b: number }>
    return rows.map(({ a, b }) => [a, b] as const)
  }

  write({ node, outbox, stream }: Key, before: Ranges, after: Ranges): void {
    const old = new Map(before)
    for (const [from, to] of after) {
      if (old.get(from) !== to) this.#put.run(node, outbox, stream, from, to)
      old.delete(from)
    }
    for (const from of old.keys()) this.#drop.run(node, outbox, stream, from)
  }
}

export class CommittedTable {
  readonly #rows: readonly RangeRows[]
  readonly #entries = new Map<string, Entry>()
  readonly #touched = new Set<Entry>()
  /** Records of one stream come one after the other. */
  #last: Entry | undefined

  /** One set of ranges per file, in the order of `schemas`. */
  constructor(db: DatabaseSync, schemas: readonly string[]) {
    this.#rows = schemas.map((schema) => new RangeRows(db, schema))
  }

  has(identity: Identity): boolean {
    return this.#entry(identity).states.some(
      ({ durable, pending }) => inRanges(durable, identity.offset) || inRanges(pending, identity.offset),
    )
  }

  /** Adds to the open transaction; `file` is the one that holds the record's data. */
  add(file: number, identity: Identity): void {
    const entry = this.#entry(identity)
    const state = entry.states[file]!
    state.pending = addRange(state.pending, identity.offset, identity.offset)
    this.#touched.add(entry)
  }

  /** Writes the rows; called as the last thing before COMMIT. */
  write(): void {
    for (const { key, states } of this.#touched)
      for (const [file, { durable, pending }] of states.entries())
        if (pending.length > 0) this.#rows[file]!.write(key, durable, this.#after(states, file))
  }

  /**
   * What the file will say. Another file's ranges may be taken over only when they are durable there: were they written
   * here first, a crash between the two files' commits would leave an identity without its data.
   */
  #after(states: readonly State[], file: number): Ranges {
    const { durable, pending } = states[file]!
    const own = addRanges(durable, pending)
    if (own.length <= FRAGMENTS_MAX) return own
    const joined = states.reduce((all, state) => addRanges(all, state.durable), own)
    return joined.length <= own.length / 2 ? joined : own
  }

  /** After COMMIT: pending ranges are durable. */
  committed(): void {
    for (const { states } of this.#touched) {
      const after = states.map((_, file) =>
        states[file]!.pending.length > 0 ? this.#after(states, file) : states[file]!.durable,
      )
      for (const [file, state] of states.entries()) {
        state.durable = after[file]!
        state.pending = []
      }
    }
    this.#touched.clear()
  }

  /** After ROLLBACK: nothing remembered is sure any more, everything is read again. */
  forget(): void {
    this.#entries.clear()
    this.#last = undefined
    this.#touched.clear()
  }

  ranges(key: Key): Ranges {
    return this.#entry(key).states.reduce<Ranges>((all, { durable }) => addRanges(all, durable), [])
  }

  #entry({ node, outbox, stream }: Key): Entry {
    const last = this.#last?.key
    if (last?.stream === stream && last.outbox === outbox && last.node === node) return this.#last!
    this.#last = this.#entryOf({ node, outbox, stream })
    return this.#last
  }

  #entryOf({ node, outbox, stream }: Key): Entry {
    const id = `${stream} ${outbox} ${node}`
    const known = this.#entries.get(id)
    if (known !== undefined) return known
    const key = { node, outbox, stream }
    const entry = { key, states: this.#rows.map((rows) => ({ durable: rows.read(key), pending: [] as Ranges })) }
    this.#entries.set(id, entry)
    return entry
  }
}
