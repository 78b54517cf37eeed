/**
 * Makes the rollups of one hour of one series anew from its stored rows, minutes and hour at once. Expected values are those
 * that were stored, usable or not, and those that a gap says are missing: count / expected is the coverage.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { channelId } from '../../domain/ids.ts'
import { FAIL, MISSING } from '../../domain/reading.ts'
import { instant } from '../../domain/time.ts'
import { sumUp } from '../chunk/figures.ts'
import { Columns, type Figures, joinedFigures, RANKED } from '../columns.ts'
import { GRAIN_S, HOUR_NS, hourOf, hourStart, MINUTE_NS, SOURCE } from '../rollup.ts'
import { BlockQueries } from './read-blocks.ts'
import type { ReadingTable } from './reading-table.ts'
import { tablesIn } from './schema.ts'
import type { SealedTable } from './sealed-table.ts'
import type { Touched } from './touched-table.ts'

export const RANK_SQL = `CASE flag ${RANKED.map((flag, rank) => `WHEN ${flag} THEN ${rank}`).join(' ')} END`
/** A failed or missing value is no measurement: it takes no part in min, mean and max. */
export const USABLE_SQL = `FILTER (WHERE flag NOT IN (${FAIL}, ${MISSING}))`

type GroupRow = { device: string; name: string }
type GapRow = { from_ns: bigint; to_ns: bigint; missing: bigint }

export class RollupTable {
  readonly #readings: ReadingTable
  readonly #sealed: SealedTable
  readonly #blocks: BlockQueries
  readonly #clear: StatementSync
  readonly #insert: StatementSync
  readonly #figures: StatementSync
  readonly #group: StatementSync
  readonly #name: StatementSync
  readonly #axes: StatementSync
  readonly #gaps: StatementSync
  readonly #horizon: StatementSync
  readonly #has: StatementSync

