/** A chunk summed up in windows of equal width: what SQL says of the rows that are not sealed. */
import { FAIL, type Flag, MISSING } from '../../domain/reading.ts'
import { type Figures, RANKED } from '../columns.ts'
import type { Span } from '../rollup.ts'
import type { Chunk } from './chunk.ts'

const RANK = new Map<number, number>(RANKED.map((flag: Flag, rank) => [flag, rank]))

/** `all` counts rows, usable or not. */
export type TakeWindow = (k: number, figures: Figures, all: number) => void

/** Windows of `width_ns` that begin at `start`; only rows of `span` are taken. Windows without rows are left out. */
export function sumUp(chunk: Chunk, { from, to }: Span, start: bigint, width_ns: number, take: TakeWindow): void {
  const { offset_ns, value, flag } = chunk
  const ahead_ns = Number(chunk.first_ns - start)
  const end = chunk.from(to)
  let i = chunk.from(from)
  while (i < end) {
    const k = Math.floor((ahead_ns + offset_ns[i]!) / width_ns)
    const edge_ns = (k + 1) * width_ns - ahead_ns
    const first = i
    let [min, max, sum, count, rank] = [0, 0, 0, 0, 0]
    for (; i < end && offset_ns[i]! < edge_ns; i++) {
      const f = flag[i]!
      const own = RANK.get(f) ?? 0
      if (own > rank) rank = own
      const v = value[i]!
      // A failed or missing value is no measurement.
      if (f === FAIL || f === MISSING || Number.isNaN(v)) continue
      if (count === 0 || v < min) min = v
      if (count === 0 || v > max) max = v
      sum += v
      count++
    }
    take(k, { min, max, sum, count, rank }, i - first)
  }
}
