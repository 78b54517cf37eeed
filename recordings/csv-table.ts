/**
 * A CSV file as a table: comments, delimiter, column names with their units, rows with their lines. Whether it holds
 * acceleration or stage is left to `csv-waveform.ts` and `csv-stage.ts`.
 */
import { decimal, isMissingCode, type RecordingInput, recordingInvalid } from './recording.ts'
import { freeNumbers, type Lines, linesFrom } from './text.ts'
import { sameUnit, UNITS_KNOWN, type Unit, unitOf } from './unit.ts'

export type Column = {
  /** As written. */
  readonly title: string
  /** Title without its unit. */
  readonly name: string
  readonly unit?: Unit
  /** What stood where a unit stands but is none that is known. */
  readonly unknownUnit?: string
}

export type Table = {
  readonly lines: Lines
  readonly headerLine: number
  readonly columns: readonly Column[]
  readonly delimiter: string
}

const DELIMITERS = [',', ';', '\t'] as const
/** Longer rows are no table. */
const COLUMNS_MAX = 1000

/** A header: cells between delimiters (or one name), at least one of which is no number. */
export function isCsv(head: readonly string[]): boolean {
  const first = head.find((line) => !/^\s*(#.*)?$/.test(line))
  if (first === undefined || !/^[\x20-\x7e\t\u00a0-\ufffc]+$/.test(first)) return false
  const cells = split(first, delimiterOf(first))
  return (
    cells.length <= COLUMNS_MAX &&
    cells.every((cell) => cell === '' || freeNumbers(cell) === undefined) &&
    cells.some((c) => c !== '')
  )
}

/** @throws PlumblineError RECORDING_INVALID */
export function openTable(input: RecordingInput): Table {
  const lines = linesFrom(input, 'utf-8')
  let text = lines.need('a header of column names')
  while (/^\s*(#.*)?$/.test(text)) text = lines.need('a header of column names')
  const delimiter = delimiterOf(text)
  const columns = split(text, delimiter).map(columnOf)
  const repeated = columns.find((c, k) => columns.findIndex((d) => d.title === c.title) !== k)
  if (repeated !== undefined || columns.length > COLUMNS_MAX)
    lines.fail('column names that differ', repeated?.title ?? `${columns.length} columns`)
  return { lines, headerLine: lines.line, columns, delimiter }
}

/** Rows in turn; blank lines may stand only at the end. @throws PlumblineError RECORDING_INVALID */
export function* rowsOf({ lines, columns, delimiter }: Table): Generator<readonly string[]> {
  for (let text = lines.next(); text !== undefined; text = lines.next()) {
    if (text.trim() === '' && columns.length > 1) {
      lines.skipBlank()
      if (lines.peek() === undefined) return
      lines.fail(`a row of ${columns.length} cells`, text)
    }
    const cells = split(text, delimiter)
    if (cells.length !== columns.length) lines.fail(`${columns.length} cells`, text)
    yield cells
  }
}

/** How files say "no value"; -999999 is the code of USGS. */
const MISSING = /^(|-|nan|na|n\/a|null|none)$/i

/** A number, NaN for a missing value. @throws PlumblineError RECORDING_INVALID for anything else. */
export function cellValue(lines: Lines, cell: string, title: string): number {
  const value = decimal(cell)
  if (value !== undefined) return isMissingCode(value) ? Number.NaN : value
  return MISSING.test(cell) ? Number.NaN : recordingInvalid(lines.file, lines.line, `${title} as a number`, cell)
}

/** The unit of a column: its own, or `--unit` where the header states none. Both at once must be the same. */
export function unitOfColumn(table: Table, column: Column, option: string | undefined): Unit {
  const { lines, headerLine } = table
  const given = option === undefined ? undefined : unitOf(option)
  const fail = (expected: string, got: string): never => recordingInvalid(lines.file, headerLine, expected, got)
  if (option !== undefined && given === undefined) fail(`a known unit from --unit (${UNITS_KNOWN})`, option)
  if (column.unknownUnit !== undefined)
    fail(`a known unit in the column "${column.title}" (${UNITS_KNOWN})`, column.unknownUnit)
  if (column.unit !== undefined && given !== undefined && !sameUnit(given, column.unit))
    fail(`--unit ${column.unit.label}, as the column "${column.title}" states`, option!)
  return (
    column.unit ??
    given ??
    fail(`a unit in the column "${column.title}", e.g. [gal] or (m), or from --unit`, column.title)
  )
}

function delimiterOf(text: string): string {
  const counts = DELIMITERS.map((d) => text.split(d).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

function split(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter).map((cell) => cell.trim())
  const out: string[] = []
  let cell = ''
  let quoted = false
  for (const c of text) {
    if (c === '"') quoted = !quoted
    else if (c === delimiter && !quoted) {
      out.push(cell.trim())
      cell = ''
    } else cell += c
  }
  return [...out, cell.trim()]
}

/** `ns (m/s2)`: what stands before the bracket at the end, and in it. */
export function bracketed(title: string): { readonly name: string; readonly text: string } | undefined {
  const whole = title.trimEnd()
  if (!/[\])]$/.test(whole)) return undefined
  const inside = whole.slice(0, -1)
  const from = Math.max(inside.lastIndexOf(']'), inside.lastIndexOf(')')) + 1
  const open = inside.slice(from).search(/[[(]/)
  if (open < 0) return undefined
  return { name: inside.slice(0, from + open).trimEnd(), text: inside.slice(from + open + 1).trim() }
}

/** `acc_x[gal]`, `ns (m/s2)`, `stage_ft`, `time_utc`: name and unit. */
function columnOf(title: string): Column {
  const bracket = bracketed(title)
  if (bracket !== undefined) {
    const { name, text } = bracket
    const unit = unitOf(text)
    return unit === undefined ? { title, name, unknownUnit: text } : { title, name, unit }
  }
  const suffix = /^(.+)_([a-z][a-z0-9/]*)$/i.exec(title)
  const known = suffix === null ? undefined : unitOf(suffix[2]!)
  // Without brackets a short word at the end is a unit only where it can be nothing else: `acc_c` is no temperature.
  const unit = known !== undefined && isSure(known) ? known : undefined
  return unit === undefined ? { title, name: title } : { title, name: suffix![1]!, unit }
}

/** `c`, `v`, `k`, `bar` and `rad` end other words, too. */
const isSure = ({ kind, label }: Unit): boolean =>
  kind === 'acceleration' ||
  kind === 'velocity' ||
  kind === 'length' ||
  (kind !== 'other' && /^(deg|mrad|urad|degc|degf|hpa|kpa|mbar|psi)$/i.test(label))
