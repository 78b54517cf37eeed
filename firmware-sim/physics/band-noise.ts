/**
 * Ambient ground motion: noise that is white within a band and has a stated RMS, as a function of the sample's number. Asked
 * twice, in any order, on any machine, a sample has one value. What buildings make of it is left to `shear-building.ts`.
 */
import { whiteAt } from './hash-noise.ts'
import { cosTurns, sinTurns } from './portable-math.ts'
import { positive, refuse } from './refuse.ts'

export type BandNoiseOptions = {
  readonly seed: number
  readonly sample_rate_hz: number
  /** -6 dB corners; default 0.2 Hz (0.5 Hz at 1000 Hz) and a quarter of the sample rate. */
  readonly low_hz?: number
  readonly high_hz?: number
  /** Any unit: the values have it too. */
  readonly rms: number
}

/** The lowest band of 0.2 Hz at 200 Hz needs 4,001. */
const TAPS_MAX = 8001

/** x(k) = Σ h(j) w(k − j): white hashes w through a windowed-sinc band-pass h (Oppenheim & Schafer, 7.5) of linear phase. */
export class BandNoise {
  readonly #seed: number
  readonly #taps: Float64Array

  /** @throws PlumblineError USAGE for a band outside (0, half the sample rate) or too low for its rate */
  constructor(options: BandNoiseOptions) {
    const rate = positive('sample_rate_hz', options.sample_rate_hz)
    const lowest = (4 * rate) / (TAPS_MAX - 1)
    const low = positive('low_hz', options.low_hz ?? Math.max(0.2, lowest))
    const high = options.high_hz ?? rate / 4
    if (!(high > low && high < rate / 2))
      refuse('high_hz', `above low_hz (${low}) and below half the sample rate (${rate / 2})`, high)
    const half = Math.ceil((2 * rate) / low)
    if (2 * half + 1 > TAPS_MAX) refuse('low_hz', `at least ${lowest} at ${rate} Hz`, low)
    if (!(options.rms >= 0 && Number.isFinite(options.rms))) refuse('rms', '0 or more', options.rms)
    this.#seed = options.seed
    this.#taps = bandPass(low / rate, high / rate, half)
    const gain = options.rms / Math.sqrt(this.#taps.reduce((sum, h) => sum + h * h, 0))
    for (let j = 0; j < this.#taps.length; j++) this.#taps[j]! *= gain
  }

  at(k: number): number {
    return this.fill(k, 1)[0]!
  }

  /** Samples k = first … first + count − 1. */
  fill(first: number, count: number): Float64Array {
    const taps = this.#taps
    const half = (taps.length - 1) / 2
    // Room for the samples beside the last one: zeros there, and nobody sees what becomes of them.
    const white = new Float64Array(count + 2 * half + 3)
    for (let i = 0; i < count + 2 * half; i++) white[i] = whiteAt(this.#seed, first + i)
    const out = new Float64Array(count)
    // Four samples side by side: a processor waits for no sum, and each still adds in its own order, to the same last bit.
    for (let i = 0; i < count; i += 4) {
      // The taps are symmetric: half the products.
      const [left, middle, right] = [i, i + half, i + 2 * half]
      const h = taps[half]!
      let a = h * white[middle]!
      let b = h * white[middle + 1]!
      let c = h * white[middle + 2]!
      let d = h * white[middle + 3]!
      for (let j = 0; j < half; j++) {
        const tap = taps[j]!
        a += tap * (white[left + j]! + white[right - j]!)
        b += tap * (white[left + j + 1]! + white[right - j + 1]!)
        c += tap * (white[left + j + 2]! + white[right - j + 2]!)
        d += tap * (white[left + j + 3]! + white[right - j + 3]!)
      }
      out[i] = a
      // Beyond the end of a row an assignment is without effect.
      out[i + 1] = b
      out[i + 2] = c
      out[i + 3] = d
    }
    return out
  }
}

/** Blackman-windowed difference of two sincs; corners in cycles per sample. */
function bandPass(low: number, high: number, half: number): Float64Array {
  const taps = new Float64Array(2 * half + 1)
  for (let j = 0; j <= half; j++) {
    const ideal = j === 0 ? 2 * (high - low) : (sinTurns(high * j) - sinTurns(low * j)) / (Math.PI * j)
    const window = 0.42 + 0.5 * cosTurns(j / (2 * half + 2)) + 0.08 * cosTurns(j / (half + 1))
    taps[half + j] = taps[half - j] = ideal * window
  }
  return taps
}
