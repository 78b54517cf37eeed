/** Calendar fields as records state them, to instants. A date or time that does not exist gives nothing, never another day. */
import { fromIso, type Instant, instant } from '../domain/time.ts'

export type Fields = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** With fraction. */
  readonly second: number
  /** Minutes by which the record's clock is ahead of UTC. */
  readonly ahead_min?: number
}

/** UTC instant of calendar fields, to the nanosecond the fraction allows. */
export function instantOf({ year, month, day, hour, minute, second, ahead_min = 0 }: Fields): Instant | undefined {
  const whole = [year, month, day, hour, minute].every(Number.isInteger)
  if (!whole || !(second >= 0 && second < 60) || year < 1000 || year > 9999) return undefined
  const two = (n: number) => String(n).padStart(2, '0')
  const base = fromIso(`${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:00Z`)
  if (base === undefined) return undefined
  return instant(base + BigInt(Math.round(second * 1e9)) - BigInt(ahead_min) * 60_000_000_000n)
}

/** The same with the day of the year (1 = 1 January). */
export function instantOfDay(year: number, day_of_year: number, hour: number, minute: number, second: number) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  if (!Number.isInteger(day_of_year) || day_of_year < 1 || day_of_year > (leap ? 366 : 365)) return undefined
  const base = instantOf({ year, month: 1, day: 1, hour, minute, second })
  return base === undefined ? undefined : instant(base + BigInt(day_of_year - 1) * 86_400_000_000_000n)
}

/** The first strong-motion record is of 1933: two digits below that are of this century. */
export const fullYear = (year: number): number => (year >= 100 ? year : year < 33 ? 2000 + year : 1900 + year)
