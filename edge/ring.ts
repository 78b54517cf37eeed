/**
 * The registers of a sample ring (layout: `Ring` in domain/model.ts): its header, where a counter's sample stands, and which
 * requests fetch a run of samples. When to read and what becomes of the samples is `ring-part.ts`.
 */
import { invariant } from '../domain/errors.ts'
import type { Ring, Sampled } from '../domain/model.ts'
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
export const sampleRegister = (ring: Pick<Ring, 'samples_address' | 'depth' | 'axes'>, counter: number): number =>
  ring.samples_address + (counter % ring.depth) * ring.axes.length

export type SampleRead = {
  readonly first: number
  readonly count: number
  readonly address: number
  readonly quantity: number
}

/** As few requests as possible for the counters [first, last]: whole samples each, none across the end of the ring. */
export function planSampleReads(ring: Ring, first: number, last: number, max_registers = REGISTERS_MAX): SampleRead[] {
  const axes = ring.axes.length
  const most = Math.floor(max_registers / axes)
  invariant(most > 0, `a sample of ${axes} axes fits a request of ${max_registers} registers`)
  const reads: SampleRead[] = []
  for (let at = first; at <= last; ) {
    const count = Math.min(most, last - at + 1, ring.depth - (at % ring.depth))
    reads.push({ first: at, count, address: sampleRegister(ring, at), quantity: count * axes })
    at += count
  }
  return reads
}
