/** An axis of many blocks summed up in columns of equal width: from the figures kept with a block where it lies in one column, else from its samples. */
import type { SeriesColumn } from '../domain/ports.ts'
import { NOT_EVALUATED } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'

export type AxisBlock = {
  readonly t0_ns: bigint
  readonly n: number
  readonly sample_rate_hz: number
  /** SI per step. */
  readonly scale: number
}
export type AxisFigures = { readonly min: number; readonly max: number; readonly sum: number; readonly n: number }
type Column = { min: number; max: number; sum: number; count: number }

export class AxisColumns {
  readonly #from: Instant
  readonly #span_ns: number
  readonly #width_ns: number
  readonly #columns = new Map<number, Column>()

  /** Columns of `width_ns` over [from, to). Offsets are numbers of ns, exact to 104 days, then to a few ns. */
  constructor(from: Instant, to: Instant, width_ns: bigint) {
    this.#from = from
    this.#span_ns = Number(to - from)
    this.#width_ns = Number(width_ns)
  }

  /** The one column that holds the whole block, or `undefined` where its samples must be looked at. */
  columnOf(block: AxisBlock): number | undefined {
    const first_ns = Number(block.t0_ns - this.#from)
    const last_ns = first_ns + ((block.n - 1) * 1e9) / block.sample_rate_hz
    const column = Math.floor(first_ns / this.#width_ns)
    return first_ns >= 0 && last_ns < this.#span_ns && Math.floor(last_ns / this.#width_ns) === column
      ? column
      : undefined
  }

  addFigures(column: number, scale: number, { min, max, sum, n }: AxisFigures): void {
    this.#merge(column, Math.min(min * scale, max * scale), Math.max(min * scale, max * scale), sum * scale, n)
  }

  addSamples(block: AxisBlock, samples: Int16Array): void {
    const first_ns = Number(block.t0_ns - this.#from)
    const step_ns = 1e9 / block.sample_rate_hz
    for (let i = 0; i < samples.length; i++) {
      const at_ns = first_ns + i * step_ns
      if (at_ns < 0 || at_ns >= this.#span_ns) continue
      const value = samples[i]! * block.scale
      this.#merge(Math.floor(at_ns / this.#width_ns), value, value, value, 1)
    }
  }

  /** Blocks carry no flags: their quality control is what the measures made of them say. */
  result(): SeriesColumn[] {
    return [...this.#columns]
      .sort(([a], [b]) => a - b)
      .map(([k, { min, max, sum, count }]) => ({
        t_ns: instant(this.#from + BigInt(k) * BigInt(this.#width_ns)),
        min,
        mean: sum / count,
        max,
        count,
        worst_flag: NOT_EVALUATED,
      }))
  }

  #merge(k: number, min: number, max: number, sum: number, count: number): void {
    const column = this.#columns.get(k)
    if (column === undefined) {
      this.#columns.set(k, { min, max, sum, count })
      return
    }
    if (min < column.min) column.min = min
    if (max > column.max) column.max = max
    column.sum += sum
    column.count += count
  }
}
