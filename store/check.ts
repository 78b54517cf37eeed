/**
 * What the store can keep. A part that it cannot (a JSON gap from a foreign hand, an instant beyond 64 bits) goes to
 * quarantine with a text that says why; it must never make the whole batch fail, now and at every resend.
 */
import { isInt64 } from '../domain/int64.ts'
import { type Block, type Gap, isWide, type Reading } from '../domain/reading.ts'
import { BLOCK_SAMPLES_MAX } from './block-runs.ts'

const FLAGS: readonly unknown[] = [1, 2, 3, 4, 9]

const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0
const isName = (text: unknown): boolean => typeof text === 'string' && text !== ''
const isText = (text: unknown): boolean => text === undefined || typeof text === 'string'

type Expectation = readonly [holds: boolean, what: string, got: unknown]

const broken = (expectations: readonly Expectation[]): string | undefined => {
  const first = expectations.find(([holds]) => !holds)
  return first && expected(first[1], first[2])
}
const expected = (what: string, got: unknown): string => `expected ${what}, got ${String(got)}`

/** Why a reading cannot be kept, or `undefined`. One after the other: there are thousands a second, and nearly all are sound. */
export function readingRefusal(r: Reading): string | undefined {
  if (!isName(r.channel)) return expected('a channel', r.channel)
  if (r.value !== null && !Number.isFinite(r.value)) return expected('a finite value or null', r.value)
  if (!isInt64(r.t_ns)) return expected('t_ns as a 64-bit integer', r.t_ns)
  if (!isInt64(r.half_width_ns) || r.half_width_ns < 0n) return expected('half_width_ns from 0', r.half_width_ns)
  if (!FLAGS.includes(r.flag)) return expected('a QARTOD flag', r.flag)
  if (!isText(r.reason) || !isText(r.detail)) return expected('reason and detail as text', `${r.reason}, ${r.detail}`)
  return undefined
}

/** Why a block cannot be kept, or `undefined`. */
export function blockRefusal(b: Block): string | undefined {
  const n = b.axes[0]?.samples.length ?? 0
  const names = b.axes.map((a) => a.axis)
  return (
    broken([
      [isName(b.device) && isName(b.group), 'a device and a group', `${b.device}, ${b.group}`],
      [isCount(b.boot_id), 'a boot id from 0', b.boot_id],
      [isCount(b.first_counter) && isCount(b.first_counter + n), 'a first counter from 0', b.first_counter],
      [b.sample_rate_hz > 0 && Number.isFinite(b.sample_rate_hz), 'a sample rate above 0', b.sample_rate_hz],
      [Number.isFinite(b.scale), 'a finite scale', b.scale],
      [typeof b.unit === 'string', 'a unit', b.unit],
      [n <= BLOCK_SAMPLES_MAX, `at most ${BLOCK_SAMPLES_MAX} samples an axis`, n],
      [n > 0 && b.axes.every((a) => a.samples.length === n), 'axes of one length', b.axes.map((a) => a.samples.length)],
      [new Set(b.axes.map((a) => isWide(a.samples))).size === 1, 'axes of one type', 'two'],
      [new Set(names).size === names.length && !names.some((a) => a.includes(',')), 'each axis once', names],
      [isInt64(b.half_width_ns) && b.half_width_ns >= 0n, 'half_width_ns from 0', b.half_width_ns],
      [isInt64(b.t0_ns), 't0_ns as a 64-bit integer', b.t0_ns],
    ]) ?? broken([[isInt64(endOf(b.t0_ns, n, b.sample_rate_hz)), 'an end within 64 bits', b.sample_rate_hz]])
  )
}

/** Instant just after the last of `n` samples. */
export const endOf = (t0_ns: bigint, n: number, sample_rate_hz: number): bigint =>
  t0_ns + BigInt(Math.round((n * 1e9) / sample_rate_hz))

/** Why a gap cannot be kept, or `undefined`. Gaps travel as JSON, so every field may be anything. */
export const gapRefusal = (g: Gap): string | undefined =>
  broken([
    [Array.isArray(g.channels) && g.channels.length > 0 && g.channels.every(isName), 'channels of the gap', g.channels],
    [isInt64(g.from_ns) && isInt64(g.to_ns) && g.from_ns <= g.to_ns, 'from_ns up to to_ns', `${g.from_ns}, ${g.to_ns}`],
    [isCount(g.expected) && isCount(g.missing), 'counts from 0', `${g.expected}, ${g.missing}`],
    [isName(g.reason), 'a reason', g.reason],
  ])
