/** Every question to InfluxDB, in the part of InfluxQL that 1.6 to 3.x all answer (research: storage-dashboards.md 1). */

import { FAIL, MISSING } from '../../domain/reading.ts'
import { FIELD, INFLUX_POLICY, MEASURED_IN, MEASUREMENT, TAG } from '../../domain/series.ts'
import { instant, toIso } from '../../domain/time.ts'
import type { Grain, Span } from '../rollup.ts'

const name = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
const text = (value: string): string => `'${value.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`
const is = (tag: string, value: string): string => `${name(tag)} = ${text(value)}`
const columns = (...fields: readonly string[]): string => fields.map(name).join(', ')

const LIMIT_NS = 2n ** 63n - 3n
const time = (at: bigint): string => `'${toIso(instant(at > LIMIT_NS ? LIMIT_NS : at < -LIMIT_NS ? -LIMIT_NS : at))}'`
/** [from, to) */
const within = (from: bigint, to: bigint): string => `time >= ${time(from)} AND time < ${time(to)}`

const from = (measurement: keyof typeof MEASUREMENT): string =>
  `FROM ${name(INFLUX_POLICY[MEASURED_IN[measurement]])}.${name(MEASUREMENT[measurement])}`

const R = FIELD.reading
const READING = columns(R.value, R.flag, R.half_width_ns, R.reason, R.detail)
const B = FIELD.block
const BLOCK_HEAD = columns(B.first_counter, B.last_counter, B.shift_ns, B.sample_rate_hz)
const BLOCK_WHOLE = `${BLOCK_HEAD}, ${columns(B.half_width_ns, B.scale, B.unit, B.axes, B.samples)}`

export type GroupKey = { readonly device: string; readonly group: string }
export type BootKey = GroupKey & { readonly boot_id: number }

/** No stored block reaches over more than this, so that a window's blocks start at most so much before it. */
export const BLOCK_SPAN_NS = 600_000_000_000n

export class Queries {
  readonly #site: string

  constructor(site: string) {
    this.#site = is(TAG.site, site)
  }

  /** Newest reading of every channel. */
  latest(): string {
    return `SELECT ${READING} ${from('reading')} WHERE ${this.#site} GROUP BY ${name(TAG.channel)} ORDER BY time DESC LIMIT 1`
  }

  newest(measurement: 'reading' | 'block'): string {
    return this.#outermost(measurement, ' DESC')
  }

  oldest(measurement: 'reading' | 'block'): string {
    return this.#outermost(measurement, '')
  }

