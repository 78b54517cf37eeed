/**
 * What stands where a device gave nothing: a bad reading of each of its channels, once, and a counted gap when it comes
 * back. Pure; when that is, is decided by `device-poll.ts` and the parts.
 */
import type { ModbusError } from '../domain/ports.ts'
import { type Gap, MISSING, type Reading, type Reason } from '../domain/reading.ts'
import type { Instant } from '../domain/time.ts'

export const badReadings = (channels: readonly string[], error: ModbusError, t_ns: Instant): Reading[] =>
  channels.map((channel) => ({
    channel,
    value: null,
    t_ns,
    half_width_ns: 0n,
    flag: MISSING,
    reason: error.reason,
    detail: error.message,
  }))

/**
 * Polls that should have lain between two good ones. Neither end is missing.
 * @param period_ns poll period in the node's time
 * @returns undefined where none is missing
 */
export function scalarGap(
  channels: readonly string[],
  from_ns: Instant,
  to_ns: Instant,
  period_ns: bigint,
  reason: Reason,
): Gap | undefined {
  const periods = Math.round(Number(to_ns - from_ns) / Number(period_ns))
  const missing = Math.max(0, periods - 1)
  return missing === 0 ? undefined : { channels, from_ns, to_ns, expected: missing, missing, reason }
}
