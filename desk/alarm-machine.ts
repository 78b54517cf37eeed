/**
 * The alarm's pure machine: `(alarm, event, at) -> (alarm, entries)`, or a refusal with its reason. Entries are what is
 * journalled; the alarm after them is `evolve` over them and nothing else. Putting it aside is `alarm-leave.ts`'s. Writing, acknowledging to the edge and telling
 * people live are left to `io/alarm-desk.ts`.
 */
import type { ConditionRecord, Priority } from '../domain/condition.ts'
import { PRIORITIES } from '../domain/condition.ts'
import type { Instant } from '../domain/time.ts'
import {
  type Alarm,
  DRILL_ENDED,
  hasEnded,
  hasLate,
  isNewer,
  isPresent,
  isTold,
  type NewEntry,
  type OccurrenceName,
  particularsOf,
  shownState,
} from './alarm.ts'
import { isAside } from './alarm-aside.ts'
import { type AlarmContext, Draft, type MarkedDrill } from './alarm-draft.ts'
import {
  type AsideEvent,
  dueParticulars,
  end,
  LATE_NS,
  type LogicEvent,
  putAside,
  suppress,
  unsuppress,
} from './alarm-leave.ts'
import { conditionIsTrue, nextState } from './alarm-table.ts'

export type { AlarmContext, MarkedDrill } from './alarm-draft.ts'

