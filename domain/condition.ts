/**
 * Words of a limit and its condition: what the edge decides. What people do about it is an alarm (`alarm.ts`).
 * A condition is evaluated on the edge node at the full sample rate; the desk shows the edge's values, never its own.
 */
import type { Flag } from './reading.ts'
import type { Instant } from './time.ts'

export type Priority = 'critical' | 'high' | 'medium' | 'low'
export const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low']

/**
 * What a limit judges. Of `above`, `below` and `outside` it is the value itself; of the others a quantity made of it, in the
 * unit of the limit: a rate per second, seconds, a difference, a count. The last ones, from `output_failed` on, are the system's own: nobody writes
 * them in a site file.
 */
export const LIMIT_KINDS = [
  'above',
  'below',
  'outside',
  'rising_faster_than',
  'reaching',
  'stale_s',
  'failed_s',
  'differs_from',
  'k_of_n',
  'output_failed',
  'silenced',
  'records_lost',
] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]

/** What a kind needs beside `limit` and `deadband`; SI and seconds of device time. */
export type LimitParameters = {
  /** outside: the lower bound; the upper one is `limit`. */
  readonly low?: number
  /** rising_faster_than, reaching */
  readonly window_s?: number
  /** reaching: the value that is reached, in the unit of the channel. */
  readonly target?: number
  /** differs_from: the other channel, and how far apart two values may lie in time. */
  readonly channel?: string
  readonly pair_s?: number
  /** k_of_n */
  readonly limits?: readonly string[]
  readonly within_s?: number
  /** output_failed, silenced */
  readonly output?: string
}

/** A limit with everything in SI, as births carry it. Raised at `limit` or beyond it in `direction`, whatever its kind. */
export type Limit = {
  readonly id: string
  readonly name: string
  readonly channel: string
  readonly direction: 'above' | 'below'
  readonly limit: number
  /** The condition clears at limit - deadband (above) or limit + deadband (below). */
  readonly deadband: number
  readonly on_delay_s: number
  readonly off_delay_s: number
  readonly unit: string
  readonly priority: Priority
  /** A latched alarm stays until an operator resets it. PGA and structural limits latch by default. */
  readonly latch: boolean
  /** Default: the direction. A kind that this version does not know stands as the text it came as. */
  readonly kind?: LimitKind | (string & {})
  readonly parameters?: LimitParameters
}

export const kindOfLimit = (limit: Limit): LimitKind | (string & {}) => limit.kind ?? limit.direction

/** Kinds of which limit, value and peak are values of the channel itself: only then may they share an axis with it. */
export const VALUE_KINDS: readonly string[] = ['above', 'below', 'outside'] satisfies LimitKind[]
export const judgesValue = (limit: Limit): boolean => VALUE_KINDS.includes(kindOfLimit(limit))

/** One transition of a condition, and at the same time its present state. */
export type ConditionRecord = {
  readonly limit_id: string
  readonly state: boolean
  /** Durable counter per limit, from 1; 0 = never raised. */
  readonly occurrence: number
  /** Instant of the transition that this record tells. */
  readonly at_ns: Instant
  readonly onset_ns: Instant | null
  /** When `state` is false and occurrence > 0. */
  readonly returned_ns: Instant | null
  /** Value at the transition and the most extreme value of the occurrence. */
  readonly value: number | null
  readonly peak: number | null
  readonly limit: number
  readonly unit: string
  readonly flag: Flag
  /** The value that raised it was suspect (QARTOD 3). */
  readonly unconfirmed: boolean
  readonly exercise: boolean
  /** The node had no trusted time: onset is the node's best guess. */
  readonly time_unknown: boolean
}
