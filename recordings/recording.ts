/**
 * What every reader gives: a waveform (evenly spaced samples of several axes) or a series (instants and values), in SI
 * with its source. Reading formats is left to the `*-csv.ts` files, finding records to `load.ts`.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'

/** Sample k of every axis was taken at `start` + k / `sample_rate_hz`. */
export type Waveform = {
  readonly kind: 'waveform'
  readonly name: string
  readonly start: Instant
  readonly sample_rate_hz: number
  readonly unit: 'm/s²'
  /** Axes in the record's order, by the record's names in lower case, all of one length. */
  readonly axes: ReadonlyArray<{ readonly axis: string; readonly samples: Float64Array }>
  /** Who published it, for attribution on screens and in reports. */
  readonly source: string
}

/** `values[i]` was measured at `t[i]`; instants rise strictly; NaN where the record says "no data". */
export type Series = {
  readonly kind: 'series'
  readonly name: string
  readonly quantity: 'stage'
  readonly unit: 'm'
  /** UTC nanoseconds since 1970. */
  readonly t: BigInt64Array
  readonly values: Float64Array
  readonly source: string
}

export type Recording = Waveform | Series

/** What a reader is told beside the bytes: names for people, never used to decide how to read. */
export type RecordingFile = { readonly name: string; readonly file: string; readonly source: string }

/** No reader takes more: a day of 200 Hz on three axes as text is below it. */
export const RECORDING_BYTES_MAX = 512 * 1024 * 1024

/** @throws PlumblineError RECORDING_INVALID `file:line: expected ..., got ...` */
export function recordingInvalid(file: string, line: number, expected: string, got: string | undefined): never {
  const came =
    got === undefined ? 'the end of the file' : JSON.stringify(got.length > 80 ? `${got.slice(0, 77)}...` : got)
  throw new PlumblineError('RECORDING_INVALID', `${file}:${line}: expected ${expected}, got ${came}`)
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A number written in decimal, or `undefined`: stricter than `Number`, which takes '' for zero and '0x1' for one. */
export function decimal(text: string): number | undefined {
  const trimmed = text.trim()
  if (!DECIMAL.test(trimmed)) return undefined
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : undefined
}

/** Lines without their ends (LF or CRLF); the empty text after the last line end is no line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.at(-1) === '') lines.pop()
  return lines
}
