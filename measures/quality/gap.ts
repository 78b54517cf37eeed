/**
 * QARTOD timing and gap test: values that did not come. In a record it finds the gaps and counts what is missing; in time it
 * says whether a channel is overdue. A value after a gap is not worse for it, so no value gets a flag here.
 */
import { type Flag, GOOD, MISSING } from '../../domain/reading.ts'
import { requirePositive, requireSeries } from '../water/checks.ts'

export type GapOptions = {
  /** Time between values [s]. */
  readonly period_s: number
  /** A step longer than this many periods is a gap; default 1.5. */
  readonly tolerance?: number
}

export type SeriesGap = {
  /** Instants of the values before and after, themselves not missing [s]. */
  readonly from_s: number
  readonly to_s: number
  /** Values that should have lain between the two. */
  readonly missing: number
}

const TOLERANCE = 1.5

const missingIn = (step_s: number, { period_s, tolerance = TOLERANCE }: GapOptions): number =>
  step_s > period_s * tolerance ? Math.max(1, Math.round(step_s / period_s) - 1) : 0

/**
 * Gaps of a record. A value that is NaN is as missing as one that was never sent.
 * @throws RangeError for instants that do not rise
 */
export function findGaps(t_s: ArrayLike<number>, values: ArrayLike<number>, options: GapOptions): SeriesGap[] {
  requireSeries(t_s, values)
  requirePositive('period_s', options.period_s)
  const out: SeriesGap[] = []
  let last = -1
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue
    const missing = last < 0 ? 0 : missingIn(t_s[i]! - t_s[last]!, options)
    if (missing > 0) out.push({ from_s: t_s[last]!, to_s: t_s[i]!, missing })
    last = i
  }
  return out
}

/**
 * Flag of the silence itself: 9 once a value is overdue, else 1. Never heard is overdue.
 * @param last_s instant of the last value, null for none
 * @param now_s the caller's clock: this file has none
 */
export function silenceFlag(last_s: number | null, now_s: number, options: GapOptions): Flag {
  requirePositive('period_s', options.period_s)
  if (last_s === null) return MISSING
  return now_s - last_s > options.period_s * (options.tolerance ?? TOLERANCE) ? MISSING : GOOD
}

/** Middle of the steps of a record [s], the sampling period of most; null for fewer than two values. */
export function medianStep_s(t_s: ArrayLike<number>): number | null {
  if (t_s.length < 2) return null
  const steps = Float64Array.from({ length: t_s.length - 1 }, (_, i) => t_s[i + 1]! - t_s[i]!).sort()
  const half = steps.length >> 1
  return steps.length % 2 === 1 ? steps[half]! : (steps[half - 1]! + steps[half]!) / 2
}
