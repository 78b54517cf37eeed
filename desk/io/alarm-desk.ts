/**
 * Carries out what the alarm machine decides: one event after the other through the machine, its entries into the
 * journal, and only then the acknowledgement to the edge. When the journal cannot be written, alarms still go live and
 * nothing is acknowledged: entries wait here in order and the edge keeps its records.
 */
import type { AlarmJson, JournalEntryJson, JournalKind } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import type { ConditionRecord } from '../../domain/condition.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { alarmId } from '../../domain/ids.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { addRange } from '../../domain/ranges.ts'
import type { Ranges } from '../../domain/record.ts'
import type { ConditionInBirth, ReceivedCondition } from '../../domain/wire/condition.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Alarm, Json, NewEntry } from '../alarm.ts'
import { AlarmBook } from '../alarm-book.ts'
import { type AlarmEvent, step } from '../alarm-machine.ts'
import { lastOfEachOccurrence } from '../condition-batch.ts'
import type { AlarmSnapshot, Journal } from './journal.ts'

export type AlarmDeskOptions = {
  readonly site: Site
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  /** Live, at once: also while the journal is away. */
  readonly onAlarm: (alarm: AlarmJson) => void
  /** Durable. */
  readonly onEntry: (entry: JournalEntryJson) => void
  /** The records with these offsets are committed: tell the edge. */
  readonly onCommitted: (node: string, outbox: string, ranges: Ranges) => void
  /** The journal can be written again; births that came meanwhile were not kept. */
  readonly onRecovered: () => void
}

type PersonEvent = Exclude<AlarmEvent, { kind: 'condition' }>
export type CommandResult =
  | { readonly alarm: AlarmJson }
  | { readonly refused: string }
  | { readonly unknown: true }
  | { readonly away: string }

type Input =
  | { readonly kind: 'records'; readonly node: string; readonly received: readonly ReceivedCondition[] }
  | {
      readonly kind: 'birth'
      readonly node: string
      readonly outbox: string
      readonly conditions: readonly ConditionInBirth[]
    }
  | { readonly kind: 'note'; readonly entry: NewEntry; readonly done?: () => void }
  | {
      readonly kind: 'command'
      readonly id: string
      readonly event: PersonEvent
      readonly done: (result: CommandResult) => void
    }

/** Inputs and entries that wait for the journal; beyond it inputs are dropped unacknowledged, and the edge resends. */
const WAITING_MAX = 10_000
const RETRY_MS = 5_000
/** Each alarm's first refused record is logged. */
const UNSOUND_LOGGED_MAX = 100
/** Inputs taken into one transaction. */
const BATCH = 256

export class AlarmDesk {
  readonly book: AlarmBook
  readonly #o: AlarmDeskOptions
  readonly #inputs: Input[] = []
  /** Decided but not durable. */
  #entries: NewEntry[] = []
  readonly #changed = new Set<string>()
  readonly #commits = new Map<string, { node: string; outbox: string; ranges: Ranges }>()
  #working: Promise<void> | undefined
  #away: string | undefined
  #retry: (() => void) | undefined
  #retryDue = false
  readonly #unsound = new Set<string>()
  #stopped = false
  #lastSeq = 0
  #dropped = 0

  constructor(options: AlarmDeskOptions) {
    this.#o = options
    this.book = new AlarmBook(options.site)
  }

  /** Why the journal cannot be written, if it cannot. */
  get away(): string | undefined {
    return this.#away
  }
  /** Row number of the newest entry. */
  get journalSeq(): number {
    return this.#lastSeq
  }
  /** Inputs dropped, unacknowledged, because too much was waiting. */
  get dropped(): number {
    return this.#dropped
  }