export type AlarmEvent =
  /** `birth`: the node's present state, taken as now. `record`: a transition, live or resent, in any order, repeated. */
  | {
      readonly kind: 'condition'
      readonly source: 'birth' | 'record'
      readonly outbox: string
      readonly record: ConditionRecord
      /** Of one that the desk judges: when its time had come. */
      readonly due_ns?: Instant
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
  | AsideEvent
  | LogicEvent
  /** It has become more severe than its limit says. */
  | { readonly kind: 'step-up'; readonly priority: Priority; readonly why: string }
  /** The shadow device that the alarm is about is gone; `peak` is the worst value seen. */
  | { readonly kind: 'drill-ended'; readonly peak: number | null }

/** What a person does. */
export type PersonEvent = Extract<AlarmEvent, { by: string }>

/** `STALE`: the alarm is not as it was shown; `REFUSED`: this cannot be done with it as it is. */
export type RefusalCode = 'STALE' | 'REFUSED' | 'SHELVE_TOO_LONG'
type Refusal = { readonly code: RefusalCode; readonly why: string }
export type Step = {
  readonly alarm: Alarm
  readonly entries: readonly NewEntry[]
  readonly refused?: string
  readonly code?: RefusalCode
}

export const etagOf = (alarm: Alarm): string => String(alarm.revision)

/** One step of the alarm; a refused event leaves it as it is and says why. */
export function step(alarm: Alarm, event: AlarmEvent, at: Instant, context: AlarmContext): Step {
  const machine = new Machine(alarm, at, context)
  const refused = machine.take(event)
  if (refused === undefined) return { alarm: machine.alarm, entries: machine.entries }
  return { alarm, entries: [], refused: refused.why, code: refused.code }
}

const refuse = (why: string): Refusal => ({ code: 'REFUSED', why })
const stale = (why: string): Refusal => ({ code: 'STALE', why })

class Machine extends Draft {
  take(event: AlarmEvent): Refusal | undefined {
    switch (event.kind) {
      case 'condition':
        return this.condition(event)
      case 'drill-ended':
        return this.drillEnded(event.peak)
      case 'suppress':
        suppress(this, event)
        return undefined
      case 'unsuppress':
        unsuppress(this, event)
        return undefined
      case 'due':
        return this.#due(event)
      case 'step-up':
        return this.#stepUp(event)
      default:
        return this.person(event)
    }
  }

  /** An onset that is a guess says nothing of the drill that ran then: that it is told now does. */
  #drillOf({ onset_ns, at_ns, time_unknown }: ConditionRecord): MarkedDrill | null {
    return this.context.drillAt?.(time_unknown ? this.at : (onset_ns ?? at_ns)) ?? null
  }

  condition({ source, outbox, record, due_ns }: AlarmEvent & { kind: 'condition' }): undefined {
    if (due_ns !== undefined && this.at - due_ns >= LATE_NS) this.overdue = { overdue_since_ns: String(due_ns) }
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
    this.enter(late ? (newer ? 'late-newer' : 'late-older') : 'raise')
    if (late) this.#oneShotOver()
  }

  #learnReturn(name: OccurrenceName, record: ConditionRecord): void {
    this.#writeReturn(name, record.returned_ns ?? record.at_ns, record)
    if (!isPresent(this.alarm, name) && !this.#endsReopened(record)) return
    this.enter(hasLate(this.alarm) ? 'return-late' : 'return')
    this.#oneShotOver()
  }

  /** A one-shot ends with the return of the condition. */
  #oneShotOver(): void {
    if (this.alarm.aside.shelved?.one_shot && !conditionIsTrue(this.alarm.state))
      end(this, 'unshelve', 'desk', 'one-shot')
  }

  /** A birth is the truth now, also where the record that would tell it was lost with a disk. */
  #takeAsNow(name: OccurrenceName, record: ConditionRecord): void {
    const isTrue = conditionIsTrue(this.alarm.state)
    if (record.state && record.occurrence >= 1 && !isTrue) this.enter('still-true')
    if (record.state || !isTrue) return
    const present = this.alarm.present!
    this.write({
      kind: 'return',
      occurrence: present.n,
      actor: this.context.node,
      body: { ...particularsOf(record), outbox: present.outbox, returned_ns: null, birth_outbox: name.outbox },
    })
    this.enter(hasLate(this.alarm) ? 'return-late' : 'return')
    this.#oneShotOver()
  }

  #writeOnset(name: OccurrenceName, record: ConditionRecord, late: boolean): void {
    const onset_ns = String(record.onset_ns ?? record.at_ns)
    const { alarm } = this
    const withheld = isAside(alarm.aside) ? { withheld: shownState(alarm) } : {}
    const body = { ...particularsOf(record), outbox: name.outbox, onset_ns, late, ...withheld, ...this.overdue }
    const dedupe = this.key('onset', name)
    this.write({ kind: 'onset', occurrence: name.n, actor: this.context.node, body, dedupe }, this.#drillOf(record))
  }

  #writeReturn(name: OccurrenceName, at_ns: Instant, record: ConditionRecord): void {
    const returned_ns = String(at_ns)
    const again = hasEnded(this.alarm, name) ? `|${returned_ns}` : ''
    const body = { ...particularsOf(record), outbox: name.outbox, returned_ns, ...this.overdue }
    const dedupe = this.key('return', name) + again
    this.write({ kind: 'return', occurrence: name.n, actor: this.context.node, body, dedupe }, this.#drillOf(record))
  }

  #writeNotice(name: OccurrenceName, record: ConditionRecord, late: boolean): void {
    if (isAside(this.alarm.aside)) return
    const onset_ns = record.onset_ns ?? record.at_ns
    this.notice({ name, onset_ns, particulars: particularsOf(record), late, drill: this.#drillOf(record) })
  }

  /** Nobody has to answer any more; what was not acknowledged stands in the drill's report. */
  drillEnded(peak: number | null): undefined {
    const from = this.alarm.state
    if (from === 'normal' && !hasLate(this.alarm) && !isAside(this.alarm.aside)) return
    const body = { from, to: 'normal', because: DRILL_ENDED, peak }
    this.write({ kind: 'state', occurrence: this.alarm.present?.n ?? 0, actor: 'desk', body })
  }

  person(event: PersonEvent): Refusal | undefined {
    switch (event.kind) {
      case 'comment':
        return this.#comment(event.by, event.text)
      case 'acknowledge':
        return this.#acknowledge(event)
      case 'reset':
        return this.#reset(event)
      default:
        return this.#aside(event)
    }
  }

  #aside(event: AsideEvent): Refusal | undefined {
    if (event.etag !== etagOf(this.alarm)) return stale('the alarm has changed since it was shown: look again')
    if (event.kind === 'unshelve' || event.kind === 'return-to-service') {
      if (end(this, event.kind, event.by, 'person')) return undefined
      return refuse(event.kind === 'unshelve' ? 'the alarm is not shelved' : 'the alarm is in service')
    }
    const { until_ns } = event
    if (until_ns !== null && until_ns <= this.at) return refuse('it would end before it begins')
    const { shelve_max_ns } = this.context
    if (event.kind === 'shelve' && shelve_max_ns !== undefined && event.until_ns - this.at > shelve_max_ns)
      return {
        code: 'SHELVE_TOO_LONG',
        why: `an alarm is shelved for at most ${shelve_max_ns / NS_PER_MIN} min (alarms.shelve_max_min of the site file)`,
      }
    putAside(this, event)
    return undefined
  }

  /** What was undone or done anew meanwhile has another time, and nothing happens now. */
  #due({ what, due_ns }: LogicEvent & { kind: 'due' }): undefined {
    const due = dueOf(this.alarm, this.context).find((one) => one.what === what)
    if (due?.due_ns !== due_ns) return
    if (what === 'shelved') end(this, 'unshelve', 'desk', 'time', due_ns)
    else if (what === 'out-of-service') end(this, 'return-to-service', 'desk', 'time', due_ns)
    else if (this.enter('re-alarm')) this.again({ because: 'timer', ...dueParticulars(due_ns, this.at) })
  }

  /** Of one that is aside nobody is told: it is judged again with the next value or birth after that. */
  #stepUp({ priority, why }: AlarmEvent & { kind: 'step-up' }): undefined {
    const { alarm, context } = this
    const now = alarm.stepped_up?.priority ?? context.limit.priority
    if (PRIORITIES.indexOf(priority) >= PRIORITIES.indexOf(now)) return
    if (!conditionIsTrue(alarm.state) || isAside(alarm.aside)) return
    this.enter('step-up')
    this.again({ because: 'step-up', priority, why })
  }

  #comment(by: string, text: string): undefined {
    this.write({ kind: 'comment', occurrence: this.alarm.present?.n ?? 0, actor: by, body: { text } })
    this.enter('comment')
  }

  /** Covers everything up to the occurrence named, the late ones with it. */
  #acknowledge({ occurrence, etag, by, comment }: AlarmEvent & { kind: 'acknowledge' }): Refusal | undefined {
    const newest = this.alarm.present?.n ?? 0
    if (occurrence !== newest)
      return stale(`the newest occurrence is ${newest}, not ${occurrence}: look again before acknowledging`)
    if (etag !== etagOf(this.alarm))
      return stale('the alarm has changed since it was shown: look again before acknowledging')
    const event = hasLate(this.alarm) ? 'acknowledge-late' : 'acknowledge'
    if (nextState(this.alarm.state, event, this.context.limit.latch) === undefined)
      return refuse('there is nothing to acknowledge')
    const body = { late: this.alarm.late.map((late) => late.n), ...(comment && { comment }) }
    this.write({ kind: 'acknowledge', occurrence, actor: by, body })
    this.enter(event, by)
    return undefined
  }

  #reset({ etag, by }: AlarmEvent & { kind: 'reset' }): Refusal | undefined {
    if (etag !== etagOf(this.alarm))
      return stale('the alarm has changed since it was shown: look again before resetting')
    const event = hasLate(this.alarm) ? 'reset-late' : 'reset'
    if (nextState(this.alarm.state, event, this.context.limit.latch) === undefined)
      return refuse(
        RESET_REFUSED[this.alarm.state] ?? 'a late occurrence is not acknowledged: acknowledge it before resetting',
      )
    this.write({ kind: 'reset', occurrence: this.alarm.present?.n ?? 0, actor: by, body: {} })
    this.enter(event, by)
    return undefined
  }
}

