/**
 * sin, cos, exp, ln and power from + − × ÷ and √ alone, so that every machine computes the same bits. ECMAScript leaves the
 * last bits of Math.sin, Math.exp, Math.pow and their like to the engine (262, 21.3.2); the four operations and √ are IEEE 754.
 *
 * Accuracy: a few units in the last place, relative, over the ranges stated; nobody needs it here, everybody needs it alike.
 */

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** sin(2π x); x in turns, so that the reduction to one turn is exact. */
export function sinTurns(x: number): number {
  let r = x - Math.floor(x + 0.5)
  if (r > 0.25) r = 0.5 - r
  else if (r < -0.25) r = -0.5 - r
  const y = 2 * Math.PI * r
  const y2 = y * y
  // Taylor, Horner from the term y^21 / 21!: the next is below 2e-18 at y = π/2.
  let sum = 0
  for (let n = 21; n >= 3; n -= 2) sum = (-y2 / (n * (n - 1))) * (1 + sum)
  return y * (1 + sum)
}

/** cos(2π x); x in turns. */
export const cosTurns = (x: number): number => {
  // The quarter turn is added after the reduction: added before, it would cost bits of a large x.
  return sinTurns(x - Math.floor(x + 0.5) + 0.25)
}

/** 2^n for a whole n in [-1000, 1000]: products of powers of two, hence exact. */
function powerOfTwo(n: number): number {
  let result = 1
  let base = n < 0 ? 0.5 : 2
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= base
    base *= base
  }
  return result
}

/** e^x for x in [-690, 690]; 0 below, Infinity above. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < -690) return 0
  if (x > 690) return Number.POSITIVE_INFINITY
  const n = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5)
  const r = x - n * LN2_HIGH - n * LN2_LOW
  let sum = 1
  for (let k = 14; k >= 1; k--) sum = 1 + (r / k) * sum
  return sum * powerOfTwo(n)
}

/** Natural logarithm of a normal number above 0; -Infinity of 0, NaN below. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  let m = x
  let e = 0
  for (; m >= Math.SQRT2; e++) m /= 2
  for (; m < Math.SQRT1_2; e--) m *= 2
  // ln m = 2 artanh s, |s| <= 0.1716: the term after s^23 is below 1e-19.
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  let sum = 0
  for (let n = 23; n >= 3; n -= 2) sum = s2 * (1 / n + sum)
  return 2 * s * (1 + sum) + e * LN2_LOW + e * LN2_HIGH
}

/** x^y for x >= 0. */
export const power = (x: number, y: number): number => {
  if (y === 0) return 1
  return x === 0 ? (y > 0 ? 0 : Number.POSITIVE_INFINITY) : exp(y * ln(x))
}
