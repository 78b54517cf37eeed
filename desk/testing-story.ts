/** An alarm and its journal, told event by event: what the tests of the machine read like. */
import { STATE_LETTER } from '../domain/alarm.ts'
import type { ConditionRecord } from '../domain/condition.ts'
import { type Alarm, type NewEntry, newAlarm, shownState } from './alarm.ts'
import { type AlarmEvent, dueOf, etagOf, step } from './alarm-machine.ts'
import { at, contextOf, OUTBOX } from './testing-site.ts'

/** An alarm with its journal, as the desk has them. */
export class Story {
  alarm: Alarm = newAlarm('north:creek-red')
  readonly journal: NewEntry[] = []
  readonly refusals: string[] = []
  minute = 60
  readonly #latch: boolean

  constructor(latch = false) {
    this.#latch = latch
  }

  take(event: AlarmEvent): this {
    const { alarm, entries, refused } = step(this.alarm, event, at(this.minute), contextOf(this.#latch))
    this.alarm = alarm
    this.journal.push(...entries)
    if (refused !== undefined) this.refusals.push(refused)
    return this
  }
  told(condition: ConditionRecord, outbox = OUTBOX): this {
    return this.take({ kind: 'condition', source: 'record', outbox, record: condition })
  }
  born(condition: ConditionRecord, outbox = OUTBOX): this {
    return this.take({ kind: 'condition', source: 'birth', outbox, record: condition })
  }
  acknowledge(by = 'Mei'): this {
    return this.take({
      kind: 'acknowledge',
      occurrence: this.alarm.present?.n ?? 0,
      etag: etagOf(this.alarm),
      by,
    })
  }
  reset(by = 'Mei'): this {
    return this.take({ kind: 'reset', etag: etagOf(this.alarm), by })
  }

  shelve(minutes = 60, more: { one_shot?: boolean; by?: string } = {}): this {
    const until_ns = at(this.minute + minutes)
    return this.take({
      ...{ kind: 'shelve', etag: etagOf(this.alarm), until_ns, reason: 'gauge is being cleaned' },
      ...{ one_shot: more.one_shot ?? false, by: more.by ?? 'Mei' },
    })
  }
  outOfService(until?: number, by = 'Chen'): this {
    const until_ns = until === undefined ? null : at(until)
    return this.take({ kind: 'out-of-service', etag: etagOf(this.alarm), until_ns, reason: 'permit 17', by })
  }
  back(kind: 'unshelve' | 'return-to-service', by = 'Mei'): this {
    return this.take({ kind, etag: etagOf(this.alarm), by })
  }
  suppress(key = 'fault:desk:edge-offline-north'): this {
    return this.take({ kind: 'suppress', key, cause: 'node-offline', reason: 'Edge node north is away' })
  }
  unsuppress(key = 'fault:desk:edge-offline-north'): this {
    return this.take({ kind: 'unsuppress', key })
  }
  /** The clock reaches `minute`, and what is due by then is carried out. */
  until(minute: number): this {
    this.minute = minute
    for (const { what, due_ns } of dueOf(this.alarm, contextOf(this.#latch)))
      if (due_ns <= at(minute)) this.take({ kind: 'due', what, due_ns })
    return this
  }

  /** Of what is shown. */
  get letter(): string {
    return STATE_LETTER[shownState(this.alarm)]
  }
  /** Of what lies underneath. */
  get under(): string {
    return STATE_LETTER[this.alarm.state]
  }
  last(kind: string): { actor: string; body: Record<string, unknown> } | undefined {
    return this.journal.findLast((e) => e.kind === kind) as never
  }
  get notices(): Array<{ n: number; late: boolean; text: string; onset_ns: string }> {
    return this.journal
      .filter((e) => e.kind === 'notice')
      .map((e) => ({ n: e.occurrence!, ...(e.body as { late: boolean; text: string; onset_ns: string }) }))
  }
  kinds(): string[] {
    return this.journal.map((e) => `${e.kind}${e.occurrence === null ? '' : ` ${e.occurrence}`}`)
  }
}