  async start(): Promise<void> {
    for (const { body } of await this.#o.journal.alarms()) this.book.restore(JSON.parse(body) as Alarm)
    const [last] = await this.#o.journal.entries(undefined, 1)
    this.#lastSeq = last?.seq ?? 0
  }

  list(): AlarmJson[] {
    return this.book.list()
  }

  /** Records of one payload, live or resent. */
  records(node: string, received: readonly ReceivedCondition[]): void {
    this.#push({ kind: 'records', node, received })
  }

  /** Present states of a birth. */
  birth(node: string, outbox: string, conditions: readonly ConditionInBirth[]): void {
    this.#push({ kind: 'birth', node, outbox, conditions })
  }

  /** An entry that belongs to no alarm. Resolves when it was written or has to wait for the journal. */
  note(kind: JournalKind, actor: string, body: Json): Promise<void> {
    const at_ns = String(this.#o.clock.now())
    const entry: NewEntry = { at_ns, kind, alarm: null, occurrence: null, actor, body, dedupe: null }
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'note', entry, done: resolve })) resolve()
    })
  }

  /** What a person asks for: durable when it resolves with the alarm, and not done at all otherwise. */
  command(id: string, event: PersonEvent): Promise<CommandResult> {
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'command', id, event, done: resolve }))
        resolve({ away: this.#away ?? 'too much is waiting' })
    })
  }

  /** Everything taken in before is written, if the journal can be. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#retry?.()
    while (this.#working !== undefined) await this.#working
    if (this.#entries.length > 0)
      this.#o.log.error('stopped with alarm entries that could not be journalled; the edge still has the records', {
        entries: this.#entries.length,
      })
  }

  #push(input: Input): boolean {
    if (this.#stopped) return false
    if (this.#inputs.length + this.#entries.length >= WAITING_MAX) {
      if (this.#dropped++ === 0) this.#o.log.error('too many alarm inputs wait for the journal; they are refused')
      return false
    }
    this.#inputs.push(input)
    this.#kick()
    return true
  }

  #kick(): void {
    if (this.#working !== undefined) return
    this.#working = this.#work().finally(() => {
      this.#working = undefined
      if (this.#inputs.length > 0) this.#kick()
    })
  }

  async #work(): Promise<void> {
    const release = this.#o.clock.hold()
    try {
      while (this.#inputs.length > 0 || this.#retryDue) {
        this.#retryDue = false
        const first = this.#inputs[0]
        if (first?.kind === 'command') {
          this.#inputs.shift()
          await this.#command(first)
        } else await this.#batch()
      }
    } finally {
      release()
    }
  }

  /** Everything up to the next command in one transaction. */
  async #batch(): Promise<void> {
    const notes: Array<() => void> = []
    for (let taken = 0; taken < BATCH; taken++) {
      const input = this.#inputs[0]
      if (input === undefined || input.kind === 'command') break
      this.#inputs.shift()
      if (input.kind === 'note') {
        this.#entries.push(input.entry)
        if (input.done) notes.push(input.done)
      } else this.#take(input)
    }
    await this.#flush()
    for (const done of notes) done()
  }

  /** What breaks the machine is our bug: it is not acknowledged, and it does not stop the alarms after it. */
  #take(input: Input & { kind: 'records' | 'birth' }): void {
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
    for (const { identity } of kept) this.#toCommit(node, identity.outbox, identity.offset)
  }

  #takeBirth(node: string, outbox: string, conditions: readonly ConditionInBirth[]): void {
    for (const { record, limit } of conditions)
      if (this.#sound(node, record) && this.book.define(node, limit))
        this.#condition(node, { kind: 'condition', source: 'birth', outbox, record })
  }

  #condition(node: string, event: AlarmEvent & { kind: 'condition' }): void {
    const id = alarmId(node, event.record.limit_id)
    const { alarm, entries } = step(this.book.get(id)!, event, this.#o.clock.now(), this.book.definition(id)!)
    if (entries.length === 0) return
    this.#entries.push(...entries)
    this.#put(alarm)
  }

  #put(alarm: Alarm): void {
    this.book.put(alarm)
    this.#changed.add(alarm.id)
    this.#o.onAlarm(this.book.json(alarm.id)!)
  }

  #toCommit(node: string, outbox: string, offset: number): void {
    const key = `${node} ${outbox}`
    const ranges = this.#commits.get(key)?.ranges ?? []
    this.#commits.set(key, { node, outbox, ranges: addRange(ranges, offset, offset) })
  }

  async #command({ id, event, done }: Input & { kind: 'command' }): Promise<void> {
    const before = this.book.get(id)
    if (before === undefined) return done({ unknown: true })
    const { alarm, entries, refused } = step(before, event, this.#o.clock.now(), this.book.definition(id)!)
    if (refused !== undefined) return done({ refused })
    // What waits must stand in the journal before what a person made of it.
    const away = (await this.#flush()) ?? (await this.#append(entries, [alarm]))
    if (away !== undefined) return done({ away })
    this.book.put(alarm)
    const json = this.book.json(id)!
    this.#o.onAlarm(json)
    done({ alarm: json })
  }

  /** Writes what waits; `undefined` when everything is durable, else why it is not. */
  async #flush(): Promise<string | undefined> {
    if (this.#entries.length > 0) {
      const count = this.#entries.length
      const changed = [...this.#changed]
      const away = await this.#append(
        this.#entries,
        changed.map((id) => this.book.get(id)!),
      )
      if (away !== undefined) return away
      this.#entries = this.#entries.slice(count)
      for (const id of changed) this.#changed.delete(id)
    }
    for (const { node, outbox, ranges } of this.#commits.values()) this.#o.onCommitted(node, outbox, ranges)
    this.#commits.clear()
    return undefined
  }

  async #append(entries: readonly NewEntry[], alarms: readonly Alarm[]): Promise<string | undefined> {
    const snapshots = alarms.map((alarm): AlarmSnapshot => ({ id: alarm.id, body: JSON.stringify(alarm) }))
    try {
      const rows = await this.#o.journal.append(entries, snapshots)
      this.#lastSeq = rows.at(-1)?.seq ?? this.#lastSeq
      this.#recovered()
      for (const row of rows) this.#o.onEntry(row)
      return undefined
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): string {
    const why = error instanceof PlumblineError ? error.message : String(error)
    if (this.#away === undefined)
      this.#o.log.error('the journal cannot be written; nothing is acknowledged to the edge nodes meanwhile', { why })
    this.#away = why
    if (!this.#stopped && this.#retry === undefined) {
      const { clock } = this.#o
      this.#retry = clock.at(afterMs(clock, RETRY_MS), () => {
        this.#retry = undefined
        this.#retryDue = true
        this.#kick()
      })
    }
    return why
  }

  #recovered(): void {
    if (this.#away === undefined) return
    this.#away = undefined
    this.#retry?.()
    this.#retry = undefined
    this.#o.log.info('the journal can be written again')
    this.#o.onRecovered()
  }
}
