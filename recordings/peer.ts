/**
 * Reads PEER AT2 (acceleration; also VT2 and DT2 beside it): three lines of text, the third with the unit, a fourth with
 * NPTS and DT, then numbers. One component per file. The files state a date but no time, so the start is not known.
 * Also reads the two-line variant of eqsig (name, then `npts dt`), which states no unit.
 */
import { checkedRate, type Direction, direction, horizontal, type Part, type PartQuantity, rateOf } from './part.ts'
import { decimal, isMissingCode, type ReadOptions, type RecordingInput, recordingInvalid } from './recording.ts'
import { freeNumbers, type Lines, linesFrom, tokenValue } from './text.ts'
import { scale, unitNeeded } from './unit.ts'

const NPTS_DT = /NPTS(?:\s*=)?\s*(\d+)(?:\s*,)?\s*DT(?:\s*=)?\s*([\d.]+(?:e[+-]?\d+)?)/i
const NPTS_DT_BEHIND = /^\s*(\d+)(?:\s*,)?\s+([\d.]+(?:e[+-]?\d+)?)(?:\s*,)?\s*NPTS\s*,\s*DT/i
const PLAIN = /^\s*(\d+)\s+(\d*\.\d+(?:e[+-]?\d+)?|\d+\.?)\s*$/i

export const isPeer = (head: readonly string[]): boolean =>
  /units of/i.test(head[2] ?? '') && (NPTS_DT.test(head[3] ?? '') || NPTS_DT_BEHIND.test(head[3] ?? ''))

export const isPlain = (head: readonly string[]): boolean =>
  PLAIN.test(head[1] ?? '') && freeNumbers(head[0] ?? '') === undefined && (freeNumbers(head[2] ?? '')?.length ?? 0) > 0

/** @throws PlumblineError RECORDING_INVALID */
export function readPeer(input: RecordingInput): Part {
  const lines = linesFrom(input)
  const title = lines.need('a title').trim()
  const about = lines.need('event, date, station, component').trim()
  const third = lines.need('the quantity and its unit')
  const quantity = quantityOf(third) ?? lines.fail('ACCELERATION, VELOCITY or DISPLACEMENT ... IN UNITS OF ...', third)
  const words = /units of\s+([^\s,;]+?)\.?(?=[\s,;]|$)/i.exec(third)?.[1]
  const kind = quantity === 'displacement' ? 'length' : quantity
  const unit = unitNeeded(input.name, 3, words, kind, 'in "IN UNITS OF ..."')
  const fourth = lines.need('NPTS and DT')
  const match = NPTS_DT.exec(fourth) ?? NPTS_DT_BEHIND.exec(fourth) ?? lines.fail('NPTS and DT', fourth)
  const { samples, sample_rate_hz } = body(lines, match)
  const fields = about.split(',').map((part) => part.trim())
  const last = fields.at(-1) ?? ''
  const label = last.endsWith(')') && last.includes('(') ? last.slice(0, last.indexOf('(')).trimEnd() : last
  return {
    file: input.name,
    format: 'PEER AT2',
    quantity,
    samples: scale(samples, unit.factor),
    sample_rate_hz,
    station: fields.slice(0, -1).join(', '),
    source: title,
    corrected: true,
    component: { ...directionOf(label), label, original: { unit: unit.label, scale: unit.factor } },
  }
}

/** @throws PlumblineError RECORDING_INVALID, also without `--unit`: the file states none. */
export function readPlain(input: RecordingInput, options: ReadOptions): Part {
  const lines = linesFrom(input)
  const name = lines.need('a name').trim()
  const match = PLAIN.exec(lines.need('npts dt'))!
  const unit = unitNeeded(input.name, 2, options.unit, 'acceleration', 'from --unit: the file states none')
  const { samples, sample_rate_hz } = body(lines, match)
  return {
    file: input.name,
    format: 'npts dt text',
    quantity: 'acceleration',
    samples: scale(samples, unit.factor),
    sample_rate_hz,
    station: name,
    source: name,
    component: { axis: 'a', label: name, vertical: false, original: { unit: unit.label, scale: unit.factor } },
  }
}

const quantityOf = (text: string): PartQuantity | undefined =>
  /acceleration|accel/i.test(text)
    ? 'acceleration'
    : /velocity/i.test(text)
      ? 'velocity'
      : /displacement/i.test(text)
        ? 'displacement'
        : undefined

/** `180`, `UP`, `N00E`, `ELC180`, `I-ELC-UP`: the last word, or the azimuth at its end. */
function directionOf(label: string): Direction {
  const word = label.split(/\s+/).at(-1) ?? ''
  const plain = direction(word)
  if (plain.vertical || plain.azimuth_deg !== undefined) return plain
  if (/[-_](up|ud|ver|vert|dwn|down|v|z)$/i.test(word)) return direction(word.split(/[-_]/).at(-1)!)
  const azimuth = /(\d{3})$/.exec(word)?.[1]
  return azimuth !== undefined && Number(azimuth) <= 360 ? horizontal(Number(azimuth)) : plain
}

function body(lines: Lines, match: RegExpExecArray): { samples: Float64Array; sample_rate_hz: number } {
  const [count, interval_s] = [Number(match[1]), decimal(match[2]!) ?? 0]
  const sample_rate_hz = checkedRate(lines.file, lines.line, rateOf(interval_s), match[0].trim())
  if (count < 1 || count > lines.charactersLeft)
    lines.fail(`${count} values after this line`, `${lines.charactersLeft} characters to the end of the file`)
  const samples = new Float64Array(count)
  let k = 0
  let shape = 0
  for (lines.skipBlank(); lines.peek() !== undefined; lines.skipBlank()) {
    const text = lines.next()!
    const tokens = freeNumbers(text) ?? lines.fail('numbers', text)
    if (k + tokens.length > count) lines.fail(`${count} values (NPTS), no more`, text)
    for (const token of tokens) {
      const value = tokenValue(token)
      if (value === undefined) lines.fail('finite numbers', text)
      samples[k++] = isMissingCode(value) ? Number.NaN : value
      if (k === 1) shape = digits(token)
      // Fortran writes all numbers alike: fewer digits in the very last one mean that the file was cut inside it.
      else if (k === count && shape > 0 && digits(token) < shape && allAlike(tokens, shape))
        lines.fail('a whole number at the end of the file', text)
    }
  }
  if (k !== count)
    recordingInvalid(lines.file, lines.line + 1, `${count} values (NPTS)`, `${k} values to the end of the file`)
  return { samples, sample_rate_hz }
}

/** Digits of mantissa and exponent; 0 for a number without exponent. */
const digits = (token: string): number => (/e/i.test(token) ? token.replace(/\D/g, '').length : 0)
const allAlike = (tokens: readonly string[], shape: number): boolean =>
  tokens.length > 1 && tokens.slice(0, -1).every((token) => digits(token) === shape)
