/**
 * How long until the water reaches a level, if it goes on rising as it does: the best estimate, the earliest and the latest
 * time from the error of the slope, or "none" with its reason. A forecast it is not: the rain is not asked.
 */
import { requireFinite, requirePositive } from './checks.ts'

export type Rise = {
  /** m/s */
  readonly rate_m_s: number
  /** Interval of the rate [m/s], e.g. of `theilSen`; without it there is no earliest and latest. */
  readonly low_m_s?: number
  readonly high_m_s?: number
}

export type TimeToLevel =
  /** The water stands at the level or above it. */
  | { readonly kind: 'reached' }
  /** `latest_s` is null where the slow end of the interval does not reach the level within the horizon. */
  | {
      readonly kind: 'rising'
      readonly time_s: number
      readonly earliest_s: number | null
      readonly latest_s: number | null
    }
  /**
   * No time is given. `earliest_s` is there where the fast end of the interval would reach the level within the horizon:
   * "not expected, but not before ...".
   */
  | {
      readonly kind: 'none'
      readonly why: 'not-rising' | 'beyond-horizon' | 'unknown'
      readonly earliest_s: number | null
    }

export type TimeToLevelOptions = {
  /** Nothing further ahead than this is told [s]; default 6 h. */
  readonly horizon_s?: number
  /** A slower rise counts as none [m/s]; default 1 mm in 15 min, below what a gauge resolves. */
  readonly rate_min_m_s?: number
}

export const HORIZON_S = 6 * 3600
export const RATE_MIN_M_S = 0.001 / 900

/**
 * t = (T − h) / r for r > r_min (`domain.md` 6).
 * @param stage_m present stage; NaN gives "none: unknown"
 * @param level_m the level T, above the same datum
 * @param rise NaN as rate gives "none: unknown"
 * @throws RangeError for a level that is no number or low > high
 */
export function timeToLevel(
  stage_m: number,
  level_m: number,
  rise: Rise,
  options: TimeToLevelOptions = {},
): TimeToLevel {
  const horizon_s = requirePositive('horizon_s', options.horizon_s ?? HORIZON_S)
  const rateMin_m_s = requirePositive('rate_min_m_s', options.rate_min_m_s ?? RATE_MIN_M_S)
  const { rate_m_s, low_m_s, high_m_s } = rise
  if (low_m_s !== undefined && high_m_s !== undefined && low_m_s > high_m_s)
    throw new RangeError(`rise: expected low_m_s at most high_m_s, got ${low_m_s} and ${high_m_s}`)
  const above_m = requireFinite('level_m', level_m) - stage_m
  if (above_m <= 0) return { kind: 'reached' }
  const within = (rate: number | undefined): number | null => {
    if (rate === undefined || !(rate > rateMin_m_s)) return null
    const time_s = above_m / rate
    return time_s <= horizon_s ? time_s : null
  }
  if (Number.isNaN(above_m) || Number.isNaN(rate_m_s)) return { kind: 'none', why: 'unknown', earliest_s: null }
  const earliest_s = within(high_m_s)
  const time_s = within(rate_m_s)
  if (time_s !== null) return { kind: 'rising', time_s, earliest_s, latest_s: within(low_m_s) }
  return { kind: 'none', why: rate_m_s > rateMin_m_s ? 'beyond-horizon' : 'not-rising', earliest_s }
}
