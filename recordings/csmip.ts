/**
 * Reads the Volume 1 and 2 formats of CSMIP (California; also CDMG): per channel a text header, 100 integers, 100 reals,
 * then data blocks, each opened by a line that states count, spacing, unit and columns (CDMG OSMS 85-03). Old Volume 1
 * files have no such line: they hold pairs of time and acceleration, 10F7.3.
 */
import type { Instant } from '../domain/time.ts'
import { fullYear, instantOf } from './instant.ts'
import { checkedRate, direction, type Part, type PartQuantity, rateOf } from './part.ts'
import { decimal, type RecordingInput } from './recording.ts'
import { type Cells, cellsOf, fixedIntegers, fixedNumbers, fixedReals, type Lines, linesFrom } from './text.ts'
import { evenlySpaced } from './uneven.ts'
import { scale, unitNeeded } from './unit.ts'

const TEXT_LINES = { v1: 13, v2: 25 }

export const isCsmip = (head: readonly string[]): boolean =>
  /^\s*uncorrected accelerogram data/i.test(head[0] ?? '') ||
  (/^\s*corrected accelerogram/i.test(head[0] ?? '') && /uncorrected accelerogram data/i.test(head[1] ?? ''))

/** One part per channel and quantity, in the order of the file. @throws PlumblineError RECORDING_INVALID */
export function readCsmip(input: RecordingInput): Part[] {
  const lines = linesFrom(input)
  const out: Part[] = []
  let announced = 0
  for (lines.skipBlank(); lines.peek() !== undefined; lines.skipBlank()) {
    const { parts, channels } = readChannel(lines)
    out.push(...parts)
    announced = channels
  }
  const found = out.filter((p) => p.quantity === 'acceleration').length
  if (found >= announced) return out
  const note = `${found} of the ${announced} channels that the header announces are in this file`
  return out.map((part) => ({ ...part, notes: [...(part.notes ?? []), note] }))
}

function readChannel(lines: Lines): { parts: Part[]; channels: number } {
  const first = lines.need('a channel')
  if (!isCsmip([first, lines.peek() ?? '']))
    lines.fail('"Corrected accelerogram" or "Uncorrected accelerogram data"', first)
  const corrected = !/^\s*uncorrected/i.test(first)
  const own = Array.from({ length: (corrected ? TEXT_LINES.v2 : TEXT_LINES.v1) - 1 }, () => lines.need('text header'))
  // The lines of a Volume 2 header are those of Volume 1 behind one of its own.
  const text = corrected ? own : [first, ...own]
  const integers = fixedIntegers(lines, 100, { columns: 16, width: 5 }, 'integer header')
  fixedReals(lines, 100, { columns: 8, width: 10 }, 'real header')
  const about = headerOf(text, integers, corrected, lines.file)
  const parts = corrected ? [] : [...volumeOne(lines, integers[27]!, text, about)]
  if (corrected)
    for (let block = lines.peek(); block !== undefined && BLOCK.test(block); block = lines.peek())
      parts.push(readBlock(lines, about))
  if (parts.length === 0)
    lines.fail('a line such as "7500 points of accel data equally spaced at .010 sec, in cm/sec2"', lines.peek())
  const end = lines.peek()
  if (end !== undefined && /^\s*(\/&|end[ -]of)/i.test(end)) lines.next()
  return { parts, channels: about.channels }
}

type About = ReturnType<typeof headerOf>

