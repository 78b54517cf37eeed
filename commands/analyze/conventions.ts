/**
 * The choices behind every number of `analyze`, as words that are printed with the result: two people get the same number
 * only with the same conventions. They are those of the published check values in `measures/`.
 */
import { G_M_S2 } from '../../domain/units.ts'
import type { Rounding } from '../../measures/water/episodes.ts'
import type { TriggerOptions } from './options.ts'

export const HIGHPASS_HZ = 0.1
export const DAMPING = 0.05
/** Keys of `sa_5pct_gal`. */
export const PERIODS_S = ['0.1', '0.2', '0.3', '0.5', '1.0', '2.0', '3.0', '5.0'] as const
/** Longest step after which the spike test still asks the neighbour. */
const NEIGHBOUR_MAX_S = 1800
/** Further from the record's median than this no stage can be; the Environment Agency drops readings above 300 m. */
export const RANGE_M = 300
export const SPIKE = { suspect: 0.5, fail: 5, neighbour_max_s: NEIGHBOUR_MAX_S } as const
/** 2 m in 15 min: faster than nearly every flash flood, so only suspect. */
export const RATE_OF_CHANGE = { suspect: 2 / 900 } as const
/** A register's word, see `measures/water/episodes.ts`. */
export const ROUNDING: Rounding = 'float32'

export function groundMotionConventions(trigger: TriggerOptions, vertical: string | undefined): Record<string, string> {
  const { sta_s, lta_s, on, off, filter_hz } = trigger
  const filter =
    filter_hz === undefined
      ? 'no filter before'
      : `causal 4th-order Butterworth band-pass ${filter_hz[0]}-${filter_hz[1]} Hz before`
  return {
    baseline: 'whole-record mean removed from every component',
    g: `${G_M_S2} m/s² (Arias intensity, CAV)`,
    velocity: `zero-phase (forward and backward) 4th-order Butterworth high-pass ${HIGHPASS_HZ} Hz, then trapezoid`,
    displacement: `the velocity through the same high-pass, then trapezoid`,
    dominant_frequency: `largest Fourier amplitude at or above ${HIGHPASS_HZ} Hz`,
    response_spectrum: `pseudo-acceleration, ${DAMPING * 100} % damping, Nigam-Jennings`,
    jma: 'JMA notification 4 of 1996: vector held for 0.3 s in total, rounded to 2 decimals, cut to 1',
    cwa: 'CWA 2020: causal 4th-order Butterworth, low-pass 10 Hz for PGA, high-pass 0.075 Hz on the integrated velocity for PGV, vector of three components',
    sta_lta: `classic, ${sta_s} s / ${lta_s} s, on ${on}, off ${off}, on the vertical component${vertical === undefined ? '' : ` ${vertical}`}, ${filter}`,
  }
}

export function waterConventions(record: string, deadband: string): Record<string, string> {
  return {
    units: `stage in m; the file's unit: ${record}`,
    quality: `QARTOD: fail further than ${RANGE_M} m from the record's median; spike (differential, neighbours within ${NEIGHBOUR_MAX_S / 60} min) suspect above ${SPIKE.suspect} m, fail above ${SPIKE.fail} m; suspect faster than ${RATE_OF_CHANGE.suspect * 900} m in 15 min`,
    used: 'peak, rises and episodes leave out missing values and those that fail (flag 4)',
    rise: 'difference over the window, divided by the time between the two values',
    episodes: `raised at value >= level, cleared at value < level - deadband (${deadband}), all rounded to ${ROUNDING} alike`,
  }
}
