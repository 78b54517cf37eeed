/**
 * How a window is answered in columns: from rollups where they know all that is stored, from the points elsewhere. Columns
 * that are wide enough are made wider until each holds whole rollups and begins with one, so that none straddles an edge
 * and every extreme stands in its own column.
 */
import { clipped, HOUR_NS, hourOf, hourStart, joined, type Span } from '../rollup.ts'
import { GRAIN_NS, type Grain } from './rollups.ts'

export type ColumnsPlan = {
  /** Columns begin at `start`, which may lie before the window by less than a rollup. */
  readonly start: bigint
  readonly width_ns: bigint
  /** `undefined`: narrow columns are made of points alone. */
  readonly grain: Grain | undefined
}

/** From twice its grain on a column is made of rollups; narrower ones would lose too much of what was asked for. */
export function planColumns({ from, to }: Span, points: number, finest: '1s' | '1m'): ColumnsPlan {
  const asked = (to - from + BigInt(points) - 1n) / BigInt(points)
  const grains: readonly Grain[] = finest === '1s' ? ['1h', '1m', '1s'] : ['1h', '1m']
  const grain = grains.find((one) => asked >= 2n * GRAIN_NS[one])
  if (grain === undefined) return asAsked({ from, to }, points)
  const start = floor(from, GRAIN_NS[grain])
  const width = (to - start + BigInt(points) - 1n) / BigInt(points)
  return { start, width_ns: -floor(-width, GRAIN_NS[grain]), grain }
}

export const asAsked = ({ from, to }: Span, points: number): ColumnsPlan => ({
  start: from,
  width_ns: (to - from + BigInt(points) - 1n) / BigInt(points),
  grain: undefined,
})

export type Sources = { readonly rollups: readonly Span[]; readonly points: readonly Span[] }

/** @param known hours whose rollups know all that is stored */
export function sourcesOf(window: Span, grain: Grain | undefined, known: readonly number[]): Sources {
  if (grain === undefined) return { rollups: [], points: [window] }
  const length = GRAIN_NS[grain]
  const inside: Span = { from: -floor(-window.from, length), to: floor(window.to, length) }
  const rollups = joined(known.map((hour) => clipped({ from: hourStart(hour), to: hourStart(hour) + HOUR_NS }, inside)))
  return { rollups, points: between(window, rollups) }
}

/** What `taken`, in order and apart, leaves of the window. */
function between(window: Span, taken: readonly Span[]): Span[] {
  const out: Span[] = []
  let from = window.from
  for (const span of taken) {
    if (span.from > from) out.push({ from, to: span.from })
    from = span.to
  }
  if (window.to > from) out.push({ from, to: window.to })
  return out
}

export const floor = (at: bigint, length: bigint): bigint => at - (((at % length) + length) % length)

/** From the first instant of the hour that holds `from`. */
export const wholeHours = ({ from, to }: Span): Span => ({ from: hourStart(hourOf(from)), to })
