/**
 * Which tone sounds now. A tone repeats while an alarm that is not put aside waits to be acknowledged; muting holds for ten
 * minutes, and ends early for an occurrence that is worse than what stood there, or for any new critical one: a mute is for
 * what was heard.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { PRIORITIES, type Priority } from '../../../domain/condition.ts'
import { highestSeen, needsAnswer } from './alarms.ts'

export const MUTE_MS = 600_000

export type Mute = {
  readonly until_ms: number
  /** What waited when it was muted, each with the highest occurrence of then. */
  readonly known: ReadonlyMap<string, number>
  readonly worst: Priority | null
}

/** One tone per priority: pitch, how many pulses, and how often. Lower is slower and rarer; low priority makes no sound. */
export type Tone = { readonly hertz: number; readonly pulses: number; readonly every_ms: number }
export const TONES: Readonly<Record<Priority, Tone | null>> = {
  critical: { hertz: 880, pulses: 3, every_ms: 2000 },
  high: { hertz: 660, pulses: 2, every_ms: 5000 },
  medium: { hertz: 440, pulses: 1, every_ms: 15_000 },
  low: null,
}

const waiting = (alarms: Iterable<AlarmJson>): AlarmJson[] => [...alarms].filter(needsAnswer)

export const worstOf = (alarms: readonly AlarmJson[]): Priority | null =>
  PRIORITIES.find((priority) => alarms.some((a) => a.priority === priority)) ?? null

export function muteNow(alarms: Iterable<AlarmJson>, now_ms: number): Mute {
  const heard = waiting(alarms)
  return {
    until_ms: now_ms + MUTE_MS,
    known: new Map(heard.map((a) => [a.id, highestSeen(a)])),
    worst: worstOf(heard),
  }
}

/** The mute that still holds; null when it has run out or something new calls for it to end. */
export function muteAt(mute: Mute | null, alarms: Iterable<AlarmJson>, now_ms: number): Mute | null {
  if (mute === null || now_ms >= mute.until_ms) return null
  const fresh = waiting(alarms).filter((a) => highestSeen(a) > (mute.known.get(a.id) ?? 0))
  const rank = (priority: Priority | null) => (priority === null ? PRIORITIES.length : PRIORITIES.indexOf(priority))
  const worst = worstOf(fresh)
  return worst !== null && (worst === 'critical' || rank(worst) < rank(mute.worst)) ? null : mute
}

/** The priority that sounds; null = silence. */
export function soundingAt(alarms: Iterable<AlarmJson>, mute: Mute | null): Priority | null {
  if (mute !== null) return null
  const worst = worstOf(waiting(alarms))
  return worst !== null && TONES[worst] !== null ? worst : null
}
