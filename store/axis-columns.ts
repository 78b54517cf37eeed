/** Blocks of an axis summed up in columns: from the figures kept with a block where it lies in one column, else from its samples. */
import { NOT_EVALUATED, type SampleArray } from '../domain/reading.ts'
import { type Columns, RANKED } from './columns.ts'

export type AxisBlock = {
  readonly t0_ns: bigint
  readonly n: number
  readonly sample_rate_hz: number
  /** SI per step. */
  readonly scale: number
}
export type AxisFigures = { readonly min: number; readonly max: number; readonly sum: number; readonly n: number }

/** Blocks carry no flags: their quality control is what the measures made of them say. */
const RANK = RANKED.indexOf(NOT_EVALUATED)

export class AxisColumns {
  readonly #columns: Columns
  readonly #first_ns: number
  readonly #end_ns: number

  /** Only samples of [from, to) are taken. */
  constructor(columns: Columns, from: bigint = columns.from, to: bigint = columns.to) {
    this.#columns = columns
    this.#first_ns = columns.offset_ns(from)
    this.#end_ns = columns.offset_ns(to)
  }

  /** The one column that holds the whole block, or `undefined` where its samples must be looked at. */
  columnOf(block: AxisBlock): number | undefined {
    const first_ns = this.#columns.offset_ns(block.t0_ns)
    const last_ns = first_ns + ((block.n - 1) * 1e9) / block.sample_rate_hz
    return first_ns >= this.#first_ns && last_ns < this.#end_ns ? this.#columns.holding(first_ns, last_ns) : undefined
  }

  addFigures(column: number, scale: number, { min, max, sum, n }: AxisFigures): void {
    const [a, b] = [min * scale, max * scale]
    this.#columns.add(column, { min: Math.min(a, b), max: Math.max(a, b), sum: sum * scale, count: n, rank: RANK })
  }

  addSamples(block: AxisBlock, samples: SampleArray): void {
    const first_ns = this.#columns.offset_ns(block.t0_ns)
    const step_ns = 1e9 / block.sample_rate_hz
    const { width_ns } = this.#columns
    for (let i = 0; i < samples.length; i++) {
      const at_ns = first_ns + i * step_ns
      if (at_ns < this.#first_ns || at_ns >= this.#end_ns) continue
      const value = samples[i]! * block.scale
      this.#columns.add(Math.floor(at_ns / width_ns), { min: value, max: value, sum: value, count: 1, rank: RANK })
    }
  }
}
