/**
 * What a device said: a reading of one channel, a block of evenly spaced samples, or a gap where it said nothing.
 * Absence has a name: a reading without a value always carries a flag and a reason.
 */
import type { Instant } from './time.ts'

/** QARTOD flags (U.S. IOOS, 2021): 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing. */
export type Flag = 1 | 2 | 3 | 4 | 9
export const GOOD: Flag = 1
export const NOT_EVALUATED: Flag = 2
export const SUSPECT: Flag = 3
export const FAIL: Flag = 4
export const MISSING: Flag = 9

/** Worst flag wins in the order 4 > 3 > 1 > 2 > 9 (ioos_qc `qartod_compare`). */
export function worstFlag(a: Flag, b: Flag): Flag {
  for (const flag of [FAIL, SUSPECT, GOOD, NOT_EVALUATED] as const) if (a === flag || b === flag) return flag
  return MISSING
}

/** Why a reading is not good, or why samples are missing. */
export type Reason =
  | 'timeout' // the device did not answer in time
  | 'closed' // the connection was closed or refused
  | `exception-${number}` // Modbus exception code, Modbus Application Protocol 1.1b3 section 7
  | 'bad-reply' // wrong unit, function, length or transaction
  | 'nan' // float32 not a number
  | 'invalid-code' // a code which the model reserves for "no value"
  | 'status' // the device's own status word says invalid
  | 'out-of-range' // outside what the sensor can measure
  | 'gross-range' // outside what this place can have, or has had
  | 'spike' // a jump that no other value bears out
  | 'rate-of-change' // faster than this signal can move
  | 'flat-line' // stands still for longer than this signal does
  | 'overrun' // the ring was overwritten before it was read
  | 'device-restart' // the device started anew; what it held before is gone
  | 'edge-down' // the edge node was not running
  | 'not-received' // sent by a foreign node while nobody heard it, or lost on the way; nobody sends it again
  | 'outbox-limit' // dropped because a byte or age limit of the outbox was reached
  | 'disk-full' // could not be recorded, and no session was up to send it
  | 'removed' // the site file does not name it any more
  | 'clock-unknown' // the node has no trusted time yet

export type Reading = {
  /** `<device>/<metric>` */
  readonly channel: string
  /** SI; null when there is none, then `reason` says why. */
  readonly value: number | null
  /** Mid-point of the request (scalars), or the whole second a measure belongs to. */
  readonly t_ns: Instant
  /** Half of the request's duration: the uncertainty of `t_ns`. */
  readonly half_width_ns: bigint
  readonly flag: Flag
  readonly reason?: Reason
  /** Text for people, e.g. "raw 999.9 above 20 m". */
  readonly detail?: string
}

/** Counts as the sensor gave them: 16 bits each, or 32 where its converter has more (20, 24). All axes of a block are alike. */
export type SampleArray = Int16Array<ArrayBufferLike> | Int32Array<ArrayBufferLike>
export const sampleArray = (wide: boolean, length: number): Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer> =>
  wide ? new Int32Array(length) : new Int16Array(length)
export const isWide = (samples: SampleArray): samples is Int32Array => samples.BYTES_PER_ELEMENT === 4

/** A run of evenly spaced samples of all axes of one group. Sample i of axis a is `scale x axes[a].samples[i]` in `unit`. */
export type Block = {
  readonly device: string
  /** Metric group, e.g. `acceleration`. */
  readonly group: string
  readonly boot_id: number
  /** Counter of the first sample; divisible by the block length except after a gap. */
  readonly first_counter: number
  readonly t0_ns: Instant
  /** Uncertainty of `t0_ns`. */
  readonly half_width_ns: bigint
  readonly sample_rate_hz: number
  /** SI per step, e.g. 0.00059855 m/s². */
  readonly scale: number
  readonly unit: string
  readonly axes: ReadonlyArray<{ readonly axis: string; readonly samples: SampleArray }>
}

/** Samples that nobody can give any more: counted, stored and drawn. */
export type Gap = {
  readonly channels: readonly string[]
  readonly from_ns: Instant
  readonly to_ns: Instant
  /** How many readings (or samples per axis) there should have been, and how many are missing. */
  readonly expected: number
  readonly missing: number
  readonly reason: Reason
}

export const blockLength = (block: Block): number => block.axes[0]?.samples.length ?? 0

/** Instant of sample `i`; the run is exact to 1 ns for rates that divide 1e9, else rounded per sample, never accumulated. */
export const sampleInstant = (block: Block, i: number): Instant =>
  (block.t0_ns + BigInt(Math.round((i * 1e9) / block.sample_rate_hz))) as Instant
