/**
 * Reads the text records of Taiwan's Central Weather Administration (CWA, until 2023 Bureau, CWB): `#Key: value` lines,
 * then time [s] and three accelerations in cells of 10. `#DataSequence` says which component stands in which column.
 */
import type { Instant } from '../domain/time.ts'
import { instantOf } from './instant.ts'
import { checkedRate, type Direction, horizontal, type Part } from './part.ts'
import { decimal, type RecordingInput, recordingInvalid } from './recording.ts'
import { type Cells, cellsOf, fixedNumbers, type Lines, linesFrom } from './text.ts'
import { unitNeeded } from './unit.ts'

export const isCwb = (head: readonly string[]): boolean => head.some((line) => /^#\s*DataSequence\s*:/i.test(line))

type Header = ReadonlyMap<string, { readonly value: string; readonly line: number; readonly note: string }>

const COLUMNS: Readonly<Record<string, Direction>> = {
  U: { axis: 'ud', vertical: true },
  N: horizontal(0),
  E: horizontal(90),
}

/** @throws PlumblineError RECORDING_INVALID */
export function readCwb(input: RecordingInput): Part[] {
  const lines = linesFrom(input)
  const header = headerOf(lines)
  const rate = needed(lines, header, 'SampleRate(Hz)')
  const sample_rate_hz = checkedRate(input.name, rate.line, decimal(rate.value) ?? 0, rate.value)
  const length = needed(lines, header, 'RecordLength(sec)')
  const length_s = decimal(length.value) ?? 0
  if (length_s <= 0) recordingInvalid(input.name, length.line, 'a record length in seconds', length.value)
  const unitLine = needed(lines, header, 'AmplitudeUnit')
  const unit = unitNeeded(
    input.name,
    unitLine.line,
    unitLine.value.split(/[.\s]/)[0],
    'acceleration',
    'in #AmplitudeUnit',
  )
  const order = columnsOf(lines, header)
  const cells = cellsOf(header.get('Data')?.value ?? '') ?? { columns: 1 + order.length, width: 10 }
  const table = rows(lines, order.length, cells, sample_rate_hz, Math.round(length_s * sample_rate_hz), unit.factor)
  const start = startOf(input.name, needed(lines, header, 'StartTime'))
  const station = header.get('StationCode')?.value
  return order.map((which, k) => ({
    file: input.name,
    format: 'CWA/CWB text',
    quantity: 'acceleration',
    samples: table[k]!,
    sample_rate_hz,
    start: start.at,
    ...(station === undefined ? {} : { station: `${station} ${header.get('StationName')?.value ?? ''}`.trim() }),
    instrument: header.get('InstrumentKind')?.value,
    source: 'Central Weather Administration, Taiwan',
    component: {
      ...which.direction,
      label: which.label,
      original: { unit: unit.label, scale: unit.factor },
      ...published(header, which.letter, unit.factor),
    },
    notes: start.notes,
  }))
}

function headerOf(lines: Lines): Header {
  const out = new Map<string, { value: string; line: number; note: string }>()
  for (let text = lines.peek(); text !== undefined && /^\s*(#|$)/.test(text); text = lines.peek()) {
    lines.next()
    // #StartTime(GMT+08): 2018/02/06-23:50:29.000 | #AmplitudeMAX. U:    1.196~   -1.017
    const match = /^#([^:(]+)(?:(\([^)]*\))\s*)?:(.*)$/.exec(text.trim())
    if (match === null) continue
    const note = match[2] ?? ''
    const [name, value] = [match[1]!.trim(), match[3]!.trim()]
    const entry = { value, line: lines.line, note }
    out.set(name, entry)
    out.set(`${name}${note}`, entry)
  }
  return out
}

const needed = (lines: Lines, header: Header, key: string) =>
  header.get(key) ?? recordingInvalid(lines.file, lines.line + 1, `a header line #${key}:`, lines.peek())

/** `Time U(+); N(+); E(+)`: a column whose sign is not + would need turning round, which no record seen asks for. */
function columnsOf(lines: Lines, header: Header) {
  const { value, line } = needed(lines, header, 'DataSequence')
  const match = /^Time\s+(.*)$/i.exec(value)
  const columns = (match?.[1] ?? '')
    .split(/[;,]/)
    .map((cell) => /^\s*([UNE])\s*\(\+\)\s*$/i.exec(cell)?.[1]?.toUpperCase())
  const letters = columns.filter((letter) => letter !== undefined)
  if (letters.length !== columns.length || new Set(letters).size !== letters.length)
    recordingInvalid(lines.file, line, '#DataSequence as "Time U(+); N(+); E(+)"', value)
  return letters.map((letter) => ({ letter, direction: COLUMNS[letter]!, label: `${letter}(+)` }))
}

function rows(lines: Lines, axes: number, { columns, width }: Cells, rate_hz: number, count: number, factor: number) {
  if (columns !== axes + 1) lines.fail(`${axes + 1} columns (time and ${axes} components)`, `${columns} columns`)
  if (count < 1 || count > lines.charactersLeft)
    lines.fail(`${count} rows (RecordLength x SampleRate)`, `${lines.charactersLeft} characters to the end of the file`)
  const out = Array.from({ length: axes }, () => new Float64Array(count))
  let first_s = 0
  for (let k = 0; k < count; k++) {
    const shown = lines.peek()
    const row = fixedNumbers(lines, columns, { columns, width }, `values of row ${k + 1} of ${count}`)
    if (k === 0) first_s = row[0]!
    // Times are printed to a millisecond.
    if (!(Math.abs(row[0]! - first_s - k / rate_hz) <= 0.5 / rate_hz))
      lines.fail(`time ${(first_s + k / rate_hz).toFixed(3)} s (SampleRate ${rate_hz} Hz)`, shown)
    for (let a = 0; a < axes; a++) out[a]![k] = row[a + 1]! * factor
  }
  lines.skipBlank()
  if (lines.peek() !== undefined) {
    const extra = lines.next()
    lines.skipBlank()
    // The end of the record may stand as one more row.
    if (lines.peek() !== undefined)
      lines.fail(`the end of the file after ${count} rows (RecordLength x SampleRate)`, extra)
  }
  return out
}

function startOf(file: string, entry: { value: string; line: number; note: string }): { at: Instant; notes: string[] } {
  const { value, line, note } = entry
  const match = /^(\d{4})\/(\d{2})\/(\d{2})-(\d{2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(value)
  const zone = /^\((?:GMT|UTC)\s*([+-]\d{1,2})(?::?(\d{2}))?\)$/i.exec(note)
  const ahead_min = zone === null ? 0 : Number(zone[1]) * 60 + Math.sign(Number(zone[1])) * Number(zone[2] ?? 0)
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const at = match === null ? undefined : instantOf({ year, month, day, hour, minute, second, ahead_min })
  if (at === undefined) recordingInvalid(file, line, '#StartTime as 2018/02/06-23:50:29.000', value)
  return { at, notes: zone === null ? ['#StartTime states no zone and was read as UTC'] : [] }
}

/** `1.196~   -1.017`: largest and smallest; the larger of the two in size is the peak. */
function published(header: Header, letter: string, factor: number): { published_peak_m_s2?: number } {
  const text = header.get(`AmplitudeMAX. ${letter}`)?.value ?? ''
  const [most, least] = text.split('~').map((part) => decimal(part))
  if (most === undefined || least === undefined) return {}
  return { published_peak_m_s2: (Math.abs(most) >= Math.abs(least) ? most : least) * factor }
}
