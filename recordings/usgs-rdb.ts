/**
 * Reads USGS NWIS RDB: `#` comments, a line of column names, a line of widths (`5s 15s 20d`), then rows between tabs.
 * The column of stage is told by its parameter code, which also fixes its unit (NWIS parameter codes).
 */
import type { Instant } from '../domain/time.ts'
import { instantOf } from './instant.ts'
import { decimal, type RecordingInput, recordingInvalid, type Series } from './recording.ts'
import { type Row, stageSeries } from './series.ts'
import { type Lines, linesFrom } from './text.ts'
import { unitOf } from './unit.ts'

export const isRdb = (head: readonly string[]): boolean =>
  head.some((line) => /^agency_cd\t/.test(line)) ||
  (/^#/.test(head[0] ?? '') && head.some((line) => /^# .*(waterdata\.usgs|NWIS|USGS)/i.test(line)))

/** Gage height; water level above a datum; lake or tide elevation. The code decides the unit, the comments only repeat it. */
const STAGE_UNIT: Readonly<Record<string, string>> = {
  '00065': 'ft',
  '63160': 'ft',
  '62614': 'ft',
  '62615': 'ft',
  '62619': 'ft',
  '62620': 'ft',
  '30207': 'm',
  '30208': 'm',
}

/** What NWIS writes instead of a value: ice, backwater, equipment, seasonal and so on; all mean that there is none. */
const NO_VALUE = /^(|-999999(\.0*)?|ice|bkw|pr|rat|eqp|fld|dry|dis|--|mnt|\*\*\*|zfl|ssn|tst|unk|rcg|fpr|par|dat|_.*)$/i

/** Hours ahead of UTC of the zones that `tz_cd` names. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  AST: -4,
  ADT: -3,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  HDT: -9,
  SST: -11,
  GST: 10,
  CHST: 10,
}

/** @throws PlumblineError RECORDING_INVALID */
export function readRdb(input: RecordingInput, name: string): Series {
  const lines = linesFrom(input, 'utf-8')
  let text = lines.need('a line of column names')
  while (/^\s*(#.*)?$/.test(text)) text = lines.need('a line of column names')
  const columns = text.split('\t')
  const line = lines.line
  const at = (column: string) => columns.indexOf(column)
  const [timeAt, siteAt, zoneAt] = [at('datetime'), at('site_no'), at('tz_cd')]
  if (timeAt < 0 || siteAt < 0) recordingInvalid(input.name, line, 'the columns site_no and datetime', text)
  const stage = stageColumn(lines, columns, text)
  const widths = lines.need('a line of column widths (5s 15s 20d ...)').split('\t')
  if (widths.length !== columns.length || !widths.every((w) => /^\d+[snd]$/.test(w)))
    lines.fail('column widths such as 5s, 20d, 14n', widths.join(' '))
  const rows: Row[] = []
  let site: string | undefined
  for (let row = lines.next(); row !== undefined; row = lines.next()) {
    if (row.trim() === '' && lines.peek() === undefined) break
    const cells = row.split('\t')
    if (cells.length !== columns.length) lines.fail(`${columns.length} cells between tabs`, row)
    site ??= cells[siteAt]!
    if (cells[siteAt] !== site) lines.fail(`rows of one site (${site})`, cells[siteAt])
    const t_ns = instantIn(lines, cells[timeAt]!, zoneAt < 0 ? undefined : cells[zoneAt])
    rows.push({ t_ns, value: valueIn(lines, cells[stage.index]!, columns[stage.index]!), line: lines.line })
  }
  if (rows.length === 0) recordingInvalid(input.name, lines.line + 1, 'at least one row', undefined)
  return stageSeries(input.name, rows, stage.unit, {
    name,
    station: `USGS ${site}`,
    source: `U.S. Geological Survey ${site}`,
    format: 'USGS RDB',
  })
}

/** `69928_00065`: series number and parameter code, for daily values also a statistic. Several series are not chosen from. */
function stageColumn(lines: Lines, columns: readonly string[], text: string) {
  const found = columns.flatMap((column, index) => {
    const code = /^\d+_(\d{5})(?:_\d{5})?$/.exec(column)?.[1]
    const unit = code === undefined ? undefined : STAGE_UNIT[code]
    return unit === undefined ? [] : [{ index, unit: unitOf(unit)! }]
  })
  if (found.length !== 1) lines.fail(`one column of stage (parameter ${Object.keys(STAGE_UNIT).join(', ')})`, text)
  return found[0]!
}

function instantIn(lines: Lines, cell: string, zone: string | undefined): Instant {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(cell)
  if (match === null) lines.fail('datetime as 2018-06-01 00:15', cell)
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  // A daily value has no time of day: its instant is the day's beginning, as if in UTC.
  const ahead = match[4] === undefined ? 0 : ZONES[(zone ?? '').toUpperCase()]
  if (ahead === undefined) lines.fail(`a time zone in tz_cd (${Object.keys(ZONES).join(', ')})`, zone ?? 'none')
  return (
    instantOf({ year, month, day, hour, minute, second, ahead_min: ahead * 60 }) ??
    lines.fail('a date and time that exist', cell)
  )
}

function valueIn(lines: Lines, cell: string, column: string): number {
  const text = cell.trim()
  if (NO_VALUE.test(text)) return Number.NaN
  return decimal(text) ?? lines.fail(`${column} as a number or a code of NWIS for "no value"`, cell)
}
