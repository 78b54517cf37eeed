/**
 * Amplitudes and densities over frequency, in units: the Fourier amplitude spectrum of a record and Welch's power spectral
 * density of a long signal. The bare transform is `fft.ts`'s; picking modes from a density is left to `structure/modal.ts`.
 */

import { fftReal } from './fft.ts'
import { requireFinite, requirePositive } from './finite.ts'

export type AmplitudeSpectrum = {
  readonly frequency_hz: Float64Array
  /** Unit of the samples times second. */
  readonly amplitude: Float64Array
  readonly df_hz: number
}

export type PowerSpectrum = {
  readonly frequency_hz: Float64Array
  /** Unit of the samples squared, per hertz. */
  readonly psd: Float64Array
  /** Distance of the bins: f_s / nperseg. */
  readonly df_hz: number
  /** Segments averaged. */
  readonly segments: number
}

export type WindowName = 'hann' | 'boxcar'

export type WelchOptions = {
  /** Samples per segment. */
  readonly nperseg: number
  /** Part of a segment that the next one shares, 0 to below 1; half by default. */
  readonly overlap?: number
  readonly window?: WindowName
  /** `mean` (default) takes each segment's mean away, so that an offset does not leak into the lowest bins. */
  readonly detrend?: 'mean' | 'none'
}

export type Band = { readonly from_hz: number; readonly to_hz: number }

/**
 * Fourier amplitude spectrum |X(k)|/f_s [unit·s], 0 to f_s/2, of the samples as they are (mean removal and taper are the caller's).
 * Valid for a transient that starts and ends near zero; Σ' 2·amplitude²·df = ∫x² dt (single at 0 and f_s/2).
 */
export function fourierAmplitude(x: Float64Array, sample_rate_hz: number): AmplitudeSpectrum {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  const { re, im } = fftReal(x)
  const df_hz = sample_rate_hz / x.length
  return {
    frequency_hz: Float64Array.from(re, (_, k) => k * df_hz),
    amplitude: Float64Array.from(re, (r, k) => Math.hypot(r, im[k]!) / sample_rate_hz),
    df_hz,
  }
}

/**
 * One-sided power spectral density after Welch (1967): the mean over segments of 2|X|²/(f_s Σw²), not doubled at 0 and f_s/2.
 * Parseval: Σ psd·df = Σ(wx)²/Σw² of the segments, the variance of a stationary signal. Samples after the last whole
 * segment are not used. Relative standard deviation of a bin about 1/√segments.
 * @param x samples, all finite, at least `nperseg`
 * @throws RangeError on a sample that is no number (with its index), too few samples, or an overlap outside 0 … 1
 */
export function welch(x: Float64Array, sample_rate_hz: number, options: WelchOptions): PowerSpectrum {
  const { nperseg, overlap = 0.5, window = 'hann', detrend = 'mean' } = options
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  if (!(Number.isInteger(nperseg) && nperseg >= 2 && nperseg <= x.length))
    throw new RangeError(`nperseg: expected 2 to ${x.length} samples (all there are), got ${nperseg}`)
  if (!(overlap >= 0 && overlap < 1)) throw new RangeError(`overlap: expected 0 to below 1, got ${overlap}`)
  requireFinite(x)
  const weights = windowOf(window, nperseg)
  const scale = 1 / (sample_rate_hz * weights.reduce((sum, w) => sum + w * w, 0))
  const step = Math.max(1, nperseg - Math.floor(overlap * nperseg))
  const psd = new Float64Array(Math.floor(nperseg / 2) + 1)
  let segments = 0
  for (let start = 0; start + nperseg <= x.length; start += step, segments++)
    addPeriodogram(psd, x.slice(start, start + nperseg), weights, detrend === 'mean')
  for (let k = 0; k < psd.length; k++) {
    const single = k === 0 || 2 * k === nperseg
    psd[k]! *= ((single ? 1 : 2) * scale) / segments
  }
  const df_hz = sample_rate_hz / nperseg
  return { frequency_hz: Float64Array.from(psd, (_, k) => k * df_hz), psd, df_hz, segments }
}

/**
 * Frequency of the largest Fourier amplitude [Hz], the mean removed, in the bins of `band` (by default all above 0 Hz).
 * To within half a bin, f_s/(2n). `undefined` where nothing but the mean is there, or no bin lies in the band.
 */
export function dominantFrequency_hz(x: Float64Array, sample_rate_hz: number, band?: Band): number | undefined {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireFinite(x)
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length
  const { re, im } = fftReal(x.map((v) => v - mean))
  // What rounding leaves of a constant is no motion.
  const floor = 1e-12 * Math.abs(mean) * x.length
  let [best, largest] = [0, floor]
  for (let k = 1; k < re.length; k++) {
    const f = (k * sample_rate_hz) / x.length
    if (band !== undefined && !(f >= band.from_hz && f <= band.to_hz)) continue
    const amplitude = Math.hypot(re[k]!, im[k]!)
    if (amplitude > largest) [best, largest] = [k, amplitude]
  }
  return best === 0 ? undefined : (best * sample_rate_hz) / x.length
}

/** Periodic windows (DFT-even): w(k) = ½ − ½ cos(2πk/n) for Hann, 1 for boxcar. */
export function windowOf(name: WindowName, n: number): Float64Array {
  if (name === 'boxcar') return new Float64Array(n).fill(1)
  return Float64Array.from({ length: n }, (_, k) => Math.sin((Math.PI * k) / n) ** 2)
}

function addPeriodogram(into: Float64Array, segment: Float64Array, weights: Float64Array, removeMean: boolean): void {
  const mean = removeMean ? segment.reduce((sum, v) => sum + v, 0) / segment.length : 0
  for (let k = 0; k < segment.length; k++) segment[k] = (segment[k]! - mean) * weights[k]!
  const { re, im } = fftReal(segment)
  for (let k = 0; k < into.length; k++) into[k]! += re[k]! ** 2 + im[k]! ** 2
}
