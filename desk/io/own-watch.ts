/**
 * The alarms that the desk raises by itself, at each look at the line: what is judged, what pends, and both again after a
 * restart. Whether one holds is `site-conditions.ts`'s, its delays `own-tracker.ts`'s.
 */
import type { Site } from '../../domain/channel.ts'
import { OWN_NODE } from '../../domain/ids.ts'
import type { Clock } from '../../domain/ports.ts'
import { type Instant, instant, type Monotonic, secondsBetween } from '../../domain/time.ts'
import type { Alarm } from '../alarm.ts'
import { conditionIsTrue } from '../alarm-table.ts'
import { type OwnDefinition, ownDefinitions } from '../own-alarms.ts'
import { OWN_OUTBOX, type OwnChange, OwnTracker, ownRecord, type Pending } from '../own-tracker.ts'
import { isSettled, judge } from '../site-conditions.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { LogicInput } from './alarm-input.ts'
import type { Journal } from './journal.ts'
import type { LineWatch } from './line-watch.ts'

export type OwnWatchOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly line: LineWatch
  readonly alarms: () => AlarmDesk
}

/** Under which the journal keeps what pends. */
const PENDING = 'own-pending'
const NOTHING = '[]'

export class OwnWatch {
  readonly definitions: ReadonlyMap<string, OwnDefinition>
  readonly #o: OwnWatchOptions
  readonly #tracker = new OwnTracker()
  readonly #started: Monotonic
  #journal: Journal | undefined
  #kept = NOTHING

  constructor(options: OwnWatchOptions) {
    this.#o = options
    this.#started = options.clock.monotonic()
    this.definitions = ownDefinitions(options.site)
  }

  isTrue(id: string): boolean {
    return this.#tracker.isTrue(id)
  }
  unknownSince(id: string): Instant | undefined {
    return this.#tracker.unknownSince(id)
  }

  /** As it was when the desk was last there. An alarm about something that the site no longer has is over. */
  async takeUp(journal: Journal): Promise<LogicInput[]> {
    const { clock, alarms } = this.#o
    const { book } = alarms()
    const known = new Map([...this.definitions.values()].map((definition) => [definition.id, definition]))
    const gone = [...book.alarms()].flatMap((alarm): LogicInput[] => {
      if (!alarm.id.startsWith(`${OWN_NODE}:`)) return []
      const isTrue = conditionIsTrue(alarm.state)
      const definition = known.get(alarm.id)
      if (definition === undefined) return isTrue ? [this.#gone(alarm)] : []
      book.defineOwn(definition.limit, definition.rule(''), definition.exercise)
      this.#tracker.restore(alarm.id, isTrue)
      this.#takeUpLoss(definition, alarm)
      return []
    })
    this.#journal = journal
    this.#kept = (await journal.kept(PENDING)) ?? NOTHING
    for (const pending of JSON.parse(this.#kept) as Pending[])
      if (known.has(pending.id)) this.#tracker.resume(pending, clock.now(), clock.monotonic())
    return gone
  }

  #gone(alarm: Alarm): LogicInput {
    const { clock, alarms } = this.#o
    const now = clock.now()
    const definition = {
      limit: alarms().book.definition(alarm.id)!.limit,
      exercise: alarm.present?.exercise ?? false,
    } as OwnDefinition
    const record = ownRecord({ definition, isTrue: false, since_ns: now }, alarm.present, now)
    return { id: alarm.id, event: { kind: 'condition', source: 'record', outbox: OWN_OUTBOX, record } }
  }

  #takeUpLoss({ kind, about }: OwnDefinition, { present }: Alarm): void {
    if (kind !== 'foreign_lost' || present === null) return
    const [onset, returned] = [BigInt(present.onset_ns), BigInt(present.returned_ns ?? 0)]
    this.#o.line.lossTold(about ?? undefined, instant(returned > onset ? returned : onset))
  }

  judged(): LogicInput[] {
    const mono = this.#o.clock.monotonic()
    const line = this.#o.line.state(true)
    const settled = isSettled(line, secondsBetween(mono, this.#started))
    return [...this.definitions.values()].flatMap((definition) => {
      const change = this.#tracker.judge(definition, judge(definition, line), line.at, mono, settled)
      return change === undefined ? [] : [this.#event(change)]
    })
  }

  #event(change: OwnChange): LogicInput {
    const { definition, isTrue, detail, due_ns } = change
    const { book } = this.#o.alarms()
    if (isTrue || book.get(definition.id) === undefined)
      book.defineOwn(definition.limit, definition.rule(detail), definition.exercise)
    const record = ownRecord(change, book.get(definition.id)?.present ?? null, this.#o.clock.now())
    return { id: definition.id, event: { kind: 'condition', source: 'record', outbox: OWN_OUTBOX, record, due_ns } }
  }

  /** Written after the alarms that came of it: a crash in between repeats nothing. */
  async keep(): Promise<void> {
    const pending = JSON.stringify(this.#tracker.pending())
    if (pending === this.#kept) return
    // A journal that cannot be written is an alarm already; it is tried again at the next look.
    await this.#journal?.keep(PENDING, pending).then(
      () => {
        this.#kept = pending
      },
      () => {},
    )
  }
}
