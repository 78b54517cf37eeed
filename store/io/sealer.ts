/**
 * Seals hours of readings that have come to rest: their rows become one body, a sixth of the size. The hour that holds a
 * channel's newest reading stays open, so that what is latest is found at once. An hour that changed is sealed anew.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { CHUNK_ROWS_MAX, packChunk, type Row } from '../chunk/chunk.ts'
import { HOUR_NS, hourOf, hourStart, SOURCE } from '../rollup.ts'
import { tablesIn } from './schema.ts'
import type { SealedTable } from './sealed-table.ts'
import type { TouchedTable } from './touched-table.ts'

/** Of fewer rows the body would hardly be smaller than they are. */
const ROWS_MIN = 32

export class Sealer {
  sealed = 0
  readonly #sealed: SealedTable
  readonly #touched: TouchedTable
  readonly #channels: StatementSync
  readonly #ends: StatementSync
  readonly #rows: StatementSync
  readonly #drop: StatementSync
  /** Channels with something to look at. */
  #due: Set<number> | undefined
  /** By channel; hours before were looked at. */
  readonly #from = new Map<number, number>()

  constructor(db: DatabaseSync, schema: string, sealed: SealedTable, touched: TouchedTable) {
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    this.#sealed = sealed
    this.#touched = touched
    const reading = t('reading')
    this.#channels = db.prepare(`SELECT id FROM ${t('channel')}`)
    this.#ends = prepare(
      `SELECT (SELECT min(t_ns) FROM ${reading} WHERE channel = ?1 AND t_ns >= ?2) AS next,
         (SELECT max(t_ns) FROM ${reading} WHERE channel = ?1) AS newest`,
    )
    this.#rows = prepare(
      `SELECT t_ns, value, half_width_ns, flag, reason, detail FROM ${reading}
       WHERE channel = ? AND t_ns >= ? AND t_ns < ? ORDER BY t_ns LIMIT ${CHUNK_ROWS_MAX + 1}`,
    )
    this.#drop = db.prepare(`DELETE FROM ${reading} WHERE channel = ? AND t_ns >= ? AND t_ns < ?`)
  }

  /** An hour of a channel has come to rest. */
  rested(channel: number, hour: number): void {
    const from = this.#from.get(channel)
    if (from !== undefined && hour < from) this.#from.set(channel, hour)
    this.#due?.add(channel)
  }

  /** One hour of one channel, within the open transaction; false once there is nothing to look at. */
  step(): boolean {
    const due = this.#dueNow()
    const [channel] = due
    if (channel === undefined) return false
    const hour = this.#next(channel)
    if (hour === undefined) due.delete(channel)
    else {
      if (!this.#touched.has({ kind: SOURCE.readings, source: channel, hour })) this.#seal(channel, hour)
      this.#from.set(channel, hour + 1)
    }
    return due.size > 0
  }

  /** After a rollback everything is looked at anew. */
  forget(): void {
    this.#due = undefined
    this.#from.clear()
  }

  /** After the start: every channel. */
  #dueNow(): Set<number> {
    this.#due ??= new Set((this.#channels.all() as Array<{ id: number }>).map(({ id }) => id))
    return this.#due
  }

  /** The next hour with open rows before the channel's newest. */
  #next(channel: number): number | undefined {
    const from = this.#from.get(channel)
    const { next, newest } = this.#ends.get(channel, from === undefined ? -(2n ** 63n) : hourStart(from)) as {
      next: bigint | null
      newest: bigint | null
    }
    if (next === null || newest === null) return undefined
    const hour = hourOf(next)
    return hour < hourOf(newest) ? hour : undefined
  }

  #seal(channel: number, hour: number): void {
    const from = hourStart(hour)
    const open = (this.#rows.all(channel, from, from + HOUR_NS) as OpenRow[]).map(rowOf)
    const before = this.#sealed.hour(channel, hour)
    if (open.length > CHUNK_ROWS_MAX || (before === undefined && open.length < ROWS_MIN)) return
    const sealed = before === undefined ? [] : this.#sealed.unpackIfWhole(before)?.rows()
    if (sealed === undefined) return
    const rows = inOrder([...sealed, ...open])
    const body = packChunk(rows)
    if (body === undefined) return
    this.#sealed.put(channel, hour, rows, body)
    this.#drop.run(channel, from, from + HOUR_NS)
    this.sealed++
  }
}

type OpenRow = Omit<Row, 'flag'> & { readonly flag: bigint }
const rowOf = ({ t_ns, value, half_width_ns, flag, reason, detail }: OpenRow): Row => ({
  t_ns,
  value,
  half_width_ns,
  flag: Number(flag),
  reason,
  detail,
})

const inOrder = (rows: Row[]): Row[] => rows.sort((a, b) => (a.t_ns < b.t_ns ? -1 : a.t_ns > b.t_ns ? 1 : 0))
