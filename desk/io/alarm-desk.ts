/**
 * Who may do what to the alarms when: one input after the other (`alarm-steps.ts` says what each means), its entries into
 * the journal queue, and only then the acknowledgement to the edge or the answer to a person. When the journal cannot be
 * written, alarms still go live and nothing is acknowledged, neither to the edge, which keeps its records, nor by a person.
 */
import type { AlarmJson, JournalKind } from '../../domain/alarm.ts'
import type { Reading } from '../../domain/reading.ts'
import type { ConditionInBirth, ReceivedCondition } from '../../domain/wire/condition.ts'
import type { Json, NewEntry } from '../alarm.ts'
import type { AlarmBook } from '../alarm-book.ts'
import { type PersonEvent, step } from '../alarm-machine.ts'
import type { CommandResult, Input, LogicInput } from './alarm-input.ts'
import { AlarmSteps, type AlarmStepsOptions } from './alarm-steps.ts'
import { JournalQueue, type JournalQueueOptions } from './journal-queue.ts'

export type { CommandResult } from './alarm-input.ts'

export type AlarmDeskOptions = Omit<JournalQueueOptions, 'onRetry'> & AlarmStepsOptions

/** Inputs and entries that wait for the journal; beyond it inputs are dropped unacknowledged, and the edge resends. */
const WAITING_MAX = 10_000
/** Inputs taken into one transaction. */
const BATCH = 256

export class AlarmDesk {
  readonly #o: AlarmDeskOptions
  readonly #queue: JournalQueue
  readonly #steps: AlarmSteps
  readonly #inputs: Input[] = []
  #working: Promise<void> | undefined
  /** Inputs that were taken while a batch is being written, and go into the next one; none is taken while it is undefined. */
  #ahead: number | undefined
  /** Some of what waits was added while a batch was written. */
  #takenMeanwhile = false
  #retryDue = false
  #stopped = false
  #dropped = 0

