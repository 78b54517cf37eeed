/**
 * Reads USGS SMC: 11 text lines, 48 integers, 50 reals, comments, then values in 8 columns of 10; one component per file.
 * Evenly spaced files hold values, unevenly spaced ones (sampling rate undefined) time and value in turn
 * (NSMP, "SMC-format data files"). Acceleration is in cm/s², velocity in cm/s, displacement in cm.
 */

import { instantOfDay } from './instant.ts'
import { checkedRate, type Direction, direction, horizontal, type Part, type PartQuantity } from './part.ts'
import type { RecordingInput } from './recording.ts'
import { fixedIntegers, fixedNumbers, fixedReals, type Lines, linesFrom } from './text.ts'
import { evenlySpaced } from './uneven.ts'
import { scale } from './unit.ts'

const CELLS = { columns: 8, width: 10 }
/** SI per unit of the file. */
const CM = 0.01

type Type = { readonly quantity: PartQuantity; readonly corrected: boolean; readonly unit: string }
const TYPES: ReadonlyMap<string, Type> = new Map([
  ['1 UNCORRECTED ACCELEROGRAM', { quantity: 'acceleration', corrected: false, unit: 'cm/s²' }],
  ['2 CORRECTED ACCELEROGRAM', { quantity: 'acceleration', corrected: true, unit: 'cm/s²' }],
  ['3 VELOCITY', { quantity: 'velocity', corrected: true, unit: 'cm/s' }],
  ['4 DISPLACEMENT', { quantity: 'displacement', corrected: true, unit: 'cm' }],
])

/** A file without a type (`*` in line 1) is SMC too; it is refused later, with the types there are. */
export const isSmc = (head: readonly string[]): boolean =>
  /^\s*(\*|[1-6]\s+(UN)?CORRECTED|[1-6]\s+(VELOCITY|DISPLACEMENT|RESPONSE|FOURIER))/i.test(head[0] ?? '') &&
  [1, 8, 9, 10].every((k) => (head[k] ?? '*').startsWith('*'))

/** @throws PlumblineError RECORDING_INVALID */
export function readSmc(input: RecordingInput): Part {
  const lines = linesFrom(input)
  const text = Array.from({ length: 11 }, () => lines.need('11 lines of text header'))
  const type = typeOf(lines, text[0]!)
  const integers = fixedIntegers(lines, 48, CELLS, 'integer header')
  const none = integers[0]!
  const reals = fixedReals(lines, 50, { columns: 5, width: 15 }, 'real header')
  const unset = reals[0]!
  const known = (value: number | undefined): number | undefined =>
    value === undefined || value === unset ? undefined : value
  for (let k = 0; k < commentsOf(lines, integers[15]!, none); k++)
    if (!lines.need('comment line starting with |').startsWith('|')) lines.fail('comment line starting with |', '')
  const count = integers[16]!
  if (count < 1) lines.fail('integer header 17: number of values above 0', `${count}`)
  const values = fixedNumbers(lines, count, CELLS, 'values', (v) => v === unset)
  const notes = leftOver(lines, count)
  const rate = known(reals[1])
  const even = rate === undefined ? evenlySpaced(lines, pairsOf(lines, values)) : undefined
  const sample_rate_hz = even?.sample_rate_hz ?? checkedRate(input.name, 18, rate!, `${rate}`)
  const start = startOf(integers, none)
  const component = componentOf(text, integers, none)
  const [peak, peakAt] = largest(known(reals[29]), known(reals[28]), known(reals[31]), known(reals[30]))
  return {
    file: input.name,
    format: 'USGS SMC',
    quantity: type.quantity,
    samples: scale(even?.samples ?? values, CM),
    sample_rate_hz,
    ...(start === undefined ? {} : { start }),
    station: stationOf(text),
    instrument: field(text[7]!, /inst\s+type\s*=(.*?)(?:data source|$)/is),
    source: field(text[7]!, /data source\s*=(.*)$/is) || 'USGS National Strong-Motion Program',
    corrected: type.corrected,
    component: {
      ...component,
      original: { unit: type.unit, scale: CM },
      ...(peak === undefined || type.quantity !== 'acceleration' ? {} : { published_peak_m_s2: peak * CM }),
      ...(peakAt === undefined || type.quantity !== 'acceleration' ? {} : { published_peak_at_s: peakAt }),
    },
    notes: even === undefined ? notes : [even.note, ...notes],
  }
}

function typeOf(lines: Lines, text: string): Type {
  const title = text.trim().toUpperCase().replace(/\s+/g, ' ')
  const found = [...TYPES].find(([key]) => title.startsWith(key))
  return found?.[1] ?? lines.fail(`one of ${[...TYPES.keys()].join(', ')} in line 1`, text.trim())
}

function commentsOf(lines: Lines, count: number, none: number): number {
  if (count === none) return 0
  if (count < 0 || count > 10_000) lines.fail('integer header 16: number of comment lines', `${count}`)
  return count
}

function pairsOf(lines: Lines, values: Float64Array): Float64Array {
  if (values.length % 2 === 0) return values
  return lines.fail(
    'an even number of values: the sampling rate is undefined, so time and value alternate',
    `${values.length}`,
  )
}

/**
 * The header counts; files of the film era carry up to one stale line of the writer's buffer behind the last value.
 * More than that means a wrong count.
 */
function leftOver(lines: Lines, count: number): string[] {
  lines.skipBlank()
  const text = lines.next()
  if (text === undefined) return []
  lines.skipBlank()
  if (lines.peek() !== undefined) lines.fail(`the end of the file after ${count} values (integer header 17)`, text)
  const share = Math.ceil(text.trimEnd().length / CELLS.width)
  return [`${share} values behind the ${count} that the header counts were left out`]
}

function startOf(integers: readonly number[], none: number) {
  const [year, day, hour, minute, second, ms] = integers.slice(1, 7) as [number, number, number, number, number, number]
  if ([year, day, hour, minute].some((n) => n === none) || year === 0) return undefined
  return instantOfDay(year, day, hour, minute, (second === none ? 0 : second) + (ms === none ? 0 : ms) / 1000)
}

/** Orientation is stated as degrees from up (0 up, 180 down) and degrees clockwise from north. */
function componentOf(text: readonly string[], integers: readonly number[], none: number) {
  const [channel, vertical, azimuth] = [integers[8]!, integers[12]!, integers[13]!]
  const label = field(text[5]!, /component\s*=(.*)$/is) ?? ''
  const which: Direction =
    vertical === 0
      ? { axis: 'up', vertical: true }
      : vertical === 180
        ? { axis: 'down', vertical: true }
        : azimuth === none
          ? direction(label)
          : horizontal(azimuth)
  return { ...which, label, ...(channel === none ? {} : { channel }) }
}

const field = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim() || undefined

function stationOf(text: readonly string[]): string | undefined {
  const component = text[5]!.search(/component\s*=/i)
  return field(text[5]!.slice(0, Math.max(0, component)), /station\s*=(.*)$/is) ?? field(text[2]!, /^\s*(\S+)/)
}

function largest(max?: number, maxAt?: number, min?: number, minAt?: number): [number | undefined, number | undefined] {
  return Math.abs(min ?? 0) > Math.abs(max ?? 0) ? [min, minAt] : [max, maxAt]
}
