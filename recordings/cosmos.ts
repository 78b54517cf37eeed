/**
 * Reads the COSMOS strong-motion data format 1.20 (15 August 2001; files V0c, V1c, V2c): text header, 100 integers, 100
 * reals, comments, data, each section opened by a line that states its size. Sections repeat for every channel and for
 * acceleration, velocity and displacement.
 */
import { instantOf } from './instant.ts'
import { checkedRate, type Direction, direction, horizontal, type Part, type PartQuantity, rateOf } from './part.ts'
import type { ReadOptions, RecordingInput } from './recording.ts'
import { cellsOf, fixedIntegers, fixedNumbers, fixedReals, type Lines, linesFrom } from './text.ts'
import { scale, type Unit, unitNeeded } from './unit.ts'

export const isCosmos = (head: readonly string[]): boolean => /\(Format\s+v\s*\d/i.test(head[0] ?? '')

/** COSMOS Table 1 (physical parameter) and Table 2 (units of the data); others are no ground motion. */
const QUANTITY: Readonly<Record<number, PartQuantity>> = { 1: 'acceleration', 2: 'velocity', 3: 'displacement' }
const UNIT: Readonly<Record<number, string>> = {
  2: 'g',
  4: 'cm/s2',
  5: 'cm/s',
  6: 'cm',
  7: 'in/s2',
  8: 'in/s',
  9: 'in',
  10: 'gal',
  11: 'mg',
  12: 'ug',
}
const COUNTS = 50
const KIND = { acceleration: 'acceleration', velocity: 'velocity', displacement: 'length' } as const
/** COSMOS Table of azimuths: codes above 360 are words. */
const WORDS: Readonly<Record<number, Direction>> = {
  400: { axis: 'up', vertical: true },
  401: { axis: 'down', vertical: true },
  402: { axis: 'vertical', vertical: true },
  500: { axis: 'rad', vertical: false },
  501: { axis: 'tran', vertical: false },
  600: { axis: 'long', vertical: false },
  601: { axis: 'tang', vertical: false },
  700: { axis: 'h1', vertical: false },
  701: { axis: 'h2', vertical: false },
}

/** @throws PlumblineError RECORDING_INVALID */
export function readCosmos(input: RecordingInput, options: ReadOptions = {}): Part[] {
  const lines = linesFrom(input)
  const out: Part[] = []
  for (lines.skipBlank(); lines.peek() !== undefined; lines.skipBlank()) out.push(readSection(lines, options))
  return out
}

function readSection(lines: Lines, options: ReadOptions): Part {
  const text = textHeader(lines)
  const missing = /unspecified\s*:\s*(-?\d+)\s*,\s*(-?[\d.]+)/i.exec(text.join('\n'))
  const [none, unset] = [Number(missing?.[1] ?? -999), Number(missing?.[2] ?? -999)]
  const integers = fixedIntegers(lines, ...opening(lines, /integer-header/i), 'integer header')
  const reals = fixedReals(lines, ...opening(lines, /real-header/i), 'real header')
  if (integers.length < 54 || reals.length < 65)
    lines.fail('at least 54 integer and 65 real header values', `${integers.length} and ${reals.length}`)
  const comments = opening(lines, /comment/i)[0]
  for (let k = 0; k < comments; k++) lines.need('a comment line')
  const quantity =
    QUANTITY[integers[1]!] ??
    lines.fail('integer header 2: 1, 2 or 3 (acceleration, velocity, displacement)', `${integers[1]}`)
  const { unit, count, samples } = readData(lines, quantity, integers[2]!, unset, options)
  const sample_rate_hz = rateIn(lines, reals, unset, count)
  const start = instantOf({
    year: integers[39]!,
    month: integers[41]!,
    day: integers[42]!,
    hour: integers[43]!,
    minute: integers[44]!,
    second: reals[29] === unset ? 0 : reals[29]!,
  })
  const station = /Code:\s*(\S+)\s(.*)$/is.exec(text[4] ?? '')
  const channel = [integers[49], integers[50]].find((n) => n !== undefined && n !== none && n > 0)
  const [peak, at] = [reals[63]!, reals[64]!]
  return {
    file: lines.file,
    format: 'COSMOS 1.20',
    quantity,
    samples: scale(samples, unit.factor),
    sample_rate_hz,
    ...(start === undefined ? {} : { start }),
    ...(station === null ? {} : { station: `${station[1]} ${station[2]!.trim()}`.trim() }),
    instrument: (text[6] ?? '').replace(/\s+/g, ' ').trim(),
    source: `COSMOS, ${station?.[1]?.split('-')[0] ?? 'network unknown'}`,
    corrected: integers[0]! >= 2,
    component: {
      ...directionOf(text, integers[53]!, none),
      label: (/Sta Chan(.*?)(?:\(Rcrdr|Location|$)/is.exec(text[8] ?? '')?.[1] ?? '').trim(),
      ...(channel === undefined ? {} : { channel }),
      original: { unit: unit.label, scale: unit.factor },
      ...(quantity === 'acceleration' && peak !== unset ? { published_peak_m_s2: peak * unit.factor } : {}),
      ...(quantity === 'acceleration' && at !== unset ? { published_peak_at_s: at } : {}),
    },
  }
}

/** Line 1 says how many lines the text header has (13 unless it says otherwise). */
function textHeader(lines: Lines): string[] {
  const first = lines.need('a COSMOS section')
  if (!isCosmos([first])) lines.fail('a section that starts with "... (Format v01.20 with 13 text lines)"', first)
  const count = Number(/with\s+(\d+)\s+text\s+lines/i.exec(first)?.[1] ?? 13)
  if (count < 13 || count > 1000) lines.fail('13 or more text lines', first)
  return [first, ...Array.from({ length: count - 1 }, () => lines.need('text header'))]
}

/** ` 100 Integer-header values follow on  10 lines, Format= (10I8)` */
function opening(lines: Lines, what: RegExp): [number, { columns: number; width: number }] {
  const text = lines.need(`a line with ${what.source}`)
  const count = /^\s*(\d+)\s/.exec(text)?.[1]
  if (count === undefined || !what.test(text) || Number(count) > 100_000)
    lines.fail(`a line "<count> ... ${what.source} ..."`, text)
  const format = /format\s*=\s*(\([^)=]*\))/i.exec(text)?.[1]
  const cells = format === undefined ? undefined : cellsOf(format)
  if (cells === undefined && !/comment/i.test(what.source)) lines.fail('a Format= in parentheses', text)
  return [Number(count), cells ?? { columns: 1, width: 80 }]
}

function readData(lines: Lines, quantity: PartQuantity, code: number, unset: number, options: ReadOptions) {
  const text = lines.need('the line that opens the data')
  const count = Number(/^\s*(\d+)\s/.exec(text)?.[1] ?? 0)
  const cells = cellsOf(/format\s*=\s*(\([^)=]*\))/i.exec(text)?.[1] ?? '')
  if (count < 1 || cells === undefined) lines.fail('"<count> acceleration pts, ..., units=..., Format=(...)"', text)
  const stated = Number(/units\s*=[^(=]*\(\s*(\d+)\s*\)/i.exec(text)?.[1] ?? code)
  if (stated !== code) lines.fail(`units code ${code} as in integer header 3`, text)
  const where = code === COUNTS ? 'from --unit: the file holds counts' : 'in integer header 3'
  const words = code === COUNTS ? options.unit : UNIT[code]
  const unit: Unit = unitNeeded(
    lines.file,
    lines.line,
    words ?? (code === COUNTS ? undefined : `code ${code}`),
    KIND[quantity],
    where,
  )
  const samples = fixedNumbers(lines, count, cells, 'values', (v) => v === unset)
  const end = lines.peek()
  if (end !== undefined && /^\s*(\/&|end[ -]of)/i.test(end)) lines.next()
  return { unit, count, samples }
}

/**
 * Real header 62 is the interval of the data that follow in ms, 63 their length in s. Number 34 is the raw record's,
 * in s, and stands in only where 62 is not given.
 */
function rateIn(lines: Lines, reals: readonly number[], unset: number, count: number): number {
  const [raw_s, data_ms, length_s] = [reals[33]!, reals[61]!, reals[62]!]
  const interval_s = data_ms !== unset && data_ms > 0 ? data_ms / 1000 : raw_s
  const rate = checkedRate(lines.file, lines.line, interval_s === unset ? 0 : rateOf(interval_s), `${interval_s} s`)
  const expected = length_s * rate
  if (length_s !== unset && length_s > 0 && Math.abs(expected - count) > Math.max(2, 0.01 * count))
    lines.fail(`about ${Math.round(expected)} values (real headers 62 and 63)`, `${count}`)
  return rate
}

function directionOf(text: readonly string[], code: number, none: number): Direction {
  if (code !== none && WORDS[code] !== undefined) return WORDS[code]
  const scnl = text.join('\n').match(/<SCNL>[^\s<]+?\.\w\w(\w)\./)?.[1]
  if (scnl === 'Z') return { axis: 'up', vertical: true }
  if (code !== none && code >= 0 && code <= 360) return horizontal(code)
  const words = /Sta Chan\s*(?:[\d?]+\s*)?:(.*?)(?:\(Rcrdr|Location|$)/is.exec(text[8] ?? '')?.[1] ?? ''
  return direction(words.trim())
}
