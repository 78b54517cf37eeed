/**
 * Readings of other sensors from a CSV table: a time column and one column or more of tilt, temperature, pressure or voltage.
 * Nothing is analysed of them; they can be played into a simulated device that measures the same.
 */
import { SI_UNIT } from '../domain/units.ts'
import { type Column, cellValue, type Table, unitOfColumn } from './csv-table.ts'
import { eachRow, timeNeeded } from './csv-time.ts'
import { baseName, gapsOf, type ReadOptions, recordingInvalid, type Series, type SeriesColumn } from './recording.ts'
import { rising } from './series.ts'
import { READING_KINDS, type ReadingKind, type Unit, unitOf } from './unit.ts'

const isReading = (unit: Unit | undefined): unit is Unit & { kind: ReadingKind } =>
  READING_KINDS.some((kind) => kind === unit?.kind)

/** Angles that are none of a tilt, and what stands beside a value and is none. */
const NO_VALUE = /dir|bearing|azimuth|heading|latitude|longitude|qualifier|flag|code|quality/i

/** Whether the columns, or `--unit`, speak of such a quantity and none of ground motion or stage. */
export function isReadingsTable({ columns }: Table, { unit, readings }: ReadOptions): boolean {
  if (readings !== true) return false
  if (columns.some((c) => c.unit?.kind === 'acceleration' || c.unit?.kind === 'length')) return false
  return columns.some((c) => isReading(c.unit)) || isReading(unit === undefined ? undefined : unitOf(unit))
}

/** @throws PlumblineError RECORDING_INVALID */
export function readCsvReadings(table: Table, name: string, options: ReadOptions): Series {
  const { lines, columns, headerLine } = table
  const time = timeNeeded(table)
  const chosen = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => index !== time.index && isValue(column, options))
    .map(({ column, index }) => ({ column, index, unit: unitOfColumn(table, column, options.unit) }))
  if (chosen.length === 0)
    recordingInvalid(lines.file, headerLine, `a column of ${READING_KINDS.join(', ')}`, titles(columns))
  const rows: Array<{ t_ns: bigint; line: number; values: number[] }> = []
  const { start_known } = eachRow(table, time, (t_ns, cells) => {
    const values = chosen.map(
      ({ column, index, unit }) => cellValue(lines, cells[index]!, column.title) * unit.factor + (unit.offset ?? 0),
    )
    rows.push({ t_ns, line: lines.line, values })
  })
  const { ordered, t } = rising(lines.file, rows)
  const read = chosen.map(({ column, unit }, i): SeriesColumn => {
    const values = Float64Array.from(ordered, (row) => row.values[i]!)
    if (values.every(Number.isNaN))
      recordingInvalid(lines.file, rows[0]!.line, `a value of ${column.title} that is not missing`, 'none')
    return { name: column.name, quantity: unit.kind as ReadingKind, values }
  })
  const { quantity, values } = read[0]!
  const { label, factor } = chosen[0]!.unit
  return {
    kind: 'series',
    name,
    quantity,
    unit: SI_UNIT[quantity],
    t,
    values,
    columns: read,
    source: baseName(lines.file),
    format: 'CSV',
    start_known,
    original: { unit: label, scale: factor },
    gaps: read.flatMap((column) => gapsOf(column.name, column.values)),
  }
}

/** Of the unit that is asked for, where it states none. */
const isValue = ({ name, unit, unknownUnit }: Column, options: ReadOptions): boolean =>
  !NO_VALUE.test(name) &&
  (isReading(unit) || (unit === undefined && unknownUnit === undefined && options.unit !== undefined))

const titles = (columns: readonly Column[]): string => columns.map((c) => c.title).join(',')
