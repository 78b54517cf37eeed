/**
 * The discrete Fourier transform of complex samples, in place, for any length: Stockham with factors 4, 2, 3, 5, and
 * Bluestein's chirp (1970) for lengths with other factors. Real samples and spectra in units are left to `fft.ts` and `spectrum.ts`.
 *
 *   X(k) = Σ_j x(j) exp(−2πi jk/n)
 *
 * Relative error grows as ε·log n (each root is computed by itself, none by recurrence): below 1e-14 for a million samples.
 */

import { byFactor, type Roots } from './fft-passes.ts'

type Chirp = Roots & { readonly length: number; readonly kernelRe: Float64Array; readonly kernelIm: Float64Array }
type Plan = {
  readonly n: number
  readonly factors: readonly number[]
  readonly roots: Roots
  readonly chirp?: Chirp
  /** Roots 0 … n of 2n: they take two transforms of real samples apart that were done as one. */
  readonly halfTurn: Roots
}

/** Tables kept for sizes seen before: 2^21 numbers are 16 MB, enough for the windows of a stream; larger ones live one call. */
const CACHE_NUMBERS_MAX = 2 ** 21
/** A day of 388 Hz. Up to here k² in the chirp is an exact integer (below 2^53) and its convolution fits into 2^26. */
export const FFT_SAMPLES_MAX = 2 ** 25
const LENGTH_MAX = 2 * FFT_SAMPLES_MAX

const plans = new Map<number, Plan>()
let cached = 0

/** The next length at or above `n` without other factors than 2, 3 and 5: the lengths that need no chirp. */
export function nextFast(n: number): number {
  if (!(Number.isInteger(n) && n >= 1 && n <= LENGTH_MAX))
    throw new RangeError(`expected a length of 1 to ${LENGTH_MAX} samples, got ${n}`)
  let best = 2 ** Math.ceil(Math.log2(n))
  for (let five = 1; five < best; five *= 5)
    for (let three = five; three < best; three *= 3) {
      let length = three
      while (length < n) length *= 2
      best = Math.min(best, length)
    }
  return best
}

/** exp(2πi k/n) as (cos, sin), by the octant so that both are right to the last place and exact at the quarters. */
function root(k: number, n: number): [number, number] {
  const eighths = (8 * k) / n
  if (eighths <= 1) return [Math.cos((2 * Math.PI * k) / n), Math.sin((2 * Math.PI * k) / n)]
  if (eighths <= 3) {
    const angle = (Math.PI * (n - 4 * k)) / (2 * n)
    return [Math.sin(angle), Math.cos(angle)]
  }
  if (eighths <= 5) {
    const angle = (Math.PI * (2 * k - n)) / n
    return [-Math.cos(angle), -Math.sin(angle)]
  }
  if (eighths <= 7) {
    const angle = (Math.PI * (3 * n - 4 * k)) / (2 * n)
    return [-Math.sin(angle), -Math.cos(angle)]
  }
  const angle = (2 * Math.PI * (k - n)) / n
  return [Math.cos(angle), Math.sin(angle)]
}

/** Transforms `re` + i·`im` in place; the inverse, without its factor 1/n, is the call with both swapped. */
export function transform(re: Float64Array, im: Float64Array): void {
  if (re.length < 2) return
  run(planFor(re.length), re, im)
}

/** exp(2πi k/n), k = 0 … n/2, for even n */
export const halfTurn = (n: number): Roots => planFor(n / 2).halfTurn

function planFor(n: number): Plan {
  const known = plans.get(n)
  if (known !== undefined) {
    plans.delete(n)
    plans.set(n, known)
    return known
  }
  const plan = makePlan(n)
  if (sizeOf(plan) > CACHE_NUMBERS_MAX) return plan
  plans.set(n, plan)
  cached += sizeOf(plan)
  // The oldest used goes first: a Map keeps the order of insertion.
  for (const [length, old] of plans) {
    if (cached <= CACHE_NUMBERS_MAX) break
    plans.delete(length)
    cached -= sizeOf(old)
  }
  return plan
}

const sizeOf = ({ roots, chirp, halfTurn }: Plan): number =>
  2 * (roots.cos.length + halfTurn.cos.length) + (chirp === undefined ? 0 : 2 * chirp.cos.length + 2 * chirp.length)

function makePlan(n: number): Plan {
  const factors: number[] = []
  let rest = n
  for (const factor of [4, 2, 3, 5])
    while (rest % factor === 0) {
      factors.push(factor)
      rest /= factor
    }
  const halfTurn = table(n + 1, (k) => root(k, 2 * n))
  if (rest === 1) return { n, factors, halfTurn, roots: table(n, (k) => root(k, n)) }
  return { n, factors: [], halfTurn, roots: table(0, () => [0, 0]), chirp: makeChirp(n) }
}

function table(n: number, at: (k: number) => [number, number]): Roots {
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k < n; k++) {
    const value = at(k)
    cos[k] = value[0]
    sin[k] = value[1]
  }
  return { cos, sin }
}

/** jk = (j² + k² − (k − j)²)/2 makes the transform a convolution with exp(iπ k²/n), done at a fast length. */
function makeChirp(n: number): Chirp {
  const length = nextFast(2 * n - 1)
  const { cos, sin } = table(n, (k) => root((k * k) % (2 * n), 2 * n))
  const [kernelRe, kernelIm] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < n; k++) {
    kernelRe[k] = kernelRe[k === 0 ? 0 : length - k] = cos[k]! / length
    kernelIm[k] = kernelIm[k === 0 ? 0 : length - k] = sin[k]! / length
  }
  transform(kernelRe, kernelIm)
  return { cos, sin, length, kernelRe, kernelIm }
}

function run({ n, factors, roots, chirp }: Plan, re: Float64Array, im: Float64Array): void {
  if (chirp !== undefined) {
    convolve(chirp, re, im)
    return
  }
  let from: [Float64Array, Float64Array] = [re, im]
  let into: [Float64Array, Float64Array] = [new Float64Array(n), new Float64Array(n)]
  let stride = 1
  for (const factor of factors) {
    byFactor[factor as 2 | 3 | 4 | 5](n, stride, roots, from[0], from[1], into[0], into[1])
    ;[from, into] = [into, from]
    stride *= factor
  }
  if (from[0] !== re) {
    re.set(from[0])
    im.set(from[1])
  }
}

function convolve({ cos, sin, length, kernelRe, kernelIm }: Chirp, re: Float64Array, im: Float64Array): void {
  const [a, b] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < re.length; k++) {
    a[k] = re[k]! * cos[k]! + im[k]! * sin[k]!
    b[k] = im[k]! * cos[k]! - re[k]! * sin[k]!
  }
  transform(a, b)
  for (let k = 0; k < length; k++) {
    const product = a[k]! * kernelRe[k]! - b[k]! * kernelIm[k]!
    b[k] = a[k]! * kernelIm[k]! + b[k]! * kernelRe[k]!
    a[k] = product
  }
  transform(b, a)
  for (let k = 0; k < re.length; k++) {
    re[k] = a[k]! * cos[k]! + b[k]! * sin[k]!
    im[k] = b[k]! * cos[k]! - a[k]! * sin[k]!
  }
}