  /** `readings` knows the numbers of channels; an axis has one too. */
  constructor(db: DatabaseSync, schema: string, readings: ReadingTable, sealed: SealedTable) {
    const t = tablesIn(schema)
    this.#readings = readings
    this.#sealed = sealed
    this.#blocks = new BlockQueries(db, schema, false)
    this.#clear = db.prepare(`DELETE FROM ${t('rollup')} WHERE channel = ? AND t_ns >= ? AND t_ns < ? AND grain_s = ?`)
    this.#insert = db.prepare(`INSERT INTO ${t('rollup')} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#figures = db.prepare(
      `SELECT (t_ns - ?2) / ${MINUTE_NS}, min(value) ${USABLE_SQL}, max(value) ${USABLE_SQL}, sum(value) ${USABLE_SQL},
         count(value) ${USABLE_SQL}, count(*), max(${RANK_SQL})
       FROM ${t('reading')} WHERE channel = ?1 AND t_ns >= ?2 AND t_ns < ?3 GROUP BY 1`,
    )
    this.#figures.setReturnArrays(true)
    this.#group = db.prepare(`SELECT device, name FROM ${t('block_group')} WHERE id = ?`)
    this.#name = db.prepare(`SELECT name FROM ${t('channel')} WHERE id = ?`)
    this.#axes = db.prepare(
      `SELECT DISTINCT f.axes FROM ${t('block')} b JOIN ${t('block_format')} f ON f.id = b.block_format
       WHERE b.block_group = ? AND b.t0_ns >= ? AND b.t0_ns < ?`,
    )
    this.#gaps = db.prepare(
      `SELECT from_ns, to_ns, missing FROM ${t('gap')}
       WHERE from_ns < ?2 AND to_ns > ?1 AND EXISTS (SELECT 1 FROM json_each(channels) WHERE value = ?3)`,
    )
    this.#gaps.setReadBigInts(true)
    this.#horizon = db.prepare(`SELECT before_ns FROM ${t('horizon')} WHERE kind = ? AND source = ?`)
    this.#horizon.setReadBigInts(true)
    this.#has = db.prepare(`SELECT 1 FROM ${t('rollup')} WHERE channel = ? AND grain_s = ? AND t_ns = ?`)
  }

  /**
   * Within the open transaction. Where retention has dropped rows of the hour, the rollup that was made of them all stays:
   * it could only get worse.
   */
  make(touched: Touched): void {
    const from = hourStart(touched.hour)
    const dropped = (this.#horizon.get(touched.kind, touched.source) as { before_ns: bigint } | undefined)?.before_ns
    const thinned = dropped !== undefined && from < dropped
    if (touched.kind === SOURCE.readings) this.#ofReadings(touched.source, from, thinned)
    else this.#ofBlocks(touched.source, from, thinned)
  }

  #ofReadings(channel: number, from: bigint, thinned: boolean): void {
    const { name } = this.#name.get(channel) as { name: string }
    const rows = this.#figures.all(channel, from, from + HOUR_NS) as unknown as Array<
      [k: number, min: number | null, max: number | null, sum: number | null, count: number, all: number, rank: number]
    >
    const minutes = new Map<number, Minute>()
    for (const [k, min, max, sum, count, all, rank] of rows)
      minutes.set(k, { k, figures: { min: min ?? 0, max: max ?? 0, sum: sum ?? 0, count, rank }, all })
    const head = this.#sealed.hour(channel, hourOf(from))
    const sealed = head && this.#sealed.unpackIfWhole(head)
    // The rollup that was made when the hour was whole stays.
    if (head !== undefined && sealed === undefined) return
    const span = { from, to: from + HOUR_NS }
    if (sealed !== undefined)
      sumUp(sealed, span, from, Number(MINUTE_NS), (k, figures, all) => {
        const open = minutes.get(k)
        minutes.set(
          k,
          open === undefined
            ? { k, figures, all }
            : { k, figures: joinedFigures(open.figures, figures), all: open.all + all },
        )
      })
    this.#write(
      channel,
      name,
      from,
      [...minutes.values()].sort((a, b) => a.k - b.k),
      thinned,
    )
  }

  #ofBlocks(group: number, from: bigint, thinned: boolean): void {
    const { device, name } = this.#group.get(group) as GroupRow
    const to = from + HOUR_NS
    // A block that reaches into the hour began at most a block's length before; blocks are far shorter than an hour.
    const texts = this.#axes.all(group, from - HOUR_NS, to) as Array<{ axes: string }>
    for (const axis of new Set(texts.flatMap(({ axes }) => axes.split(',')))) {
      const columns = new Columns(instant(from), instant(to), MINUTE_NS)
      this.#blocks.addTo(columns, device, name, axis, { from, to })
      const minutes = columns.figures().map(([k, figures]) => ({ k, figures, all: figures.count }))
      const channel = channelId(device, `${name}/${axis}`)
      this.#write(this.#readings.channel(channel), channel, from, minutes, thinned)
    }
  }

  #write(channel: number, name: string, from: bigint, minutes: readonly Minute[], thinned: boolean): void {
    if (thinned && this.#has.get(channel, GRAIN_S.hour, from) !== undefined) return
    this.#drop(channel, from)
    const gaps = this.#gaps.all(from, from + HOUR_NS, name) as GapRow[]
    const hour = new Columns(instant(from), instant(from + HOUR_NS), HOUR_NS)
    let expectedOfHour = 0
    for (const { k, figures, all } of minutes) {
      const at = from + BigInt(k) * MINUTE_NS
      const expected = all + missingIn(gaps, at, at + MINUTE_NS)
      expectedOfHour += all
      hour.add(0, figures)
      this.#put(channel, GRAIN_S.minute, at, figures, expected)
    }
    for (const [, figures] of hour.figures())
      this.#put(channel, GRAIN_S.hour, from, figures, expectedOfHour + missingIn(gaps, from, from + HOUR_NS))
  }

  #drop(channel: number, from: bigint): void {
    for (const grain of Object.values(GRAIN_S)) this.#clear.run(channel, from, from + HOUR_NS, grain)
  }

  #put(channel: number, grain_s: number, t_ns: bigint, figures: Figures, expected: number): void {
    const { min, max, sum, count, rank } = figures
    const [low, high] = count === 0 ? [null, null] : [min, max]
    this.#insert.run(channel, grain_s, t_ns, low, high, sum, count, Math.max(count, Math.round(expected)), rank)
  }
}
type Minute = { readonly k: number; readonly figures: Figures; readonly all: number }

/** Of a gap that reaches beyond the window, the share that lies in it. */
function missingIn(gaps: readonly GapRow[], from: bigint, to: bigint): number {
  return gaps.reduce((sum, gap) => {
    const length = Number(gap.to_ns - gap.from_ns)
    const first = gap.from_ns > from ? gap.from_ns : from
    const end = gap.to_ns < to ? gap.to_ns : to
    const shared = Math.max(0, Number(end - first))
    return length > 0 ? sum + (Number(gap.missing) * shared) / length : sum
  }, 0)
}
