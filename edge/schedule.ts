/**
 * When a device is polled: on an absolute grid that never drifts, and more and more rarely while it is silent. Pure.
 */
import { type Monotonic, monotonic, NS_PER_MS } from '../domain/time.ts'

/** Failed polls in a row after which a device is offline. */
export const OFFLINE_AFTER = 3
/** The slowest probe of a silent device, unless its own period is longer. */
const PROBE_MAX_MS = 30_000
/** Phases of a node's devices are spread over this much at most, so that a slow gauge is first read soon after the start. */
const PHASE_STEP_MS = 50

/** Next instant of the grid `base + k x period` after `now`, and how many of its instants since `last` went by unused. */
export function nextTick(
  base: Monotonic,
  period_ms: number,
  last: Monotonic,
  now: Monotonic,
): { readonly at: Monotonic; readonly missed: number } {
  const period = BigInt(period_ms) * NS_PER_MS
  const k = now < base ? 0n : (now - base) / period + 1n
  const at = monotonic(base + k * period)
  return { at, missed: Math.max(0, Number((at - last) / period) - 1) }
}

/** Offset of the `index`-th device of `count`: spread over its period, at most 50 ms a device. */
export const phase_ms = (index: number, count: number, period_ms: number): number =>
  Math.floor(index * Math.min(PHASE_STEP_MS, period_ms / count))

/**
 * Pause before the next probe of an offline device: twice the last, up to 30 s; a ring is asked at least three times in its
 * depth, so that it can still be read whole when it answers again.
 * @param probes probes since it went offline
 */
export function probePause_ms(period_ms: number, probes: number, ringDepth_ms = Number.POSITIVE_INFINITY): number {
  const longest = Math.min(Math.max(PROBE_MAX_MS, period_ms), ringDepth_ms / 3)
  return Math.round(
    Math.max(Math.min(period_ms * 2 ** Math.min(probes + 1, 30), longest), Math.min(period_ms, longest)),
  )
}
