/**
 * Reads K-NET ASCII, also used by KiK-net: 17 header lines, then integers, value [gal] = integer x `Scale Factor`
 * (NIED, "About K-NET ASCII format"). One component per file; putting three together is left to `part.ts`.
 */
import type { Instant } from '../domain/time.ts'
import { instantOf } from './instant.ts'
import { checkedRate, type Direction, horizontal, type Part } from './part.ts'
import { decimal, type RecordingInput, recordingInvalid } from './recording.ts'
import { freeNumbers, type Lines, linesFrom } from './text.ts'
import { scale, unitNeeded } from './unit.ts'

/** The recorder writes its time 15 s after the first sample; the true start is that much earlier (NIED, line 10). */
const TRIGGER_DELAY_S = 15n
const JST_AHEAD_MIN = 540

const KEYS = [
  ['Origin Time', 'Lat.', 'Long.', 'Depth. (km)', 'Mag.', 'Station Code', 'Station Lat.', 'Station Long.'],
  ['Station Height(m)', 'Record Time', 'Sampling Freq(Hz)', 'Duration Time(s)', 'Dir.', 'Scale Factor'],
  ['Max. Acc. (gal)', 'Last Correction', 'Memo.'],
].flat()
/** Files of other years spell these two differently. */
const ALSO: Readonly<Record<string, string>> = {
  'Long.': 'Lon.',
  'Station Long.': 'Station Lon.',
  'Max. Acc. (gal)': 'Max Acc. (gal)',
}

export const isKnet = (head: readonly string[]): boolean =>
  /^Origin Time\s/.test(head[0] ?? '') && head.some((line) => /^(Station Code|Scale Factor)\s/.test(line))

/** @throws PlumblineError RECORDING_INVALID */
export function readKnet(input: RecordingInput): Part {
  const lines = linesFrom(input)
  const at = (key: string): [string, number] => [header.get(key)!, KEYS.indexOf(key) + 1]
  const header = new Map(KEYS.map((key) => [key, headerValue(lines, key)]))
  const file = input.name
  const [dir, dirLine] = at('Dir.')
  const direction = DIRECTIONS[dir.replace(/\s+/g, '').toUpperCase()]
  if (direction === undefined) recordingInvalid(file, dirLine, 'Dir. N-S, E-W, U-D or 1 to 6', dir)
  const [freq, freqLine] = at('Sampling Freq(Hz)')
  const sample_rate_hz = checkedRate(file, freqLine, decimal(freq.trim().replace(/hz$/i, '').trimEnd()) ?? 0, freq)
  const [duration, durationLine] = at('Duration Time(s)')
  const count = Math.round((decimal(duration) ?? 0) * sample_rate_hz)
  if (count < 1) recordingInvalid(file, durationLine, 'a duration in seconds', duration)
  const [factorText, factorLine] = at('Scale Factor')
  const factor = scaleFactor(file, factorLine, factorText)
  const [peak] = at('Max. Acc. (gal)')
  const peak_gal = decimal(peak)
  const station = header.get('Station Code')!
  return {
    file,
    format: 'K-NET ASCII',
    quantity: 'acceleration',
    samples: scale(counts(lines, count), factor.si),
    sample_rate_hz,
    start: startOf(file, ...at('Record Time')),
    station,
    source: `NIED ${/^\d$/.test(dir.trim()) ? 'KiK-net' : 'K-NET'} ${station}`,
    corrected: false,
    component: {
      ...direction,
      label: dir,
      original: { unit: factor.label, scale: factor.si },
      ...(peak_gal === undefined ? {} : { published_peak_m_s2: peak_gal / 100 }),
    },
  }
}

/** KiK-net numbers its sensors: 1 to 3 in the borehole, 4 to 6 at the surface, each NS, EW, UD. */
const DIRECTIONS: Readonly<Record<string, Direction & { sensor?: 1 | 2 }>> = {
  'N-S': { ...horizontal(0) },
  'E-W': { ...horizontal(90) },
  'U-D': { axis: 'ud', vertical: true },
  '1': { ...horizontal(0), sensor: 1 },
  '2': { ...horizontal(90), sensor: 1 },
  '3': { axis: 'ud', vertical: true, sensor: 1 },
  '4': { ...horizontal(0), sensor: 2 },
  '5': { ...horizontal(90), sensor: 2 },
  '6': { axis: 'ud', vertical: true, sensor: 2 },
}

