/**
 * QARTOD climatology: what is usual in this month or season. A dry-season flood is possible and must not be failed for its
 * date alone, so outside the usual span is suspect; a fail span is there for what cannot be in that season.
 */
import { FAIL, type Flag, GOOD, MISSING, NOT_EVALUATED, SUSPECT } from '../../domain/reading.ts'
import { requireSeries } from '../water/checks.ts'
import type { Span } from './gross-range.ts'

export type Period = 'month' | 'quarter' | 'weekOfYear' | 'dayOfYear'

export type ClimateMember = {
  /** Counted from 1, both ends in; from > to runs over the new year (11 to 2: November to February). */
  readonly period: Period
  readonly from: number
  readonly to: number
  /** Usual values, both ends in. */
  readonly usual: Span
  /** Beyond this is failed. */
  readonly possible?: Span
}

export type Climatology = {
  readonly members: readonly ClimateMember[]
  /** Time of the site's calendar: seconds added to UTC; default 0. */
  readonly utc_offset_s?: number
}

const LARGEST: Readonly<Record<Period, number>> = { month: 12, quarter: 4, weekOfYear: 53, dayOfYear: 366 }

/** @throws RangeError naming the member */
export function requireClimatology({ members }: Climatology): void {
  members.forEach(({ period, from, to, usual, possible }, i) => {
    const at = `climatology.members[${i}]`
    const largest = LARGEST[period]
    if (![from, to].every((n) => Number.isInteger(n) && n >= 1 && n <= largest))
      throw new RangeError(`${at}: expected ${period} from 1 to ${largest}, got ${from} to ${to}`)
    for (const span of possible === undefined ? [usual] : [usual, possible])
      if (!(span[0] <= span[1])) throw new RangeError(`${at}: expected a span low to high, got ${span.join(' to ')}`)
    if (possible !== undefined && (usual[0] < possible[0] || usual[1] > possible[1]))
      throw new RangeError(`${at}: expected the usual span within the possible one`)
  })
}

const DAY_S = 86_400

/** Number of the period that an instant lies in. Weeks are those of ISO 8601: week 1 holds the first Thursday. */
export function periodOf(t_s: number, period: Period): number {
  const date = new Date(t_s * 1000)
  if (period === 'month') return date.getUTCMonth() + 1
  if (period === 'quarter') return Math.floor(date.getUTCMonth() / 3) + 1
  const dayOfYear = (at: Date) => Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / (DAY_S * 1000)) + 1
  if (period === 'dayOfYear') return dayOfYear(date)
  const thursday = new Date((t_s + (4 - (date.getUTCDay() || 7)) * DAY_S) * 1000)
  return Math.ceil(dayOfYear(thursday) / 7)
}

/** 9 for NaN; 2 where no member covers the instant; else the worst that any member says: 4, 3 or 1. */
export function climatologyFlag(t_s: number, value: number, { members, utc_offset_s = 0 }: Climatology): Flag {
  if (!Number.isFinite(value)) return MISSING
  let flag: Flag = NOT_EVALUATED
  for (const { period, from, to, usual, possible } of members) {
    const now = periodOf(t_s + utc_offset_s, period)
    if (from <= to ? now < from || now > to : now < from && now > to) continue
    if (possible !== undefined && (value < possible[0] || value > possible[1])) return FAIL
    if (value < usual[0] || value > usual[1]) flag = SUSPECT
    else if (flag === NOT_EVALUATED) flag = GOOD
  }
  return flag
}

/** @param t_s instants in seconds since 1970 UTC */
export function climatology(t_s: ArrayLike<number>, values: ArrayLike<number>, test: Climatology): Flag[] {
  requireClimatology(test)
  requireSeries(t_s, values)
  return Array.from(values, (value, i) => climatologyFlag(t_s[i]!, value, test))
}
