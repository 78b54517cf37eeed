/** A series as rows: a short table to read and the whole as CSV. Both say quality, and neither fills a gap. */
import type { Column, Series } from './series.ts'

/** Rows that are read; the CSV has every column. */
export const ROWS_MAX = 48

/** At most `max` rows of a stretch: neighbouring columns joined, lowest, highest and worst flag kept. */
export function tableRows(series: Series, from_ms: number, to_ms: number, max = ROWS_MAX): Column[] {
  const inside = series.columns.filter((c) => c.last_ms >= from_ms && c.t_ms <= to_ms)
  const per = Math.ceil(inside.length / max)
  const rows: Column[] = []
  for (let i = 0; i < inside.length; i += per) rows.push(joined(inside.slice(i, i + per)))
  return rows
}

function joined(columns: readonly Column[]): Column {
  const valid = columns.filter((c) => !Number.isNaN(c.mean))
  const count = valid.reduce((n, c) => n + c.count, 0)
  return {
    t_ms: columns[0]!.t_ms,
    last_ms: columns.at(-1)!.last_ms,
    low: valid.length === 0 ? Number.NaN : Math.min(...valid.map((c) => c.low)),
    high: valid.length === 0 ? Number.NaN : Math.max(...valid.map((c) => c.high)),
    mean: count === 0 ? Number.NaN : valid.reduce((sum, c) => sum + c.mean * c.count, 0) / count,
    count,
    flag: columns.reduce((worst, c) => (RANK.indexOf(c.flag) > RANK.indexOf(worst) ? c.flag : worst), columns[0]!.flag),
  }
}

/** QARTOD flags from best to worst. */
const RANK = [1, 2, 3, 4, 9]

/** SI and UTC, whatever the screen shows: what leaves the console can be joined with what left it elsewhere. */
export function toCsv(channel: string, series: Series): string {
  const rows = series.columns.map((c) =>
    [new Date(c.t_ms).toISOString(), cell(c.low), cell(c.mean), cell(c.high), c.count, c.flag].join(','),
  )
  return `${[`# ${channel}`, 'time_utc,min_m,mean_m,max_m,readings,worst_flag', ...rows].join('\r\n')}\r\n`
}

const cell = (value: number): string => (Number.isNaN(value) ? '' : String(Number(value.toPrecision(9))))
