/**
 * Words of telling people: what belongs to one cause and is told together (an incident), who was told of it by what (a
 * delivery), and how both stand in the journal. All of it is plain JSON; instants of the telling's own timers are
 * milliseconds that never step (`t`), because a wall clock may.
 */
import type { DrillMark } from '../../domain/alarm.ts'
import type { RuleJson } from '../../domain/api.ts'
import type { DeliveryState } from '../../domain/api-desk.ts'
import type { Priority } from '../../domain/condition.ts'
import type { ChannelKind, Language } from '../../domain/site-notices.ts'

/** Whose alarms: real ones, those of simulated devices, those of a drill. They never share a message. */
export type Reality = 'real' | 'exercise' | 'drill'

/** One occurrence of one alarm in an incident. */
export type Member = {
  readonly alarm: string
  readonly outbox: string
  readonly n: number
  readonly name: string
  readonly channel: string
  readonly limit_id: string
  readonly priority: Priority
  readonly kind: string
  readonly rule: RuleJson | null
  readonly onset_ns: string
  readonly learned_ns: string
  readonly value: number | null
  readonly peak: number | null
  readonly limit: number
  readonly unit: string
  readonly unconfirmed: boolean
  readonly exercise: boolean
  readonly time_unknown: boolean
  /** It began and ended before the desk learned of it. */
  readonly late: boolean
  /** Since when the desk ought to have told it, where it was away. */
  readonly overdue_since_ns?: string
  /** Told before, and annunciated again at this instant: nobody resolved it, or it was put aside and is not any more. */
  readonly again: string | null
  returned: boolean
  acknowledged_by: string | null
  /** Shelved, suppressed or out of service: nobody is called for it meanwhile. */
  aside: boolean
  /** A message named it. */
  told: boolean
}

export type Incident = {
  readonly id: string
  /** What joins it: reality, policy, structure or water or alarm. */
  readonly key: string
  readonly reality: Reality
  readonly drill: DrillMark | null
  /** Who is told in place of the policy's people: those of the drill. */
  readonly recipients: readonly string[] | null
  readonly policy: string
  /** Structure or water; null where it is about neither, or about many. */
  readonly about: string | null
  flood: boolean
  readonly members: Member[]
  /** Occurrences beyond those listed; each is an alarm with its own notice in the journal. */
  unlisted: number
  readonly opened_t: number
  /** When something joined that no message has named. */
  joined_t: number
  returned_t: number
  /** Place on the ladder: -1 = nobody was told yet. */
  step: number
  round: number
  cycle: number
  /** When that place was due: time-outs count from it. */
  base_t: number
  /** Nobody was there to be told at that place. */
  nobody: boolean
  told: string[]
  told_priority: Priority | null
  message_t: number
  updates: number
  said_returned: boolean
}

export type DeliveryAction = 'alarm' | 'update' | 'returned' | 'test' | 'daily'

/** Body of the journal's entry before a message is sent: all that is needed to send it, and who it was for. */
export type PlannedBody = {
  readonly what: 'planned'
  readonly id: string
  readonly incident: string | null
  readonly action: DeliveryAction
  readonly cycle: number
  readonly step: number
  readonly round: number
  readonly update: number
  readonly contact: string
  readonly channel: string
  readonly kind: ChannelKind
  readonly language: Language
  readonly priority: Priority
  readonly exercise: boolean
  readonly drill?: DrillMark
  readonly subject: string
  readonly text: string
  readonly short: string
  readonly members: ReadonlyArray<{ readonly alarm: string; readonly occurrence: number; readonly outbox: string }>
  /** How long after it was due it was carried out. */
  readonly late_ms: number
  /** SHA-256 of the token in the link that acknowledges; the token itself is kept nowhere. */
  readonly answer_sha256?: string
  readonly answer_until_ns?: string
}
/** A place on the ladder at which nobody was there to be told. */
export type NobodyBody = {
  readonly what: 'nobody'
  readonly incident: string
  readonly action: DeliveryAction
  readonly cycle: number
  readonly step: number
  readonly round: number
  readonly update: number
  readonly late_ms: number
  readonly why: string
  readonly members: PlannedBody['members']
}
export type OutcomeBody =
  /** The first try failed; it is tried again until it is sent or given up. */
  | { readonly what: 'retrying'; readonly id: string; readonly tries: number; readonly detail: string }
  | { readonly what: 'sent'; readonly id: string; readonly tries: number; readonly detail: string }
  | { readonly what: 'failed'; readonly id: string; readonly tries: number; readonly detail: string }
  | { readonly what: 'skipped'; readonly id: string; readonly tries: number; readonly detail: string }
  /** The desk ended while it may have been on its way: it is sent once more, marked. */
  | {
      readonly what: 'unknown'
      readonly id: string
      readonly tries: number
      readonly detail: string
      readonly answer_sha256?: string
      readonly answer_until_ns?: string
    }
  /** Its link acknowledged. */
  | { readonly what: 'answered'; readonly id: string; readonly tries: number; readonly detail: string }
export type DeliveryBody = PlannedBody | NobodyBody | OutcomeBody

export type Delivery = Omit<PlannedBody, 'what'> & {
  state: DeliveryState
  tries: number
  at_ns: string
  detail: string | null
  /** How often it was sent again because nothing was known of it after a crash. */
  repeats: number
  /** When it was planned, for how long it is tried. */
  readonly planned_t: number
  answered: boolean
}

export const isOpen = ({ state }: Delivery): boolean => state === 'waiting' || state === 'unknown'

const ORDER: Readonly<Record<Priority, number>> = { low: 0, medium: 1, high: 2, critical: 3 }
export const higher = (a: Priority, b: Priority | null): boolean => b === null || ORDER[a] > ORDER[b]
export const highest = (priorities: Iterable<Priority>): Priority => {
  let most: Priority = 'low'
  for (const priority of priorities) if (higher(priority, most)) most = priority
  return most
}

/** Still to be answered by somebody. */
export const isUnanswered = (member: Member): boolean => member.acknowledged_by === null && !member.aside

export const unansweredOf = ({ members }: Incident): Member[] => members.filter(isUnanswered)
export const untoldOf = (incident: Incident): Member[] => unansweredOf(incident).filter(({ told }) => !told)
