/**
 * JMA instrumental seismic intensity (計測震度) of a record of three components, and the class that people know.
 * The running value on a stream is `running-jma.ts`'s; reading the samples is left to the caller.
 *
 * Each component's spectrum is multiplied by F(f) = F1 F2 F3, f in Hz, y = f/10:
 *   F1 = √(1/f)    F2 = 1/√(1 + 0.694y² + 0.241y⁴ + 0.0557y⁶ + 0.009664y⁸ + 0.00134y¹⁰ + 0.000155y¹²)
 *   F3 = √(1 − exp(−(f/0.5)³))    F(0) = 0, which also takes any offset out
 * a = largest value that the vector sum of the three reaches for 0.3 s in total [gal];  I = 2 log10(a) + 0.94, rounded to two
 * decimals (half up), then cut to one. Source: JMA, 計測震度の算出方法 (notification 4 of 1996).
 *
 * Valid for records at 100 Hz as JMA's; at other rates as far as the band to about 20 Hz is in them.
 */
import { M_S2_PER_GAL } from '../../domain/units.ts'
import { fftReal, inverseReal } from '../signal/fft.ts'
import { requireAxes, requirePositive } from '../signal/finite.ts'
import { squaredMagnitude } from './peaks.ts'

export type JmaClass = '0' | '1' | '2' | '3' | '4' | '5-' | '5+' | '6-' | '6+' | '7'

/** Total time for which the filtered vector reaches a [s]. */
export const HOLD_S = 0.3
/** The scale ends here (as in NIED's monitor of real-time intensity [K]), so that a still record has a finite value. */
export const INTENSITY_MIN = -3

/** Lowest intensity of each class, highest first. */
const CLASSES: ReadonlyArray<readonly [number, JmaClass]> = [
  [6.5, '7'],
  [6.0, '6+'],
  [5.5, '6-'],
  [5.0, '5+'],
  [4.5, '5-'],
  [3.5, '4'],
  [2.5, '3'],
  [1.5, '2'],
  [0.5, '1'],
]

export type JmaResult = {
  /** Filtered vector acceleration reached for 0.3 s in total [gal]. */
  readonly a_gal: number
  /** Rounded and cut as JMA publishes it, at least −3. */
  readonly intensity: number
  /** 2 log10(a) + 0.94 before rounding. */
  readonly intensity_raw: number
  readonly class: JmaClass
}

/**
 * @param axes three components [m/s²], in any order; their offset does not matter
 * @throws RangeError unless there are three components of one length of at least 0.3 s, or naming a sample that is no number
 */
export function jmaIntensity(axes: readonly Float64Array[], sample_rate_hz: number): JmaResult {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireAxes(axes, 3)
  const n = axes[0]!.length
  const least = holdSamples(sample_rate_hz)
  if (n < least) throw new RangeError(`axes: expected at least ${least} samples (${HOLD_S} s), got ${n}`)
  return filteredIntensity(axes, jmaGains(n, sample_rate_hz), least)
}

/** JMA's filter F(f); f in Hz, 0 at 0 Hz. */
export function jmaFilterGain(frequency_hz: number): number {
  const f = Math.abs(frequency_hz)
  if (f === 0) return 0
  const q = (f / 10) ** 2
  const highCut = 1 + q * (0.694 + q * (0.241 + q * (0.0557 + q * (0.009664 + q * (0.00134 + q * 0.000155)))))
  // expm1 keeps F3 exact far below 0.5 Hz, where 1 − exp(−x) would be rounding.
  return Math.sqrt(-Math.expm1(-((f / 0.5) ** 3)) / (f * highCut))
}

/** F at the bins 0 … ⌊n/2⌋ of a transform of n samples. */
export function jmaGains(n: number, sample_rate_hz: number): Float64Array {
  return Float64Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => jmaFilterGain((k * sample_rate_hz) / n))
}

/** Samples that make 0.3 s: a is the value of that rank (30th largest at 100 Hz). */
export function holdSamples(sample_rate_hz: number): number {
  return Math.max(1, Math.ceil(HOLD_S * sample_rate_hz - 1e-9))
}

/** The work of `jmaIntensity` with the gains at hand, for windows that come every second. */
export function filteredIntensity(axes: readonly Float64Array[], gains: Float64Array, rank: number): JmaResult {
  const filtered = axes.map((axis) => {
    const { re, im } = fftReal(axis)
    for (let k = 0; k < gains.length; k++) {
      re[k]! *= gains[k]!
      im[k]! *= gains[k]!
    }
    return inverseReal(re, im, axis.length)
  })
  const a_gal = Math.sqrt(kthLargest(squaredMagnitude(filtered), rank)) / M_S2_PER_GAL
  const intensity_raw = Math.max(INTENSITY_MIN, 2 * Math.log10(a_gal) + 0.94)
  const intensity = publishedIntensity(intensity_raw)
  return { a_gal, intensity, intensity_raw, class: jmaClass(intensity) }
}

/** Two decimals, half up, then one decimal without rounding: 5.153 → 5.15 → 5.1; 4.995 → 5.00 → 5.0. */
export function publishedIntensity(raw: number): number {
  // 1e-9: a half that binary fractions cannot hold (4.495 · 100 = 449.49999…) still counts as a half.
  const hundredths = Math.floor(raw * 100 + 0.5 + 1e-9)
  return Math.floor(hundredths / 10) / 10
}

/** Class of a published (rounded) intensity: 5- from 4.5, 5+ from 5.0, 6- from 5.5, 6+ from 6.0, 7 from 6.5. */
export function jmaClass(intensity: number): JmaClass {
  if (Number.isNaN(intensity)) throw new RangeError('intensity: expected a number, got NaN')
  return CLASSES.find(([from]) => intensity >= from)?.[1] ?? '0'
}

/** The k-th largest value (k = 1: the largest), by a heap of k whose root is the smallest kept; x.length ≥ k ≥ 1. */
export function kthLargest(x: Float64Array, k: number): number {
  const heap = x.slice(0, k)
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(heap, i)
  for (let i = k; i < x.length; i++) {
    if (x[i]! <= heap[0]!) continue
    heap[0] = x[i]!
    sink(heap, 0)
  }
  return heap[0]!
}

function sink(heap: Float64Array, from: number): void {
  const value = heap[from]!
  let at = from
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= value) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = value
}