  constructor(options: AlarmDeskOptions) {
    this.#o = options
    this.#queue = new JournalQueue({
      ...options,
      onRetry: () => {
        this.#retryDue = true
        this.#kick()
      },
    })
    this.#steps = new AlarmSteps(options, this.#queue)
  }

  get book(): AlarmBook {
    return this.#steps.book
  }

  /** Why the journal cannot be written, if it cannot. */
  get away(): string | undefined {
    return this.#queue.away
  }
  /** Row number of the newest entry. */
  get journalSeq(): number {
    return this.#queue.lastSeq
  }
  /** The newest entry and its hash: who keeps them elsewhere can prove later that nothing before was changed. */
  get journalHead(): { readonly seq: number; readonly hash: string } {
    return { seq: this.#queue.lastSeq, hash: this.#queue.lastHash }
  }
  /** Inputs dropped, unacknowledged, because too much was waiting. */
  get dropped(): number {
    return this.#dropped
  }

  async start(): Promise<void> {
    for (const alarm of await this.#queue.start()) this.book.restore(alarm)
  }

  list(): AlarmJson[] {
    return this.book.list()
  }

  /** Records of one payload, live or resent. */
  records(node: string, received: readonly ReceivedCondition[]): void {
    this.#push({ kind: 'records', node, received })
  }

  /** Readings of a node: an alarm that stands shows the worst value so far. */
  observe(node: string, readings: readonly Reading[]): void {
    for (const id of this.book.observe(node, readings)) this.#o.onAlarm(this.book.json(id)!, true)
  }

  /** Present states of a birth. */
  birth(node: string, outbox: string, conditions: readonly ConditionInBirth[]): void {
    this.#push({ kind: 'birth', node, outbox, conditions })
  }

  /** An entry that belongs to no alarm. Resolves when it was written or has to wait for the journal. */
  note(kind: JournalKind, actor: string, body: Json): Promise<void> {
    return this.entry(this.#entry(kind, actor, body))
  }

  /** The same of an entry that is whole. */
  entry(entry: NewEntry): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'note', entry, done: resolve })) resolve()
    })
  }

  /** The same, written now or not at all: durable when it resolves with `undefined`, else why it cannot be. */
  write(kind: JournalKind, actor: string, body: Json): Promise<string | undefined> {
    const entry = this.#entry(kind, actor, body)
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'durable', entry, done: resolve })) resolve(this.away ?? 'too much is waiting')
    })
  }

  /** Entries of others, all or none: durable when it resolves with `undefined`, else why they are not. */
  append(entries: readonly NewEntry[]): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'append', entries, done: resolve })) resolve(this.away ?? 'too much is waiting')
    })
  }

  /** The same, kept until the journal can be written. */
  add(entries: readonly NewEntry[]): void {
    for (const entry of entries) this.#push({ kind: 'note', entry })
  }

  /** A drill is over: the alarms of its shadow devices end with them. Resolves when it is written or has to wait. */
  shadowsGone(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'shadows-gone', done: resolve })) resolve()
    })
  }

  /** What the desk does by itself: times that have come, what suppresses, conditions of its own. */
  logic(events: readonly LogicInput[]): Promise<void> {
    return new Promise((resolve) => {
      if (events.length === 0 || !this.#push({ kind: 'logic', events, done: resolve })) resolve()
    })
  }

  #entry(kind: JournalKind, actor: string, body: Json): NewEntry {
    const at_ns = String(this.#o.clock.now())
    return { at_ns, kind, alarm: null, occurrence: null, actor, body, dedupe: null }
  }

  /** What a person asks for: durable when it resolves with the alarm, and not done at all otherwise. */
  command(id: string, event: PersonEvent): Promise<CommandResult> {
    return new Promise((resolve) => {
      if (!this.#push({ kind: 'command', id, event, done: resolve }))
        resolve({ away: this.away ?? 'too much is waiting' })
    })
  }

  /** Everything taken in before is written, if the journal can be. */
  async stop(): Promise<void> {
    this.#stopped = true
    while (this.#working !== undefined) await this.#working
    this.#queue.stop()
  }

  #push(input: Input): boolean {
    if (this.#stopped) return false
    if (this.#inputs.length + this.#queue.waiting >= WAITING_MAX) {
      if (this.#dropped++ === 0) this.#o.log.error('too many alarm inputs wait for the journal; they are refused')
      return false
    }
    if (!this.#takenAhead(input)) this.#inputs.push(input)
    this.#kick()
    return true
  }

  /** What comes from an edge while earlier entries are on their way to the disk is shown at once and written after them. */
  #takenAhead(input: Input): boolean {
    if (input.kind !== 'records' || this.#ahead === undefined || this.#ahead >= BATCH || this.#inputs.length > 0)
      return false
    this.#ahead++
    this.#steps.take(input)
    this.#steps.show()
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
      while (this.#inputs.length > 0 || this.#retryDue || this.#takenMeanwhile) {
        this.#retryDue = false
        this.#takenMeanwhile = false
        const first = this.#inputs[0]
        if (first?.kind === 'command') {
          this.#inputs.shift()
          await this.#command(first)
        } else if (first?.kind === 'durable') {
          this.#inputs.shift()
          first.done((await this.#queue.flush()) ?? (await this.#queue.write([first.entry], [])))
        } else if (first?.kind === 'append') {
          this.#inputs.shift()
          first.done((await this.#queue.flush()) ?? (await this.#queue.write(first.entries, [])))
        } else await this.#batch()
      }
    } finally {
      release()
    }
  }

  /** Everything up to the next that is written alone in one transaction. */
  async #batch(): Promise<void> {
    const notes: Array<() => void> = []
    for (let taken = 0; taken < BATCH; taken++) {
      const input = this.#inputs[0]
      if (input === undefined || input.kind === 'command' || input.kind === 'durable' || input.kind === 'append') break
      this.#inputs.shift()
      if (input.kind === 'note') {
        this.#queue.add([input.entry])
        if (input.done) notes.push(input.done)
      } else if (input.kind === 'logic') {
        for (const { id, event } of input.events) this.#steps.apply(id, event)
        notes.push(input.done)
      } else if (input.kind === 'shadows-gone') {
        this.#steps.endShadows()
        notes.push(input.done)
      } else this.#steps.take(input)
    }
    this.#steps.show()
    this.#ahead = 0
    try {
      await this.#queue.flush()
    } finally {
      this.#takenMeanwhile ||= this.#ahead > 0
      this.#ahead = undefined
    }
    for (const done of notes) done()
  }

  async #command({ id, event, done }: Input & { kind: 'command' }): Promise<void> {
    const before = this.book.get(id)
    if (before === undefined) return done({ unknown: true })
    const {
      alarm,
      entries,
      refused,
      code = 'REFUSED',
    } = step(before, event, this.#o.clock.now(), this.book.definition(id)!)
    if (refused !== undefined) return done({ refused, code })
    // What waits must stand in the journal before what a person made of it.
    const away = (await this.#queue.flush()) ?? (await this.#queue.write(entries, [alarm]))
    if (away !== undefined) return done({ away })
    this.book.put(alarm)
    const groups = this.#o.group?.(entries) ?? []
    const json = this.book.json(id)!
    this.#o.onAlarm(json)
    done({ alarm: json })
    if (groups.length === 0) return
    this.#queue.add(groups)
    await this.#queue.flush()
  }
}
