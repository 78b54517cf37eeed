/**
 * What every reader gives: a waveform (evenly spaced samples of several axes) or a series (instants and values), in SI
 * with its source. Reading formats is left to one file per format, telling them apart to `detect.ts`, the records that
 * ship to `load.ts`.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'
import type { Quantity, SiUnit } from '../domain/units.ts'

/** A run of samples (or rows) that the record marks as missing: NaN in the data, never a number. */
export type RecordGap = { readonly axis: string; readonly first: number; readonly count: number }

/** What the record says of one axis beside its samples. */
export type Component = {
  /** The axis' name in `axes`: ns, ew, ud, up, h1, h2, x, y, z, `az<degrees>`, or the record's own name in lower case. */
  readonly axis: string
  /** The record's own words, e.g. `N-S`, `Chan  1: H1`, `BK.CMB.00.HNZ`. */
  readonly label: string
  readonly vertical: boolean
  /** Direction of positive motion, clockwise from north, where the record states it. */
  readonly azimuth_deg?: number
  /** Number of the sensor channel, where the record states it. */
  readonly channel?: number
  /** SI value = `scale` x stored number. */
  readonly original: { readonly unit: string; readonly scale: number }
  /** The peak that the header publishes, in m/s² with the header's sign; not checked against the samples. */
  readonly published_peak_m_s2?: number
  /** Seconds after the start at which the header places that peak. */
  readonly published_peak_at_s?: number
  /** Velocity and displacement as the publisher integrated them (CSMIP V2, COSMOS, SMC, GeoNet V2A). */
  readonly velocity_m_s?: Float64Array
  readonly displacement_m?: Float64Array
}

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
  /** False where the file holds no instant: `start` is then 1970-01-01T00:00:00Z and means nothing. */
  readonly start_known?: boolean
  /** The rest is filled by `readRecording`. Name of the format, as docs/reference/recordings.md lists it. */
  readonly format?: string
  readonly station?: string
  readonly instrument?: string
  /** One for each of `axes`, in their order. */
  readonly components?: readonly Component[]
  /** Runs of NaN, listed. */
  readonly gaps?: readonly RecordGap[]
  /** True for instrument- and baseline-corrected acceleration, false for uncorrected; absent where the record is silent. */
  readonly corrected?: boolean
  /** What a person must know of how the file was read, e.g. that uneven samples were interpolated. */
  readonly notes?: readonly string[]
}

/** One of several values measured at the same instants. */
export type SeriesColumn = {
  /** As the record names it, without its unit: `tilt_x`, `y`, `water_temperature`. */
  readonly name: string
  readonly quantity: Quantity
  readonly values: Float64Array
}

/** `values[i]` was measured at `t[i]`; instants rise strictly; NaN where the record says "no data". */
export type Series = {
  readonly kind: 'series'
  readonly name: string
  readonly quantity: Quantity
  /** The SI unit of `quantity`. */
  readonly unit: SiUnit
  /** UTC nanoseconds since 1970. */
  readonly t: BigInt64Array
  readonly values: Float64Array
  /** Where several values were measured at once, all of them; `quantity`, `unit` and `values` are then the first's. */
  readonly columns?: readonly SeriesColumn[]
  readonly source: string
  /** False where the file counts seconds from a start that it does not state; `t` then counts from 1970. */
  readonly start_known?: boolean
  /** The rest is filled by `readRecording`. */
  readonly format?: string
  readonly station?: string
  /** SI value = `scale` x stored number. */
  readonly original?: { readonly unit: string; readonly scale: number }
  /** Runs of NaN, listed; `axis` is `stage`. */
  readonly gaps?: readonly RecordGap[]
  readonly notes?: readonly string[]
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

/** The same for binary records: @throws PlumblineError RECORDING_INVALID `file: byte N: expected ..., got ...` */
export function recordingInvalidAt(file: string, byte: number, expected: string, got: string): never {
  throw new PlumblineError('RECORDING_INVALID', `${file}: byte ${byte}: expected ${expected}, got ${got}`)
}

/** One file as it came: a name for people and its bytes. */
export type RecordingInput = { readonly name: string; readonly bytes: Uint8Array }
/** Without its folders: what people call the recording. */
export const baseName = (name: string): string => name.split(/[\\/]/).at(-1) || name
/** What a file may lack: the sampling interval, and the unit of its numbers (optionally with a factor: `4.8e-6 m/s2`). */
export type ReadOptions = {
  readonly dt_s?: number
  readonly unit?: string
  /** Tables of tilt, temperature, pressure or voltage are read, too: they can be played, not analysed. */
  readonly readings?: boolean
  /** A `unit` other than the file's own is refused in every format; else it is only for files that state none. */
  readonly own_unit?: boolean
}

/** Rates outside are no recorder's: they come from a spoilt header. */
export const SAMPLE_RATE_HZ_MAX = 100_000
/** Samples per axis that a reader may have to fill in between (gaps, interpolation): a day at 200 Hz and some more. */
export const SAMPLES_MAX = 20_000_000

/** -999999 stands for "no value" wherever numbers are printed (USGS and others): no accelerometer or gauge reads it. */
export const isMissingCode = (value: number): boolean => value === -999_999

/** Runs of NaN in `samples`. */
export function gapsOf(axis: string, samples: Float64Array): RecordGap[] {
  const out: RecordGap[] = []
  for (let k = 0; k < samples.length; k++) {
    if (!Number.isNaN(samples[k]!)) continue
    const first = k
    while (k < samples.length && Number.isNaN(samples[k]!)) k++
    out.push({ axis, first, count: k - first })
  }
  return out
}

const DECIMAL = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

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