/** With borehole and surface together the axes are ns1, ew1, ud1 and ns2, ew2, ud2, as the network's file names say. */
export function tellBoreholeFromSurface(parts: readonly Part[]): readonly Part[] {
  const sensor = (p: Part) => DIRECTIONS[p.component.label.replace(/\s+/g, '')]?.sensor
  const sensors = new Set(parts.map(sensor))
  if (sensors.size < 2) return parts
  return parts.map((p) => {
    const which = sensor(p)
    return which === undefined ? p : { ...p, component: { ...p.component, axis: `${p.component.axis}${which}` } }
  })
}

function headerValue(lines: Lines, key: string): string {
  const expected = `header line "${key}"`
  const text = lines.need(expected)
  const found = [key, ALSO[key]].find((k) => k !== undefined && text.startsWith(k))
  if (found === undefined) lines.fail(expected, text)
  return text.slice(found.length).trim()
}

function scaleFactor(file: string, line: number, text: string): { si: number; label: string } {
  const match = /^([\d.]+)\s*\(([^)]+)\)\s*\/\s*([\d.]+)$/.exec(text)
  const [top, bottom] = [decimal(match?.[1] ?? '') ?? 0, decimal(match?.[3] ?? '') ?? 0]
  if (match === null || top <= 0 || bottom <= 0) recordingInvalid(file, line, 'Scale Factor as 3920(gal)/6182761', text)
  const unit = unitNeeded(file, line, match[2]!.trim(), 'acceleration', 'in the Scale Factor')
  return { si: (top / bottom) * unit.factor, label: text }
}

function startOf(file: string, text: string, line: number): Instant {
  const match = /^(\d{4})\/(\d{2})\/(\d{2})\s+(\d{2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text)
  const [year, month, day, hour, minute, second] = (match?.slice(1) ?? []).map(Number)
  const shown =
    match === null
      ? undefined
      : instantOf({
          year: year!,
          month: month!,
          day: day!,
          hour: hour!,
          minute: minute!,
          second: second!,
          ahead_min: JST_AHEAD_MIN,
        })
  if (shown === undefined) recordingInvalid(file, line, 'Record Time as 2018/01/24 19:51:40 (JST)', text)
  return (shown - TRIGGER_DELAY_S * 1_000_000_000n) as Instant
}

/** Integers in free format; the last one must end in a column where a number ends, or the file was cut inside it. */
function counts(lines: Lines, count: number): Float64Array {
  if (count > lines.charactersLeft)
    lines.fail(`${count} samples after this line`, `${lines.charactersLeft} characters to the end of the file`)
  const out = new Float64Array(count)
  let k = 0
  let ends: ReadonlySet<number> | undefined
  for (;;) {
    lines.skipBlank()
    if (lines.peek() === undefined) break
    const text = lines.next()!
    const tokens = freeNumbers(text)
    if (tokens === undefined || tokens.some((t) => !/^[+-]?\d+$/.test(t))) lines.fail('integers', text)
    if (k + tokens.length > count) lines.fail(`${count} samples (Duration x Sampling Freq), no more`, text)
    for (const token of tokens) out[k++] = Number(token)
    ends ??= endsOf(text)
    if (lines.peek() === undefined && !ends.has(text.trimEnd().length) && ends.size > 1)
      lines.fail('a whole number at the end of the file', text)
  }
  if (k !== count)
    recordingInvalid(
      lines.file,
      lines.line + 1,
      `${count} samples (Duration x Sampling Freq)`,
      `${k} samples to the end of the file`,
    )
  return out
}

const endsOf = (text: string): ReadonlySet<number> =>
  new Set([...text.matchAll(/\d(?=\s|$)/g)].map((match) => match.index + 1))
