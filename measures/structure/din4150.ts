/**
 * DIN 4150-3: guide values of vibration velocity for buildings, and what a (peak, frequency) pair comes to against them. Measuring
 * the pair on each axis is `peakPair`'s here; what to do at 80 % or 100 % is left to the caller.
 *
 * Values [K] (structure and floor values read in instrument manuals): verify with the standard before quoting. Short-term
 * vibration, largest of the three components at the foundation; linear between 1-10, 10-50 and 50-100 Hz. Above 100 Hz at
 * least the value of 100 Hz may be taken. Keeping them avoids damage that lessens the use; exceeding them need not damage.
 */
import { requireFinite, requirePositive } from '../signal/finite.ts'

/** 1 commercial and industrial, 2 dwellings, 3 sensitive and listed. */
export type DinLine = 1 | 2 | 3
export type DinPlace =
  | 'foundation'
  /** Horizontal, in the plane of the uppermost floor, any frequency. */
  | 'top-floor'
  /** Vertical in the middle of a floor, any frequency, lines 1 and 2. */
  | 'floor-vertical'
  /** Long-term vibration, horizontal, uppermost floor. */
  | 'top-floor-long-term'

type Corner = readonly [frequency_hz: number, mm_s: number]
const FOUNDATION: Record<DinLine, readonly Corner[]> = {
  1: [
    [1, 20],
    [10, 20],
    [50, 40],
    [100, 50],
  ],
  2: [
    [1, 5],
    [10, 5],
    [50, 15],
    [100, 20],
  ],
  3: [
    [1, 3],
    [10, 3],
    [50, 8],
    [100, 10],
  ],
}
const TOP_FLOOR: Record<DinLine, number> = { 1: 40, 2: 15, 3: 8 }
const TOP_FLOOR_LONG_TERM: Record<DinLine, number> = { 1: 10, 2: 5, 3: 2.5 }
const FLOOR_VERTICAL_MM_S = 20
/** Buried pipes, on the pipe, short-term [mm/s]. */
export const PIPE_MM_S = { 'welded-steel': 100, concrete: 80, 'masonry-plastic': 50 } as const

const M_PER_MM = 1e-3

/**
 * Guide value [m/s].
 * @param frequency_hz dominant frequency of the peak; below 1 Hz the standard says nothing: undefined
 * @returns undefined also where the standard leaves it to judgement: vertical on floors of line 3
 */
export function dinGuide_m_s(line: DinLine, frequency_hz: number, place: DinPlace = 'foundation'): number | undefined {
  requirePositive(frequency_hz, 'frequency_hz')
  if (place === 'top-floor') return TOP_FLOOR[line] * M_PER_MM
  if (place === 'top-floor-long-term') return TOP_FLOOR_LONG_TERM[line] * M_PER_MM
  if (place === 'floor-vertical') return line === 3 ? undefined : FLOOR_VERTICAL_MM_S * M_PER_MM
  const corners = FOUNDATION[line]
  if (frequency_hz < 1) return undefined
  const above = corners.findIndex(([f]) => f >= frequency_hz)
  if (above < 0) return corners.at(-1)![1] * M_PER_MM
  const [f1, v1] = corners[above]!
  const [f0, v0] = corners[above - 1] ?? corners[above]!
  const part = f1 === f0 ? 0 : (frequency_hz - f0) / (f1 - f0)
  return (v0 + part * (v1 - v0)) * M_PER_MM
}

/** Peak velocity of one axis [m/s] with its dominant frequency [Hz]. */
export type PeakPair = { readonly peak_m_s: number; readonly frequency_hz: number }

export type DinResult = PeakPair & {
  /** Which of the pairs given is the worst. */
  readonly pair: number
  readonly guide_m_s: number
  /** Peak over guide value: above 1 it is exceeded. */
  readonly ratio: number
}

/**
 * The worst pair: not the largest peak, for a smaller one at a lower frequency may be closer to its guide value.
 * @returns undefined where no pair has a guide value (`dinGuide_m_s`)
 * @throws RangeError naming a pair that is no number
 */
export function din4150(
  pairs: readonly PeakPair[],
  line: DinLine,
  place: DinPlace = 'foundation',
): DinResult | undefined {
  let worst: DinResult | undefined
  for (const [pair, { peak_m_s, frequency_hz }] of pairs.entries()) {
    if (!(Number.isFinite(peak_m_s) && Number.isFinite(frequency_hz) && frequency_hz > 0))
      throw new RangeError(
        `pairs[${pair}]: expected a peak and a frequency above 0, got ${peak_m_s} and ${frequency_hz}`,
      )
    const guide_m_s = dinGuide_m_s(line, frequency_hz, place)
    if (guide_m_s === undefined) continue
    const ratio = Math.abs(peak_m_s) / guide_m_s
    if (worst === undefined || ratio > worst.ratio) worst = { pair, peak_m_s, frequency_hz, guide_m_s, ratio }
  }
  return worst
}

/**
 * The pair of one axis: its largest |v| and the frequency of the half wave that holds it, from its zero crossings (between
 * samples), as instruments to DIN 45669 do. The record is about zero (offset removed).
 * @returns undefined where the half wave is cut by an end of the record, or nothing moves
 */
export function peakPair(v_m_s: Float64Array, sample_rate_hz: number): PeakPair | undefined {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireFinite(v_m_s)
  let top = 0
  for (let k = 1; k < v_m_s.length; k++) if (Math.abs(v_m_s[k]!) > Math.abs(v_m_s[top]!)) top = k
  const sign = Math.sign(v_m_s[top]!)
  if (sign === 0) return undefined
  let [left, right] = [top, top]
  while (left >= 0 && sign * v_m_s[left]! > 0) left--
  while (right < v_m_s.length && sign * v_m_s[right]! > 0) right++
  if (left < 0 || right === v_m_s.length) return undefined
  const from = left + v_m_s[left]! / (v_m_s[left]! - v_m_s[left + 1]!)
  const to = right - v_m_s[right]! / (v_m_s[right]! - v_m_s[right - 1]!)
  return { peak_m_s: Math.abs(v_m_s[top]!), frequency_hz: sample_rate_hz / (2 * (to - from)) }
}
