/** Questions about the blocks of one series file: the samples themselves, and an axis summed up in columns. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import type { SampleArray } from '../../domain/reading.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { ALWAYS, type Running } from '../../runtime/sqlite-worker.ts'
import { AxisColumns } from '../axis-columns.ts'
import { STATS } from '../block-runs.ts'
import type { Columns } from '../columns.ts'
import { axesOf, samplesFrom } from '../packed.ts'
import type { Span } from '../rollup.ts'
import { tablesIn } from './schema.ts'

/** Most samples of one answer: 64 MiB are 15 h of a three-axis device at 200 Hz. */
export const ANSWER_SAMPLES_MAX = 32 * 1024 * 1024

export type FoundBlock = {
  readonly boot_id: number
  readonly first_counter: number
  readonly n: number
  readonly t0_ns: Instant
  readonly half_width_ns: bigint
  readonly sample_rate_hz: number
  readonly scale: number
  readonly unit: string
  readonly axes: string
  readonly exercise: boolean
  readonly samples: SampleArray
}
type BlockRow = {
  boot_id: bigint
  first_counter: bigint
  n: bigint
  t0_ns: bigint
  half_width_ns: bigint
  sample_rate_hz: number
  scale: number
  unit: string
  axes: string
  samples: Uint8Array
}
type FigureRow = [
  id: bigint,
  t0_ns: bigint,
  n: bigint,
  sample_rate_hz: number,
  scale: number,
  axes: string,
  stats: Uint8Array,
]

export class BlockQueries {
  readonly #exercise: boolean
  readonly #running: Running
  readonly #newest: StatementSync
  readonly #knows: StatementSync
  readonly #blocks: StatementSync
  readonly #figures: StatementSync
  readonly #samples: StatementSync

  constructor(db: DatabaseSync, schema: string, exercise: boolean, running: Running = ALWAYS) {
    this.#running = running
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    this.#exercise = exercise
    const joined = `${t('block_group')} g JOIN ${t('block')} b ON b.block_group = g.id
      JOIN ${t('block_format')} f ON f.id = b.block_format`
    // No block is longer than the group's longest: none that starts earlier than that before ?3 can reach into [?3, ?4).
    const within = `g.device = ?1 AND g.name = ?2 AND b.t0_ns > ?3 - g.longest_ns AND b.t0_ns < ?4
      AND b.t0_ns + CAST((b.n - 1) * 1e9 / b.sample_rate_hz AS INTEGER) >= ?3 ORDER BY b.t0_ns, b.id`
    this.#knows = prepare(`SELECT id FROM ${t('block_group')} WHERE device = ? AND name = ?`)
    this.#newest = prepare(
      `SELECT max(b.t0_ns) AS t_ns FROM ${t('block')} b
       WHERE b.block_group = (SELECT id FROM ${t('block_group')} WHERE device = ? AND name = ?)`,
    )
    this.#blocks = prepare(
      `SELECT b.boot_id, b.first_counter, b.n, b.t0_ns, b.half_width_ns, b.sample_rate_hz, f.scale, f.unit, f.axes,
         b.samples FROM ${joined} WHERE ${within}`,
    )
    this.#figures = prepare(
      `SELECT b.id, b.t0_ns, b.n, b.sample_rate_hz, f.scale, f.axes, b.stats FROM ${joined} WHERE ${within}`,
    )
    this.#figures.setReturnArrays(true)
    this.#samples = prepare(`SELECT samples FROM ${t('block')} WHERE id = ?`)
  }

  knows(device: string, group: string): boolean {
    return this.#knows.get(device, group) !== undefined
  }

  newest(device: string, group: string): bigint | undefined {
    const row = this.#newest.get(device, group) as { t_ns: bigint | null }
    return row.t_ns ?? undefined
  }

  /** @throws PlumblineError USAGE where the window holds more than `ANSWER_SAMPLES_MAX`. */
  blocks(device: string, group: string, from: bigint, to: bigint): FoundBlock[] {
    const out: FoundBlock[] = []
    let total = 0
    for (const found of this.#blocks.iterate(device, group, from, to)) {
      this.#running.check()
      const row = found as unknown as BlockRow
      const count = Number(row.n) * axesOf(row.axes).length
      total += count
      if (total > ANSWER_SAMPLES_MAX)
        throw new PlumblineError(
          'USAGE',
          `${device}/${group}: more than ${ANSWER_SAMPLES_MAX} samples; ask for less time`,
        )
      out.push({
        ...row,
        boot_id: Number(row.boot_id),
        first_counter: Number(row.first_counter),
        n: Number(row.n),
        t0_ns: instant(row.t0_ns),
        exercise: this.#exercise,
        samples: samplesFrom(row.samples, count),
      })
    }
    return out
  }

  /** Adds the samples of an axis in [from, to) to the columns. */
  addTo(into: Columns, device: string, group: string, axis: string, { from, to }: Span): void {
    const columns = new AxisColumns(into, from, to)
    for (const found of this.#figures.iterate(device, group, from, to)) {
      this.#running.check()
      const [id, t0_ns, count, sample_rate_hz, scale, axes, stats] = found as unknown as FigureRow
      const place = axesOf(axes).indexOf(axis)
      if (place < 0) continue
      const n = Number(count)
      const block = { t0_ns, n, sample_rate_hz, scale }
      const column = columns.columnOf(block)
      if (column === undefined) {
        const { samples } = this.#samples.get(id) as { samples: Uint8Array }
        const whole = samplesFrom(samples, n * axesOf(axes).length)
        columns.addSamples(block, whole.subarray(place * n, (place + 1) * n))
      } else columns.addFigures(column, scale, { ...figuresOf(stats, place, axesOf(axes).length), n })
    }
  }
}

/** 32-bit integers, or doubles where the samples are wide. */
function figuresOf(stats: Uint8Array, place: number, axes: number): { min: number; max: number; sum: number } {
  const view = new DataView(stats.buffer, stats.byteOffset, stats.byteLength)
  const integers = stats.byteLength === 4 * axes * STATS.length
  const figure = (which: number): number => {
    const at = place * STATS.length + which
    return integers ? view.getInt32(at * 4, true) : view.getFloat64(at * 8, true)
  }
  return { min: figure(STATS.min), max: figure(STATS.max), sum: figure(STATS.sum) }
}
