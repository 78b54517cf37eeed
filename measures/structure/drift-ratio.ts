/**
 * Inter-storey drift: how far a floor moves against the one below, over the storey's height. Displacements (double integrated
 * and high-passed, or measured) and the alignment of their clocks and directions are left to the caller.
 *
 *   θ(t) = (u_above(t) − u_below(t)) / h   [1, often quoted in %]
 *
 * From accelerometers a permanent displacement cannot be recovered: the high-pass takes it away with the drift of the
 * integration. A residual drift is therefore only as good as a displacement measured down to 0 Hz.
 */
import { requireAxes, requirePositive } from '../signal/finite.ts'

export type Drift = { readonly ratio: number; readonly index: number }

/** A published limit of transient drift ratio; permanent drift where the source states one. */
export type DriftLimit = {
  readonly system: string
  readonly level: 'IO' | 'LS' | 'CP' | 'code'
  readonly transient: number
  readonly permanent?: number
  readonly source: string
}

/**
 * @param above_m, below_m displacement of the floors in one direction [m], same instants @param height_m storey height
 * @throws RangeError for unlike lengths, or naming a sample that is no number
 */
export function driftRatio(above_m: Float64Array, below_m: Float64Array, height_m: number): Float64Array {
  requireAxes([above_m, below_m], 2)
  requirePositive(height_m, 'height_m')
  return above_m.map((u, k) => (u - below_m[k]!) / height_m)
}

/** Largest |drift| of one direction, with its sign and first index. */
export function peakDrift(ratio: Float64Array): Drift {
  requireAxes([ratio], 1)
  let index = 0
  for (let k = 1; k < ratio.length; k++) if (Math.abs(ratio[k]!) > Math.abs(ratio[index]!)) index = k
  return { ratio: ratio[index]!, index }
}

/** Largest resultant of two directions, √(θx² + θy²). */
export function peakVectorDrift(x: Float64Array, y: Float64Array): Drift {
  requireAxes([x, y], 2)
  return peakDrift(x.map((value, k) => Math.hypot(value, y[k]!)))
}

/**
 * Residual drift: the mean over the last `window_s` less the mean over the first. Both must be quiet: take whole periods of
 * the building, ten or more, so that the swinging averages out.
 * @throws RangeError unless the record holds two windows
 */
export function residualDrift(ratio: Float64Array, sample_rate_hz: number, window_s: number): number {
  requirePositive(sample_rate_hz, 'sample_rate_hz')
  requireAxes([ratio], 1)
  const samples = Math.round(window_s * sample_rate_hz)
  if (!(samples >= 1 && 2 * samples <= ratio.length))
    throw new RangeError(
      `window_s: expected two windows in ${ratio.length / sample_rate_hz} s, got windows of ${window_s} s`,
    )
  const mean = (part: Float64Array) => part.reduce((sum, value) => sum + value, 0) / part.length
  return mean(ratio.slice(-samples)) - mean(ratio.slice(0, samples))
}

const FEMA = 'FEMA 356 table C1-3 [K]'
const fema = (system: string, io: number, ls: [number, number], cp: [number, number]): DriftLimit[] => [
  { system, level: 'IO', transient: io, source: FEMA },
  { system, level: 'LS', transient: ls[0], permanent: ls[1], source: FEMA },
  { system, level: 'CP', transient: cp[0], permanent: cp[1], source: FEMA },
]

/** Immediate occupancy, life safety, collapse prevention; and what codes allow. [K]: verify before quoting. */
export const DRIFT_LIMITS: readonly DriftLimit[] = [
  ...fema('concrete-frame', 0.01, [0.02, 0.01], [0.04, 0.04]),
  ...fema('steel-moment-frame', 0.007, [0.025, 0.01], [0.05, 0.05]),
  ...fema('steel-braced-frame', 0.005, [0.015, 0.005], [0.02, 0.02]),
  ...fema('concrete-wall', 0.005, [0.01, 0.005], [0.02, 0.02]),
  ...fema('reinforced-masonry-wall', 0.002, [0.006, 0.006], [0.015, 0.015]),
  ...fema('infill-masonry', 0.001, [0.005, 0.003], [0.006, 0.006]),
  { system: 'any', level: 'code', transient: 0.005, source: 'Taiwan seismic code, moderate earthquake [K]' },
  { system: 'any', level: 'code', transient: 1 / 200, source: 'Japan, damage limitation, 1/200 (Midorikawa et al.)' },
]