  #outermost(measurement: 'reading' | 'block', order: '' | ' DESC'): string {
    const field = measurement === 'reading' ? R.flag : B.first_counter
    return `SELECT ${columns(field)} ${from(measurement)} WHERE ${this.#site} ORDER BY time${order} LIMIT 1`
  }

  newestReading(channel: string): string {
    return `SELECT ${columns(R.flag)} ${from('reading')} WHERE ${this.#channel(channel)} ORDER BY time DESC LIMIT 1`
  }

  readings(channel: string, start: bigint, end: bigint, limit: number): string {
    return `SELECT ${READING} ${from('reading')} WHERE ${this.#channel(channel)} AND ${within(start, end)} ORDER BY time LIMIT ${limit}`
  }

  /** Figures of good and suspect readings, then the worst flag of all readings, in columns that begin at `start`. */
  readingColumns(channel: string, span: Span, start: bigint, width_ns: bigint): readonly [string, string] {
    const where = `WHERE ${this.#channel(channel)} AND ${within(span.from, span.to)}`
    const usable = `${name(R.flag)} != ${FAIL} AND ${name(R.flag)} != ${MISSING}`
    const group = inColumns(start, width_ns)
    return [
      `SELECT ${figures(R.value)} ${from('reading')} ${where} AND ${usable} ${group}`,
      `SELECT max(${name(R.flag_rank)}) AS "rank" ${from('reading')} ${where} ${group}`,
    ]
  }

  newestSample(group: GroupKey): string {
    return `SELECT ${columns(B.first_counter)} ${from('block')} WHERE ${this.#group(group)} ORDER BY time DESC LIMIT 1`
  }

  axisColumns(group: GroupKey, axis: string, span: Span, start: bigint, width_ns: bigint): string {
    return `SELECT ${figures(axis)} ${from('wave')} WHERE ${this.#group(group)} AND ${within(span.from, span.to)} ${inColumns(start, width_ns)}`
  }

  /** Rollups of a span in columns that begin at `start`; each lies in one of them. */
  rollupColumns(grain: Grain, channel: string, span: Span, start: bigint, width_ns: bigint): string {
    const { min, max, total, count, flag_rank } = FIELD.rollup
    const all = [
      `min(${name(min)}) AS "min"`,
      `max(${name(max)}) AS "max"`,
      `sum(${name(total)}) AS "total"`,
      `sum(${name(count)}) AS "count"`,
      `max(${name(flag_rank)}) AS "rank"`,
    ].join(', ')
    return `SELECT ${all} ${from(`rollup_${grain}`)} WHERE ${this.#channel(channel)} AND ${within(span.from, span.to)} ${inColumns(start, width_ns)}`
  }

  /** Hours of which there is a rollup, and whether it is stale. */
  rolledHours(channel: string, span: Span): string {
    return `SELECT ${columns(FIELD.rollup.stale)} ${from('rollup_1h')} WHERE ${this.#channel(channel)} AND ${within(span.from, span.to)}`
  }

  newestRollup(channel: string): string {
    return `SELECT ${columns(FIELD.rollup.count)} ${from('rollup_1h')} WHERE ${this.#channel(channel)} ORDER BY time DESC LIMIT 1`
  }

  /** How many readings came in each column, usable or not. */
  readingCounts(channel: string, span: Span, width_ns: bigint): string {
    return `SELECT count(${name(R.flag)}) AS "all" ${from('reading')} WHERE ${this.#channel(channel)} AND ${within(span.from, span.to)} ${inColumns(span.from, width_ns)}`
  }

  /** Axes of blocks that reach into a span. */
  axesBetween(group: GroupKey, span: Span): string {
    return `SELECT ${columns(B.axes)} ${from('block')} WHERE ${this.#group(group)} AND ${within(span.from - BLOCK_SPAN_NS, span.to)}`
  }

  /** Whole blocks that reach into [start, end). */
  blocks(group: GroupKey, start: bigint, end: bigint): string {
    return `SELECT ${BLOCK_WHOLE}, ${name(TAG.boot)} ${from('block')} WHERE ${this.#group(group)}
      AND ${within(start - BLOCK_SPAN_NS, end)} AND ${name(B.last_ns)} >= ${start}`
  }

  /** Where the blocks of one boot are, without their samples. */
  blocksOfBoot(boot: BootKey): string {
    return `SELECT ${columns(B.first_counter, B.last_counter, B.last_ns)} ${from('block')} WHERE ${this.#boot(boot)}`
  }

  /** Whole blocks of a boot that hold any of the counters, looked for in [start, end) where it is given. */
  blocksWithCounters(boot: BootKey, first: number, last: number, window?: readonly [bigint, bigint]): string {
    const near = window === undefined ? '' : ` AND ${within(...window)}`
    return `SELECT ${BLOCK_WHOLE} ${from('block')} WHERE ${this.#boot(boot)}${near}
      AND ${name(B.first_counter)} <= ${last} AND ${name(B.last_counter)} >= ${first}`
  }

  /** Heads of the blocks of a boot that have samples between two instants. */
  blocksBetween(boot: BootKey, start: bigint, end: bigint): string {
    return `SELECT ${BLOCK_HEAD} ${from('block')} WHERE ${this.#boot(boot)}
      AND ${within(start - BLOCK_SPAN_NS, end)} AND ${name(B.last_ns)} >= ${start}`
  }

  /** Gaps that begin before `end` and touch [start, end). */
  gaps(start: bigint, end: bigint): string {
    const G = FIELD.gap
    const fields = columns(G.channels, G.to_ns, G.shift_ns, G.expected, G.missing, TAG.reason)
    return `SELECT ${fields} ${from('gap')} WHERE ${this.#site} AND time < ${time(end)} AND ${name(G.to_ns)} >= ${start}`
  }

  #channel(channel: string): string {
    return `${this.#site} AND ${is(TAG.channel, channel)}`
  }
  #group({ device, group }: GroupKey): string {
    return `${this.#site} AND ${is(TAG.device, device)} AND ${is(TAG.group, group)}`
  }
  #boot(boot: BootKey): string {
    return `${this.#group(boot)} AND ${is(TAG.boot, String(boot.boot_id))}`
  }
}

const figures = (field: string): string =>
  (['min', 'mean', 'max', 'count'] as const).map((what) => `${what}(${name(field)}) AS "${what}"`).join(', ')

/** Columns lie on multiples of their width from 1970 on; the offset moves them so that one begins at `start`. */
const inColumns = (start: bigint, width_ns: bigint): string =>
  `GROUP BY time(${width_ns}ns, ${((start % width_ns) + width_ns) % width_ns}ns) fill(none)`
