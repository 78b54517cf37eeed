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

/** First and longest pause after "busy" (exceptions 5 and 6): the device is there and asks for patience. */
const BUSY_FIRST_MS = 200
const BUSY_MAX_MS = 5000

/** Pause after the `times`-th busy answer in a row, never less than the period. */
export const busyPause_ms = (period_ms: number, times: number): number =>
  Math.max(period_ms, Math.min(BUSY_MAX_MS, BUSY_FIRST_MS * 2 ** Math.min(times - 1, 30)))

/**
 * A pause made up to a tenth shorter or longer, so that devices that failed together are not asked together again. It follows
 * from the device and the number of the try alone: a rehearsal gives the same twice.
 */
export function jittered_ms(pause_ms: number, device: string, tries: number): number {
  // FNV-1a, 32 bits, and a last stir: two tries differ in one digit only.
  let hash = 0x811c9dc5
  for (const character of `${device}/${tries}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = (hash ^ (hash >>> 13)) >>> 0
  return Math.round(pause_ms * (0.9 + (0.2 * hash) / 2 ** 32))
}
