/**
 * Integration and the preparation of a record for it: mean, straight line and tapered ends. Which of these a measure takes,
 * and the filters between them, are left to it (`ground-motion/baseline.ts`, `ground-motion/motion.ts`).
 */
import { requireFinite, requirePositive } from './finite.ts'

/**
 * Running integral ∫ x dt by the trapezoidal rule, the first value 0; unit of x times s.
 * @throws RangeError for dt_s not above 0, or naming the index of a sample that is no number
 */
export function cumulativeTrapezoid(x: Float64Array, dt_s: number): Float64Array {
  requirePositive(dt_s, 'dt_s')
  requireFinite(x)
  const y = new Float64Array(x.length)
  let sum = 0
  let before = x[0]!
  for (let i = 1; i < x.length; i++) {
    const now = x[i]!
    sum += 0.5 * dt_s * (before + now)
    y[i] = sum
    before = now
  }
  return y
}

/**
 * Arithmetic mean of samples [from, to). The second pass over the residuals takes the rounding of the first away, so that a
 * day of samples with gravity in them has a mean to the last digit.
 */
export function mean(x: Float64Array, from = 0, to = x.length): number {
  const n = to - from
  if (!(n >= 1 && from >= 0 && to <= x.length))
    throw new RangeError(`mean: expected a part of ${x.length} samples with at least one, got ${from} to ${to}`)
  const start = x[from]!
  let sum = 0
  for (let i = from; i < to; i++) sum += x[i]! - start
  const first = start + sum / n
  let rest = 0
  for (let i = from; i < to; i++) rest += x[i]! - first
  return first + rest / n
}

/** x less its mean. @throws RangeError naming the index of a sample that is no number */
export function demean(x: Float64Array): Float64Array {
  requireFinite(x)
  return minus(x, mean(x))
}

/** x less a constant. */
export function minus(x: Float64Array, offset: number): Float64Array {
  const y = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) y[i] = x[i]! - offset
  return y
}

/** x less its least-squares straight line; one sample leaves 0. @throws RangeError naming a sample that is no number */
export function detrendLinear(x: Float64Array): Float64Array {
  requireFinite(x)
  const n = x.length
  const centre = (n - 1) / 2
  const y = minus(x, mean(x))
  let sum = 0
  for (let i = 0; i < n; i++) sum += (i - centre) * y[i]!
  // Σ (i − centre)² = n (n² − 1) / 12
  const slope = n === 1 ? 0 : (12 * sum) / (n * (n * n - 1))
  for (let i = 0; i < n; i++) y[i]! -= slope * (i - centre)
  return y
}

/**
 * Cosine taper: ½ (1 − cos(π k / m)) over the first and last m = ⌊fraction · n⌋ samples, 1 between; the outermost samples
 * become 0.
 * @param fraction share of the length tapered at each end, 0 to 0.5 (the usual 5 % is 0.05)
 */
export function taperCosine(x: Float64Array, fraction: number): Float64Array {
  requireFinite(x)
  if (!(fraction >= 0 && fraction <= 0.5)) throw new RangeError(`fraction: expected 0 to 0.5, got ${fraction}`)
  const n = x.length
  const m = Math.floor(fraction * n)
  const y = x.slice()
  for (let k = 0; k < m; k++) {
    const w = 0.5 * (1 - Math.cos((Math.PI * k) / m))
    y[k]! *= w
    y[n - 1 - k]! *= w
  }
  return y
}
