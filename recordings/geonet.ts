/**
 * Reads GeoNet's V1A (uncorrected) and V2A (corrected): for each component 16 text lines, 40 integers (10I8), 60 reals
 * (10F8), then acceleration in mm/s², for V2A also velocity in mm/s and displacement in mm, 10 cells of 8
 * ("GNS accelerogram data files, standard format", W. J. Cousins, 22 January 2008).
 */
import type { Instant } from '../domain/time.ts'
import { instantOf } from './instant.ts'
import { checkedRate, direction, horizontal, type Part, type PartQuantity, rateOf } from './part.ts'
import { type RecordingInput, recordingInvalid } from './recording.ts'
import { fixedIntegers, fixedNumbers, fixedReals, type Lines, linesFrom } from './text.ts'
import { scale } from './unit.ts'

const CELLS = { columns: 10, width: 8 }
const MM = 0.001

export const isGeonet = (head: readonly string[]): boolean =>
  /^\s*(un)?corrected accelerogram\b/i.test(head[0] ?? '') &&
  (/GNS Science|Institute of Geological/i.test(head[0] ?? '') || /^\s*Site\s+\S+/.test(head[1] ?? ''))

/** @throws PlumblineError RECORDING_INVALID */
export function readGeonet(input: RecordingInput): Part[] {
  const lines = linesFrom(input)
  const out: Part[] = []
  for (lines.skipBlank(); lines.peek() !== undefined; lines.skipBlank()) out.push(...readComponent(lines))
  return withoutTwins(out)
}

function readComponent(lines: Lines): Part[] {
  const text = Array.from({ length: 16 }, () => lines.need('16 lines of text header'))
  if (!isGeonet(text)) lines.fail('"Corrected accelerogram" or "Uncorrected accelerogram" 16 lines up', text[0])
  const corrected = !/^\s*uncorrected/i.test(text[0]!)
  const headerLine = lines.line + 1
  const integers = fixedIntegers(lines, 40, CELLS, 'integer header')
  const reals = fixedReals(lines, 60, CELLS, 'real header')
  if (!/mm\/s\/s/i.test(`${text[10]}${text[13]}`))
    recordingInvalid(lines.file, headerLine - 3, 'acceleration in mm/s/s', text[13])
  // Real header 25 is the interval of the digitised readings, 26 that of corrected data.
  const interval_s = corrected ? reals[25]! : reals[24]! > 0 ? reals[24]! : 1 / reals[0]!
  const sample_rate_hz = checkedRate(lines.file, headerLine + 6, rateOf(interval_s), `${interval_s} s`)
  const [digitised, acceleration, velocity, displacement] = [integers[30]!, integers[33]!, integers[34]!, integers[35]!]
  const counts: ReadonlyArray<readonly [PartQuantity, number]> = [
    ['acceleration', acceleration > 0 ? acceleration : digitised],
    ['velocity', velocity],
    ['displacement', displacement],
  ]
  const words = /^\s*Component\s+(\S+)/i.exec(text[12]!)?.[1] ?? ''
  const which = words === '' ? horizontal(integers[27]!) : direction(words)
  const common = {
    file: lines.file,
    format: corrected ? 'GeoNet V2A' : 'GeoNet V1A',
    sample_rate_hz,
    start: startOf(lines.file, headerLine, integers),
    station: `${/^\s*Site\s+(\S+)/.exec(text[1]!)?.[1] ?? ''} ${text[2]!.trim()}`.trim(),
    instrument: text[3]!.replace(/^\s*Instrument\s+/i, '').trim(),
    source: 'GeoNet, GNS Science, New Zealand',
    corrected,
  }
  const component = { ...which, label: text[12]!.trim(), original: { unit: 'mm/s²', scale: MM } }
  const peak = reals[corrected ? 35 : 30]!
  const peakAt = reals[corrected ? 36 : 31]!
  return counts
    .filter(([, count]) => count > 0)
    .map(([quantity, count]) => ({
      ...common,
      quantity,
      samples: scale(fixedNumbers(lines, count, CELLS, `${quantity} values`), MM),
      component:
        quantity === 'acceleration'
          ? { ...component, published_peak_m_s2: peak * MM, published_peak_at_s: peakAt }
          : component,
    }))
}

/** Integers 9, 10, 19, 20, 39, 40: buffer start time (UTC) year, month, day, hour, minute, seconds x 1000. */
function startOf(file: string, line: number, integers: readonly number[]): Instant {
  const [year, month, day, hour, minute, ms] = [8, 9, 18, 19, 38, 39].map((k) => integers[k]!) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return (
    instantOf({ year, month, day, hour, minute, second: ms / 1000 }) ??
    recordingInvalid(
      file,
      line,
      'a buffer start time that exists (integers 9, 10, 19, 20, 39, 40)',
      [year, month, day, hour, minute, ms].join(' '),
    )
  )
}

/** Some files name both horizontals alike: the second keeps its name with a 2 behind it. */
function withoutTwins(parts: readonly Part[]): Part[] {
  const times = new Map<string, number>()
  return parts.map((part) => {
    const key = `${part.quantity} ${part.component.axis}`
    const n = (times.get(key) ?? 0) + 1
    times.set(key, n)
    return n === 1 ? part : { ...part, component: { ...part.component, axis: `${part.component.axis}_${n}` } }
  })
}
