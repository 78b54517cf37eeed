/**
 * The passes of a Stockham transform by two, three, four and five: each reads one pair of arrays and writes the other, in
 * order, so that no bits are reversed. Which passes make up a length is left to `fft-complex.ts`.
 *
 * A pass by r takes blocks p = 0 … n/(r·stride) − 1:  y(q + stride(rp + k)) = w^(pk) Σ_j x(q + stride(p + blocks·j)) e^(−2πi jk/r),
 * with w^(pk) = conj of the root number p·k·stride of n.
 */

/** exp(2πi k/n), k = 0 … n − 1 */
export type Roots = { readonly cos: Float64Array; readonly sin: Float64Array }

type Pass = (
  n: number,
  stride: number,
  roots: Roots,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
) => void

const byTwo: Pass = (n, stride, { cos, sin }, xr, xi, yr, yi) => {
  const blocks = n / stride / 2
  for (let p = 0; p < blocks; p++) {
    const c = cos[p * stride]!
    const s = sin[p * stride]!
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p
      const j = q + stride * (p + blocks)
      const o = q + stride * 2 * p
      const dr = xr[i]! - xr[j]!
      const di = xi[i]! - xi[j]!
      yr[o] = xr[i]! + xr[j]!
      yi[o] = xi[i]! + xi[j]!
      yr[o + stride] = dr * c + di * s
      yi[o + stride] = di * c - dr * s
    }
  }
}

const byFour: Pass = (n, stride, { cos, sin }, xr, xi, yr, yi) => {
  const blocks = n / stride / 4
  const apart = stride * blocks
  for (let p = 0; p < blocks; p++) {
    const at = p * stride
    const c1 = cos[at]!
    const s1 = sin[at]!
    const c2 = cos[2 * at]!
    const s2 = sin[2 * at]!
    const c3 = cos[3 * at]!
    const s3 = sin[3 * at]!
    for (let q = 0; q < stride; q++) {
      const i = q + at
      const o = q + 4 * at
      const ar = xr[i]! + xr[i + 2 * apart]!
      const ai = xi[i]! + xi[i + 2 * apart]!
      const br = xr[i]! - xr[i + 2 * apart]!
      const bi = xi[i]! - xi[i + 2 * apart]!
      const cr = xr[i + apart]! + xr[i + 3 * apart]!
      const ci = xi[i + apart]! + xi[i + 3 * apart]!
      const dr = xr[i + apart]! - xr[i + 3 * apart]!
      const di = xi[i + apart]! - xi[i + 3 * apart]!
      yr[o] = ar + cr
      yi[o] = ai + ci
      yr[o + stride] = (br + di) * c1 + (bi - dr) * s1
      yi[o + stride] = (bi - dr) * c1 - (br + di) * s1
      yr[o + 2 * stride] = (ar - cr) * c2 + (ai - ci) * s2
      yi[o + 2 * stride] = (ai - ci) * c2 - (ar - cr) * s2
      yr[o + 3 * stride] = (br - di) * c3 + (bi + dr) * s3
      yi[o + 3 * stride] = (bi + dr) * c3 - (br - di) * s3
    }
  }
}

const SIN_60 = Math.sqrt(3) / 2

const byThree: Pass = (n, stride, { cos, sin }, xr, xi, yr, yi) => {
  const blocks = n / stride / 3
  const apart = stride * blocks
  for (let p = 0; p < blocks; p++) {
    const at = p * stride
    const c1 = cos[at]!
    const s1 = sin[at]!
    const c2 = cos[2 * at]!
    const s2 = sin[2 * at]!
    for (let q = 0; q < stride; q++) {
      const i = q + at
      const o = q + 3 * at
      const sr = xr[i + apart]! + xr[i + 2 * apart]!
      const si = xi[i + apart]! + xi[i + 2 * apart]!
      const dr = SIN_60 * (xr[i + apart]! - xr[i + 2 * apart]!)
      const di = SIN_60 * (xi[i + apart]! - xi[i + 2 * apart]!)
      const mr = xr[i]! - sr / 2
      const mi = xi[i]! - si / 2
      yr[o] = xr[i]! + sr
      yi[o] = xi[i]! + si
      yr[o + stride] = (mr + di) * c1 + (mi - dr) * s1
      yi[o + stride] = (mi - dr) * c1 - (mr + di) * s1
      yr[o + 2 * stride] = (mr - di) * c2 + (mi + dr) * s2
      yi[o + 2 * stride] = (mi + dr) * c2 - (mr - di) * s2
    }
  }
}

const COS_72 = (Math.sqrt(5) - 1) / 4
const COS_144 = -(Math.sqrt(5) + 1) / 4
const SIN_72 = Math.sqrt(10 + 2 * Math.sqrt(5)) / 4
const SIN_144 = Math.sqrt(10 - 2 * Math.sqrt(5)) / 4

const byFive: Pass = (n, stride, { cos, sin }, xr, xi, yr, yi) => {
  const blocks = n / stride / 5
  const apart = stride * blocks
  for (let p = 0; p < blocks; p++) {
    const at = p * stride
    for (let q = 0; q < stride; q++) {
      const i = q + at
      const o = q + 5 * at
      const ar = xr[i + apart]! + xr[i + 4 * apart]!
      const ai = xi[i + apart]! + xi[i + 4 * apart]!
      const br = xr[i + apart]! - xr[i + 4 * apart]!
      const bi = xi[i + apart]! - xi[i + 4 * apart]!
      const cr = xr[i + 2 * apart]! + xr[i + 3 * apart]!
      const ci = xi[i + 2 * apart]! + xi[i + 3 * apart]!
      const dr = xr[i + 2 * apart]! - xr[i + 3 * apart]!
      const di = xi[i + 2 * apart]! - xi[i + 3 * apart]!
      const er = xr[i]! + COS_72 * ar + COS_144 * cr
      const ei = xi[i]! + COS_72 * ai + COS_144 * ci
      const fr = xr[i]! + COS_144 * ar + COS_72 * cr
      const fi = xi[i]! + COS_144 * ai + COS_72 * ci
      const gr = SIN_72 * br + SIN_144 * dr
      const gi = SIN_72 * bi + SIN_144 * di
      const hr = SIN_144 * br - SIN_72 * dr
      const hi = SIN_144 * bi - SIN_72 * di
      yr[o] = xr[i]! + ar + cr
      yi[o] = xi[i]! + ai + ci
      turn(er + gi, ei - gr, at, o + stride)
      turn(fr + hi, fi - hr, 2 * at, o + 2 * stride)
      turn(fr - hi, fi + hr, 3 * at, o + 3 * stride)
      turn(er - gi, ei + gr, 4 * at, o + 4 * stride)
    }
  }
  function turn(re: number, im: number, by: number, into: number): void {
    const c = cos[by]!
    const s = sin[by]!
    yr[into] = re * c + im * s
    yi[into] = im * c - re * s
  }
}

export const byFactor = { 2: byTwo, 3: byThree, 4: byFour, 5: byFive } as const
