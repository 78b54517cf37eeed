/** Stage from a CSV table: a time column and the one column that is a stage. Missing values are gaps, never numbers. */
import { type Column, cellValue, rowsOf, type Table, unitOfColumn } from './csv-table.ts'
import { epochNs, isoOf, timeColumn, timeExpected, timeKind } from './csv-time.ts'
import { baseName, decimal, type ReadOptions, recordingInvalid, type Series } from './recording.ts'
import { type Row, stageSeries } from './series.ts'
import { unitOf } from './unit.ts'

const STAGE = /stage|level|height|gau?ge|water|水位|surface/i

/** Whether the columns (or `--unit`) speak of a length: then the table is of water, else of acceleration. */
export function isStageTable({ columns }: Table, options: ReadOptions): boolean {
  const given = options.unit === undefined ? undefined : unitOf(options.unit)
  if (columns.some((c) => c.unit?.kind === 'acceleration')) return false
  if (columns.some((c) => c.unit?.kind === 'length')) return true
  if (given !== undefined) return given.kind === 'length'
  return columns.some((c) => STAGE.test(c.name))
}

/** @throws PlumblineError RECORDING_INVALID */
export function readCsvStage(table: Table, name: string, options: ReadOptions): Series {
  const { lines, columns, headerLine } = table
  const time = timeColumn(columns)
  if (time === undefined)
    return recordingInvalid(lines.file, headerLine, 'a time column', columns.map((c) => c.title).join(','))
  const { column, index } = stageColumn(table, time.index)
  const unit = unitOfColumn(table, column, options.unit)
  if (unit.kind !== 'length')
    recordingInvalid(lines.file, headerLine, `a unit of length for "${column.title}"`, unit.label)
  let kind: ReturnType<typeof timeKind>
  const rows: Row[] = []
  for (const cells of rowsOf(table)) {
    const cell = cells[time.index]!
    kind ??= timeKind(time, cell)
    const value = decimal(cell)
    const t_ns =
      kind === 'iso'
        ? isoOf(cell, time.utc)
        : value === undefined || Math.abs(value) > 1e15
          ? undefined
          : kind === 'epoch'
            ? epochNs(value)
            : nanoseconds(value / time.per_s)
    if (t_ns === undefined) timeExpected(table, time, cell)
    rows.push({ t_ns, value: cellValue(lines, cells[index]!, column.title), line: lines.line })
  }
  if (rows.length === 0) recordingInvalid(lines.file, lines.line + 1, 'at least one row', undefined)
  return stageSeries(lines.file, rows, unit, {
    name,
    source: baseName(lines.file),
    format: 'CSV',
    start_known: kind !== 'seconds',
  })
}

const nanoseconds = (seconds: number): bigint | undefined =>
  Math.abs(seconds) < 9e9 ? BigInt(Math.round(seconds * 1e9)) : undefined

/** One column with a unit of length, or named as a stage, or the only one there is; never a choice among several. */
function stageColumn({ lines, columns, headerLine }: Table, time: number): { column: Column; index: number } {
  const others = columns.map((column, index) => ({ column, index })).filter(({ index }) => index !== time)
  const named = others.filter(
    ({ column }) => STAGE.test(column.name) && !/qualifier|flag|code|quality/i.test(column.name),
  )
  const lengths = others.filter(({ column }) => column.unit?.kind === 'length')
  const both = lengths.filter((c) => named.includes(c))
  const one = [both, lengths, named, others].find((list) => list.length === 1)?.[0]
  return (
    one ??
    recordingInvalid(lines.file, headerLine, 'one column of stage', others.map(({ column }) => column.title).join(','))
  )
}
