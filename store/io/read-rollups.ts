/**
 * What of a window can be answered from rollups, and which parts must be read row by row: hours that changed since their
 * rollup was made, and windows that straddle the edge of a column. Where retention has dropped the rows, the minutes are all
 * there is, and a minute that straddles an edge counts to the column in which it begins.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Columns, Figures } from '../columns.ts'
import {
  clipped,
  GRAIN_S,
  HOUR_NS,
  HOURS_FROM_NS,
  hourOf,
  hourStart,
  joined,
  MINUTE_NS,
  MINUTES_FROM_NS,
  SOURCE,
  type Source,
  type Span,
} from '../rollup.ts'
import { tablesIn } from './schema.ts'

type Row = [t_ns: bigint, min: number | null, max: number | null, total: number, count: bigint, rank: bigint]
type Window = { readonly at: bigint; readonly figures: Figures }
/** `channel`: the series; `source`: its channel again, or its group of blocks. */
export type Series = { readonly channel: string; readonly kind: Source; readonly group?: readonly [string, string] }

/** Instants are 64 bits: no window begins before. */
const EARLIEST_NS = -(2n ** 62n)

export class RollupQueries {
  readonly #channel: StatementSync
  readonly #group: StatementSync
  readonly #newest: StatementSync
  readonly #windows: StatementSync
  readonly #touched: StatementSync
  readonly #horizon: StatementSync
  readonly #kept: StatementSync

  constructor(db: DatabaseSync, schema: string) {
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      return statement
    }
    this.#channel = prepare(`SELECT id FROM ${t('channel')} WHERE name = ?`)
    this.#group = prepare(`SELECT id FROM ${t('block_group')} WHERE device = ? AND name = ?`)
    const ofChannel = `channel = (SELECT id FROM ${t('channel')} WHERE name = ?)`
    this.#newest = prepare(`SELECT max(t_ns) FROM ${t('rollup')} WHERE ${ofChannel} AND grain_s = ${GRAIN_S.minute}`)
    this.#windows = prepare(
      `SELECT t_ns, min, max, total, count, flag_rank FROM ${t('rollup')}
       WHERE channel = ? AND grain_s = ? AND t_ns >= ? AND t_ns < ? ORDER BY t_ns`,
    )
    this.#touched = prepare(
      `SELECT hour FROM ${t('touched')} WHERE kind = ? AND source = ? AND hour >= ? AND hour <= ?`,
    )
    this.#horizon = prepare(`SELECT before_ns FROM ${t('horizon')} WHERE kind = ? AND source = ?`)
    this.#kept = prepare(
      `SELECT DISTINCT (t0_ns - ?2) / ${MINUTE_NS} FROM ${t('block')} WHERE block_group = ?1 AND t0_ns >= ?2 AND t0_ns < ?3`,
    )
  }

  /** Start of the newest minute of a channel, or `undefined` where it has none. */
  newest(channel: string): bigint | undefined {
    const [t_ns] = this.#newest.get(channel) as unknown as [bigint | null]
    return t_ns ?? undefined
  }

  /** Adds to `columns` what the rollups know; gives the spans that must be read row by row. */
  addTo(columns: Columns, { channel: name, kind, group }: Series): Span[] {
    const whole: Span = { from: columns.from, to: columns.to }
    const channel = this.#id(this.#channel, name)
    const source = group === undefined ? channel : this.#id(this.#group, ...group)
    if (source === undefined || channel === undefined) return [whole]
    const [before] = (this.#horizon.get(kind, source) ?? [undefined]) as unknown as [bigint | undefined]
    const thinnedTo = before === undefined || before < whole.from ? whole.from : before < whole.to ? before : whole.to
    const live: Span = { from: thinnedTo, to: whole.to }
    const raw: Span[] = []
    if (thinnedTo > whole.from) raw.push(...this.#thinned(columns, channel, kind, source, { ...whole, to: thinnedTo }))
    if (live.to > live.from) raw.push(...this.#live(columns, channel, kind, source, live))
    return joined(raw)
  }

  /** Rows are all there: a rollup is taken only where it lies wholly in one column and is no older than its rows. */
  #live(columns: Columns, channel: bigint, kind: Source, source: bigint, live: Span): Span[] {
    if (columns.width_ns < MINUTES_FROM_NS) return [live]
    const raw: Span[] = []
    const changed = this.#changed(kind, source, live)
    for (const hour of changed) raw.push(clipped({ from: hourStart(hour), to: hourStart(hour) + HOUR_NS }, live))
    const take = (grain: 'minute' | 'hour', span: Span): Span[] => {
      const length = grain === 'hour' ? HOUR_NS : MINUTE_NS
      return this.#between(channel, grain, span).flatMap(({ at, figures }) => {
        if (changed.has(hourOf(at))) return []
        const first = columns.offset_ns(at)
        const column = at < live.from ? undefined : columns.holding(first, first + Number(length) - 1)
        if (column === undefined) return [clipped({ from: at, to: at + length }, live)]
        columns.add(column, figures)
        return []
      })
    }
    const straddling =
      columns.width_ns >= HOURS_FROM_NS
        ? take('hour', live).flatMap((span) => take('minute', { from: hourStart(hourOf(span.from)), to: span.to }))
        : take('minute', live)
    return [...raw, ...straddling.filter(({ from, to }) => to > from)]
  }

  /** Minutes that still have rows (blocks around an event) are read; of the others the rollup is what there is. */
  #thinned(columns: Columns, channel: bigint, kind: Source, source: bigint, span: Span): Span[] {
    const start = hourStart(hourOf(span.from))
    const kept = new Set<bigint>()
    if (kind === SOURCE.blocks)
      for (const row of this.#kept.all(source, start, span.to)) kept.add((row as unknown as [bigint])[0])
    for (const { at, figures } of this.#between(channel, 'minute', span))
      if (!kept.has((at - start) / MINUTE_NS)) columns.add(columns.nearest(columns.offset_ns(at)), figures)
    return [...kept].map((k) => clipped({ from: start + k * MINUTE_NS, to: start + (k + 1n) * MINUTE_NS }, span))
  }

  /** Windows that reach into a span. */
  #between(channel: bigint, grain: 'minute' | 'hour', span: Span): Window[] {
    const length = grain === 'hour' ? HOUR_NS : MINUTE_NS
    const from = span.from > EARLIEST_NS ? span.from - length + 1n : span.from
    const rows = this.#windows.all(channel, GRAIN_S[grain], from, span.to) as unknown as Row[]
    return rows.map(([at, min, max, sum, count, rank]) => ({
      at,
      figures: { min: min ?? 0, max: max ?? 0, sum, count: Number(count), rank: Number(rank) },
    }))
  }

  #changed(kind: Source, source: bigint, { from, to }: Span): Set<number> {
    const rows = this.#touched.all(kind, source, hourOf(from), hourOf(to)) as unknown as Array<[bigint]>
    return new Set(rows.map(([hour]) => Number(hour)))
  }

  #id(statement: StatementSync, ...names: string[]): bigint | undefined {
    return (statement.get(...names) as unknown as [bigint] | undefined)?.[0]
  }
}
