/**
 * Damping as a fraction of critical: from the width of a spectral peak, from the decay of free vibration, and from ambient
 * vibration by the random decrement. Finding the mode and filtering to it are left to `modal.ts` and the caller.
 *
 * Sources: half power, logarithmic and random decrement as in Chopra, Dynamics of Structures, and Cole (1973) [K].
 */
import { requireFinite, requirePositive } from '../signal/finite.ts'
import type { PowerSpectrum } from '../signal/spectrum.ts'
import { crossing, parabola } from './modal.ts'

/** Bins between the half-power points below which the window's own width is what is measured. */
export const HALF_POWER_BINS_MIN = 4
/** Segments below which the top is a spike of noise: with 13 of them a damping of 3 % reads as 2 %. */
export const HALF_POWER_SEGMENTS_MIN = 50

export type HalfPower = {
  readonly damping: number
  readonly from_hz: number
  readonly to_hz: number
  /**
   * False where the peak is narrower than 4 bins (segments too short: too much damping) or fewer than 50 segments were averaged
   * (record too short: too little). Within 10 % of a simulated mode else; `randomDecrement` does with less.
   */
  readonly resolved: boolean
}

/**
 * Half power: ζ = (f2 − f1)/(2 f0), f1 and f2 where the density has fallen to half of the peak. Valid for ζ below about 0.1, a mode
 * well apart from others, and a response to white noise (ambient) or a displacement's or acceleration's transfer function.
 * @param peak_hz the mode, as `pickPeak` gives it @returns undefined where a flank never falls to half (another mode, noise)
 */
export function halfPowerDamping(spectrum: PowerSpectrum, peak_hz: number): HalfPower | undefined {
  const { psd, df_hz } = spectrum
  const top = Math.round(peak_hz / df_hz)
  if (!(top >= 1 && top <= psd.length - 2))
    throw new RangeError(`peak_hz: expected a peak inside 0 to ${(psd.length - 1) * df_hz} Hz, got ${peak_hz}`)
  const { value } = parabola(psd[top - 1]!, psd[top]!, psd[top + 1]!)
  if (!(value > 0)) return undefined
  const [left, right] = [flank(psd, top, -1, value / 2), flank(psd, top, 1, value / 2)]
  if (left <= 0 || right >= psd.length - 1) return undefined
  const [from_hz, to_hz] = [left * df_hz, right * df_hz]
  const resolved = right - left >= HALF_POWER_BINS_MIN && spectrum.segments >= HALF_POWER_SEGMENTS_MIN
  return { damping: (to_hz - from_hz) / (2 * peak_hz), from_hz, to_hz, resolved }
}

/** Noise crosses a flank more than once: the middle of the first and the last crossing before it is down to a quarter. */
function flank(psd: Float64Array, top: number, direction: 1 | -1, level: number): number {
  const first = crossing(psd, top, direction, level)
  let last = first
  for (let k = top; psd[k]! > level / 2 && psd[k + direction] !== undefined; k += direction)
    if (psd[k]! > level && psd[k + direction]! <= level) last = crossing(psd, k, direction, level)
  return (first + last) / 2
}

/** Exact for viscous damping: δ = ln(x_i/x_{i+n})/n, ζ = δ/√(4π² + δ²); δ/2π for light damping. Both peaks above zero. */
export function logDecrement(first: number, later: number, cycles: number): number {
  requirePositive(first, 'first')
  requirePositive(later, 'later')
  if (!(Number.isInteger(cycles) && cycles >= 1)) throw new RangeError(`cycles: expected 1 or more, got ${cycles}`)
  return ofDecrement(Math.log(first / later) / cycles)
}

export type FreeDecay = { readonly damping: number; readonly frequency_hz: number; readonly cycles: number }

/**
 * Damping and frequency of a free decay, by least squares through the logarithm of its maxima (refined by parabolas) down to
 * a tenth of the first: one noisy peak does not decide. The record must be of one mode, about zero.
 * @returns undefined with fewer than three maxima
 */
export function freeDecay(x: Float64Array, sample_rate_hz: number): FreeDecay | undefined {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireFinite(x)
  const maxima = maximaOf(x)
  const used = maxima.slice(0, 1 + maxima.findLastIndex((m) => m.value >= maxima[0]!.value / 10))
  if (used.length < 3) return undefined
  const n = used.length
  const middle = (n - 1) / 2
  const meanLog = used.reduce((sum, m) => sum + Math.log(m.value), 0) / n
  let [xx, xy] = [0, 0]
  for (const [k, m] of used.entries()) {
    xx += (k - middle) ** 2
    xy += (k - middle) * (Math.log(m.value) - meanLog)
  }
  const cycles = n - 1
  const frequency_hz = (cycles * sample_rate_hz) / (used.at(-1)!.at - used[0]!.at)
  return { damping: ofDecrement(-xy / xx), frequency_hz, cycles }
}

/**
 * Random decrement: the mean of the stretches after each upward crossing of `level`; what the load did averages out and the free
 * decay is left, times the level. A level of √2 standard deviations is usual.
 * @param length samples of the signature @returns undefined with fewer than `least` crossings (200)
 */
export function randomDecrement(
  x: Float64Array,
  level: number,
  length: number,
  least = 200,
): { signature: Float64Array; segments: number } | undefined {
  requireFinite(x)
  if (!(Number.isInteger(length) && length >= 2)) throw new RangeError(`length: expected 2 or more, got ${length}`)
  const signature = new Float64Array(length)
  let segments = 0
  for (let k = 1; k + length <= x.length; k++) {
    if (!(x[k - 1]! < level && x[k]! >= level)) continue
    for (let j = 0; j < length; j++) signature[j]! += x[k + j]!
    segments++
  }
  if (segments < least) return undefined
  return { signature: signature.map((v) => v / segments), segments }
}

const ofDecrement = (delta: number): number => delta / Math.hypot(2 * Math.PI, delta)

/** The largest sample of each stretch above zero that both begins and ends in the record, between samples. */
function maximaOf(x: Float64Array): Array<{ at: number; value: number }> {
  const maxima: Array<{ at: number; value: number }> = []
  let top = -1
  for (let k = 1; k < x.length; k++) {
    if (x[k - 1]! <= 0 && x[k]! > 0) top = k
    if (top >= 0 && x[k]! > x[top]!) top = k
    if (top >= 0 && x[k]! <= 0) {
      maxima.push(between(x, top))
      top = -1
    }
  }
  return maxima
}

function between(x: Float64Array, top: number): { at: number; value: number } {
  const [a, b, c] = [x[top - 1]!, x[top]!, x[top + 1]!]
  const curve = a - 2 * b + c
  const offset = curve < 0 ? (a - c) / (2 * curve) : 0
  return { at: top + offset, value: b - ((a - c) * offset) / 4 }
}
