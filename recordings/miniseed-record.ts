/**
 * One miniSEED record, SEED 2.4 manual chapter 8: fixed header of 48 bytes, blockettes 1000 (encoding, byte order,
 * length), 100 (exact rate) and 1001 (microseconds), then the samples. Joining records is left to `miniseed.ts`.
 */
import { type Instant, instant } from '../domain/time.ts'
import { instantOfDay } from './instant.ts'
import { recordingInvalidAt, SAMPLE_RATE_HZ_MAX } from './recording.ts'
import { steim } from './steim.ts'

export type SeedRecord = {
  readonly byte: number
  readonly bytes: number
  readonly network: string
  readonly station: string
  readonly location: string
  readonly channel: string
  readonly start: Instant
  readonly sample_rate_hz: number
  readonly samples: Float64Array
}

/** Fixed header, first 8 bytes: sequence number, quality indicator, a blank or NUL. */
export function isMiniSeed(bytes: Uint8Array, at = 0): boolean {
  if (bytes.length < at + 48) return false
  const digit = (c: number) => (c >= 48 && c <= 57) || c === 32 || c === 0
  const quality = String.fromCharCode(bytes[at + 6]!)
  const pad = bytes[at + 7]!
  if (!bytes.subarray(at, at + 6).every(digit) || !'DRQM'.includes(quality) || (pad !== 32 && pad !== 0)) return false
  return [bytes[at + 24]!, bytes[at + 25]!, bytes[at + 26]!].every((c) => c < 61)
}

const ENCODINGS: Readonly<Record<number, string>> = {
  1: 'int16',
  2: 'int24',
  3: 'int32',
  4: 'float32',
  5: 'float64',
  10: 'Steim-1',
  11: 'Steim-2',
}

/** @throws PlumblineError RECORDING_INVALID naming the byte. */
export function readRecord(file: string, all: Uint8Array, at: number): SeedRecord {
  const fail = (byte: number, expected: string, got: string): never => recordingInvalidAt(file, byte, expected, got)
  if (!isMiniSeed(all, at)) fail(at, 'a miniSEED record header', `${all.length - at} bytes that are none`)
  const view = new DataView(all.buffer, all.byteOffset + at, all.length - at)
  const little =
    headerIsLittle(view) ?? fail(at + 20, 'a start time in either byte order', `year ${view.getUint16(20)}`)
  const { encoding, littleData, bytes, exactRate, microseconds } = blockettes(view, little, at, fail)
  if (bytes > view.byteLength) fail(at, `a record of ${bytes} bytes`, `${view.byteLength} bytes to the end of the file`)
  const count = view.getUint16(30, little)
  const offset = view.getUint16(44, little)
  if (count > 0 && (offset < 48 || offset > bytes))
    fail(at + 44, `data that begin within the record`, `offset ${offset}`)
  const sample_rate_hz = exactRate ?? nominalRate(view.getInt16(32, little), view.getInt16(34, little))
  if (count > 0 && !(sample_rate_hz > 0 && sample_rate_hz <= SAMPLE_RATE_HZ_MAX))
    fail(at + 32, `a sampling rate above 0 and up to ${SAMPLE_RATE_HZ_MAX} Hz`, `${sample_rate_hz}`)
  const data = new DataView(all.buffer, all.byteOffset + at + offset, Math.max(0, bytes - offset))
  return {
    byte: at,
    bytes,
    station: text(all, at + 8, 5),
    location: text(all, at + 13, 2),
    channel: text(all, at + 15, 3),
    network: text(all, at + 18, 2),
    start: startOf(view, little, microseconds) ?? fail(at + 20, 'a start time that exists', 'another'),
    sample_rate_hz,
    samples: count === 0 ? new Float64Array(0) : decode(data, count, encoding, littleData, at + offset, fail),
  }
}

type Fail = (byte: number, expected: string, got: string) => never

const text = (all: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...all.subarray(from, from + length)).replace(/[^\x21-\x7e]/g, '')

/** The header states no byte order: the one in which year and day are possible is it. */
function headerIsLittle(view: DataView): boolean | undefined {
  const possible = (little: boolean) => {
    const [year, day] = [view.getUint16(20, little), view.getUint16(22, little)]
    return year >= 1900 && year <= 2100 && day >= 1 && day <= 366
  }
  return possible(false) ? false : possible(true) ? true : undefined
}

