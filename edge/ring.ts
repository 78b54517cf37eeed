/**
 * The registers of a sample ring (layout: `Ring` in domain/model.ts): its header, where a counter's sample stands, and which
 * requests fetch a run of samples. When to read and what becomes of the samples is `ring-part.ts`.
 */
import { invariant } from '../domain/errors.ts'
import { isWideSampled, type Ring, type Sampled, sampleWords } from '../domain/model.ts'
import { type SampleArray, sampleArray } from '../domain/reading.ts'
import { REGISTERS_MAX } from './read-plan.ts'

export type RingHeader = {
  readonly boot_id: number
  /** Counter of the newest sample; the first after a start is 0. */
  readonly newest: number
  /** Device time of the newest sample, and device time now [µs]: latched together. */
  readonly newest_us: bigint
  readonly now_us: bigint
  readonly sample_rate_hz: number
  readonly depth: number
  readonly axes: number
  readonly status: number
}

const u32 = (r: Uint16Array, at: number): number => r[at]! * 0x1_0000 + r[at + 1]!
const u64 = (r: Uint16Array, at: number): bigint => (BigInt(u32(r, at)) << 32n) | BigInt(u32(r, at + 2))

/** @param registers the RING_HEADER_REGISTERS from `header_address` on */
export const decodeHeader = (registers: Uint16Array): RingHeader => ({
  boot_id: u32(registers, 0),
  newest: u32(registers, 2),
  newest_us: u64(registers, 4),
  now_us: u64(registers, 8),
  sample_rate_hz: u32(registers, 12) / 1000,
  depth: u32(registers, 14),
  axes: registers[16]!,
  status: registers[17]!,
})

/** Why the ring cannot be read by this model; sample addresses and times would be wrong. `undefined` where all is well. */
export function judgeHeader(header: RingHeader, ring: Sampled): string | undefined {
  const differs = (what: string, expected: number, got: number) =>
    `ring header: expected ${what} ${expected}, got ${got}`
  if (header.axes !== ring.axes.length) return differs('axes', ring.axes.length, header.axes)
  if (header.depth !== ring.depth) return differs('depth', ring.depth, header.depth)
  if (header.sample_rate_hz !== ring.sample_rate_hz)
    return differs('sample rate [Hz]', ring.sample_rate_hz, header.sample_rate_hz)
  if (header.now_us < header.newest_us)
    return `ring header: the newest sample (${header.newest_us} µs) lies after the device's own time (${header.now_us} µs)`
  return undefined
}

/** Oldest counter that the ring still holds. */
export const oldestHeld = (header: RingHeader): number => Math.max(0, header.newest - header.depth + 1)

/** First register of a counter's sample. */
export const sampleRegister = (
  ring: Pick<Ring, 'samples_address' | 'depth' | 'axes' | 'bits'>,
  counter: number,
): number => ring.samples_address + (counter % ring.depth) * registersOfSample(ring)

/** Registers of one sample of all axes. */
export const registersOfSample = (sampled: Pick<Sampled, 'axes' | 'bits'>): number =>
  sampled.axes.length * sampleWords(sampled)

export type SampleRead = {
  readonly first: number
  readonly count: number
  readonly address: number
  readonly quantity: number
}

/** As few requests as possible for the counters [first, last]: whole samples each, none across the end of the ring. */
export function planSampleReads(ring: Ring, first: number, last: number, max_registers = REGISTERS_MAX): SampleRead[] {
  const each = registersOfSample(ring)
  const most = Math.floor(max_registers / each)
  invariant(most > 0, `a sample of ${each} registers fits a request of ${max_registers}`)
  const reads: SampleRead[] = []
  for (let at = first; at <= last; ) {
    const count = Math.min(most, last - at + 1, ring.depth - (at % ring.depth))
    reads.push({ first: at, count, address: sampleRegister(ring, at), quantity: count * each })
    at += count
  }
  return reads
}

/** Places of the bytes of a register pair, highest byte first, by order: A and B stand in the first register for ABCD. */
const WORDS_OF = {
  ABCD: (first: number, second: number) => (first << 16) | second,
  CDAB: (first: number, second: number) => (second << 16) | first,
  BADC: (first: number, second: number) => (swapped(first) << 16) | swapped(second),
  DCBA: (first: number, second: number) => (swapped(second) << 16) | swapped(first),
} as const
const swapped = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

/** Samples as they stand in registers, two's complement; of more than 16 bits two registers each. */
export function samplesFrom(registers: Uint16Array, sampled: Pick<Sampled, 'bits' | 'order'>): SampleArray {
  // The same 16 bits, read as two's complement.
  if (!isWideSampled(sampled)) return new Int16Array(registers.buffer, registers.byteOffset, registers.length)
  const join = WORDS_OF[sampled.order ?? 'ABCD']
  const out = sampleArray(true, registers.length >> 1)
  for (let i = 0; i < out.length; i++) out[i] = join(registers[2 * i]!, registers[2 * i + 1]!)
  return out
}
