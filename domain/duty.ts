/**
 * Who is on duty: a week of shifts in local time, holidays that go by another weekday, overrides. A shift that crosses
 * midnight belongs to the day on which it begins. Local times come from `Intl`, so that a change of daylight saving neither
 * drops nor doubles a shift: who is on duty is looked up by what the clock on the wall shows.
 */
import { type SiteShifts, type SiteTeam, WEEKDAYS, type Weekday } from './site-notices.ts'
import { type Instant, instantToMs } from './time.ts'

/** What a clock on the wall shows. */
export type LocalMinute = {
  /** `2026-12-24` */
  readonly date: string
  /** Minutes since midnight. */
  readonly minute: number
}

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(time_zone: string): Intl.DateTimeFormat {
  const known = formats.get(time_zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone: time_zone,
    dateStyle: 'short',
    timeStyle: 'short',
    calendar: 'iso8601',
  })
  formats.set(time_zone, made)
  return made
}

export function localMinute(at: Instant, time_zone: string): LocalMinute {
  const text = formatOf(time_zone).format(instantToMs(at))
  return { date: text.slice(0, 10), minute: minuteOf(text.slice(11, 16)) }
}

/** `08:30` -> 510 */
export const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))

export const weekdayOf = (date: string): Weekday => WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]!

const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10)

/** A span of the day that begins on some weekdays; at or before `from`, `to` is on the next day. */
export type DailySpan = { readonly days: readonly Weekday[]; readonly from: string; readonly to: string }

/** @param dayOf the weekday by which a date goes */
export function covers(
  { days, from, to }: DailySpan,
  { date, minute }: LocalMinute,
  dayOf: (date: string) => Weekday = weekdayOf,
): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  if (end > begin) return days.includes(dayOf(date)) && minute >= begin && minute < end
  return (days.includes(dayOf(date)) && minute >= begin) || (days.includes(dayOf(dayBefore(date))) && minute < end)
}

const stamp = ({ date, minute }: LocalMinute): string =>
  `${date}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** Contacts on duty at a local minute; empty = a hole. */
export function onDutyAt(shifts: SiteShifts, at: LocalMinute): readonly string[] {
  const now = stamp(at)
  const override = shifts.overrides.findLast(({ from, to }) => from <= now && now < to)
  if (override !== undefined) return override.on
  const holidays = new Map(shifts.holidays.map(({ date, as }) => [date, as]))
  const dayOf = (date: string): Weekday => holidays.get(date) ?? weekdayOf(date)
  return [...new Set(shifts.weekly.filter((span) => covers(span, at, dayOf)).flatMap(({ on }) => on))]
}

/** Members of a team on duty; all of them where it has no shifts. */
export function onDuty(team: Pick<SiteTeam, 'members' | 'shifts'>, at: Instant, siteZone: string): readonly string[] {
  if (team.shifts === undefined) return team.members
  return onDutyAt(team.shifts, localMinute(at, team.shifts.time_zone ?? siteZone))
}

/** The first minute at which nobody is on duty, of an ordinary week and of the days around each holiday. */
export function firstHole(shifts: SiteShifts): LocalMinute | undefined {
  const plain = { ...shifts, holidays: [], overrides: [] }
  // Any week that begins on a Monday: 1 January 2024 was one.
  for (let day = 1; day <= 7; day++) {
    const hole = holeOn(plain, `2024-01-0${day}`)
    if (hole !== undefined) return hole
  }
  const real = { ...shifts, overrides: [] }
  for (const { date } of shifts.holidays) {
    const next = new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
    const hole = holeOn(real, date) ?? holeOn(real, next)
    if (hole !== undefined) return hole
  }
  return undefined
}

function holeOn(shifts: SiteShifts, date: string): LocalMinute | undefined {
  const edges = [0, ...shifts.weekly.flatMap(({ from, to }) => [minuteOf(from), minuteOf(to)])].sort((a, b) => a - b)
  // Who is on duty changes only where a shift begins or ends.
  for (const minute of edges) if (onDutyAt(shifts, { date, minute }).length === 0) return { date, minute }
  return undefined
}
