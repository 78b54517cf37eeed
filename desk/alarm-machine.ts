/**
 * The alarm's pure machine: `(alarm, event, at) -> (alarm, entries)`, or a refusal with its reason. Entries are what is
 * journalled; the alarm after them is `evolve` over them and nothing else. Writing, acknowledging to the edge and telling
 * people live are left to `io/alarm-desk.ts`.
 */
import type { DrillMark } from '../domain/alarm.ts'
import type { RuleJson } from '../domain/api.ts'
import { type ConditionRecord, kindOfLimit, type Limit } from '../domain/condition.ts'
import type { Instant } from '../domain/time.ts'
import {
  type Alarm,
  DRILL_ENDED,
  evolve,
  hasEnded,
  hasLate,
  isNewer,
  isPresent,
  isTold,
  type Json,
  type NewEntry,
  type OccurrenceName,
  particularsOf,
} from './alarm.ts'
import { type AlarmTableEvent, conditionIsTrue, nextState } from './alarm-table.ts'
import { noticeText } from './notice.ts'

/** What the machine must know of an alarm beside its history: the limit as the edge evaluates it. */
export type AlarmContext = {
  readonly node: string
  readonly time_zone: string
  readonly limit: Limit
  /** In words, where value and limit do not say it. */
  readonly rule?: RuleJson | null
  /** The drill that an occurrence with this onset belongs to, and who is told of it in place of the real recipients. */
  readonly drillAt?: (onset_ns: Instant) => MarkedDrill | null
}
export type MarkedDrill = DrillMark & { readonly recipients: readonly string[] }

export type AlarmEvent =
  /** `birth`: the node's present state, taken as now. `record`: a transition, live or resent, in any order, repeated. */
  | {
      readonly kind: 'condition'
      readonly source: 'birth' | 'record'
      readonly outbox: string
      readonly record: ConditionRecord
    }
  | {
      readonly kind: 'acknowledge'
      readonly occurrence: number
      readonly etag: string
      readonly by: string
      readonly comment?: string
    }
  | { readonly kind: 'reset'; readonly etag: string; readonly by: string }
  | { readonly kind: 'comment'; readonly by: string; readonly text: string }
  /** The shadow device that the alarm is about is gone; `peak` is the worst value seen. */
  | { readonly kind: 'drill-ended'; readonly peak: number | null }

/** What a person does. */
export type PersonEvent = Extract<AlarmEvent, { by: string }>

export type Step = { readonly alarm: Alarm; readonly entries: readonly NewEntry[]; readonly refused?: string }

export const etagOf = (alarm: Alarm): string => String(alarm.revision)

/** One step of the alarm; a refused event leaves it as it is and says why. */
export function step(alarm: Alarm, event: AlarmEvent, at: Instant, context: AlarmContext): Step {
  const draft = new Draft(alarm, at, context)
  const refused = draft.take(event)
  return refused === undefined ? { alarm: draft.alarm, entries: draft.entries } : { alarm, entries: [], refused }
}

/** Entries in the making, with the alarm as it is after each. */
class Draft {
  alarm: Alarm
  readonly entries: NewEntry[] = []
  readonly #at: Instant
  readonly #context: AlarmContext

  constructor(alarm: Alarm, at: Instant, context: AlarmContext) {
    this.alarm = alarm
    this.#at = at
    this.#context = context
  }

  take(event: AlarmEvent): string | undefined {
    if (event.kind === 'condition') return this.condition(event)
    return event.kind === 'drill-ended' ? this.drillEnded(event.peak) : this.person(event)
  }

