/**
 * A stretch of one channel's history in columns of equal width, each with its lowest, mean and highest value, so that no
 * peak is lost by thinning. Loading it is the service's; gaps and drawing are `charts/`'s.
 */
import type { ReadingJson, SeriesColumnJson } from '../../../domain/api.ts'
import { type Flag, worstFlag } from '../../../domain/reading.ts'
import { msOf } from './instants.ts'

export type Column = {
  /** First and newest instant in the column [ms]. */
  readonly t_ms: number
  readonly last_ms: number
  /** SI; NaN where the column holds no valid value. */
  readonly low: number
  readonly mean: number
  readonly high: number
  readonly count: number
  readonly flag: Flag
}

export type Series = {
  readonly window_ms: number
  /** Width of a column [ms]; columns start at its multiples. */
  readonly width_ms: number
  /** Ascending in time, at most one per multiple of the width. */
  readonly columns: readonly Column[]
}

/** Columns asked for and kept: about one per two pixels of the widest chart. */
export const COLUMNS = 600

export const emptySeries = (window_ms: number): Series => ({
  window_ms,
  width_ms: Math.max(1, Math.ceil(window_ms / COLUMNS)),
  columns: [],
})

/** Device time shown in the hydrograph, and the least wall time that makes a readable chart. */
export const HYDROGRAPH_DEVICE_MS = 12 * 3600_000
export const HYDROGRAPH_LEAST_MS = 60_000

export const hydrographWindow_ms = (time_scale: number): number =>
  Math.max(HYDROGRAPH_LEAST_MS, HYDROGRAPH_DEVICE_MS / time_scale)

/** The API's columns as a series; what it left out stays left out. */
export function fromColumns(window_ms: number, rows: readonly SeriesColumnJson[]): Series {
  let series = emptySeries(window_ms)
  for (const [t_ns, min, mean, max, count, flag] of rows) {
    const t_ms = msOf(t_ns)
    series = put(series, { t_ms, last_ms: t_ms, low: min, mean, high: max, count, flag: flag as Flag })
  }
  return series
}

/** Adds one reading as it came live; one that is already there (same instant) changes nothing. */
export function addReading(series: Series, reading: ReadingJson): Series {
  const t_ms = msOf(reading.t_ns)
  // As the store does: failed and missing readings have no part in the figures, but the flag tells of a failure.
  const value = reading.value === null || reading.flag === 4 || reading.flag === 9 ? Number.NaN : reading.value
  const count = Number.isNaN(value) ? 0 : 1
  return put(series, { t_ms, last_ms: t_ms, low: value, mean: value, high: value, count, flag: reading.flag })
}

/** Drops what is older than the window before `now_ms`, but for one column, so that the line reaches the left edge. */
export function prune(series: Series, now_ms: number): Series {
  const from_ms = now_ms - series.window_ms
  const first = series.columns.findIndex((c) => c.last_ms >= from_ms)
  if (first <= 1) return first === -1 ? { ...series, columns: series.columns.slice(-1) } : series
  return { ...series, columns: series.columns.slice(first - 1) }
}

/** Largest value of the columns from `from_ms` on, with its instant; null without any. */
export function peakSince(series: Series, from_ms: number): { value: number; t_ms: number } | null {
  let peak: { value: number; t_ms: number } | null = null
  for (const { last_ms, t_ms, high } of series.columns)
    if (last_ms >= from_ms && !Number.isNaN(high) && (peak === null || high > peak.value)) peak = { value: high, t_ms }
  return peak
}

/** Whether the column holds any valid value. */
export const isDrawn = (column: Column): boolean => !Number.isNaN(column.mean)

function put(series: Series, column: Column): Series {
  const { columns, width_ms } = series
  const slot = Math.floor(column.t_ms / width_ms)
  let at = columns.length
  while (at > 0 && Math.floor(columns[at - 1]!.t_ms / width_ms) > slot) at -= 1
  const known = columns[at - 1]
  if (known === undefined || Math.floor(known.t_ms / width_ms) !== slot)
    return { ...series, columns: [...columns.slice(0, at), column, ...columns.slice(at)] }
  if (column.t_ms <= known.last_ms) return series
  return { ...series, columns: [...columns.slice(0, at - 1), merge(known, column), ...columns.slice(at)] }
}

function merge(a: Column, b: Column): Column {
  const flag = worstFlag(a.flag, b.flag)
  if (Number.isNaN(b.mean)) return { ...a, last_ms: b.last_ms, flag }
  if (Number.isNaN(a.mean)) return { ...b, t_ms: a.t_ms, flag }
  const count = a.count + b.count
  return {
    t_ms: a.t_ms,
    last_ms: b.last_ms,
    low: Math.min(a.low, b.low),
    mean: (a.mean * a.count + b.mean * b.count) / count,
    high: Math.max(a.high, b.high),
    count,
    flag,
  }
}
