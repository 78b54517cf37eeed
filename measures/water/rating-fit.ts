/**
 * Fits a rating curve to gaugings: per segment a straight line in log space, with the stage of zero flow h0 searched so that
 * the squares of log Q are least. Breaks between segments are given; each moves to where its two neighbours meet.
 */
import { requireFinite } from './checks.ts'
import { type RatingCurve, ratingCurve, type Segment } from './rating-curve.ts'

export type FittedSegment = { readonly C: number; readonly h0_m: number; readonly b: number; readonly rss: number }

/** Steps of the coarse search over h0; it is then refined around the best one. */
const COARSE_STEPS = 200
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** Refined to this part of the range searched: far below a millimetre. */
const REFINED_SHARE = 1e-9

type Points = { readonly h: readonly number[]; readonly logQ: readonly number[] }

/** Not Math.min(...): years of gaugings are more than a call takes as arguments. */
const extent = (h: readonly number[]): [lowest: number, highest: number] => [
  h.reduce((least, v) => Math.min(least, v), Number.POSITIVE_INFINITY),
  h.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY),
]

/** log Q = log C + b log(h − h0): least squares at a given h0. */
function lineAt({ h, logQ }: Points, h0_m: number): FittedSegment {
  const n = h.length
  const x = h.map((stage) => Math.log(stage - h0_m))
  const meanX = x.reduce((sum, v) => sum + v, 0) / n
  const meanY = logQ.reduce((sum, v) => sum + v, 0) / n
  let [xx, xy, yy] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x[i]! - meanX, logQ[i]! - meanY]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const b = xy / xx
  return { C: Math.exp(meanY - b * meanX), h0_m, b, rss: Math.max(0, yy - b * xy) }
}

export type SegmentOptions = {
  /** Range searched for h0 [m]; default from one span of the stages below the lowest of them, up to it. */
  readonly h0_m?: readonly [low: number, high: number]
}

/**
 * One segment through all points.
 * @param stage_m stages [m]
 * @param discharge [m³/s], above 0
 * @throws RangeError for fewer than three different stages, a discharge not above 0 (naming its index), an h0 range that
 *   reaches the lowest stage, or points whose discharge does not rise with the stage
 */
export function fitSegment(
  stage_m: ArrayLike<number>,
  discharge: ArrayLike<number>,
  options: SegmentOptions = {},
): FittedSegment {
  const points = pointsOf(stage_m, discharge)
  const [lowest, highest] = extent(points.h)
  const span = highest - lowest
  // h0 at the lowest stage itself would make its logarithm −∞.
  const [low, high] = options.h0_m ?? [lowest - span, lowest - span * 1e-6]
  if (!(low <= high && high < lowest))
    throw new RangeError(`h0_m: expected a range below the lowest stage ${lowest}, got ${low} to ${high}`)
  const step = (high - low) / COARSE_STEPS
  let best = lineAt(points, low)
  for (let i = 1; i <= COARSE_STEPS; i++) {
    const line = lineAt(points, i === COARSE_STEPS ? high : low + i * step)
    if (line.rss < best.rss) best = line
  }
  const refined = refine(points, Math.max(low, best.h0_m - step), Math.min(high, best.h0_m + step))
  const fitted = refined.rss < best.rss ? refined : best
  if (!(fitted.b > 0)) throw new RangeError(`gaugings: expected a discharge that rises with the stage, b = ${fitted.b}`)
  return fitted
}

/** Golden section on h0. */
function refine(points: Points, from: number, to: number): FittedSegment {
  let [a, b] = [from, to]
  let left = lineAt(points, b - GOLDEN * (b - a))
  let right = lineAt(points, a + GOLDEN * (b - a))
  // Each turn shrinks the range by 0.618; 60 turns are 1e-12 of it, so the loop always ends.
  for (let turn = 0; turn < 60 && b - a > REFINED_SHARE * (to - from); turn++) {
    if (left.rss < right.rss) {
      b = right.h0_m
      right = left
      left = lineAt(points, b - GOLDEN * (b - a))
    } else {
      a = left.h0_m
      left = right
      right = lineAt(points, a + GOLDEN * (b - a))
    }
  }
  return left.rss < right.rss ? left : right
}

