/**
 * Entries in the making, with the alarm as it is after each: what the parts of the machine share. Writes and tells; what
 * is to be written, and when, is `alarm-machine.ts`'s and `alarm-leave.ts`'s.
 */
import type { DrillMark } from '../domain/alarm.ts'
import type { RuleJson } from '../domain/api.ts'
import { kindOfLimit, type Limit, type Priority } from '../domain/condition.ts'
import type { Instant } from '../domain/time.ts'
import { type Alarm, evolve, type Json, type NewEntry, type OccurrenceName, type Particulars } from './alarm.ts'
import { type AlarmTableEvent, nextState } from './alarm-table.ts'
import { type Meanwhile, noticeText } from './notice.ts'

/** What the machine must know of an alarm beside its history: the limit as the edge evaluates it. */
export type AlarmContext = {
  readonly node: string
  readonly time_zone: string
  readonly limit: Limit
  /** In words, where value and limit do not say it. */
  readonly rule?: RuleJson | null
  /** The drill that an occurrence with this onset belongs to, and who is told of it in place of the real recipients. */
  readonly drillAt?: (onset_ns: Instant) => MarkedDrill | null
  /** The longest that an operator may put it aside; default without end. */
  readonly shelve_max_ns?: bigint
  /** How long after an acknowledgement it annunciates again while the condition is true; default never. */
  readonly re_alarm_ns?: bigint | null
}
export type MarkedDrill = DrillMark & { readonly recipients: readonly string[] }

/** Of which occurrence people are told, and how. */
export type Telling = {
  readonly name: OccurrenceName
  readonly onset_ns: Instant
  readonly particulars: Particulars
  readonly late: boolean
  readonly drill: MarkedDrill | null
  readonly meanwhile?: Meanwhile
}

export class Draft {
  alarm: Alarm
  readonly entries: NewEntry[] = []
  readonly at: Instant
  readonly context: AlarmContext
  /** Goes into what is written of a condition that the desk tells later than it was due, because it was away. */
  overdue: { readonly overdue_since_ns?: string } = {}

  constructor(alarm: Alarm, at: Instant, context: AlarmContext) {
    this.alarm = alarm
    this.at = at
    this.context = context
  }

  get occurrence(): number {
    return this.alarm.present?.n ?? 0
  }

  /** With the mark of the drill that `drill` names, or that the present occurrence belongs to. */
  write(
    entry: Pick<NewEntry, 'kind' | 'occurrence' | 'actor'> & { body: object; dedupe?: string },
    drill: DrillMark | null = this.alarm.present?.drill ?? null,
  ): void {
    const body = { ...entry.body, ...(drill && { drill: { id: drill.id, name: drill.name } }) } as Json
    const whole: NewEntry = { dedupe: null, ...entry, body, at_ns: String(this.at), alarm: this.alarm.id }
    this.entries.push(whole)
    this.alarm = evolve(this.alarm, whole)
  }

  /** Takes the table's step; false where the table refuses. */
  enter(event: AlarmTableEvent, actor = 'desk'): boolean {
    const from = this.alarm.state
    const to = nextState(from, event, this.context.limit.latch)
    if (to === undefined) return false
    if (to !== from)
      this.write({ kind: 'state', occurrence: this.occurrence, actor, body: { from, to, because: event } })
    return true
  }

  key(kind: string, { outbox, n }: OccurrenceName): string {
    return [kind, this.alarm.id, outbox, n].join('|')
  }

  /** People are told of an occurrence; once. */
  notice(told: Telling): void {
    const body = this.#told(told, this.context.limit.priority)
    this.write(
      { kind: 'notice', occurrence: told.name.n, actor: 'desk', body, dedupe: this.key('notice', told.name) },
      told.drill,
    )
  }

  /** People are told again of one that they know. */
  again(why: { because: string; priority?: Priority; why?: string; due_ns?: string; late?: boolean }): void {
    const { present, stepped_up } = this.alarm
    if (present === null) return
    const onset_ns = BigInt(present.onset_ns) as Instant
    const drill = this.context.drillAt?.(onset_ns) ?? null
    const priority = why.priority ?? stepped_up?.priority ?? this.context.limit.priority
    const told = this.#told({ name: present, onset_ns, particulars: present, late: false, drill }, priority)
    this.write({ kind: 're-alarm', occurrence: present.n, actor: 'desk', body: { ...told, ...why, priority } }, drill)
  }

  #told({ name, onset_ns, particulars, late, drill, meanwhile }: Telling, priority: Priority): object {
    const { limit, time_zone, rule = null } = this.context
    const kind = kindOfLimit(limit)
    const about = { name: limit.name, time_zone, late, onset_ns, learned_ns: this.at, particulars }
    const { value, peak, limit: beyond, unit, flag, unconfirmed, exercise, time_unknown } = particulars
    return {
      outbox: name.outbox,
      late,
      text: noticeText({
        ...about,
        kind,
        rule: rule?.en,
        ...(drill && { drill: drill.name }),
        ...(meanwhile && { meanwhile }),
        ...this.overdue,
      }),
      name: limit.name,
      channel: limit.channel,
      priority,
      kind,
      ...(rule && { rule }),
      onset_ns: String(onset_ns),
      learned_ns: String(this.at),
      ...{ value, peak, limit: beyond, unit, flag, unconfirmed, exercise, time_unknown },
      ...(meanwhile && { meanwhile }),
      ...this.overdue,
      ...(drill && { recipients: drill.recipients }),
    }
  }
}
