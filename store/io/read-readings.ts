/** Questions about the readings and gaps of one series file. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LatestReading, StoredGap } from '../../domain/ports.ts'
import type { Flag, Gap, Reason } from '../../domain/reading.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { Running } from '../../runtime/sqlite-worker.ts'
import type { Row as SealedRow } from '../chunk/chunk.ts'
import { sumUp } from '../chunk/figures.ts'
import type { Columns } from '../columns.ts'
import type { Span } from '../rollup.ts'
import type { ReadingRow } from './latest.ts'
import { RANK_SQL, USABLE_SQL } from './rollup-table.ts'
import { tablesIn } from './schema.ts'
import { SealedTable } from './sealed-table.ts'

export class ReadingQueries {
  readonly #exercise: boolean
  readonly #running: Running
  readonly #sealed: SealedTable
  readonly #channel: StatementSync
  readonly #latest: StatementSync
  readonly #newest: StatementSync
  readonly #between: StatementSync
  readonly #columns: StatementSync
  readonly #gaps: StatementSync

  constructor(db: DatabaseSync, schema: string, exercise: boolean, running: Running) {
    this.#running = running
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      return statement
    }
    this.#exercise = exercise
    this.#sealed = new SealedTable(db, schema)
    this.#channel = db.prepare(`SELECT id FROM ${t('channel')} WHERE name = ?`)
    const row = `c.name, r.t_ns, r.value, r.half_width_ns, r.flag, r.reason, r.detail`
    // CROSS JOIN fixes the order (https://www.sqlite.org/optoverview.html#crossjoin): channels are few, readings are many.
    const from = `${t('channel')} c CROSS JOIN ${t('reading')} r ON r.channel = c.id`
    const newest = `SELECT max(t_ns) FROM ${t('reading')} WHERE channel`
    this.#latest = prepare(`SELECT ${row} FROM ${from} AND r.t_ns = (${newest} = c.id)`)
    this.#newest = prepare(`${newest} = (SELECT id FROM ${t('channel')} WHERE name = ?)`)
    this.#between = prepare(
      `SELECT ${row} FROM ${from} WHERE c.name = ? AND r.t_ns >= ? AND r.t_ns < ? ORDER BY r.t_ns LIMIT ?`,
    )
    this.#columns = prepare(
      `SELECT (t_ns - ?2) / ?3, min(value) ${USABLE_SQL}, max(value) ${USABLE_SQL}, sum(value) ${USABLE_SQL},
         count(value) ${USABLE_SQL}, max(${RANK_SQL})
       FROM ${t('reading')} WHERE channel = (SELECT id FROM ${t('channel')} WHERE name = ?1) AND t_ns >= ?4 AND t_ns < ?5
       GROUP BY 1`,
    )
    this.#gaps = prepare(
      `SELECT channels, from_ns, to_ns, expected, missing, reason FROM ${t('gap')}
       WHERE from_ns < ?2 AND (to_ns > ?1 OR from_ns >= ?1) ORDER BY from_ns, to_ns`,
    )
  }

  /** One row of each channel. */
  latest(): ReadingRow[] {
    return this.#latest.all() as unknown as ReadingRow[]
  }

  /** Instant of the newest reading of a channel, or `undefined` where it has none here. */
  newest(channel: string): bigint | undefined {
    const [t_ns] = this.#newest.get(channel) as unknown as [bigint | null]
    return t_ns ?? undefined
  }

  between(channel: string, from: bigint, to: bigint, limit: number): LatestReading[] {
    const open = this.#readings(this.#between.all(channel, from, to, limit))
    return this.#withSealed(open, channel, { from, to }, limit)
  }

  /** Both in order, each instant once: what is sealed of an hour and what came for it later. */
  #withSealed(open: readonly LatestReading[], channel: string, span: Span, limit: number): LatestReading[] {
    const out: LatestReading[] = []
    let next = 0
    for (const row of this.#sealedRows(channel, span)) {
      while (next < open.length && open[next]!.t_ns < row.t_ns && out.length < limit) out.push(open[next++]!)
      if (out.length >= limit) return out
      out.push(this.#reading(channel, row))
    }
    return [...out, ...open.slice(next, next + limit - out.length)]
  }

  *#sealedRows(name: string, span: Span): Generator<SealedRow> {
    const channel = this.#id(name)
    if (channel === undefined) return
    for (const head of this.#sealed.within(channel, span)) {
      const chunk = this.#sealed.unpack(head)
      const end = chunk.from(span.to)
      for (let i = chunk.from(span.from); i < end; i++) yield chunk.row(i)
    }
  }

  #id(channel: string): number | undefined {
    return (this.#channel.get(channel) as { id: number } | undefined)?.id
  }

  /** Adds the readings of a channel in [from, to) to the columns. */
  addTo(columns: Columns, channel: string, { from, to }: Span): void {
    const rows = this.#columns.all(channel, columns.start, BigInt(columns.width_ns), from, to) as unknown as Array<
      [k: bigint, min: number | null, max: number | null, sum: number | null, n: bigint, rank: bigint]
    >
    for (const [k, min, max, sum, n, rank] of rows)
      columns.add(Number(k), { min: min ?? 0, max: max ?? 0, sum: sum ?? 0, count: Number(n), rank: Number(rank) })
    const id = this.#id(channel)
    if (id === undefined) return
    for (const head of this.#sealed.within(id, { from, to })) {
      this.#running.check()
      sumUp(this.#sealed.unpack(head), { from, to }, columns.start, columns.width_ns, (k, figures) =>
        columns.add(k, figures),
      )
    }
  }

  gaps(from: bigint, to: bigint): StoredGap[] {
    const rows = this.#gaps.all(from, to) as unknown as Array<[string, bigint, bigint, bigint, bigint, string]>
    return rows.map(([channels, from_ns, to_ns, expected, missing, reason]) => ({
      channels: JSON.parse(channels) as Gap['channels'],
      from_ns: instant(from_ns),
      to_ns: instant(to_ns),
      expected: Number(expected),
      missing: Number(missing),
      reason: reason as Reason,
      exercise: this.#exercise,
    }))
  }

  #readings(rows: unknown): LatestReading[] {
    return (rows as ReadingRow[]).map(([channel, t_ns, value, half_width_ns, flag, reason, detail]) =>
      this.#reading(channel, { t_ns, value, half_width_ns, flag: Number(flag), reason, detail }),
    )
  }

  #reading(channel: string, { t_ns, value, half_width_ns, flag, reason, detail }: SealedRow): LatestReading {
    return {
      channel,
      value,
      t_ns: t_ns as Instant,
      half_width_ns,
      flag: flag as Flag,
      ...(reason === null ? {} : { reason: reason as Reason }),
      ...(detail === null ? {} : { detail }),
      exercise: this.#exercise,
    }
  }
}
