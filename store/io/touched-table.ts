/**
 * Which hours of which series hold rows that the rollups do not know yet. An hour is marked in the transaction that stores the
 * rows, and taken off in the one that stores the rollup: whatever dies in between, no rollup is ever behind unseen.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hourOf, hourStart, type Source } from '../rollup.ts'
import { tablesIn } from './schema.ts'

export type Touched = { readonly kind: Source; readonly source: number; readonly hour: number }

/** Hours of every 64-bit instant lie within 2^22 of 1970. */
const HOURS = 2 ** 23
const keyOf = (kind: Source, source: number, hour: number): number => (source * 2 + kind) * HOURS + hour + HOURS / 2
const touchedOf = (key: number): Touched => {
  const owner = Math.floor(key / HOURS)
  return { kind: (owner % 2) as Source, source: Math.floor(owner / 2), hour: (key % HOURS) - HOURS / 2 }
}
/** Longer gaps touch only their first hours: what they hide has no rows. */
const SPAN_HOURS_MAX = 1000

export class TouchedTable {
  readonly #read: StatementSync
  readonly #mark: StatementSync
  readonly #clear: StatementSync
  /** Every mark, pending or durable, with the round in which it was last made. */
  #marks: Map<number, number> | undefined
  #round = 0
  /** The hour that was touched last: [from, to). */
  #hour = 0
  #hourFrom_ns = 0n
  #hourTo_ns = 0n
  /** What was touched last, in this round and hour. */
  #last = Number.NaN

  constructor(db: DatabaseSync, schema: string) {
    const table = tablesIn(schema)('touched')
    this.#read = db.prepare(`SELECT kind, source, hour FROM ${table}`)
    this.#mark = db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (?, ?, ?)`)
    this.#clear = db.prepare(`DELETE FROM ${table} WHERE kind = ? AND source = ? AND hour = ?`)
  }

  touch(kind: Source, source: number, t_ns: bigint): void {
    // Nearly all that comes is of one hour, and dividing large integers makes garbage.
    if (!this.#inHour(t_ns)) {
      this.#hour = hourOf(t_ns)
      this.#hourFrom_ns = hourStart(this.#hour)
      this.#hourTo_ns = hourStart(this.#hour + 1)
      this.#last = Number.NaN
    }
    const owner = source * 2 + kind
    if (owner === this.#last) return
    this.#touch(kind, source, this.#hour)
    this.#last = owner
  }

  #inHour(t_ns: bigint): boolean {
    return t_ns >= this.#hourFrom_ns && t_ns < this.#hourTo_ns
  }

  touchSpan(kind: Source, source: number, from_ns: bigint, to_ns: bigint): void {
    if (this.#inHour(from_ns) && this.#inHour(to_ns)) {
      this.#touch(kind, source, this.#hour)
      return
    }
    const last = Math.min(hourOf(to_ns), hourOf(from_ns) + SPAN_HOURS_MAX)
    for (let hour = hourOf(from_ns); hour <= last; hour++) this.#touch(kind, source, hour)
  }

  /** Begins a new round; marks that nobody renewed for `rounds` rounds, oldest hour first. */
  quiet(rounds: number): Touched[] {
    this.#round++
    this.#last = Number.NaN
    const out: Touched[] = []
    for (const [key, round] of this.#all()) if (this.#round - round > rounds) out.push(touchedOf(key))
    return out.sort((a, b) => a.hour - b.hour)
  }

  has({ kind, source, hour }: Touched): boolean {
    return this.#all().has(keyOf(kind, source, hour))
  }

  clear({ kind, source, hour }: Touched): void {
    this.#last = Number.NaN
    this.#clear.run(kind, source, hour)
    this.#all().delete(keyOf(kind, source, hour))
  }

  get size(): number {
    return this.#all().size
  }

  /** After a rollback: what the file says is read again. */
  forget(): void {
    this.#marks = undefined
    this.#last = Number.NaN
  }

  #touch(kind: Source, source: number, hour: number): void {
    const marks = this.#all()
    const key = keyOf(kind, source, hour)
    if (!marks.has(key)) this.#mark.run(kind, source, hour)
    marks.set(key, this.#round)
  }

  /** Marks found in the file are quiet already: nobody has touched them since the start. */
  #all(): Map<number, number> {
    if (this.#marks !== undefined) return this.#marks
    const rows = this.#read.all() as Touched[]
    this.#marks = new Map(rows.map(({ kind, source, hour }) => [keyOf(kind, source, hour), Number.NEGATIVE_INFINITY]))
    return this.#marks
  }
}