const NS_PER_MIN = 60_000_000_000n

export type Due = { readonly what: (LogicEvent & { kind: 'due' })['what']; readonly due_ns: Instant }

/** What will happen to the alarm by time alone, and when. */
export function dueOf({ aside, state, acknowledged }: Alarm, { re_alarm_ns = null }: AlarmContext): Due[] {
  const out: Due[] = []
  const put = (what: Due['what'], at_ns: string | bigint) => out.push({ what, due_ns: BigInt(at_ns) as Instant })
  if (aside.shelved !== null) put('shelved', aside.shelved.until_ns)
  if (aside.out_of_service?.until_ns != null) put('out-of-service', aside.out_of_service.until_ns)
  if (re_alarm_ns !== null && state === 'acknowledged' && acknowledged !== null && !isAside(aside))
    put('re-alarm', BigInt(acknowledged.at_ns) + re_alarm_ns)
  return out
}

const RESET_REFUSED: Partial<Record<Alarm['state'], string>> = {
  normal: 'the alarm is normal: there is nothing to reset',
  unacknowledged: 'the condition is still true: acknowledge now, reset after it has returned',
  acknowledged: 'the condition is still true: reset after it has returned',
  'returned-unacknowledged': 'the alarm is not latched: acknowledge it, there is nothing to reset',
  'latched-unacknowledged': 'the alarm is not acknowledged: acknowledge before resetting',
}
