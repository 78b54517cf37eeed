/**
 * Reads the Japan Meteorological Agency's strong-motion CSV: seven header lines in Shift-JIS, then `NS,EW,UD` in gal.
 * `INITIAL TIME` is Japan Standard Time (UTC+9, no summer time); whatever differs from this layout is refused, not guessed.
 */
import { fromIso, type Instant } from '../domain/time.ts'
import { toSi } from '../domain/units.ts'
import {
  decimal,
  linesOf,
  RECORDING_BYTES_MAX,
  type RecordingFile,
  recordingInvalid,
  type Waveform,
} from './recording.ts'

const HEADER_LINES = 7
const AXES = ['ns', 'ew', 'ud'] as const

/**
 * Acceleration in m/s² on the axes ns (north), ew (east), ud (up).
 * @throws PlumblineError RECORDING_INVALID
 */
export function readJmaCsv(bytes: Uint8Array, { name, file, source }: RecordingFile): Waveform {
  if (bytes.length > RECORDING_BYTES_MAX)
    recordingInvalid(file, 1, `at most ${RECORDING_BYTES_MAX} bytes`, `${bytes.length} bytes`)
  const lines = linesOf(new TextDecoder('shift_jis').decode(bytes))
  header(lines, file, 1, /^\s*SITE CODE\s*=/, 'SITE CODE=')
  header(lines, file, 5, /^\s*UNIT\s*=\s*gal\b/i, 'UNIT = gal(cm/s/s)')
  header(lines, file, 7, /^\s*NS\s*,\s*EW\s*,\s*UD\s*$/, 'NS,EW,UD')
  const rate = header(lines, file, 4, /^\s*SAMPLING RATE\s*=\s*(\d+(?:\.\d+)?)\s*Hz/i, 'SAMPLING RATE= <number>Hz')
  const sample_rate_hz = Number(rate[1])
  if (sample_rate_hz <= 0) recordingInvalid(file, 4, 'a sampling rate above 0 Hz', lines[3])
  return {
    kind: 'waveform',
    name,
    start: initialTime(lines, file),
    sample_rate_hz,
    unit: 'm/s²',
    axes: samples(lines, file),
    source,
  }
}

function header(
  lines: readonly string[],
  file: string,
  line: number,
  pattern: RegExp,
  expected: string,
): RegExpExecArray {
  return (
    pattern.exec(lines[line - 1] ?? '') ?? recordingInvalid(file, line, `header line "${expected}"`, lines[line - 1])
  )
}

function initialTime(lines: readonly string[], file: string): Instant {
  const layout =
    /^\s*INITIAL TIME\s*=\s*(\d{4})\s+(\d{1,2})\s+(\d{1,2})\s+(\d{1,2})\s+(\d{1,2})\s+(\d{1,2}(?:\.\d+)?)\s*$/
  const match = header(lines, file, 6, layout, 'INITIAL TIME = YYYY MM DD hh mm ss')
  const [year, month, day, hour, minute, second] = match.slice(1) as [string, string, string, string, string, string]
  const two = (text: string) => text.padStart(2, '0')
  const [whole, fraction] = second.split('.') as [string, string | undefined]
  const seconds = fraction === undefined ? two(whole) : `${two(whole)}.${fraction.slice(0, 9)}`
  const iso = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${seconds}+09:00`
  return fromIso(iso) ?? recordingInvalid(file, 6, 'a date and time that exist', lines[5])
}

function samples(lines: readonly string[], file: string): Waveform['axes'] {
  const count = lines.length - HEADER_LINES
  if (count < 1) recordingInvalid(file, HEADER_LINES + 1, 'at least one line of samples', undefined)
  const axes = AXES.map((axis) => ({ axis, samples: new Float64Array(count) }))
  for (let k = 0; k < count; k++) {
    const text = lines[HEADER_LINES + k]!
    const values = text.split(',').map(decimal)
    if (values.length !== AXES.length || values.includes(undefined))
      recordingInvalid(file, HEADER_LINES + k + 1, 'three numbers NS,EW,UD in gal', text)
    axes.forEach(({ samples }, a) => {
      samples[k] = toSi(values[a]!, 'gal')!
    })
  }
  return axes
}
