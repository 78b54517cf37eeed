/**
 * The Fourier transform of real samples and its inverse, for any length. The complex transform is `fft-complex.ts`'s,
 * amplitudes and densities in units are left to `spectrum.ts`.
 *
 *   X(k) = Σ_j x(j) exp(−2πi jk/n), k = 0 … ⌊n/2⌋   (not scaled; unit of x)
 *   x(j) = (1/n) Σ_k X(k) exp(+2πi jk/n)
 *
 * Bin k lies at k·f_s/n [Hz]. Parseval: Σ x² = (1/n) Σ_k w(k) |X(k)|², w = 2 but 1 at k = 0 and, for even n, at k = n/2.
 */
import { FFT_SAMPLES_MAX, halfTurn, nextFast, transform } from './fft-complex.ts'
import { requireFinite } from './finite.ts'

export { FFT_SAMPLES_MAX, nextFast }

/** Bins 0 … ⌊n/2⌋ of a transform of n real samples. */
export type RealSpectrum = { readonly re: Float64Array; readonly im: Float64Array }

/**
 * @param x samples, at least one, all finite; left as they are
 * @throws RangeError for no samples, or naming the index of one that is not a number: one NaN would spoil every bin
 */
export function fftReal(x: Float64Array): RealSpectrum {
  const n = x.length
  requireFinite(x)
  if (n > FFT_SAMPLES_MAX) throw new RangeError(`expected at most ${FFT_SAMPLES_MAX} samples, got ${n}`)
  return n % 2 === 0 ? fftEven(x) : fftOdd(x)
}

/**
 * Inverse of `fftReal`. The imaginary parts of bin 0 and, for even n, of bin n/2 are taken as zero, as for any real signal.
 * @param n samples wanted; ⌊n/2⌋ + 1 bins belong to it
 */
export function inverseReal(re: Float64Array, im: Float64Array, n: number): Float64Array {
  const bins = Math.floor(n / 2) + 1
  if (!(Number.isInteger(n) && n >= 1 && n <= FFT_SAMPLES_MAX))
    throw new RangeError(`expected a length of 1 to ${FFT_SAMPLES_MAX} samples, got ${n}`)
  if (re.length !== bins || im.length !== bins)
    throw new RangeError(`expected ${bins} bins for ${n} samples, got ${re.length} real and ${im.length} imaginary`)
  return n % 2 === 0 ? inverseEven(re, im, n) : inverseOdd(re, im, n)
}

function fftOdd(x: Float64Array): RealSpectrum {
  const [re, im] = [x.slice(), new Float64Array(x.length)]
  transform(re, im)
  const bins = (x.length + 1) / 2
  return { re: re.slice(0, bins), im: im.slice(0, bins) }
}

/** Even and odd samples as real and imaginary part of one transform of half the length, then taken apart. */
function fftEven(x: Float64Array): RealSpectrum {
  const half = x.length / 2
  const [zr, zi] = [new Float64Array(half), new Float64Array(half)]
  for (let k = 0; k < half; k++) {
    zr[k] = x[2 * k]!
    zi[k] = x[2 * k + 1]!
  }
  transform(zr, zi)
  const { cos, sin } = halfTurn(x.length)
  const [re, im] = [new Float64Array(half + 1), new Float64Array(half + 1)]
  for (let k = 0; k <= half; k++) {
    const a = k % half
    const b = (half - k) % half
    const oddRe = (zi[a]! + zi[b]!) / 2
    const oddIm = (zr[b]! - zr[a]!) / 2
    const c = cos[k]!
    const s = sin[k]!
    re[k] = (zr[a]! + zr[b]!) / 2 + c * oddRe + s * oddIm
    im[k] = (zi[a]! - zi[b]!) / 2 + c * oddIm - s * oddRe
  }
  return { re, im }
}

function inverseOdd(re: Float64Array, im: Float64Array, n: number): Float64Array {
  const [zr, zi] = [new Float64Array(n), new Float64Array(n)]
  zr[0] = re[0]! / n
  for (let k = 1; k < re.length; k++) {
    zr[k] = zr[n - k] = re[k]! / n
    zi[k] = im[k]! / n
    zi[n - k] = -im[k]! / n
  }
  transform(zi, zr)
  return zr
}

function inverseEven(re: Float64Array, im: Float64Array, n: number): Float64Array {
  const half = n / 2
  const [zr, zi] = [new Float64Array(half), new Float64Array(half)]
  const { cos, sin } = halfTurn(n)
  const imOf = (k: number): number => (k === 0 || k === half ? 0 : im[k]!)
  for (let k = 0; k < half; k++) {
    const b = half - k
    const dr = re[k]! - re[b]!
    const di = imOf(k) + imOf(b)
    const c = cos[k]!
    const s = sin[k]!
    // z = even + i·odd with odd = (X(k) − conj X(b)) · exp(+2πi k/n)
    zr[k] = (re[k]! + re[b]! - c * di - s * dr) / n
    zi[k] = (imOf(k) - imOf(b) + c * dr - s * di) / n
  }
  transform(zi, zr)
  const x = new Float64Array(n)
  for (let k = 0; k < half; k++) {
    x[2 * k] = zr[k]!
    x[2 * k + 1] = zi[k]!
  }
  return x
}
