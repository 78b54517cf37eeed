/**
 * Turning of a floor from two parallel sensors on it, and whether two sensors that should move together do. Displacements and
 * the sensors' places are the caller's; the floor is taken as rigid in its plane.
 *
 *   φ = (u_a − u_b)/L [rad],  u_centre = (u_a + u_b)/2,   L the distance across the direction that both measure
 */
import { requireAxes, requirePositive } from '../signal/finite.ts'

export type FloorMotion = {
  /** Rotation [rad], positive where a moves ahead of b. */
  readonly rotation_rad: Float64Array
  /** Translation midway between the sensors, unit of the samples. */
  readonly centre: Float64Array
}

/**
 * @param a, b displacement [m] (or velocity, acceleration: then rad/s, rad/s²) in the same direction and sense
 * @param distance_m between the sensors, across that direction
 * @param opposite true where b is mounted the other way round (45° and 225°): its sign is then turned
 */
export function floorRotation(a: Float64Array, b: Float64Array, distance_m: number, opposite = false): FloorMotion {
  requireAxes([a, b], 2)
  requirePositive(distance_m, 'distance_m')
  const sign = opposite ? -1 : 1
  return {
    rotation_rad: a.map((u, k) => (u - sign * b[k]!) / distance_m),
    centre: a.map((u, k) => (u + sign * b[k]!) / 2),
  }
}

/**
 * Torsional irregularity: largest drift of the two edges over their mean at the same instants, at the sample where the mean is
 * largest. 1 is pure translation; ASCE 7 calls more than 1.2 irregular, more than 1.4 extremely so [K].
 * @returns undefined where the floor does not translate
 */
export function torsionRatio(edgeA: Float64Array, edgeB: Float64Array): number | undefined {
  requireAxes([edgeA, edgeB], 2)
  let [largest, at] = [0, -1]
  for (let k = 0; k < edgeA.length; k++) {
    const mean = Math.abs(edgeA[k]! + edgeB[k]!) / 2
    if (mean > largest) [largest, at] = [mean, k]
  }
  return at < 0 ? undefined : Math.max(Math.abs(edgeA[at]!), Math.abs(edgeB[at]!)) / largest
}

/** Least |correlation| of two sensors of one floor at which their sense is sure. */
export const POLARITY_SURE = 0.7

/**
 * Pearson's correlation of two sensors, means removed: near 1 they are mounted the same way, near −1 the opposite way, in
 * between they measure different things (or the floor turns more than it moves).
 * @returns undefined where one of them does not move
 */
export function correlation(a: Float64Array, b: Float64Array): number | undefined {
  requireAxes([a, b], 2)
  const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  let [aa, bb, ab] = [0, 0, 0]
  for (let k = 0; k < a.length; k++) {
    const [da, db] = [a[k]! - ma, b[k]! - mb]
    aa += da * da
    bb += db * db
    ab += da * db
  }
  // What rounding leaves of a constant is no motion.
  const still = (squares: number, m: number) => squares <= (1e-12 * Math.abs(m)) ** 2 * a.length
  return still(aa, ma) || still(bb, mb) ? undefined : ab / Math.sqrt(aa * bb)
}

/** Whether two sensors are mounted the same way; undefined where it cannot be told. */
export function polarity(a: Float64Array, b: Float64Array): 'same' | 'opposite' | undefined {
  const r = correlation(a, b)
  if (r === undefined || Math.abs(r) < POLARITY_SURE) return undefined
  return r > 0 ? 'same' : 'opposite'
}
