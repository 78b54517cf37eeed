/**
 * Words of a limit and its condition: what the edge decides. What people do about it is an alarm (`alarm.ts`).
 * A condition is evaluated on the edge node at the full sample rate; the desk shows the edge's values, never its own.
 */
import type { Flag } from './reading.ts'
import type { Instant } from './time.ts'

export type Priority = 'critical' | 'high' | 'medium' | 'low'
export const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low']

/** A limit with everything in SI, as births carry it. */
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
}

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
