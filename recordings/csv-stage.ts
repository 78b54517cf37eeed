/** Stage from a CSV table: a time column and the one column that is a stage. Missing values are gaps, never numbers. */
import { type Column, cellValue, type Table, unitOfColumn } from './csv-table.ts'
import { eachRow, timeNeeded } from './csv-time.ts'
import { baseName, type ReadOptions, recordingInvalid, type Series } from './recording.ts'
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
  const { lines, headerLine } = table
  const time = timeNeeded(table)
  const { column, index } = stageColumn(table, time.index)
  const unit = unitOfColumn(table, column, options.unit)
  if (unit.kind !== 'length')
    recordingInvalid(lines.file, headerLine, `a unit of length for "${column.title}"`, unit.label)
  const rows: Row[] = []
  const { start_known } = eachRow(table, time, (t_ns, cells) =>
    rows.push({ t_ns, value: cellValue(lines, cells[index]!, column.title), line: lines.line }),
  )
  return stageSeries(lines.file, rows, unit, { name, source: baseName(lines.file), format: 'CSV', start_known })
}

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
