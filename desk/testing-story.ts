/** An alarm and its journal, told event by event: what the tests of the machine read like. */
import { STATE_LETTER } from '../domain/alarm.ts'
import type { ConditionRecord } from '../domain/condition.ts'
import { type Alarm, type NewEntry, newAlarm } from './alarm.ts'
import { type AlarmEvent, etagOf, step } from './alarm-machine.ts'
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

  get letter(): string {
    return STATE_LETTER[this.alarm.state]
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
