/**
 * What a person may ask the desk to do with an alarm, and why the desk did not do it, as the page tells it. The desk
 * judges again: hiding a button only saves a refusal. Sending is `dialogs.ts`'s.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { SessionJson } from '../../../domain/api.ts'
import { mayActAs, type Role } from '../../../domain/roles.ts'
import type { Words } from '../i18n/index.ts'
import type { Refusal } from '../io/api-client.ts'
import { highestSeen, isAside, isListed, mayReset, needsAnswer } from './alarms.ts'

export type AlarmCommand =
  | 'acknowledge'
  | 'reset'
  | 'comment'
  | 'shelve'
  | 'unshelve'
  | 'out-of-service'
  | 'return-to-service'

/** What the form of a command gives; each command takes its part. */
export type CommandInput = {
  /** Comment or reason. */
  readonly text: string
  readonly minutes: number
  readonly one_shot: boolean
  /** Null = until an engineer returns it. */
  readonly until_ms: number | null
}

export const ROLE_NEEDED: Readonly<Record<AlarmCommand, Role>> = {
  acknowledge: 'operator',
  reset: 'operator',
  comment: 'operator',
  shelve: 'operator',
  unshelve: 'operator',
  'out-of-service': 'engineer',
  'return-to-service': 'engineer',
}

/**
 * Whether a person is offered what needs a role: whoever is signed in by that role; whoever is not is offered what an
 * operator does, and asked to sign in for it.
 */
export function isOffered(session: SessionJson | null, needed: Role): boolean {
  const role = session?.user?.role
  return role === undefined ? needed === 'operator' : mayActAs(role, needed)
}

/** The commands that fit the state of an alarm, the wanted one first. */
export function commandsFor(alarm: AlarmJson): AlarmCommand[] {
  if (alarm.state === 'shelved') return ['unshelve', 'comment', 'out-of-service']
  if (alarm.state === 'out-of-service') return ['return-to-service', 'comment']
  return [
    ...(needsAnswer(alarm) ? (['acknowledge'] as const) : []),
    ...(mayReset(alarm) ? (['reset'] as const) : []),
    'comment',
    ...(isAside(alarm) ? [] : (['shelve'] as const)),
    'out-of-service',
  ]
}

/** `sign-in`: a person has to be named first; the rest is shown as it is. */
export type Failure =
  | { readonly kind: 'sign-in' | 'newer' | 'changed' | 'gone' | 'unreachable' }
  | { readonly kind: 'refused'; readonly message: string }

/** @param latest the alarm as the desk knows it now; undefined when that could not be asked */
export function failureOf(refusal: Refusal, seen: AlarmJson, latest: AlarmJson | undefined): Failure {
  if (refusal.status === 0) return { kind: 'unreachable' }
  if (refusal.status === 401) return { kind: 'sign-in' }
  if (refusal.status !== 409 || latest === undefined || latest.etag === seen.etag)
    return { kind: 'refused', message: refusal.message }
  if (highestSeen(latest) > highestSeen(seen)) return { kind: 'newer' }
  return { kind: isListed(latest) ? 'changed' : 'gone' }
}

export function failureText(failure: Failure, words: Words): string {
  switch (failure.kind) {
    case 'newer':
      return words.newerOccurrence
    case 'changed':
      return words.changedMeanwhile
    case 'gone':
      return words.alarmGone
    case 'unreachable':
      return words.notSent
    case 'refused':
      return words.refused(failure.message)
    case 'sign-in':
      return words.signInWhy
  }
}