function blockettes(view: DataView, little: boolean, at: number, fail: Fail) {
  let [encoding, littleData, bytes, microseconds] = [-1, false, 0, 0]
  let exactRate: number | undefined
  const many = view.getUint8(39)
  let next = view.getUint16(46, little)
  for (let n = 0; n < many && next !== 0; n++) {
    if (next < 48 || next + 8 > view.byteLength) fail(at + 46, 'blockettes within the record', `one at offset ${next}`)
    const type = view.getUint16(next, little)
    if (type === 1000) {
      encoding = view.getUint8(next + 4)
      littleData = view.getUint8(next + 5) === 0
      const exponent = view.getUint8(next + 6)
      if (exponent < 7 || exponent > 20) fail(at + next + 6, 'a record length of 2^7 to 2^20 bytes', `2^${exponent}`)
      bytes = 2 ** exponent
    }
    if (type === 100) {
      if (next + 12 > view.byteLength) fail(at + next, 'a whole blockette 100', 'the end of the file')
      exactRate = view.getFloat32(next + 4, little)
    }
    if (type === 1001) microseconds = view.getInt8(next + 5)
    const following = view.getUint16(next + 2, little)
    if (following !== 0 && following <= next) fail(at + next + 2, 'blockettes in rising order', `offset ${following}`)
    next = following
  }
  if (bytes === 0) fail(at + 46, 'a blockette 1000, which makes SEED data miniSEED', 'none')
  return { encoding, littleData, bytes, exactRate, microseconds }
}

/** SEED 2.4, fixed header fields 10 and 11. */
function nominalRate(factor: number, multiplier: number): number {
  if (factor === 0 || multiplier === 0) return 0
  const rate = factor > 0 ? factor : -1 / factor
  return multiplier > 0 ? rate * multiplier : -rate / multiplier
}

/** BTIME, plus the correction of field 16 (0.0001 s) unless activity flag bit 1 says that it is in already. */
function startOf(view: DataView, little: boolean, microseconds: number): Instant | undefined {
  const [year, day] = [view.getUint16(20, little), view.getUint16(22, little)]
  const [hour, minute, second] = [view.getUint8(24), view.getUint8(25), view.getUint8(26)]
  const ticks = view.getUint16(28, little)
  const leap = second === 60 ? 1 : 0
  const base = instantOfDay(year, day, hour, minute, second - leap)
  if (base === undefined || ticks > 9999) return undefined
  const applied = (view.getUint8(36) & 2) !== 0
  const correction = applied ? 0 : view.getInt32(40, little)
  return instant(
    base + BigInt(leap) * 1_000_000_000n + BigInt(ticks + correction) * 100_000n + BigInt(microseconds) * 1000n,
  )
}

function decode(
  data: DataView,
  count: number,
  encoding: number,
  little: boolean,
  byte: number,
  fail: Fail,
): Float64Array {
  if (ENCODINGS[encoding] === undefined)
    fail(
      byte,
      `an encoding of ${Object.entries(ENCODINGS)
        .map(([code, name]) => `${code} (${name})`)
        .join(', ')}`,
      `${encoding}`,
    )
  if (encoding === 10 || encoding === 11) {
    const samples = steim(data, count, encoding === 10 ? 1 : 2, little)
    if (!(samples instanceof Int32Array)) return fail(byte, samples.expected, samples.got)
    return Float64Array.from(samples)
  }
  const width = { 1: 2, 2: 3, 3: 4, 4: 4, 5: 8 }[encoding]!
  if (count * width > data.byteLength)
    fail(byte, `${count} samples of ${width} bytes`, `${data.byteLength} bytes of data`)
  return Float64Array.from({ length: count }, (_, k) => sample(data, k * width, encoding, little))
}

function sample(data: DataView, at: number, encoding: number, little: boolean): number {
  if (encoding === 1) return data.getInt16(at, little)
  if (encoding === 3) return data.getInt32(at, little)
  if (encoding === 4) return data.getFloat32(at, little)
  if (encoding === 5) return data.getFloat64(at, little)
  const [low, mid, high] = [
    data.getUint8(little ? at : at + 2),
    data.getUint8(at + 1),
    data.getUint8(little ? at + 2 : at),
  ]
  return ((high << 24) | (mid << 16) | (low << 8)) >> 8
}
