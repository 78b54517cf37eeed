/**
 * Digitised film gives samples at uneven times. They are laid on an even grid by linear interpolation, dense enough that
 * no digitised point is lost; what was done stands in the notes of the waveform.
 */

import { SAMPLES_MAX } from './recording.ts'
import type { Lines } from './text.ts'

/** Times are printed to about a millisecond: on a grid of 1000 Hz a digitised peak stays where it was printed. */
const GRID_HZ_MIN = 1000
/** Between samples further apart than this nothing is known. */
const GAP_S = 0.1

export type Even = { readonly samples: Float64Array; readonly sample_rate_hz: number; readonly note: string }

/**
 * `pairs` holds time [s] and value in turn. Equal times are averaged.
 * @throws PlumblineError RECORDING_INVALID for times that run backwards or too far, naming the pair.
 */
export function evenlySpaced(lines: Lines, pairs: Float64Array): Even {
  const { t, v } = merged(lines, pairs)
  const steps = t.slice(1).map((at, k) => at - t[k]!)
  const median = steps.toSorted()[steps.length >> 1]
  if (median === undefined) lines.fail('at least two samples at different times', `${t.length}`)
  const sample_rate_hz = Math.max(GRID_HZ_MIN, roundedUp(1 / median))
  const span_s = t.at(-1)! - t[0]!
  const count = Math.floor(span_s * sample_rate_hz + 1e-6) + 1
  if (!(count <= SAMPLES_MAX)) lines.fail(`times within ${SAMPLES_MAX} samples at ${sample_rate_hz} Hz`, `${span_s} s`)
  const samples = new Float64Array(count)
  let left = 0
  for (let k = 0; k < count; k++) {
    const at = t[0]! + k / sample_rate_hz
    while (left < t.length - 2 && t[left + 1]! <= at + 1e-9) left++
    samples[k] = between(at, t[left]!, t[left + 1]!, v[left]!, v[left + 1]!)
  }
  const note = `${pairs.length / 2} samples at uneven times (median interval ${Number(median.toPrecision(3))} s) interpolated linearly to ${sample_rate_hz} Hz`
  return { samples, sample_rate_hz, note }
}

function between(at: number, t0: number, t1: number, v0: number, v1: number): number {
  if (Math.abs(at - t0) < 1e-9) return v0
  if (Math.abs(at - t1) < 1e-9) return v1
  return t1 - t0 > GAP_S ? Number.NaN : v0 + ((at - t0) / (t1 - t0)) * (v1 - v0)
}

function merged(lines: Lines, pairs: Float64Array): { t: Float64Array; v: Float64Array } {
  const t: number[] = []
  const v: number[] = []
  let alike = 1
  for (let k = 0; k + 1 < pairs.length; k += 2) {
    const [at, value] = [pairs[k]!, pairs[k + 1]!]
    const last = t.at(-1)
    if (!Number.isFinite(at) || (last !== undefined && at < last))
      lines.fail(
        `times that do not run backwards (pair ${k / 2 + 1} of ${pairs.length / 2})`,
        `${at} s after ${last} s`,
      )
    if (at === last) {
      alike++
      v[v.length - 1]! += (value - v.at(-1)!) / alike
      continue
    }
    alike = 1
    t.push(at)
    v.push(value)
  }
  return { t: Float64Array.from(t), v: Float64Array.from(v) }
}

/** 714 -> 1000: the next of 1, 2, 5 x 10^n. */
function roundedUp(rate: number): number {
  const decade = 10 ** Math.floor(Math.log10(rate) + 1e-9)
  return [1, 2, 5, 10].map((m) => m * decade).find((r) => r >= rate * (1 - 1e-6)) ?? 10 * decade
}
