/**
 * Straight line through a short series by Theil and Sen: the median of all pairwise slopes, which wild values cannot
 * move while they are fewer than 29 %, with Sen's confidence interval. Which window and which values, is `rise.ts`.
 */
import { requireSeries } from './checks.ts'

/** All pairs are formed: 512 values are 130,816 slopes. */
export const THEIL_SEN_VALUES_MAX = 512

export type Line = {
  /** Per second, in the unit of the values. */
  readonly slope: number
  /** Value of the line at t = 0: the median of x − slope · t. */
  readonly intercept: number
  /** Confidence interval of the slope; infinite where there are too few values to give one. */
  readonly low: number
  readonly high: number
  /** Values used. */
  readonly count: number
}

const middle = (sorted: Float64Array): number => {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/**
 * Sen, J. Am. Stat. Assoc. 63 (1968) 1379. The interval holds the slopes of rank (N ∓ C)/2 with N slopes and
 * C = z √(n(n−1)(2n+5)/18), the normal approximation without ties; it is rough below about 10 values [K].
 * @param t_s rising instants [s], from any origin
 * @param values NaN is a missing value and is left out
 * @param z standard normal quantile: 1.96 for 95 %, 1.645 for 90 %
 * @returns null for fewer than two values
 * @throws RangeError for instants that do not rise, an infinite value, or more than `THEIL_SEN_VALUES_MAX` values
 */
export function theilSen(t_s: ArrayLike<number>, values: ArrayLike<number>, z = 1.96): Line | null {
  requireSeries(t_s, values)
  const [t, x] = present(t_s, values)
  const n = t.length
  if (n < 2) return null
  if (n > THEIL_SEN_VALUES_MAX) throw new RangeError(`values: expected at most ${THEIL_SEN_VALUES_MAX}, got ${n}`)
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let at = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) slopes[at++] = (x[j]! - x[i]!) / (t[j]! - t[i]!)
  slopes.sort()
  const slope = middle(slopes)
  const intercept = middle(Float64Array.from(x, (value, i) => value - slope * t[i]!).sort())
  const c = z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const low = Math.round((slopes.length - c) / 2) - 1
  const high = Math.round((slopes.length + c) / 2)
  return {
    slope,
    intercept,
    low: slopes[low] ?? Number.NEGATIVE_INFINITY,
    high: slopes[high] ?? Number.POSITIVE_INFINITY,
    count: n,
  }
}

function present(t_s: ArrayLike<number>, values: ArrayLike<number>): [number[], number[]] {
  const t: number[] = []
  const x: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    if (!Number.isFinite(value)) throw new RangeError(`values[${i}]: expected a finite number, got ${value}`)
    t.push(t_s[i]!)
    x.push(value)
  }
  return [t, x]
}
