/** How a cost grows with a size: the power law `cost = factor · size^exponent` nearest to what was measured. Pure. */

export type PowerLaw = { readonly exponent: number; readonly factor: number }

/**
 * Least squares over the logarithms of both, so that each decade counts alike. A fixed cost beside the growing one makes the
 * exponent smaller: the exponent of the last step shows best what more of it will cost.
 * @throws RangeError where no power law can be told: fewer than two sizes, or a size or cost that is not above zero
 */
export function powerLaw(sizes: readonly number[], costs: readonly number[]): PowerLaw {
  if (new Set(sizes).size < 2 || sizes.length !== costs.length)
    throw new RangeError(`expected a cost for each of two sizes or more, got ${sizes.length} and ${costs.length}`)
  const bad = [...sizes, ...costs].find((value) => !(value > 0 && Number.isFinite(value)))
  if (bad !== undefined) throw new RangeError(`expected sizes and costs above zero, got ${bad}`)
  const [xs, ys] = [sizes.map(Math.log), costs.map(Math.log)]
  const [x, y] = [mean(xs), mean(ys)]
  const exponent = sum(xs.map((each, i) => (each - x) * (ys[i]! - y))) / sum(xs.map((each) => (each - x) ** 2))
  return { exponent, factor: Math.exp(y - exponent * x) }
}

/** The exponent between the two largest of sizes that rise. */
export const lastStep = (sizes: readonly number[], costs: readonly number[]): number =>
  powerLaw(sizes.slice(-2), costs.slice(-2)).exponent

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
