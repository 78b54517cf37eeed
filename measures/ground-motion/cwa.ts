/**
 * Taiwan's seismic intensity scale of 2020-01-01 (交通部中央氣象署地震震度分級) for a record. On a stream: `running-cwa.ts`.
 *
 *   PGA: three components less their mean, causal Butterworth low-pass of order 4 at 10 Hz, largest vector [gal]
 *   PGV: cumulative trapezoid of the same, causal Butterworth high-pass of order 4 at 0.075 Hz, largest vector [cm/s]
 *
 * Source of the signal path: chemars/Seismic-Intensity-Scales, cwa2020.m, whose author notes that the official practice may
 * differ. Trap: the causal high-pass has a start-up transient. A record that begins in the middle of the motion gives too
 * large a PGV (23.8 for 15.9 cm/s); keep at least 10 s before the event.
 */
import { M_S2_PER_GAL } from '../../domain/units.ts'
import { butterworth, filterCausal, type Sos } from '../signal/butterworth.ts'
import { requireAxes } from '../signal/finite.ts'
import { cumulativeTrapezoid } from '../signal/integrate.ts'
import { type Baseline, correctBaseline } from './baseline.ts'
import { vectorPeak } from './peaks.ts'
import { VELOCITY_HIGHPASS_HZ, VELOCITY_ORDER } from './velocity-filter.ts'

export type CwaClass = '0' | '1' | '2' | '3' | '4' | '5-' | '5+' | '6-' | '6+' | '7'

export const CWA_LOWPASS_HZ = 10
export const CWA_HIGHPASS_HZ = VELOCITY_HIGHPASS_HZ
const ORDER = VELOCITY_ORDER
export const CM_S_PER_M_S = 100

/** From this PGA on [gal] the PGV decides. */
const PGV_DECIDES_GAL = 80
/** Lower bounds, inclusive, highest first. */
const BY_PGA: ReadonlyArray<readonly [number, CwaClass]> = [
  [25, '4'],
  [8, '3'],
  [2.5, '2'],
  [0.8, '1'],
]
const BY_PGV: ReadonlyArray<readonly [number, CwaClass]> = [
  [140, '7'],
  [80, '6+'],
  [50, '6-'],
  [30, '5+'],
  [15, '5-'],
]

export type CwaResult = {
  readonly class: CwaClass
  /** Largest vector of the acceleration below 10 Hz [gal] and its sample. */
  readonly pga_gal: number
  readonly pga_index: number
  /** Largest vector of the velocity above 0.075 Hz [cm/s] and its sample. */
  readonly pgv_cm_s: number
  readonly pgv_index: number
}

/**
 * Class by the two peaks: 0 to 4 by PGA; from 80 gal by PGV, and below 15 cm/s it stays 4.
 * @throws RangeError for a peak that is negative or no number
 */
export function cwaClass(pga_gal: number, pgv_cm_s: number): CwaClass {
  if (!(pga_gal >= 0)) throw new RangeError(`pga_gal: expected 0 or more, got ${pga_gal}`)
  if (!(pgv_cm_s >= 0)) throw new RangeError(`pgv_cm_s: expected 0 or more, got ${pgv_cm_s}`)
  if (pga_gal < PGV_DECIDES_GAL) return BY_PGA.find(([from]) => pga_gal >= from)?.[1] ?? '0'
  return BY_PGV.find(([from]) => pgv_cm_s >= from)?.[1] ?? '4'
}

/** @throws RangeError at 20 Hz and below: 10 Hz must lie below Nyquist */
export function cwaFilters(sample_rate_hz: number): { low: Sos; high: Sos } {
  return {
    low: butterworth({ kind: 'lowpass', order: ORDER, corner_hz: CWA_LOWPASS_HZ, sample_rate_hz }),
    high: butterworth({ kind: 'highpass', order: ORDER, corner_hz: CWA_HIGHPASS_HZ, sample_rate_hz }),
  }
}

/**
 * @param axes three components [m/s²], in any order
 * @param baseline whole-record mean unless told; the mean of a quiet part before the event is better where there is one
 * @throws RangeError unless there are three components of one length sampled above 20 Hz, or naming a sample that is no number
 */
export function cwa2020(
  axes: readonly Float64Array[],
  sample_rate_hz: number,
  baseline: Baseline = { kind: 'mean' },
): CwaResult {
  const { low, high } = cwaFilters(sample_rate_hz)
  requireAxes(axes, 3)
  const level = axes.map((axis) => correctBaseline(axis, sample_rate_hz, baseline))
  const pga = vectorPeak(level.map((axis) => filterCausal(low, axis)))
  const velocity = level.map((axis) => cumulativeTrapezoid(axis, 1 / sample_rate_hz))
  const pgv = vectorPeak(velocity.map((axis) => filterCausal(high, axis)))
  const pga_gal = pga.value / M_S2_PER_GAL
  const pgv_cm_s = pgv.value * CM_S_PER_M_S
  return { class: cwaClass(pga_gal, pgv_cm_s), pga_gal, pga_index: pga.index, pgv_cm_s, pgv_index: pgv.index }
}