function pointsOf(stage_m: ArrayLike<number>, discharge: ArrayLike<number>): Points {
  if (stage_m.length !== discharge.length)
    throw new RangeError(`gaugings: expected as many discharges as stages (${stage_m.length}), got ${discharge.length}`)
  const h = Array.from(stage_m, (value, i) => requireFinite(`stage_m[${i}]`, value))
  const logQ = Array.from(discharge, (value, i) => {
    if (!(requireFinite(`discharge[${i}]`, value) > 0))
      throw new RangeError(`discharge[${i}]: expected above 0, got ${value}`)
    return Math.log(value)
  })
  if (new Set(h).size < 3) throw new RangeError(`gaugings: expected three different stages, got ${new Set(h).size}`)
  return { h, logQ }
}

/**
 * Each pair of stage and discharge once: a record of 5 min values says "low water" ten thousand times and the flood's peak
 * once, and a fit should not hear it so. Missing values (NaN) are left out.
 */
export function distinctGaugings(
  stage_m: ArrayLike<number>,
  discharge: ArrayLike<number>,
): { readonly stage_m: number[]; readonly discharge: number[] } {
  const pairs = new Map<string, readonly [number, number]>()
  for (let i = 0; i < stage_m.length; i++) {
    const [h, q] = [stage_m[i]!, discharge[i]!]
    if (!Number.isNaN(h) && !Number.isNaN(q)) pairs.set(`${h} ${q}`, [h, q])
  }
  return { stage_m: [...pairs.values()].map(([h]) => h), discharge: [...pairs.values()].map(([, q]) => q) }
}

/**
 * A whole curve: points from one break up to the next belong to one segment.
 * @param breaks_m stages where one control gives way to the next, rising; the segments meet at the crossing nearest to each
 *   break if there is one within half the way to its neighbours, else the step stays at the break
 */
export function fitRatingCurve(
  stage_m: ArrayLike<number>,
  discharge: ArrayLike<number>,
  breaks_m: readonly number[] = [],
): RatingCurve {
  const all = Array.from(stage_m)
  const [lowest, highest] = extent(all)
  const edges = [lowest, ...breaks_m, Number.POSITIVE_INFINITY]
  const fits = edges.slice(0, -1).map((from, i) => {
    const inside = all.flatMap((h, k) => (h >= from && h < edges[i + 1]! ? [k] : []))
    return fitSegment(
      inside.map((k) => all[k]!),
      inside.map((k) => discharge[k]!),
    )
  })
  const segments = fits.map(({ C, h0_m, b }, i): Segment => {
    const edge = edges[i]!
    if (i === 0) return { from_m: edge, C, h0_m, b }
    const below = (edges[i - 1]! + edge) / 2
    const above = (edge + Math.min(edges[i + 1]!, highest)) / 2
    return { from_m: crossing(fits[i - 1]!, fits[i]!, edge, below, above) ?? edge, C, h0_m, b }
  })
  return ratingCurve(segments, { low: lowest, high: highest })
}

/** The stage nearest to `near` where two segments give the same discharge. */
function crossing(lower: FittedSegment, upper: FittedSegment, near: number, from: number, to: number) {
  const STEPS = 400
  const low = Math.max(from, lower.h0_m, upper.h0_m)
  const differenceAt = (h: number) => upper.C * (h - upper.h0_m) ** upper.b - lower.C * (h - lower.h0_m) ** lower.b
  let best: number | undefined
  for (let i = 0; i < STEPS; i++) {
    let [a, b] = [low + ((to - low) * i) / STEPS, low + ((to - low) * (i + 1)) / STEPS]
    if (Math.sign(differenceAt(a)) === Math.sign(differenceAt(b))) continue
    for (let turn = 0; turn < 60; turn++) {
      const mid = (a + b) / 2
      if (Math.sign(differenceAt(mid)) === Math.sign(differenceAt(a))) a = mid
      else b = mid
    }
    if (best === undefined || Math.abs(a - near) < Math.abs(best - near)) best = a
  }
  return best
}
