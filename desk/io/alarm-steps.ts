/**
 * What an input means: each event goes through the alarm machine, its entries into the journal queue, and the alarms that it
 * changed are shown. In which order inputs come, and when the journal is written, is `alarm-desk.ts`'s.
 */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import type { ConditionRecord } from '../../domain/condition.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { alarmId } from '../../domain/ids.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { ConditionInBirth, ReceivedCondition } from '../../domain/wire/condition.ts'
import type { NewEntry } from '../alarm.ts'
import { AlarmBook } from '../alarm-book.ts'
import { type AlarmEvent, step } from '../alarm-machine.ts'
import { lastOfEachOccurrence } from '../condition-batch.ts'
import type { DrillBook } from '../drill.ts'
import { silencingEntry } from '../silencing.ts'
import type { Input } from './alarm-input.ts'
import type { JournalQueue } from './journal-queue.ts'

export type AlarmStepsOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly log: Log
  readonly drills?: DrillBook
  /** Entries to be journalled with those of a step: the groups that they make. */
  readonly group?: (entries: readonly NewEntry[]) => readonly NewEntry[]
  /** Live, at once: also while the journal is away. `worst`: nothing but the worst value of one that stands has changed. */
  readonly onAlarm: (alarm: AlarmJson, worst?: boolean) => void
}

/** Each alarm's first refused record is logged. */
const UNSOUND_LOGGED_MAX = 100

export class AlarmSteps {
  readonly book: AlarmBook
  readonly #o: AlarmStepsOptions
  readonly #queue: Pick<JournalQueue, 'add' | 'commit'>
  /** Alarms to be shown: after a long outage hundreds of records change one alarm at once. */
  readonly #fresh = new Set<string>()
  readonly #unsound = new Set<string>()
  /** By panel the silencing that was journalled last: births and resent records tell of it again and again. */
  readonly #silenced = new Map<string, string>()

  constructor(options: AlarmStepsOptions, queue: Pick<JournalQueue, 'add' | 'commit'>) {
    this.#o = options
    this.#queue = queue
    this.book = new AlarmBook(options.site, options.drills)
  }

  /** Tells of each alarm that has changed, once. */
  show(): void {
    for (const id of this.#fresh) this.#o.onAlarm(this.book.json(id)!)
    this.#fresh.clear()
  }

  /** What breaks the machine is our bug: it is not acknowledged, and it does not stop the alarms after it. */
  take(input: Input & { kind: 'records' | 'birth' }): void {
    try {
      if (input.kind === 'records') this.#takeRecords(input.node, input.received)
      else this.#takeBirth(input.node, input.outbox, input.conditions)
    } catch (cause) {
      this.#o.log.error(new PlumblineError('BUG', `conditions of ${input.node}`).message, { cause })
    }
  }

  /** A condition that is true has been raised at least once: without its number it can be neither told once nor kept. */
  #sound(node: string, { limit_id, state, occurrence }: ConditionRecord): boolean {
    const sound = Number.isSafeInteger(occurrence) && occurrence >= (state ? 1 : 0)
    const id = alarmId(node, limit_id)
    if (!sound && !this.#unsound.has(id) && this.#unsound.size < UNSOUND_LOGGED_MAX) {
      this.#unsound.add(id)
      this.#o.log.error('a condition record is refused and not acknowledged', {
        alarm: id,
        why: `occurrence: expected a whole number from ${state ? 1 : 0}, got ${occurrence}`,
      })
    }
    return sound
  }

  #takeRecords(node: string, received: readonly ReceivedCondition[]): void {
    const kept = received.filter(({ record }) => this.#sound(node, record) && this.book.defineFromRecord(node, record))
    for (const { identity, record } of lastOfEachOccurrence(kept))
      this.#condition(node, { kind: 'condition', source: 'record', outbox: identity.outbox, record })
    for (const { identity } of kept) this.#queue.commit(identity)
  }

  #takeBirth(node: string, outbox: string, conditions: readonly ConditionInBirth[]): void {
    for (const { record, limit } of conditions) {
      // A node that has not yet left a drill tells of shadows that are gone; what it recorded comes as records.
      if (this.#o.drills?.isGone(limit.id)) continue
      if (!this.#sound(node, record) || !this.book.define(node, limit)) continue
      // What the edge evaluates may have changed with its site file.
      if (!this.book.silences(alarmId(node, limit.id))) this.#fresh.add(alarmId(node, limit.id))
      this.#condition(node, { kind: 'condition', source: 'birth', outbox, record })
    }
  }

  #condition(node: string, event: AlarmEvent & { kind: 'condition' }): void {
    const id = alarmId(node, event.record.limit_id)
    if (this.book.silences(id)) {
      this.#silencing(id, event.outbox, event.record)
      return
    }
    if (!this.apply(id, event)) return
    // A record of a drill that is over comes late: it is told and kept, and nothing of it stands.
    if (this.#o.drills?.isGone(event.record.limit_id)) this.#endShadow(id)
  }

  #silencing(id: string, outbox: string, record: ConditionRecord): void {
    const entry = silencingEntry(this.book.definition(id)!, outbox, record, this.#o.clock.now())
    if (entry === undefined || this.#silenced.get(id) === entry.dedupe) return
    this.#silenced.set(id, entry.dedupe!)
    this.#queue.add([entry])
  }

  /** Alarms of shadow devices that are gone end with them. */
  endShadows(): void {
    for (const { id } of this.book.ofGoneShadows()) this.#endShadow(id)
  }

  #endShadow(id: string): void {
    const peak = this.book.json(id)?.peak ?? null
    this.apply(id, { kind: 'drill-ended', peak })
  }

  /** False where it changes nothing, or the alarm is gone. */
  apply(id: string, event: AlarmEvent): boolean {
    const [before, definition] = [this.book.get(id), this.book.definition(id)]
    if (before === undefined || definition === undefined) return false
    const { alarm, entries } = step(before, event, this.#o.clock.now(), definition)
    if (entries.length === 0) return false
    this.book.put(alarm)
    this.#queue.add([...entries, ...(this.#o.group?.(entries) ?? [])], alarm)
    this.#fresh.add(id)
    return true
  }
}
