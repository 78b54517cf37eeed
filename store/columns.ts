/**
 * Columns of equal width over a window, filled from figures of any grain: samples, blocks, minutes, hours. A figure goes
 * into a column whole, so that no extreme is ever lost or invented; which figures fit into one column is asked here too.
 */
import type { SeriesColumn } from '../domain/ports.ts'
import { FAIL, type Flag, GOOD, MISSING, NOT_EVALUATED, SUSPECT } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'

/** Flags from harmless to worst (`worstFlag` of domain/reading.ts): the place of a flag is its rank. */
export const RANKED: readonly Flag[] = [MISSING, NOT_EVALUATED, GOOD, SUSPECT, FAIL]

/** Of usable values; `rank` of all values, usable or not. min and max mean nothing where `count` is 0. */
export type Figures = {
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly count: number
  readonly rank: number
}
/** Of two runs of values together. */
export function joinedFigures(a: Figures, b: Figures): Figures {
  const rank = Math.max(a.rank, b.rank)
  if (a.count === 0 || b.count === 0) return { ...(a.count === 0 ? b : a), rank }
  const [min, max] = [Math.min(a.min, b.min), Math.max(a.max, b.max)]
  return { min, max, sum: a.sum + b.sum, count: a.count + b.count, rank }
}

type Column = { min: number; max: number; sum: number; count: number; rank: number }

export class Columns {
  readonly from: Instant
  readonly to: Instant
  /** Where the first column begins. */
  readonly start: Instant
  readonly #span_ns: number
  readonly width_ns: number
  readonly #columns = new Map<number, Column>()

  /** Columns of `width_ns` over [from, to), the first of which may begin before it, at `start`. Offsets are numbers of ns, exact to 104 days, then to a few ns. */
  constructor(from: Instant, to: Instant, width_ns: bigint, start = from) {
    this.from = from
    this.to = to
    this.start = start
    this.#span_ns = Number(to - start)
    this.width_ns = Number(width_ns)
  }

  /** Nanoseconds from the start of the first column. */
  offset_ns(t_ns: bigint): number {
    return Number(t_ns - this.start)
  }

  /** The one column that holds all instants from `first_ns` to `last_ns` (offsets), or `undefined`. */
  holding(first_ns: number, last_ns: number): number | undefined {
    const column = Math.floor(first_ns / this.width_ns)
    return first_ns >= 0 && last_ns < this.#span_ns && Math.floor(last_ns / this.width_ns) === column
      ? column
      : undefined
  }

  /** The column of an instant, or the nearest of the window. */
  nearest(offset_ns: number): number {
    return Math.floor(Math.max(0, Math.min(this.#span_ns - 1, offset_ns)) / this.width_ns)
  }

  add(k: number, { min, max, sum, count, rank }: Figures): void {
    const column = this.#columns.get(k)
    if (column === undefined) {
      this.#columns.set(k, { min, max, sum, count, rank })
      return
    }
    if (count > 0) {
      if (column.count === 0 || min < column.min) column.min = min
      if (column.count === 0 || max > column.max) column.max = max
      column.sum += sum
      column.count += count
    }
    if (rank > column.rank) column.rank = rank
  }

  /** Columns with usable values, in order. */
  result(): SeriesColumn[] {
    return this.#withValues().map(([k, { min, max, sum, count, rank }]) => ({
      t_ns: k === 0 ? this.from : instant(this.start + BigInt(k) * BigInt(this.width_ns)),
      min,
      mean: sum / count,
      max,
      count,
      worst_flag: RANKED[rank]!,
    }))
  }

  /** Everything that was added, in order, with the place of each column. */
  figures(): Array<readonly [k: number, figures: Figures]> {
    return [...this.#columns].sort(([a], [b]) => a - b)
  }

  #withValues(): Array<readonly [number, Figures]> {
    return this.figures().filter(([, { count }]) => count > 0)
  }
}
