/**
 * A record's value between its samples, and at a lower rate without folding: a windowed sinc, evaluated where it is asked, so
 * that no length of record and no rate needs memory or a pause. Which instants are asked is left to the caller.
 *
 * Oppenheim & Schafer, Discrete-Time Signal Processing, 4.6 (changing the rate) and 7.5 (Blackman window, 74 dB).
 */
import type { Waveform } from '../recordings/recording.ts'
import { cosTurns, sinTurns } from './physics/portable-math.ts'

/** Zero crossings of the sinc to either side. */
const LOBES = 16
/** Table points per lobe; between them straight: an error below 1e-5 of a sample. */
const STEPS = 512
/**
 * Where the sinc cuts, as a share of the lower rate's Nyquist frequency: the window's transition ends at Nyquist itself, so
 * that what would fold is 70 dB down and what is below 0.7 of it passes.
 */
const CUT = 0.853

const KERNEL = Float64Array.from({ length: LOBES * STEPS + 2 }, (_, i) => {
  const lobe = i / STEPS
  if (lobe >= LOBES) return 0
  const window = 0.42 + 0.5 * cosTurns(lobe / LOBES / 2) + 0.08 * cosTurns(lobe / LOBES)
  return lobe === 0 ? 1 : (window * sinTurns(lobe / 2)) / (Math.PI * lobe)
})

function kernel(lobes: number): number {
  const at = Math.abs(lobes) * STEPS
  const i = Math.floor(at)
  if (i >= LOBES * STEPS) return 0
  return KERNEL[i]! + (at - i) * (KERNEL[i + 1]! - KERNEL[i]!)
}

/**
 * Value at `position` (in samples, 0 the first) when every `step` samples one is wanted: `step` above 1 goes to a lower rate.
 * A whole position at a step of 1 gives the sample itself, to the bit. Before and after the record, and where it is NaN,
 * stands 0. Cost: 32 x max(1, step) samples.
 */
export function sampleAt(samples: Float64Array, position: number, step: number): number {
  if (step === 1 && Number.isInteger(position)) return samples[position] || 0
  const cut = step > 1 ? CUT / step : 1
  const reach = LOBES / cut
  const last = Math.floor(position + reach)
  let sum = 0
  let weights = 0
  for (let i = Math.ceil(position - reach); i <= last; i++) {
    const weight = kernel((position - i) * cut)
    weights += weight
    sum += weight * (samples[i] || 0)
  }
  return sum / weights
}

/** By record and rate: many devices play the same one. */
const resampled = new WeakMap<Waveform, Map<number, Waveform>>()

/** The whole record at another rate; at its own it is itself. Its last sample is not after the record's. */
export function atRate(wave: Waveform, sample_rate_hz: number): Waveform {
  if (wave.sample_rate_hz === sample_rate_hz) return wave
  const known = resampled.get(wave) ?? new Map<number, Waveform>()
  resampled.set(wave, known)
  const step = wave.sample_rate_hz / sample_rate_hz
  const made = known.get(sample_rate_hz) ?? {
    ...wave,
    sample_rate_hz,
    axes: wave.axes.map(({ axis, samples }) => ({
      axis,
      samples: Float64Array.from({ length: Math.floor((samples.length - 1) / step + 1e-9) + 1 }, (_, k) =>
        sampleAt(samples, k * step, step),
      ),
    })),
  }
  known.set(sample_rate_hz, made)
  return made
}
