/**
 * How alarms are ordered, which of them need a person, and what a person may do with each: ISA-18.2 / IEC 62682 states
 * A to F. Raising, clearing and judging commands is the desk's.
 */
import type { AlarmJson, AlarmState } from '../../../domain/alarm.ts'
import { PRIORITIES } from '../../../domain/condition.ts'
import { msOf, msOrNull } from './instants.ts'
import { toldKey } from './live-state.ts'

const UNANSWERED: ReadonlySet<AlarmState> = new Set([
  'unacknowledged',
  'returned-unacknowledged',
  'latched-unacknowledged',
])

export const isConditionTrue = (alarm: AlarmJson): boolean =>
  alarm.state === 'unacknowledged' || alarm.state === 'acknowledged'

export const isLatched = (alarm: AlarmJson): boolean =>
  alarm.state === 'latched-unacknowledged' || alarm.state === 'latched-acknowledged'

/** Somebody still has to acknowledge it: its state says so, or an occurrence came and went unseen. */
export const needsAnswer = (alarm: AlarmJson): boolean => UNANSWERED.has(alarm.state) || alarm.late.length > 0

/** Reset ends a latched alarm, and only one that was acknowledged (state F). */
export const mayReset = (alarm: AlarmJson): boolean => alarm.state === 'latched-acknowledged'

/** On the list: anything but a quiet normal row. */
export const isListed = (alarm: AlarmJson): boolean => alarm.state !== 'normal' || alarm.late.length > 0

/** An acknowledgement covers every occurrence on the screen: the highest number shown. */
export const highestSeen = (alarm: AlarmJson): number =>
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
  readonly returned_ms: number
  /** When the desk learned of it; null when this page cannot know. */
  readonly learned_ms: number | null
}

/** The occurrences that came and went unseen, newest first, each with the instant it was learned where that is known. */
export function lateViews(alarm: AlarmJson, told: ReadonlyMap<string, number>): LateView[] {
  return alarm.late
    .map((late) => ({
      occurrence: late.occurrence,
      onset_ms: msOf(late.onset_ns),
      returned_ms: msOf(late.returned_ns),
      learned_ms:
        (late.occurrence === alarm.occurrence ? msOrNull(alarm.learned_ns) : null) ??
        told.get(toldKey(alarm.id, late.occurrence)) ??
        null,
    }))
    .sort((a, b) => b.occurrence - a.occurrence)
}