function headerOf(text: readonly string[], integers: readonly number[], corrected: boolean, file: string) {
  const chan = text.find((line) => /^\s*chan(nel)?\s+\d+\s*:/i.test(line)) ?? ''
  const [, number, words] = /chan(?:nel)?\s+(\d+)\s*:\s*(.*?)(?:\s\s|\(|$)/is.exec(chan) ?? []
  const stationLine = text.find((line) => /^\s*station\s+(no\.|id\.?)/i.test(line)) ?? ''
  const name = (text[text.indexOf(stationLine) + 1] ?? '').split(/\s{3,}/)[0]!.trim()
  const station = `${/station\s+(?:no\.|id\.?)\s*(\S+)/i.exec(stationLine)?.[1] ?? ''} ${name}`.trim()
  const serial = /\ss\/n\s*(\S+)/i.exec(stationLine)
  const instrument = /\d[NSEW]\s+(\S.*)$/is.exec(stationLine.slice(0, serial?.index ?? 0))
  const start = startOf(text, integers)
  const channels = Number(/\(\s*(\d+)\s+chns?\s+of/i.exec(stationLine)?.[1] ?? 0)
  const peak = /peak acceleration\s*=\s*(\S+)\s+cm\/sec\/sec\s+at\s+(\S+)/i.exec(text.join('\n'))
  const [value, at] = [decimal(peak?.[1] ?? ''), decimal(peak?.[2] ?? '')]
  return {
    channels,
    common: {
      file,
      format: corrected ? 'CSMIP V2' : 'CSMIP V1',
      ...(start === undefined ? {} : { start }),
      ...(station === '' ? {} : { station }),
      ...(instrument === null ? {} : { instrument: `${instrument[1]!.trim()} s/n ${serial![1]}` }),
      source: 'California Geological Survey / CSMIP (CESMD)',
      corrected,
    },
    component: {
      ...direction(words ?? ''),
      label: `Chan ${number ?? '?'}: ${words ?? ''}`.trim(),
      ...(number === undefined ? {} : { channel: Number(number) }),
    },
    published: {
      ...(value === undefined ? {} : { published_peak_m_s2: value / 100 }),
      ...(at === undefined ? {} : { published_peak_at_s: at }),
    },
  }
}

/** `Start time: 8/24/14, 10:20:33.0 UTC` or `TRIGGER TIME: 01/17/94, 12:31:04.1 GMT`; local times are not used. */
function startOf(text: readonly string[], integers: readonly number[]): Instant | undefined {
  const pattern =
    /(?:start|trigger)\s+time\s*:\s*(\d{1,2})\/(\d{1,2})\/(\d{2,4}),?\s*(\d{1,2}):(\d{2}):(\d{1,2}(?:\.\d*)?)\s*(?:utc|gmt|ut)\b/i
  const match = text.map((line) => pattern.exec(line)).find((m) => m !== null)
  if (match === undefined) return undefined
  const [month, day, year, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [statedMonth, statedDay, statedYear] = [integers[21], integers[22], integers[23]!]
  const agrees = statedMonth === month && statedDay === day && statedYear % 100 === year % 100 && statedYear > 1900
  return instantOf({ year: agrees ? statedYear : fullYear(year), month, day, hour, minute, second })
}

const BLOCK = /^\s*\d+\s+(?:accelerogram\s+)?points\s+(?:of\s+(accel|veloc|displ)\w*\s+data\b|at\b)/i
const QUANTITY: Readonly<Record<string, PartQuantity>> = {
  accel: 'acceleration',
  veloc: 'velocity',
  displ: 'displacement',
}
const KIND = { acceleration: 'acceleration', velocity: 'velocity', displacement: 'length' } as const

function readBlock(lines: Lines, about: About, standard: Cells = { columns: 8, width: 10 }): Part {
  const text = lines.need('a data block')
  const quantity = QUANTITY[(BLOCK.exec(text)?.[1] ?? 'accel').toLowerCase()]!
  const count = Number(/\d+/.exec(text)![0])
  if (count < 1) lines.fail('a count of points above 0', text)
  const spacing = /spaced\s+at\s+([\d.]+)\s*sec/i.exec(text)?.[1]
  const rate = /at\s+([\d.]+)\s*(?:pts|points|samples)\/sec/i.exec(text)?.[1]
  const rate_hz = rate === undefined ? rateOf(decimal(spacing ?? '') ?? 0) : (decimal(rate) ?? 0)
  const sample_rate_hz = checkedRate(lines.file, lines.line, rate_hz, text.trim())
  const unitText =
    /units:([^):]+)\)/i.exec(text)?.[1] ?? /in\s+(?:units\s+of\s+)?(g|(?:cm|mm|m|in)(?:\/\w+)*\d?)\b/i.exec(text)?.[1]
  const unit = unitNeeded(lines.file, lines.line, unitText?.trim(), KIND[quantity], 'in this line')
  const cells = cellsOf(/\(\s*(?:\d+\s*)?[fe]\d+\.\d+\s*\)/i.exec(text)?.[0] ?? '') ?? standard
  return {
    ...about.common,
    quantity,
    sample_rate_hz,
    samples: scale(fixedNumbers(lines, count, cells, 'values'), unit.factor),
    component: {
      ...about.component,
      original: { unit: unit.label, scale: unit.factor },
      ...(quantity === 'acceleration' ? about.published : {}),
    },
  }
}

function* volumeOne(lines: Lines, points: number, text: readonly string[], about: About): Generator<Part> {
  const opening = lines.peek()
  if (opening === undefined) return
  if (BLOCK.test(opening)) {
    yield readBlock(lines, about, { columns: 8, width: 9 })
    return
  }
  const units = /units of uncor\w*\s+(?:accel|data)\s+(?:are|is)\s+sec\s+and\s+([^\s.]+)/i.exec(text.join('\n'))?.[1]
  const unit = unitNeeded(lines.file, lines.line, units, 'acceleration', 'in "Units of uncor accel are sec and ..."')
  if (points < 1 || points > lines.charactersLeft) lines.fail('integer header 28: number of points', `${points}`)
  const pairs = fixedNumbers(lines, 2 * points, { columns: 10, width: 7 }, 'values (time and acceleration in turn)')
  const even = evenlySpaced(lines, pairs)
  yield {
    ...about.common,
    quantity: 'acceleration',
    sample_rate_hz: even.sample_rate_hz,
    samples: scale(even.samples, unit.factor),
    component: { ...about.component, original: { unit: unit.label, scale: unit.factor }, ...about.published },
    notes: [even.note],
  }
}
