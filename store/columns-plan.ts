/**
 * How wide the columns of a window are and where the first begins. Those that are wide enough are made wider until each holds
 * whole rollups and begins with one, so that none straddles an edge and every extreme stands in its own column.
 */
import { GRAIN_NS, type Grain, type Span } from './rollup.ts'

export type ColumnsPlan = {
  /** Columns begin at `start`, which may lie before the window by less than a rollup. */
  readonly start: bigint
  readonly width_ns: bigint
  /** `undefined`: narrow columns are as wide as was asked. */
  readonly grain: Grain | undefined
}

/**
 * From twice its grain on a column is made of rollups; narrower ones would lose too much of what was asked for.
 * @param grains that columns may be made of, the coarsest first
 */
export function planColumns({ from, to }: Span, points: number, grains: readonly Grain[]): ColumnsPlan {
  const asked = (to - from + BigInt(points) - 1n) / BigInt(points)
  const grain = grains.find((one) => asked >= 2n * GRAIN_NS[one])
  const start = grain && floor(from, GRAIN_NS[grain])
  if (grain === undefined || start === undefined || start < FIRST_NS) return asAsked({ from, to }, points)
  const width = (to - start + BigInt(points) - 1n) / BigInt(points)
  return { start, width_ns: -floor(-width, GRAIN_NS[grain]), grain }
}

/** The first instant that a store can hold. */
const FIRST_NS = -(2n ** 63n)

export const asAsked = ({ from, to }: Span, points: number): ColumnsPlan => ({
  start: from,
  width_ns: (to - from + BigInt(points) - 1n) / BigInt(points),
  grain: undefined,
})

export const floor = (at: bigint, length: bigint): bigint => at - (((at % length) + length) % length)