  /** With the mark of the drill that `drill` names, or that the present occurrence belongs to. */
  #write(
    entry: Pick<NewEntry, 'kind' | 'occurrence' | 'actor'> & { body: object; dedupe?: string },
    drill: DrillMark | null = this.alarm.present?.drill ?? null,
  ): void {
    const body = { ...entry.body, ...(drill && { drill: { id: drill.id, name: drill.name } }) } as Json
    const whole: NewEntry = { dedupe: null, ...entry, body, at_ns: String(this.#at), alarm: this.alarm.id }
    this.entries.push(whole)
    this.alarm = evolve(this.alarm, whole)
  }

  /** Takes the table's step; false where the table refuses. */
  #enter(event: AlarmTableEvent, actor = 'desk'): boolean {
    const from = this.alarm.state
    const to = nextState(from, event, this.#context.limit.latch)
    if (to === undefined) return false
    const occurrence = this.alarm.present?.n ?? 0
    if (to !== from) this.#write({ kind: 'state', occurrence, actor, body: { from, to, because: event } })
    return true
  }

  /** An onset that is a guess says nothing of the drill that ran then: that it is told now does. */
  #drillOf({ onset_ns, at_ns, time_unknown }: ConditionRecord): MarkedDrill | null {
    return this.#context.drillAt?.(time_unknown ? this.#at : (onset_ns ?? at_ns)) ?? null
  }

  condition({ source, outbox, record }: AlarmEvent & { kind: 'condition' }): undefined {
    const name = { outbox, n: record.occurrence }
    if (record.occurrence >= 1) this.#occurrence(name, record)
    if (source === 'birth') this.#takeAsNow(name, record)
  }

  /** What one record adds to what is known; what is already known is silent. */
  #occurrence(name: OccurrenceName, record: ConditionRecord): void {
    if (!isTold(this.alarm, name)) this.#learn(name, record)
    else if (!record.state && !hasEnded(this.alarm, name)) this.#learnReturn(name, record)
    else if (!record.state && this.#endsReopened(record)) this.#learnReturn(name, record)
  }

  #endsReopened({ at_ns, returned_ns }: ConditionRecord): boolean {
    const { reopened_after_ns } = this.alarm
    return reopened_after_ns !== null && (returned_ns ?? at_ns) > BigInt(reopened_after_ns)
  }

  #learn(name: OccurrenceName, record: ConditionRecord): void {
    const newer = isNewer(this.alarm, name)
    // One that is not the newest is over by now, even if the record of its return is still on its way.
    const late = !(record.state && newer)
    this.#writeOnset(name, record, late)
    if (!record.state) this.#writeReturn(name, record.returned_ns ?? record.at_ns, record)
    this.#writeNotice(name, record, late)
    this.#enter(late ? (newer ? 'late-newer' : 'late-older') : 'raise')
  }

  #learnReturn(name: OccurrenceName, record: ConditionRecord): void {
    this.#writeReturn(name, record.returned_ns ?? record.at_ns, record)
    if (isPresent(this.alarm, name) || this.#endsReopened(record))
      this.#enter(hasLate(this.alarm) ? 'return-late' : 'return')
  }

  /** A birth is the truth now, also where the record that would tell it was lost with a disk. */
  #takeAsNow(name: OccurrenceName, record: ConditionRecord): void {
    const isTrue = conditionIsTrue(this.alarm.state)
    if (record.state && record.occurrence >= 1 && !isTrue) this.#enter('still-true')
    if (record.state || !isTrue) return
    const present = this.alarm.present!
    this.#write({
      kind: 'return',
      occurrence: present.n,
      actor: this.#context.node,
      body: { ...particularsOf(record), outbox: present.outbox, returned_ns: null, birth_outbox: name.outbox },
    })
    this.#enter(hasLate(this.alarm) ? 'return-late' : 'return')
  }

  #key(kind: string, { outbox, n }: OccurrenceName): string {
    return [kind, this.alarm.id, outbox, n].join('|')
  }

  #writeOnset(name: OccurrenceName, record: ConditionRecord, late: boolean): void {
    const onset_ns = String(record.onset_ns ?? record.at_ns)
    const body = { ...particularsOf(record), outbox: name.outbox, onset_ns, late }
    const dedupe = this.#key('onset', name)
    this.#write({ kind: 'onset', occurrence: name.n, actor: this.#context.node, body, dedupe }, this.#drillOf(record))
  }

  #writeReturn(name: OccurrenceName, at_ns: Instant, record: ConditionRecord): void {
    const returned_ns = String(at_ns)
    const again = hasEnded(this.alarm, name) ? `|${returned_ns}` : ''
    const body = { ...particularsOf(record), outbox: name.outbox, returned_ns }
    const dedupe = this.#key('return', name) + again
    this.#write({ kind: 'return', occurrence: name.n, actor: this.#context.node, body, dedupe }, this.#drillOf(record))
  }

  #writeNotice(name: OccurrenceName, record: ConditionRecord, late: boolean): void {
    const { limit, time_zone, rule = null } = this.#context
    const kind = kindOfLimit(limit)
    const onset_ns = record.onset_ns ?? record.at_ns
    const particulars = particularsOf(record)
    const drill = this.#drillOf(record)
    const told = { name: limit.name, time_zone, late, onset_ns, learned_ns: this.#at, particulars }
    const text = noticeText({ ...told, kind, rule: rule?.en, drill: drill?.name })
    const body = {
      outbox: name.outbox,
      late,
      text,
      name: limit.name,
      channel: limit.channel,
      priority: limit.priority,
      kind,
      ...(rule && { rule }),
      onset_ns: String(onset_ns),
      learned_ns: String(this.#at),
      ...particulars,
      ...(drill && { recipients: drill.recipients }),
    }
    this.#write({ kind: 'notice', occurrence: name.n, actor: 'desk', body, dedupe: this.#key('notice', name) }, drill)
  }

  /** Nobody has to answer any more; what was not acknowledged stands in the drill's report. */
  drillEnded(peak: number | null): undefined {
    const from = this.alarm.state
    if (from === 'normal' && !hasLate(this.alarm)) return
    const body = { from, to: 'normal', because: DRILL_ENDED, peak }
    this.#write({ kind: 'state', occurrence: this.alarm.present?.n ?? 0, actor: 'desk', body })
  }

  person(event: PersonEvent): string | undefined {
    if (event.kind === 'comment') return this.#comment(event.by, event.text)
    return event.kind === 'acknowledge' ? this.#acknowledge(event) : this.#reset(event)
  }

  #comment(by: string, text: string): undefined {
    this.#write({ kind: 'comment', occurrence: this.alarm.present?.n ?? 0, actor: by, body: { text } })
    this.#enter('comment')
  }

  /** Covers everything up to the occurrence named, the late ones with it. */
  #acknowledge({ occurrence, etag, by, comment }: AlarmEvent & { kind: 'acknowledge' }): string | undefined {
    const newest = this.alarm.present?.n ?? 0
    if (occurrence !== newest)
      return `the newest occurrence is ${newest}, not ${occurrence}: look again before acknowledging`
    if (etag !== etagOf(this.alarm)) return 'the alarm has changed since it was shown: look again before acknowledging'
    const event = hasLate(this.alarm) ? 'acknowledge-late' : 'acknowledge'
    if (nextState(this.alarm.state, event, this.#context.limit.latch) === undefined)
      return 'there is nothing to acknowledge'
    const body = { late: this.alarm.late.map((late) => late.n), ...(comment && { comment }) }
    this.#write({ kind: 'acknowledge', occurrence, actor: by, body })
    this.#enter(event, by)
    return undefined
  }

  #reset({ etag, by }: AlarmEvent & { kind: 'reset' }): string | undefined {
    if (etag !== etagOf(this.alarm)) return 'the alarm has changed since it was shown: look again before resetting'
    const event = hasLate(this.alarm) ? 'reset-late' : 'reset'
    if (nextState(this.alarm.state, event, this.#context.limit.latch) === undefined)
      return RESET_REFUSED[this.alarm.state] ?? 'a late occurrence is not acknowledged: acknowledge it before resetting'
    this.#write({ kind: 'reset', occurrence: this.alarm.present?.n ?? 0, actor: by, body: {} })
    this.#enter(event, by)
    return undefined
  }
}

const RESET_REFUSED: Partial<Record<Alarm['state'], string>> = {
  normal: 'the alarm is normal: there is nothing to reset',
  unacknowledged: 'the condition is still true: acknowledge now, reset after it has returned',
  acknowledged: 'the condition is still true: reset after it has returned',
  'returned-unacknowledged': 'the alarm is not latched: acknowledge it, there is nothing to reset',
  'latched-unacknowledged': 'the alarm is not acknowledged: acknowledge before resetting',
}
