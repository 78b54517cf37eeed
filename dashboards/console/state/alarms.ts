/**
 * How alarms are ordered, which of them need a person, and what a person may do with each: ISA-18.2 / IEC 62682 states
 * A to F. Raising, clearing and judging commands is the desk's.
 */
import type { AlarmJson, AlarmState } from '../../../domain/alarm.ts'
import { judgesValue, kindOfLimit, type Limit, PRIORITIES } from '../../../domain/condition.ts'
import { msOf, msOrNull } from './instants.ts'

const UNANSWERED: ReadonlySet<AlarmState> = new Set([
  'unacknowledged',
  'returned-unacknowledged',
  'latched-unacknowledged',
])

const ASIDE: ReadonlySet<AlarmState> = new Set(['shelved', 'suppressed', 'out-of-service'])

/** A person put it aside for a time, or the system suppresses it by design; its condition goes on being judged. */
export const isAside = (alarm: AlarmJson): boolean => ASIDE.has(alarm.state)

/** A to F: what condition and answers make of it, put aside or not. */
export const underlyingState = (alarm: AlarmJson): AlarmState => alarm.aside?.underlying ?? alarm.state

export const isConditionTrue = (alarm: AlarmJson): boolean => {
  const state = underlyingState(alarm)
  return state === 'unacknowledged' || state === 'acknowledged'
}

export const isLatched = (alarm: AlarmJson): boolean => {
  const state = underlyingState(alarm)
  return state === 'latched-unacknowledged' || state === 'latched-acknowledged'
}

/** Somebody still has to acknowledge it: its state says so, or an occurrence came and went unseen. */
export const needsAnswer = (alarm: AlarmJson): boolean =>
  !isAside(alarm) && (UNANSWERED.has(alarm.state) || alarm.late.length > 0)

/** Reset ends a latched alarm, and only one that was acknowledged with all its late occurrences (state F). */
export const mayReset = (alarm: AlarmJson): boolean => alarm.state === 'latched-acknowledged' && alarm.late.length === 0

/** On the list: anything but a quiet normal row or one put aside, which has a list of its own. */
export const isListed = (alarm: AlarmJson): boolean =>
  !isAside(alarm) && (alarm.state !== 'normal' || alarm.late.length > 0)

/** What stands apart: shelved by a person, suppressed by design, or out of service. */
export type AsideKind = 'shelved' | 'suppressed' | 'out-of-service'
export const asideOf = (alarms: Iterable<AlarmJson>, kind: AsideKind): AlarmJson[] =>
  sortAlarms([...alarms].filter((a) => a.state === kind))

/** An acknowledgement covers every occurrence on the screen: the highest number shown. */
export const highestSeen = (alarm: Pick<AlarmJson, 'occurrence' | 'late'>): number =>
  Math.max(alarm.occurrence, ...alarm.late.map((l) => l.occurrence))

/** Unanswered first, then by priority, then the newest onset, then by id so that rows never swap by chance. */
export function sortAlarms(alarms: Iterable<AlarmJson>): AlarmJson[] {
  const rank = (a: AlarmJson) => (needsAnswer(a) ? 0 : 1)
  const onset = (a: AlarmJson) => msOrNull(a.onset_ns) ?? 0
  return [...alarms].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
      onset(b) - onset(a) ||
      (a.id < b.id ? -1 : 1),
  )
}

/** How long the condition has been (or was) true [ms]; null before the first onset. */
export function duration_ms(alarm: AlarmJson, now_ms: number): number | null {
  const onset_ms = msOrNull(alarm.onset_ns)
  if (onset_ms === null) return null
  const end_ms = isConditionTrue(alarm) ? now_ms : (msOrNull(alarm.returned_ns) ?? now_ms)
  return Math.max(0, end_ms - onset_ms)
}

/** An onset learned more than this after it happened is shown with both instants. */
export const LEARNED_LATE_MS = 10_000

export type LateView = {
  readonly occurrence: number
  readonly onset_ms: number
  /** Null while the record of the return is still on its way. */
  readonly returned_ms: number | null
  readonly learned_ms: number
}

/** The occurrences that came and went unseen, newest first. */
export const lateViews = (alarm: AlarmJson): LateView[] =>
  alarm.late
    .map((late) => ({
      occurrence: late.occurrence,
      onset_ms: msOf(late.onset_ns),
      returned_ms: msOrNull(late.returned_ns),
      learned_ms: msOf(late.learned_ns),
    }))
    .sort((a, b) => b.occurrence - a.occurrence)

/**
 * Whether a value lies on the wrong side of a limit, compared as the edge does (float32); only the edge raises alarms.
 * A limit on an age, a rate or a count is not compared with a value at all.
 */
export function isBeyond(limit: Limit | undefined, value: number | null | undefined): boolean {
  if (limit === undefined || value == null || !judgesValue(limit)) return false
  const [a, b] = [Math.fround(value), Math.fround(limit.limit)]
  if (kindOfLimit(limit) === 'outside' && a <= Math.fround(limit.parameters?.low ?? -Infinity)) return true
  return limit.direction === 'above' ? a >= b : a <= b
}
