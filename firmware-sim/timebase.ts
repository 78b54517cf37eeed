/**
 * The instants that devices live by: wall time at the start, carried on by the monotonic clock. A step of the host's wall
 * clock moves no device, as it would move none in the field.
 */
import type { Clock } from '../domain/ports.ts'
import { addNs, type Instant } from '../domain/time.ts'

export type Timebase = () => Instant

export function timebase(clock: Clock): Timebase {
  const start = clock.now()
  const anchor = clock.monotonic()
  return () => addNs(start, clock.monotonic() - anchor)
}
