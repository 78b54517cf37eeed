/** The time column of a CSV file: which it is, and what its cells mean. A time without a zone is refused unless the column says UTC. */
import { fromIso, type Instant } from '../domain/time.ts'
import { bracketed, type Column, rowsOf, type Table } from './csv-table.ts'
import { decimal, recordingInvalid } from './recording.ts'

/** `seconds` counts from a start that the file does not state; `epoch` from 1970; `iso` is a calendar instant. */
export type TimeKind = 'seconds' | 'epoch' | 'iso'
export type TimeColumn = {
  readonly index: number
  readonly title: string
  readonly per_s: number
  readonly utc: boolean
}

const NAME =
  /^(time|t|date|datetime|date_?time|timestamp|ts|epoch|unix_?time|elapsed|seconds|sec|時間|時刻)([_ ]?(utc|gmt|z))?$/i
const PER_S: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  ms: 1000,
  us: 1e6,
  min: 1 / 60,
  h: 1 / 3600,
  utc: 1,
  gmt: 1,
  z: 1,
}

/** The first column whose name is a time's. Its unit may be s, ms, us, min or h. */
export function timeColumn(columns: readonly Column[]): TimeColumn | undefined {
  for (const [index, column] of columns.entries()) {
    const bracket = bracketed(column.title)
    const suffix = /^(.+)_(s|sec|ms|us|min|h|utc)$/i.exec(column.title)
    const name = bracket?.name ?? suffix?.[1] ?? column.title
    const unit = (bracket?.text ?? suffix?.[2] ?? 's').toLowerCase()
    if (!NAME.test(name.trim()) || PER_S[unit] === undefined) continue
    return { index, title: column.title, per_s: PER_S[unit], utc: /utc|gmt|_z$/i.test(column.title) }
  }
  return undefined
}

export function timeKind({ title }: TimeColumn, cell: string): TimeKind | undefined {
  const value = decimal(cell)
  if (value === undefined) return isoOf(cell, true) === undefined ? undefined : 'iso'
  return /timestamp|epoch|unix/i.test(title) && value >= 1e8 ? 'epoch' : 'seconds'
}

/** Seconds since 1970 of 2286 have eleven digits: longer numbers are milliseconds. */
export const epochNs = (value: number): bigint => BigInt(Math.round(value >= 1e11 ? value : value * 1000)) * 1_000_000n

/** ISO 8601 with seconds optional and a blank for T; without a zone only where `utc`. */
export function isoOf(cell: string, utc: boolean): Instant | undefined {
  const match =
    /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/.exec(cell)
  if (match === null) return undefined
  const [, year, month, day, clock, second = '00', fraction = '', zone] = match
  if (zone === undefined && !utc) return undefined
  const offset = zone === undefined || zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  return fromIso(`${year}-${month}-${day}T${clock}:${second}${fraction}${offset}`)
}

/** @throws PlumblineError RECORDING_INVALID */
export function timeExpected(table: Table, time: TimeColumn, cell: string): never {
  return table.lines.fail(
    `${time.title} as seconds or as an instant with its zone (2018-06-01T04:00:00Z; without zone only in a column named ..._utc)`,
    cell,
  )
}

/** @throws PlumblineError RECORDING_INVALID where the table has none */
export function timeNeeded({ lines, columns, headerLine }: Table): TimeColumn {
  return (
    timeColumn(columns) ??
    recordingInvalid(lines.file, headerLine, 'a time column', columns.map((c) => c.title).join(','))
  )
}

/** Rows in turn, at whatever instants they are. @throws PlumblineError RECORDING_INVALID, also for a table without rows */
export function eachRow(
  table: Table,
  time: TimeColumn,
  take: (t_ns: bigint, cells: readonly string[]) => void,
): { readonly start_known: boolean } {
  let kind: TimeKind | undefined
  let rows = 0
  for (const cells of rowsOf(table)) {
    const cell = cells[time.index]!
    kind ??= timeKind(time, cell)
    take(instantOf(cell, time, kind) ?? timeExpected(table, time, cell), cells)
    rows++
  }
  if (rows === 0) recordingInvalid(table.lines.file, table.lines.line + 1, 'at least one row', undefined)
  return { start_known: kind !== 'seconds' }
}

function instantOf(cell: string, { utc, per_s }: TimeColumn, kind: TimeKind | undefined): bigint | undefined {
  if (kind === 'iso') return isoOf(cell, utc)
  const value = decimal(cell)
  if (value === undefined || Math.abs(value) > 1e15) return undefined
  if (kind === 'epoch') return epochNs(value)
  const seconds = value / per_s
  return Math.abs(seconds) < 9e9 ? BigInt(Math.round(seconds * 1e9)) : undefined
}
