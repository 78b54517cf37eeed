/** Why the desk did not do what a person asked, as the page tells it. Sending is `service.ts`'s. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { Words } from '../i18n/index.ts'
import type { Refusal } from '../io/api-client.ts'
import { highestSeen, isListed } from './alarms.ts'

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
