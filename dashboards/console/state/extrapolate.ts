/**
 * When a water reaches a level if it goes on as it does now: a straight line through the last half hour, with a range. It
 * is the duty officer's contingency technique, not a forecast, and is said only while the water rises plainly: nothing is
 * said when it falls, when the line is noisy, or beyond the horizon. All times are the gauge's own.
 */

export type Point = { readonly t_s: number; readonly value: number }

export type Reach = {
  /** From the newest point until the level [s]. */
  readonly likely_s: number
  readonly soonest_s: number
  /** Null = the slowest slope that fits does not reach it within the horizon. */
  readonly latest_s: number | null
  /** Rise of the line [m/s]. */
  readonly rate_m_s: number
}

export const WINDOW_S = 1800
export const HORIZON_S = 12 * 3600
/** Fewer points, or a shorter stretch, tell no slope. */
const LEAST_POINTS = 6
const LEAST_SPAN_S = 600
/** Slower than 1 cm/h is steady (`water.ts`). */
const LEAST_RATE = 0.01 / 3600
/** A slope counts as plain when it is this many times its standard error. */
const PLAIN = 3

type Line = { readonly slope: number; readonly error: number }

/** @param points ascending in time, valid values only; those before the window are not looked at */
export function timeToLevel(points: readonly Point[], level: number): Reach | null {
  const newest = points.at(-1)
  if (newest === undefined || newest.value >= level) return null
  const recent = points.filter((p) => p.t_s >= newest.t_s - WINDOW_S)
  if (recent.length < LEAST_POINTS || newest.t_s - recent[0]!.t_s < LEAST_SPAN_S) return null
  const line = lineThrough(recent)
  if (line.slope < LEAST_RATE || line.slope < PLAIN * line.error) return null
  const half = recent.filter((p) => p.t_s >= newest.t_s - WINDOW_S / 2)
  const late = half.length >= LEAST_POINTS / 2 ? lineThrough(half).slope : line.slope
  const fast = Math.max(line.slope, late) + 2 * line.error
  const slow = Math.min(line.slope, late) - 2 * line.error
  const after = (slope: number) => (level - newest.value) / slope
  const likely_s = after(line.slope)
  if (likely_s > HORIZON_S) return null
  const latest_s = slow > LEAST_RATE ? after(slow) : Number.POSITIVE_INFINITY
  return {
    likely_s,
    soonest_s: after(fast),
    latest_s: latest_s > HORIZON_S ? null : latest_s,
    rate_m_s: line.slope,
  }
}

/** Least squares; the error is the standard error of the slope. */
function lineThrough(points: readonly Point[]): Line {
  const n = points.length
  const t0 = points[0]!.t_s
  const mean_t = points.reduce((sum, p) => sum + p.t_s - t0, 0) / n
  const mean_v = points.reduce((sum, p) => sum + p.value, 0) / n
  let [tt, tv] = [0, 0]
  for (const { t_s, value } of points) {
    tt += (t_s - t0 - mean_t) ** 2
    tv += (t_s - t0 - mean_t) * (value - mean_v)
  }
  if (tt === 0) return { slope: 0, error: Number.POSITIVE_INFINITY }
  const slope = tv / tt
  const rest = points.reduce((sum, p) => sum + (p.value - mean_v - slope * (p.t_s - t0 - mean_t)) ** 2, 0)
  return { slope, error: Math.sqrt(rest / Math.max(1, n - 2) / tt) }
}
