/**
 * Walks through the lines of a text file and reads Fortran's fixed-width tables, naming the line of every mistake.
 * What the lines mean is left to the readers of the formats.
 */
import { decimal, isMissingCode, RECORDING_BYTES_MAX, type RecordingInput, recordingInvalid } from './recording.ts'

/** A cursor over lines (LF or CRLF): no copy of the whole text as an array, so that a day of samples fits in memory. */
export class Lines {
  readonly file: string
  /** Number of the line that `next` gave last; 0 before the first. */
  line = 0
  readonly #text: string
  #at = 0
  /** The line at `#at` once it was looked at, and where the one behind it begins. */
  #ahead: string | undefined
  #end = 0

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
  }

  get charactersLeft(): number {
    return this.#text.length - this.#at
  }

  next(): string | undefined {
    const text = this.peek()
    if (text === undefined) return undefined
    this.#at = this.#end
    this.#ahead = undefined
    this.line++
    return text
  }

  peek(): string | undefined {
    if (this.#ahead !== undefined || this.#at >= this.#text.length) return this.#ahead
    const end = this.#text.indexOf('\n', this.#at)
    const stop = end < 0 ? this.#text.length : end
    this.#end = end < 0 ? stop : end + 1
    // 13 is the carriage return before a line feed.
    const cr = stop > this.#at && this.#text.charCodeAt(stop - 1) === 13
    this.#ahead = this.#text.slice(this.#at, cr ? stop - 1 : stop)
    return this.#ahead
  }

  /** The next line, which must be there. */
  need(expected: string): string {
    return this.next() ?? recordingInvalid(this.file, this.line + 1, expected, undefined)
  }

  /** Refuses the line that was given last. */
  fail(expected: string, got: string | undefined): never {
    recordingInvalid(this.file, Math.max(1, this.line), expected, got)
  }

  skipBlank(): void {
    for (let text = this.peek(); text !== undefined && text.trim() === ''; text = this.peek()) this.next()
  }
}

/** Decodes a whole file; @throws PlumblineError RECORDING_INVALID when it is too large or empty. */
export function linesFrom({ name, bytes }: RecordingInput, encoding = 'latin1'): Lines {
  if (bytes.length > RECORDING_BYTES_MAX)
    recordingInvalid(name, 1, `at most ${RECORDING_BYTES_MAX} bytes`, `${bytes.length} bytes`)
  try {
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    return new Lines(name, new TextDecoder(encoding).decode(mark ? bytes.subarray(3) : bytes))
  } catch {
    return recordingInvalid(name, 1, 'text that fits in memory', `${bytes.length} bytes`)
  }
}

/** A Fortran edit descriptor such as `8f10.6`, `10I8`, `(1E15.6)`: how many cells in a line, how wide. */
export type Cells = { readonly columns: number; readonly width: number }

export function cellsOf(descriptor: string): Cells | undefined {
  const text = descriptor.replace(/\s+/g, ' ')
  const match = /(\d{1,3})? ?(?:1p,? ?)?[feig](\d{1,3})(?:\.\d+)?/i.exec(text)
  if (match === null) return undefined
  const cells = { columns: Number(match[1] ?? 1), width: Number(match[2]) }
  return cells.columns > 0 && cells.width > 0 ? cells : undefined
}

/**
 * `count` numbers in cells of fixed width. A blank cell, -999999 and a number for which `missing` holds are NaN; a line with more
 * or fewer cells than its share is refused, and so is one whose last number does not end where its cell ends: it was cut.
 */
export function fixedNumbers(
  lines: Lines,
  count: number,
  { columns, width }: Cells,
  what: string,
  missing: (value: number) => boolean = () => false,
): Float64Array {
  if (count > lines.charactersLeft)
    lines.fail(`${count} ${what} after this line`, `${lines.charactersLeft} characters to the end of the file`)
  const out = new Float64Array(count)
  for (let k = 0; k < count; ) {
    const share = Math.min(columns, count - k)
    const expected = `${share} ${what} in columns of ${width} (${k} of ${count} read)`
    const text = lines.need(expected).trimEnd()
    if (text.length !== share * width) lines.fail(expected, text)
    for (let cell = 0; cell < share; cell++, k++) {
      const value = number(text.slice(cell * width, (cell + 1) * width))
      if (value === undefined) lines.fail(expected, text)
      out[k] = missing(value) || isMissingCode(value) ? Number.NaN : value
    }
  }
  return out
}

function number(cell: string): number | undefined {
  return cell.trim() === '' ? Number.NaN : decimal(cell)
}

/** Integers of a header in fixed cells; blanks count as zero, as Fortran reads them. */
export function fixedIntegers(lines: Lines, count: number, cells: Cells, what: string): number[] {
  return headerNumbers(lines, count, cells, what, true)
}

/** Reals of a header in fixed cells; blanks count as zero, as Fortran reads them. */
export function fixedReals(lines: Lines, count: number, cells: Cells, what: string): number[] {
  return headerNumbers(lines, count, cells, what, false)
}

function headerNumbers(lines: Lines, count: number, cells: Cells, what: string, whole: boolean): number[] {
  const out: number[] = []
  while (out.length < count) {
    const expected = `${whole ? 'integers' : 'numbers'} of the ${what} in columns of ${cells.width}`
    const text = lines.need(expected)
    const share = Math.min(cells.columns, count - out.length)
    for (let cell = 0; cell < share; cell++) {
      const part = text.slice(cell * cells.width, (cell + 1) * cells.width)
      const value = part.trim() === '' ? 0 : decimal(part)
      if (value === undefined || (whole && !Number.isInteger(value))) lines.fail(expected, text)
      out.push(value)
    }
  }
  return out
}

const TOKEN = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[edED][+-]?\d+)?/y

/** Numbers in free format, also where Fortran left no blank between them (`.12E-02-.34E-02`); undefined for anything else. */
export function freeNumbers(text: string): string[] | undefined {
  const out: string[] = []
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9) {
      at++
      continue
    }
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) return undefined
    out.push(match[0])
    at = TOKEN.lastIndex
  }
  return out
}

/** `1.0D-3` is how Fortran writes double precision. */
export const tokenValue = (token: string): number | undefined => decimal(token.replace(/d/i, 'e'))
