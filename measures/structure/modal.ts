/**
 * The natural frequency of a structure from its ambient vibration: the peak of a power spectral density in a band, refined by a
 * parabola through its top in dB, with its signal-to-noise ratio and uncertainty. The density is `signal/spectrum.ts`'s,
 * following a frequency over days `frequency-tracker.ts`'s, damping `damping.ts`'s.
 *
 * Valid for modes well apart and lightly damped, on a stationary 10-20 min (100 periods for 1 % [K]). A machine's tone is a peak as
 * well: a band that leaves it out is the caller's knowledge. Neighbouring measurements differ by about 0.3 %.
 */
import { requirePositive } from '../signal/finite.ts'
import type { Band, PowerSpectrum } from '../signal/spectrum.ts'

export type ModalPeak = {
  readonly frequency_hz: number
  /** One standard deviation of the frequency. */
  readonly uncertainty_hz: number
  /** Density at the top of the parabola, unit² / Hz. */
  readonly psd: number
  /** Top over the median of the band, 10 log10. */
  readonly snr_db: number
  /** Between the half-power points: of the mode, of the window if that is wider, or of all that is within 6 dB in the band. */
  readonly width_hz: number
}

/** Why there is no peak: it is cut by the edge of the band (or lies outside it), does not stand out, or nothing moves. */
export type NoPeak = { readonly reason: 'edge' | 'noise' | 'silent' }

/**
 * How far a largest value must stand out: the largest of a hundred bins of noise is 7 dB over their median for one segment
 * (ln 100 / ln 2 = 6.6), less for more.
 */
export const SNR_MIN_DB = 10

/**
 * @param band at least 5 bins, the mode well inside
 * @throws RangeError for a band of fewer bins or outside the spectrum
 */
export function pickPeak(spectrum: PowerSpectrum, band: Band, snrMin_db = SNR_MIN_DB): ModalPeak | NoPeak {
  const { psd, df_hz } = spectrum
  requirePositive(df_hz, 'df_hz')
  // Bin 0 is the offset's, never a mode's.
  const from = Math.max(1, Math.ceil(band.from_hz / df_hz - 1e-9))
  const to = Math.min(psd.length - 1, Math.floor(band.to_hz / df_hz + 1e-9))
  if (!(to - from >= 4))
    throw new RangeError(
      `band: expected 5 bins of ${df_hz} Hz or more up to ${(psd.length - 1) * df_hz} Hz, got ${band.from_hz} to ${band.to_hz} Hz`,
    )
  let top = from
  for (let k = from; k <= to; k++) if (psd[k]! > psd[top]!) top = k
  if (!(psd[top]! > 0)) return { reason: 'silent' }
  const { offset, value } = parabola(psd[top - 1]!, psd[top]!, psd[top + 1]!)
  const snr_db = 10 * Math.log10(value / median(psd.slice(from, to + 1)))
  if (!(snr_db >= snrMin_db)) return { reason: 'noise' }
  if (!enclosed(psd, from, to, top)) return { reason: 'edge' }
  const frequency_hz = (top + offset) * df_hz
  const width_hz = widthOf(spectrum, from, to, value)
  return { frequency_hz, psd: value, snr_db, width_hz, uncertainty_hz: uncertainty(width_hz, spectrum.segments) }
}

/**
 * Top of the parabola through three equidistant values in dB, the middle one the largest.
 * @returns offset from the middle in bins (−½ … ½) and the value there
 */
export function parabola(before: number, top: number, after: number): { offset: number; value: number } {
  // A zero beside the top has no dB: the top is then taken as it stands.
  if (!(before > 0 && after > 0)) return { offset: 0, value: top }
  const [a, b, c] = [Math.log(before), Math.log(top), Math.log(after)]
  const curve = a - 2 * b + c
  if (!(curve < 0)) return { offset: 0, value: top }
  const offset = (a - c) / (2 * curve)
  return { offset, value: Math.exp(b - ((a - c) * offset) / 4) }
}

/** Part of the frequency at each edge of a band in which the density must be down: wider than a lightly damped mode's top. */
const EDGE = 0.02

/**
 * Whether the density is down to half of the top at both edges of the band. Where it is not, the top is a spike of noise on the
 * flank of something outside, and its frequency no mode's.
 */
function enclosed(psd: Float64Array, from: number, to: number, top: number): boolean {
  const isDown = (value: number) => value <= psd[top]! / 2
  const [low, high] = [Math.floor(from * EDGE), Math.floor(to * EDGE)]
  return psd.slice(from, from + low + 1).every(isDown) && psd.slice(to - high, to + 1).every(isDown)
}

/**
 * Half-power width of the peak in a noisy density: from the outermost bins of the band above a quarter of the top, which lie √3
 * further apart on a resonance. The bins next to the top would only give the width of its largest spike.
 */
function widthOf({ psd, df_hz }: PowerSpectrum, from: number, to: number, value: number): number {
  let [left, right] = [from, to]
  while (psd[left]! < value / 4) left++
  while (psd[right]! < value / 4) right--
  return ((crossing(psd, right, 1, value / 4) - crossing(psd, left, -1, value / 4)) * df_hz) / Math.sqrt(3)
}

/** Bins from 0 at which the density falls through `level` going from `top` in a direction; the end where it does not. */
export function crossing(psd: Float64Array, top: number, direction: 1 | -1, level: number): number {
  let k = top
  while (psd[k + direction] !== undefined && psd[k + direction]! > level) k += direction
  const next = psd[k + direction]
  return next === undefined ? k : k + (direction * (psd[k]! - level)) / (psd[k]! - next)
}

/**
 * The top of a density of relative error ε = 1/√segments is lost in that error within the distance δ where a peak of width B
 * has fallen by ε: 1 − 1/(1 + (2δ/B)²) ≈ (2δ/B)² = ε. Anywhere within ±δ is as likely: δ/√3. Hann segments that overlap by
 * half are worth 1/1.06 each (Welch 1967). Holds to a factor of 2 on simulated modes, 1 to 50 segments (`modal.test.ts`).
 */
function uncertainty(width_hz: number, segments: number): number {
  return ((width_hz / 2) * (1.06 / Math.max(1, segments)) ** 0.25) / Math.sqrt(3)
}

function median(values: Float64Array): number {
  const sorted = values.toSorted()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
