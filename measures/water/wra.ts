/**
 * Alert stages of Taiwan's Water Resources Agency (Water Act art. 74, enforcement rules art. 52): three levels, level 1 is the
 * worst. The lead times and what each level means are official; control elevations and rise rate belong to the station.
 *
 * Sources: WRA data set "警戒水位值" and press (CNA 2015-09-29), as in `domain.md` 6 (S17).
 */
import { requireFinite } from './checks.ts'

export type WraLevel = 1 | 2 | 3

/** Time that people need: level 1 to evacuate (2 h), level 2 to mobilise (5 h), level 3 to clear the river zone (2 h). */
export const WRA_LEAD_S: Readonly<Record<WraLevel, number>> = { 1: 2 * 3600, 2: 5 * 3600, 3: 2 * 3600 }

export type WraStation = {
  /** Design flood stage or levee top: the control of levels 1 and 2 [m]. */
  readonly flood_m: number
  /** High floodplain: the control of level 3 [m]. */
  readonly floodplain_m: number
  /** Rise rate of the station's floods [m/s]; never negative. */
  readonly rise_rate_m_s: number
}

/** alert stage = control elevation − rise rate × lead time [m]. */
export function wraAlertStage_m(control_m: number, rise_rate_m_s: number, lead_s: number): number {
  requireFinite('control_m', control_m)
  if (!(requireFinite('rise_rate_m_s', rise_rate_m_s) >= 0 && requireFinite('lead_s', lead_s) >= 0))
    throw new RangeError(
      `alert stage: expected rise rate and lead time of 0 or more, got ${rise_rate_m_s} m/s and ${lead_s} s`,
    )
  return control_m - rise_rate_m_s * lead_s
}

/** The three alert stages of a station [m]. @throws RangeError for a floodplain above the flood stage */
export function wraAlertStages_m(station: WraStation): Readonly<Record<WraLevel, number>> {
  const { flood_m, floodplain_m, rise_rate_m_s } = station
  if (floodplain_m > flood_m)
    throw new RangeError(`floodplain_m: expected at most flood_m (${flood_m}), got ${floodplain_m}`)
  return {
    1: wraAlertStage_m(flood_m, rise_rate_m_s, WRA_LEAD_S[1]),
    2: wraAlertStage_m(flood_m, rise_rate_m_s, WRA_LEAD_S[2]),
    3: wraAlertStage_m(floodplain_m, rise_rate_m_s, WRA_LEAD_S[3]),
  }
}

/**
 * The worst level whose alert stage is reached (stage at or above it), null below all. Published stations have stages that
 * are not always in order, so every level is asked and the worst counts.
 * @throws RangeError for a stage that is no number: unknown is never "no level"
 */
export function wraLevel(stage_m: number, alert_m: Readonly<Partial<Record<WraLevel, number>>>): WraLevel | null {
  requireFinite('stage_m', stage_m)
  for (const level of [1, 2, 3] as const) {
    const at_m = alert_m[level]
    if (at_m !== undefined && stage_m >= at_m) return level
  }
  return null
}
