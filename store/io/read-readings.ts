/** Questions about the readings and gaps of one series file. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LatestReading, SeriesColumn, StoredGap } from '../../domain/ports.ts'
import { FAIL, type Flag, type Gap, GOOD, MISSING, NOT_EVALUATED, type Reason, SUSPECT } from '../../domain/reading.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { tablesIn } from './schema.ts'

type Row = [
  name: string,
  t_ns: bigint,
  value: number | null,
  half: bigint,
  flag: bigint,
  reason: string | null,
  detail: string | null,
]

/** Flags from harmless to worst (`worstFlag` of domain/reading.ts), so that SQL's max finds the worst. */
const RANKED: readonly Flag[] = [MISSING, NOT_EVALUATED, GOOD, SUSPECT, FAIL]
const RANK = `CASE flag ${RANKED.map((flag, rank) => `WHEN ${flag} THEN ${rank}`).join(' ')} END`
/** A failed or missing value is no measurement: it takes no part in min, mean and max. */
const USABLE = `FILTER (WHERE flag NOT IN (${FAIL}, ${MISSING}))`

export class ReadingQueries {
  readonly #exercise: boolean
  readonly #latest: StatementSync
  readonly #newest: StatementSync
  readonly #between: StatementSync
  readonly #columns: StatementSync
  readonly #gaps: StatementSync

  constructor(db: DatabaseSync, schema: string, exercise: boolean) {
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      return statement
    }
    this.#exercise = exercise
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
      `SELECT (t_ns - ?2) / ?4 AS k, min(value) ${USABLE}, avg(value) ${USABLE}, max(value) ${USABLE},
         count(value) ${USABLE} AS n, max(${RANK})
       FROM ${t('reading')} WHERE channel = (SELECT id FROM ${t('channel')} WHERE name = ?1) AND t_ns >= ?2 AND t_ns < ?3
       GROUP BY k HAVING n > 0 ORDER BY k`,
    )
    this.#gaps = prepare(
      `SELECT channels, from_ns, to_ns, expected, missing, reason FROM ${t('gap')}
       WHERE from_ns < ?2 AND (to_ns > ?1 OR from_ns >= ?1) ORDER BY from_ns, to_ns`,
    )
  }

  latest(): LatestReading[] {
    return this.#readings(this.#latest.all())
  }

  /** Instant of the newest reading of a channel, or `undefined` where it has none here. */
  newest(channel: string): bigint | undefined {
    const [t_ns] = this.#newest.get(channel) as unknown as [bigint | null]
    return t_ns ?? undefined
  }

  between(channel: string, from: bigint, to: bigint, limit: number): LatestReading[] {
    return this.#readings(this.#between.all(channel, from, to, limit))
  }

  columns(channel: string, from: bigint, to: bigint, width_ns: bigint): SeriesColumn[] {
    const rows = this.#columns.all(channel, from, to, width_ns) as unknown as Array<
      [k: bigint, min: number, mean: number, max: number, n: bigint, rank: bigint]
    >
    return rows.map(([k, min, mean, max, n, rank]) => ({
      t_ns: instant(from + k * width_ns),
      min,
      mean,
      max,
      count: Number(n),
      worst_flag: RANKED[Number(rank)]!,
    }))
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
    return (rows as Row[]).map(([channel, t_ns, value, half_width_ns, flag, reason, detail]) => ({
      channel,
      value,
      t_ns: t_ns as Instant,
      half_width_ns,
      flag: Number(flag) as Flag,
      ...(reason === null ? {} : { reason: reason as Reason }),
      ...(detail === null ? {} : { detail }),
      exercise: this.#exercise,
    }))
  }
}
