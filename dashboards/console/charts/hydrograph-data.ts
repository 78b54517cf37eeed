/**
 * From a series to what the hydrograph draws: points with breaks, spans without data, the range of the axis and places
 * for the level labels. Pure; uPlot and pixels are `hydrograph.ts`'s.
 */
import { type Column, isDrawn, type Series } from '../state/series.ts'

export type Span = { readonly from_ms: number; readonly to_ms: number }

export type HydrographData = {
  /** Seconds since 1970, ascending. */
  readonly x_s: number[]
  readonly mean: Array<number | null>
  readonly low: Array<number | null>
  readonly high: Array<number | null>
  /** The mean again where a value in the column is suspect, else null. */
  readonly suspect: Array<number | null>
  /** The mean of the others where a value in the column failed its tests, else null. */
  readonly failed: Array<number | null>
  /** Where there is no valid value: drawn hatched. */
  readonly gaps: readonly Span[]
}

/**
 * @param gap_after_ms two values further apart than this have a gap between them
 * @param known gaps that the store has counted, also when shorter
 */
export function hydrographData(
  series: Series,
  from_ms: number,
  to_ms: number,
  gap_after_ms: number,
  known: readonly Span[] = [],
): HydrographData {
  const data = { x_s: [], mean: [], low: [], high: [], suspect: [], failed: [] } as Omit<HydrographData, 'gaps'>
  const columns = series.columns.filter((c) => c.last_ms >= from_ms - series.width_ms && c.t_ms <= to_ms)
  const gaps: Span[] = known.filter((g) => g.to_ms > from_ms && g.from_ms < to_ms)
  let last: Column | null = null
  let bad = false
  for (const column of columns) {
    if (!isDrawn(column)) {
      bad = true
      continue
    }
    const since_ms: number = last?.last_ms ?? from_ms
    const silent = bad || column.t_ms - since_ms > gap_after_ms + series.width_ms
    if (silent) gaps.push({ from_ms: since_ms, to_ms: column.t_ms })
    if (silent || isCut(known, since_ms, column.t_ms)) breakLine(data, (since_ms + column.t_ms) / 2)
    data.x_s.push(column.t_ms / 1000)
    data.mean.push(column.mean)
    data.low.push(column.low)
    data.high.push(column.high)
    data.suspect.push(column.flag === 3 ? column.mean : null)
    data.failed.push(column.flag === 4 ? column.mean : null)
    last = column
    bad = false
  }
  const end_ms = last?.last_ms ?? from_ms
  if (bad || to_ms - end_ms > gap_after_ms + series.width_ms) gaps.push({ from_ms: end_ms, to_ms })
  return { ...data, gaps: mergeSpans(gaps, from_ms, to_ms) }
}

const isCut = (known: readonly Span[], from_ms: number, to_ms: number): boolean =>
  known.some((g) => g.from_ms >= from_ms && g.to_ms <= to_ms)

function breakLine(data: Omit<HydrographData, 'gaps'>, at_ms: number): void {
  if (data.x_s.length === 0) return
  data.x_s.push(at_ms / 1000)
  for (const values of [data.mean, data.low, data.high, data.suspect, data.failed]) values.push(null)
}

/** Ascending, clipped to the window, overlapping spans joined. */
export function mergeSpans(spans: readonly Span[], from_ms: number, to_ms: number): Span[] {
  const out: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from_ms - b.from_ms)) {
    const clipped = { from_ms: Math.max(from_ms, span.from_ms), to_ms: Math.min(to_ms, span.to_ms) }
    if (clipped.to_ms <= clipped.from_ms) continue
    const last = out.at(-1)
    if (last !== undefined && clipped.from_ms <= last.to_ms)
      out[out.length - 1] = { from_ms: last.from_ms, to_ms: Math.max(last.to_ms, clipped.to_ms) }
    else out.push(clipped)
  }
  return out
}

export type Summary = { low: number; low_ms: number; high: number; high_ms: number; gaps: number }

/** What a reader who cannot see the chart is told: extremes with their instants, and how many gaps. */
export function summarize(data: HydrographData): Summary | null {
  let summary: Summary | null = null
  data.x_s.forEach((x_s, i) => {
    const low = data.low[i]
    const high = data.high[i]
    if (low == null || high == null) return
    summary ??= { low, low_ms: x_s * 1000, high, high_ms: x_s * 1000, gaps: data.gaps.length }
    if (low < summary.low) Object.assign(summary, { low, low_ms: x_s * 1000 })
    if (high > summary.high) Object.assign(summary, { high, high_ms: x_s * 1000 })
  })
  return summary
}

/** Range of the stage axis, in whatever it is drawn: all values and all named levels, with a tenth of room at either end. */
export function stageRange(data: Pick<HydrographData, 'low' | 'high'>, levels_m: readonly number[]): [number, number] {
  const values = [...data.low, ...data.high, ...levels_m].filter((v): v is number => v !== null)
  if (values.length === 0) return [0, 1]
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = Math.max(0.05, (high - low) * 0.1)
  return [low - room, high + room]
}

/** Moves labels (pixels, any order) apart to at least `step`, keeping their order, none above `top` or below `bottom`. */
export function placeLabels(wanted: readonly number[], step: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y)
  let free = top
  for (const label of order) {
    label.y = Math.max(label.y, free)
    free = label.y + step
  }
  let limit = bottom
  for (const label of order.reverse()) {
    label.y = Math.min(label.y, limit)
    limit = label.y - step
  }
  const out = new Array<number>(wanted.length)
  for (const { y, i } of order) out[i] = y
  return out
}
