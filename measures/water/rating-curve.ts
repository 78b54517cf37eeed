/**
 * Stage and discharge: segmented rating curve Q = C (h − h0)^b and its inverse (ISO 1100-2; `domain.md` 6). Fitting one to
 * gaugings is `rating-fit.ts`. The formula keeps the units it is given; inside the system they are m and m³/s.
 */
import { requireFinite } from './checks.ts'

export type Segment = {
  /** Stage from which this segment holds, up to the next one's; the first begins at its h0 or above. */
  readonly from_m: number
  /** Discharge at h − h0 = 1. */
  readonly C: number
  /** Stage of zero flow. */
  readonly h0_m: number
  readonly b: number
}

export type RatingCurve = {
  /** From the lowest up. */
  readonly segments: readonly Segment[]
  /** Stages between which there were gaugings; beyond it is extrapolation. */
  readonly gauged_m?: { readonly low: number; readonly high: number }
}

/** @throws RangeError naming the segment that is no rating: C or b not above 0, out of order, or a discharge that falls */
export function ratingCurve(segments: readonly Segment[], gauged_m?: RatingCurve['gauged_m']): RatingCurve {
  if (segments.length === 0) throw new RangeError('segments: expected at least one')
  segments.forEach((s, i) => {
    const before = segments[i - 1]
    for (const name of ['from_m', 'C', 'h0_m', 'b'] as const) requireFinite(`segments[${i}].${name}`, s[name])
    if (!(s.C > 0 && s.b > 0)) throw new RangeError(`segments[${i}]: expected C and b above 0, got ${s.C} and ${s.b}`)
    if (s.from_m < s.h0_m)
      throw new RangeError(`segments[${i}]: expected from_m at or above h0_m (${s.h0_m}), got ${s.from_m}`)
    if (before === undefined) return
    if (s.from_m <= before.from_m)
      throw new RangeError(`segments[${i}].from_m: expected above ${before.from_m}, got ${s.from_m}`)
    // A hundredth: two fits never meet exactly; more than that is another river.
    const [low, high] = [power(before, s.from_m), power(s, s.from_m)]
    if (high < low * 0.99)
      throw new RangeError(`segments[${i}]: discharge falls from ${low} to ${high} at stage ${s.from_m}`)
  })
  return { segments, ...(gauged_m && { gauged_m }) }
}

const power = (s: Segment, h: number): number => (h <= s.h0_m ? 0 : s.C * (h - s.h0_m) ** s.b)

/**
 * Discharge [m³/s] at a stage [m]; 0 at and below the stage of zero flow. Below the first segment's start that segment goes on.
 * @returns NaN for NaN
 */
export function discharge_m3_s(curve: RatingCurve, stage_m: number): number {
  if (Number.isNaN(stage_m)) return Number.NaN
  let segment = curve.segments[0]!
  for (const s of curve.segments) if (stage_m >= s.from_m) segment = s
  return power(segment, stage_m)
}

/**
 * Stage [m] at a discharge [m³/s]: h0 + (Q/C)^(1/b). Where two segments do not meet, discharges of the step between them all
 * belong to the stage of the step. At Q = 0 it is the stage of zero flow, the highest that has it.
 * @returns NaN for NaN
 * @throws RangeError for a discharge below 0: water that runs back has no stage here
 */
export function stageAtDischarge_m(curve: RatingCurve, discharge_m3_s: number): number {
  if (Number.isNaN(discharge_m3_s)) return Number.NaN
  if (!(discharge_m3_s >= 0 && Number.isFinite(discharge_m3_s)))
    throw new RangeError(`discharge_m3_s: expected 0 or more, got ${discharge_m3_s}`)
  const { segments } = curve
  let i = segments.length - 1
  while (i > 0 && discharge_m3_s < power(segments[i]!, segments[i]!.from_m)) i--
  const { C, h0_m, b } = segments[i]!
  const stage_m = h0_m + (discharge_m3_s / C) ** (1 / b)
  return Math.min(stage_m, segments[i + 1]?.from_m ?? Number.POSITIVE_INFINITY)
}

/** Whether a stage lies beyond the gaugings the curve was made from. True where it is not known. */
export const isExtrapolated = ({ gauged_m }: RatingCurve, stage_m: number): boolean =>
  gauged_m === undefined || !(stage_m >= gauged_m.low && stage_m <= gauged_m.high)
