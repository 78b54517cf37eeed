/**
 * One axis of blocks as miniSEED: records of 4096 bytes in plain 32-bit counts, SEED 2.4 manual chapter 8. Each record says the
 * instant of its own first sample, so that no error of rate adds up; a gap or a step of time begins a new record.
 */

import type { StoredBlock } from '../../domain/ports.ts'
import { blockLength, sampleInstant } from '../../domain/reading.ts'
import type { Instant } from '../../domain/time.ts'

/** Network, station, location and channel of the FDSN source identifiers. */
export type SeedCodes = {
  readonly network: string
  readonly station: string
  readonly location: string
  readonly channel: string
}

const RECORD_BYTES = 4096
const EXPONENT = 12
/** Behind the fixed header: blockettes 1000, 1001 and 100. */
const DATA_AT = 128
export const RECORD_SAMPLES = (RECORD_BYTES - DATA_AT) / 4
const INT32 = 3
const BIG_ENDIAN = 1
/** Farther than this off the grid of the record a block begins a new one, in sample intervals. */
const OFF_GRID = 0.25

export class MiniSeedWriter {
  readonly #codes: SeedCodes
  readonly #counts = new Int32Array(RECORD_SAMPLES)
  #n = 0
  #start: Instant | undefined
  #rate_hz = 0
  #next: { readonly boot_id: number; readonly counter: number } | undefined
  #sequence = 0

  constructor(codes: SeedCodes) {
    this.#codes = codes
  }

  /** Records that are full now; `axis` is the place of the axis in the block, samples outside [from, to) are left out. */
  add(block: StoredBlock, axis: number, from: Instant, to: Instant): Uint8Array[] {
    const out: Uint8Array[] = []
    const samples = block.axes[axis]!.samples
    for (let i = 0; i < blockLength(block); i++) {
      const at = sampleInstant(block, i)
      if (at < from || at >= to) continue
      if (this.#n > 0 && !this.#follows(block, i, at)) out.push(this.#record())
      if (this.#n === 0) [this.#start, this.#rate_hz] = [at, block.sample_rate_hz]
      this.#counts[this.#n++] = samples[i]!
      this.#next = { boot_id: block.boot_id, counter: block.first_counter + i + 1 }
      if (this.#n === RECORD_SAMPLES) out.push(this.#record())
    }
    return out
  }

  /** The record that is not full. */
  end(): Uint8Array[] {
    return this.#n > 0 ? [this.#record()] : []
  }

  #follows(block: StoredBlock, i: number, at: Instant): boolean {
    const { boot_id, counter } = this.#next!
    if (block.boot_id !== boot_id || block.first_counter + i !== counter) return false
    if (block.sample_rate_hz !== this.#rate_hz) return false
    const expected_ns = (this.#n * 1e9) / this.#rate_hz
    return Math.abs(Number(at - this.#start!) - expected_ns) <= (OFF_GRID * 1e9) / this.#rate_hz
  }

  #record(): Uint8Array {
    this.#sequence = (this.#sequence % 999_999) + 1
    const bytes = new Uint8Array(RECORD_BYTES)
    const view = new DataView(bytes.buffer)
    const micros = header(bytes, view, this.#sequence, this.#codes, this.#start!, this.#n, this.#rate_hz)
    blockettes(view, micros, this.#rate_hz)
    for (let i = 0; i < this.#n; i++) view.setInt32(DATA_AT + 4 * i, this.#counts[i]!)
    this.#n = 0
    return bytes
  }
}

/** Fixed section of the data header, 48 bytes. Returns the microseconds that BTIME cannot say. */
function header(
  bytes: Uint8Array,
  view: DataView,
  sequence: number,
  codes: SeedCodes,
  start: Instant,
  n: number,
  rate_hz: number,
): number {
  const text = (at: number, value: string, length: number): void =>
    bytes.set(new TextEncoder().encode(value.padEnd(length).slice(0, length)), at)
  text(0, String(sequence).padStart(6, '0'), 6)
  text(6, 'D ', 2)
  text(8, codes.station, 5)
  text(13, codes.location, 2)
  text(15, codes.channel, 3)
  text(18, codes.network, 2)
  const micros = writeTime(view, start)
  view.setUint16(30, n)
  const [factor, multiplier] = rateFields(rate_hz)
  view.setInt16(32, factor)
  view.setInt16(34, multiplier)
  view.setUint8(39, 3)
  view.setUint16(44, DATA_AT)
  view.setUint16(46, 48)
  return micros
}

/** BTIME at byte 20, to 0.1 ms; what is left, -50 to 49 µs, goes into blockette 1001. */
function writeTime(view: DataView, start: Instant): number {
  const us = (start + 500n) / 1000n
  const ticks = (us + 50n) / 100n
  const second = new Date(Number((ticks / 10_000n) * 1000n))
  const newYear = Date.UTC(second.getUTCFullYear(), 0, 1)
  view.setUint16(20, second.getUTCFullYear())
  view.setUint16(22, Math.floor((second.getTime() - newYear) / 86_400_000) + 1)
  view.setUint8(24, second.getUTCHours())
  view.setUint8(25, second.getUTCMinutes())
  view.setUint8(26, second.getUTCSeconds())
  view.setUint16(28, Number(ticks % 10_000n))
  return Number(us - ticks * 100n)
}

/** Fields 10 and 11: a positive factor is in Hz, a negative multiplier divides. */
export function rateFields(rate_hz: number): [factor: number, multiplier: number] {
  if (Number.isInteger(rate_hz) && rate_hz <= 32_767) return [rate_hz, 1]
  if (rate_hz < 1) {
    const period_s = Math.round(1 / rate_hz)
    return [-Math.min(32_767, period_s), 1]
  }
  const divisor = [1000, 100, 10, 1].find((d) => Math.round(rate_hz * d) <= 32_767)
  return divisor === undefined ? [32_767, Math.round(rate_hz / 32_767)] : [Math.round(rate_hz * divisor), -divisor]
}

function blockettes(view: DataView, micros: number, rate_hz: number): void {
  view.setUint16(48, 1000)
  view.setUint16(50, 56)
  view.setUint8(52, INT32)
  view.setUint8(53, BIG_ENDIAN)
  view.setUint8(54, EXPONENT)
  view.setUint16(56, 1001)
  view.setUint16(58, 64)
  view.setInt8(61, micros)
  view.setUint16(64, 100)
  view.setUint16(66, 0)
  view.setFloat32(68, rate_hz)
}

/** Band, instrument and direction codes of the SEED manual, appendix A, as far as a unit and an axis name tell them. */
export function seedChannel(rate_hz: number, unit: string, axis: string, place: number): string {
  const band = rate_hz >= 250 ? 'C' : rate_hz >= 80 ? 'H' : rate_hz >= 10 ? 'B' : rate_hz > 1 ? 'M' : 'L'
  const instrument = unit === 'm/s²' ? 'N' : unit === 'rad' ? 'A' : 'Y'
  const direction = /^[a-z]$/.test(axis) ? axis.toUpperCase() : { up: 'Z', ns: 'N', ew: 'E' }[axis]
  return `${band}${instrument}${direction ?? String((place % 9) + 1)}`
}

export const stationOf = (device: string): string =>
  device
    .replace(/[^a-z0-9]/gi, '')
    .toUpperCase()
    .slice(0, 5) || 'X'
