/**
 * The words in which people are told of an occurrence, once. Times of day are the site's; which occurrences are told,
 * and when, is `alarm-machine.ts`'s business.
 */
import { type Instant, instantToMs } from '../domain/time.ts'
import { fromSi, quantityOf, SCREEN_UNIT } from '../domain/units.ts'
import type { Particulars } from './alarm.ts'

/** A raise that the desk learns of later than this says so. */
const LEARNED_LATE_NS = 60_000_000_000n

export type Told = {
  readonly name: string
  readonly time_zone: string
  readonly late: boolean
  readonly onset_ns: Instant
  readonly learned_ns: Instant
  readonly particulars: Particulars
}

/**
 * "Dead Run above flood level: 1.40 m at 14:05" or, for one that began and ended unseen,
 * "LATE: at 14:05, learned 14:25: Dead Run above flood level: 1.40 m".
 */
export function noticeText({ name, time_zone, late, onset_ns, learned_ns, particulars }: Told): string {
  const mark = particulars.exercise ? 'EXERCISE ' : ''
  const doubts = [
    particulars.unconfirmed ? 'unconfirmed' : undefined,
    particulars.time_unknown ? 'time unknown' : undefined,
  ].filter((doubt) => doubt !== undefined)
  const doubt = doubts.length > 0 ? ` (${doubts.join(', ')})` : ''
  const extreme = late ? (particulars.peak ?? particulars.value) : particulars.value
  const what = `${name}${extreme === null ? '' : `: ${onScreen(extreme, particulars.unit)}`}`
  const day = dayOf(onset_ns, time_zone) === dayOf(learned_ns, time_zone) ? '' : `${dayOf(onset_ns, time_zone)} `
  const at = `at ${day}${timeOf(onset_ns, time_zone)}`
  const learned = `learned ${timeOf(learned_ns, time_zone)}`
  if (late) return `${mark}LATE: ${at}, ${learned}: ${what}${doubt}`
  return `${mark}${what} ${at}${learned_ns - onset_ns >= LEARNED_LATE_NS ? `, ${learned}` : ''}${doubt}`
}

/** An SI value in the unit in which people read it. */
export function onScreen(value: number, unit: string): string {
  const quantity = quantityOf(unit)
  if (quantity === undefined) return `${value} ${unit}`.trim()
  const { unit: screen, digits } = SCREEN_UNIT[quantity]
  return `${fromSi(value, screen)!.toFixed(digits)}${screen === '1' ? '' : ` ${screen}`}`
}

const format = new Map<string, { day: Intl.DateTimeFormat; time: Intl.DateTimeFormat }>()
function formatOf(time_zone: string) {
  const known = format.get(time_zone)
  if (known !== undefined) return known
  const made = {
    day: new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone, dateStyle: 'short' }),
    time: new Intl.DateTimeFormat('sv-SE', { timeZone: time_zone, timeStyle: 'short' }),
  }
  format.set(time_zone, made)
  return made
}
const dayOf = (at: Instant, time_zone: string): string => formatOf(time_zone).day.format(instantToMs(at))
const timeOf = (at: Instant, time_zone: string): string => formatOf(time_zone).time.format(instantToMs(at))
