/**
 * The words in which people are told of an occurrence, once. Times of day are the site's; which occurrences are told,
 * and when, is `alarm-machine.ts`'s business.
 */

import type { AlarmState } from '../domain/alarm.ts'
import { amountOf, hasAmount, RULE_WORDS, spanText } from '../domain/limit-words.ts'
import { type Instant, instantToMs } from '../domain/time.ts'
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
  /** What the limit judges; default its value. */
  readonly kind?: string
  /** In words, where the value does not say it. */
  readonly rule?: string | undefined
  /** Name of the drill that it belongs to. */
  readonly drill?: string
  /** Nobody was told at once, because the alarm was aside. */
  readonly meanwhile?: Meanwhile
  /** Since when the desk ought to have told it, where it was away. */
  readonly overdue_since_ns?: string
}
/** What lay over the alarm, and how many occurrences began under it. */
export type Meanwhile = { readonly state: AlarmState; readonly count: number; readonly first_onset_ns: string }
const WHILE: Partial<Record<AlarmState, string>> = {
  shelved: 'while shelved',
  suppressed: 'while suppressed by design',
  'out-of-service': 'while out of service',
}

/**
 * "Dead Run above flood level: 1.40 m at 14:05" or, for one that began and ended unseen,
 * "LATE: at 14:05, learned 14:25: Dead Run above flood level: 1.40 m". In a drill "EXERCISE … [drill Autumn 2018]".
 * Where something else than the value is judged, its rule: "Dead Run silent: no valid value for 60 s at 14:05".
 */
export function noticeText(told: Told): string {
  const { time_zone, late, onset_ns, learned_ns, particulars, drill } = told
  // A drill is an exercise, also where a record should have forgotten to say so.
  const mark = particulars.exercise || drill !== undefined ? 'EXERCISE ' : ''
  const { meanwhile, overdue_since_ns } = told
  const doubts = [
    meanwhile && `${WHILE[meanwhile.state] ?? ''}${meanwhile.count > 1 ? `, the last of ${meanwhile.count}` : ''}`,
    overdue_since_ns && `told late: due ${timeOf(BigInt(overdue_since_ns) as Instant, time_zone)}`,
    particulars.unconfirmed ? 'unconfirmed' : undefined,
    particulars.time_unknown ? 'time unknown' : undefined,
  ].filter((doubt) => doubt !== undefined)
  const doubt = (doubts.length > 0 ? ` (${doubts.join(', ')})` : '') + (drill === undefined ? '' : ` [drill ${drill}]`)
  const what = whatText(told)
  const day = dayOf(onset_ns, time_zone) === dayOf(learned_ns, time_zone) ? '' : `${dayOf(onset_ns, time_zone)} `
  const at = `at ${day}${timeOf(onset_ns, time_zone)}`
  const learned = `learned ${timeOf(learned_ns, time_zone)}`
  if (late) return `${mark}LATE: ${at}, ${learned}: ${what}${doubt}`
  return `${mark}${what} ${at}${learned_ns - onset_ns >= LEARNED_LATE_NS ? `, ${learned}` : ''}${doubt}`
}

/** Name, rule and amount, as far as each says something. */
function whatText({ name, late, particulars, kind = 'above', rule }: Told): string {
  const extreme = late ? (particulars.peak ?? particulars.value) : particulars.value
  const amount = extreme === null || !hasAmount(kind) ? '' : onScreen(extreme, particulars.unit, kind)
  const said = [rule ?? '', amount].filter((part) => part !== '').join(': ')
  return said === '' ? name : `${name}: ${said}`
}

/** An SI amount of a kind of limit (default: a value of its channel) in the unit in which people read it. */
export function onScreen(value: number, unit: string, kind = 'above'): string {
  const amount = amountOf(value, unit, kind)
  if (amount === undefined) return unit === 's' ? spanText(value, RULE_WORDS.en.span) : `${value} ${unit}`.trim()
  return `${amount.value.toFixed(amount.digits)}${amount.unit === '1' ? '' : ` ${amount.unit}`}`
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
