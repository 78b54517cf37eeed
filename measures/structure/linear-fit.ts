/** A straight line through pairs by least squares, with the uncertainty of what it predicts. What the pairs are is left to the caller. */

export type LinearFit = {
  readonly mean_x: number
  readonly mean_y: number
  /** Change of y per x; 0 where all x are equal, for nothing is then known of it. */
  readonly slope: number
  /** Standard deviation of y about the line, n − 2 degrees of freedom; undefined below three pairs. */
  readonly residual: number | undefined
  readonly spread_x: number
  readonly min_x: number
  readonly max_x: number
  readonly count: number
}

/** @throws RangeError for no pairs, unlike lengths, or naming a value that is no number */
export function fitLine(x: readonly number[], y: readonly number[]): LinearFit {
  if (x.length === 0 || x.length !== y.length)
    throw new RangeError(`pairs: expected as many y as x, at least one, got ${x.length} x and ${y.length} y`)
  const bad = x.findIndex((value, k) => !(Number.isFinite(value) && Number.isFinite(y[k])))
  if (bad >= 0) throw new RangeError(`pairs[${bad}]: expected finite numbers, got ${x[bad]} and ${y[bad]}`)
  const count = x.length
  const mean_x = x.reduce((sum, v) => sum + v, 0) / count
  const mean_y = y.reduce((sum, v) => sum + v, 0) / count
  let [xx, xy] = [0, 0]
  for (let k = 0; k < count; k++) {
    xx += (x[k]! - mean_x) ** 2
    xy += (x[k]! - mean_x) * (y[k]! - mean_y)
  }
  const [min_x, max_x] = [Math.min(...x), Math.max(...x)]
  // All equal but for rounding: no slope can be told from such a spread.
  const slope = max_x - min_x > 1e-9 * Math.max(1, Math.abs(mean_x)) ? xy / xx : 0
  const rest = x.reduce((sum, v, k) => sum + (y[k]! - mean_y - slope * (v - mean_x)) ** 2, 0)
  const residual = count < 3 ? undefined : Math.sqrt(rest / (count - 2))
  return { mean_x, mean_y, slope, residual, spread_x: Math.sqrt(xx), min_x, max_x, count }
}

/** y of the line at x. */
export const predict = (fit: LinearFit, x: number): number => fit.mean_y + fit.slope * (x - fit.mean_x)

/** Standard deviation of one new y about the line at x: grows away from the mean, where the line is less known. */
export function predictionError(fit: LinearFit, x: number): number | undefined {
  if (fit.residual === undefined) return undefined
  const lever = fit.slope === 0 || fit.spread_x === 0 ? 0 : ((x - fit.mean_x) / fit.spread_x) ** 2
  return fit.residual * Math.sqrt(1 + 1 / fit.count + lever)
}
