/**
 * What the desk does by itself, second by second: ends what was put aside for a time, annunciates again, begins and ends
 * maintenance, raises the alarms about the line, suppresses what a fault or a window covers, ends groups, and tells what has
 * become unknown. What is to happen is decided in pure files; this one asks them and hands the events to the alarm desk.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { LiveEvent } from '../../domain/api.ts'
import { devicesOf, type Site } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { OWN_NODE } from '../../domain/ids.ts'
import type { Log } from '../../domain/ports.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { NewEntry } from '../alarm.ts'
import { dueOf } from '../alarm-machine.ts'
import { conditionIsTrue } from '../alarm-table.ts'
import { Deadlines } from '../deadlines.ts'
import { groupPlaces } from '../group-places.ts'
import { GroupBook } from '../groups.ts'
import type { MaintenanceEntry } from '../maintenance.ts'
import type { OwnDefinition } from '../own-alarms.ts'
import { type StepRule, stepRules, stepUps } from '../step-up.ts'
import { type ParentFault, suppressionChanges } from '../suppression.ts'
import { unknownOf } from '../unknown.ts'
import type { LogicInput } from './alarm-input.ts'
import { ChainKeeper } from './chain-keeper.ts'
import type { Journal } from './journal.ts'
import { LineWatch, type LineWatchOptions } from './line-watch.ts'
import { MaintenanceDesk } from './maintenance-desk.ts'
import { OwnWatch } from './own-watch.ts'

export type AlarmWatchOptions = LineWatchOptions & {
  readonly log: Log
  /** Alarms that have become known or unknown, groups that have changed. */
  readonly onLive: (events: readonly LiveEvent[]) => void
}

const TICK_MS = 1000
/** The newest: enough for every group that is still listed. */
const GROUP_ROWS = 20_000

export class AlarmWatch {
  readonly maintenance: MaintenanceDesk
  readonly line: LineWatch
  readonly groups: GroupBook
  readonly #o: AlarmWatchOptions
  readonly #deadlines = new Deadlines()
  readonly #own: OwnWatch
  readonly #steps: readonly StepRule[]
  /** By alarm, why it was unknown when that was last told. */
  readonly #toldUnknown = new Map<string, string>()
  readonly #started_ns: Instant
  #keeper: ChainKeeper | undefined
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(options: AlarmWatchOptions) {
    this.#o = options
    const { site, clock, alarms } = options
    this.#started_ns = clock.now()
    this.line = new LineWatch(options)
    this.#own = new OwnWatch({ site, clock, alarms, line: this.line })
    this.#steps = stepRules(site)
    const devices = new Set(devicesOf(site).map(({ device }) => device.id))
    this.maintenance = new MaintenanceDesk({
      clock,
      alarms,
      devices: () => devices,
      onChange: () => void alarms().logic(this.#suppression()),
    })
    this.groups = this.#groupBook(site)
  }

  /** The alarms that the desk raises by itself, by the ids of their limits. */
  get own(): ReadonlyMap<string, OwnDefinition> {
    return this.#own.definitions
  }

  #groupBook(site: Site): GroupBook {
    const placeOf = groupPlaces(site)
    const { ground_motion_quiet_s, water_rise_quiet_s } = site.file.alarms.groups
    const book = () => this.#o.alarms().book
    return new GroupBook({
      placeOf: (alarm) => placeOf(book().definition(alarm)),
      priorityOf: (alarm) => book().definition(alarm)?.limit.priority ?? 'low',
      isTrue: (alarm) => conditionIsTrue(book().get(alarm)?.state ?? 'normal'),
      quiet_s: (kind) =>
        kind === 'ground-motion' ? ground_motion_quiet_s : kind === 'water-rise' ? water_rise_quiet_s : 0,
    })
  }

  /** Carries out at once what came while the desk was away. */
  async start(journal: Journal): Promise<void> {
    for (const row of await journal.ofKind('maintenance')) this.maintenance.book.apply(row as MaintenanceEntry)
    for (const row of await journal.ofKind('group', GROUP_ROWS)) this.groups.apply(row)
    const { book } = this.#o.alarms()
    book.beside = (id, { node, limit }) => ({
      unknown: unknownOf(node, limit, this.#now()),
      group: this.groups.groupOf(id),
    })
    await this.#o.alarms().logic(await this.#own.takeUp(journal))
    await this.#noteConfig(journal)
    this.#keeper = new ChainKeeper({ ...this.#o, journal, days: this.#o.site.file.alarms.journal_keep_days })
    await this.tick()
    this.#plan()
  }

  /** Alarms go on: what was changed stays visible for ever, because the chain after it does not mend. */
  async checkChain(journal: Journal): Promise<void> {
    const { broken } = await journal.verifyTail()
    if (broken === undefined) return
    this.line.journalBroken = `row ${broken.seq}: ${broken.why}`
    this.#o.log.error(new PlumblineError('DATA_CORRUPT', `journal.db, ${this.line.journalBroken}`).message)
  }

  /** An entry that is durable. */
  wrote(entry: JournalEntryJson): void {
    if (entry.kind === 'maintenance') this.maintenance.book.apply(entry as MaintenanceEntry)
    if (entry.kind !== 'group') return
    const data = this.groups.get((entry.body as { group: string }).group)
    if (data !== undefined) this.#o.onLive([{ event: 'group', data }])
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #plan(): void {
    const { clock } = this.#o
    if (!this.#stopped)
      this.#cancel = clock.at(afterMs(clock, TICK_MS), () => void this.tick().finally(() => this.#plan()))
  }

  async tick(): Promise<void> {
    const { clock, alarms } = this.#o
    const release = clock.hold()
    try {
      await this.maintenance.tick()
      await alarms().logic([...this.#own.judged(), ...this.#due(), ...this.#stepUps()])
      await alarms().logic(this.#suppression())
      for (const entry of this.groups.tick(clock.now())) await alarms().entry(entry)
      this.#tellUnknown()
      await this.#own.keep()
      await this.#keeper?.tick()
    } finally {
      release()
    }
  }

  /** Limits, delays and priorities may be others since the desk last ran. */
  async #noteConfig(journal: Journal): Promise<void> {
    const [before, now] = (await journal.ofKind('start', 2)).map(
      ({ body }) => (body as { site_hash?: string }).site_hash,
    )
    if (before !== undefined && now !== undefined && before !== now)
      await this.#o.alarms().note('config', 'desk', { what: 'site-file', from: before, to: now })
  }

  /** Groups that the entries of one step make. */
  group = (entries: readonly NewEntry[]): readonly NewEntry[] => this.groups.take(entries)

  #due(): LogicInput[] {
    const { clock, alarms } = this.#o
    const { book } = alarms()
    const deadlines = [...book.alarms()].flatMap((alarm) =>
      dueOf(alarm, book.definition(alarm.id)!).map(({ what, due_ns }) => ({
        ...{ key: `${what} ${alarm.id}`, id: alarm.id, what, due_ns },
        most_ns: what === 'shelved' ? book.definition(alarm.id)!.shelve_max_ns : undefined,
      })),
    )
    return this.#deadlines
      .due(deadlines, clock.now(), clock.monotonic())
      .map(({ id, what, due_ns }) => ({ id, event: { kind: 'due', what, due_ns } }))
  }

  #stepUps(): LogicInput[] {
    const { book } = this.#o.alarms()
    return stepUps(
      this.#steps,
      book.alarms(),
      (id) => book.definition(id),
      (id) => book.peak(id),
    )
  }

  #suppression(): LogicInput[] {
    const { book } = this.#o.alarms()
    const alarms = [...book.alarms()].map((alarm) => [alarm, book.definition(alarm.id)!] as const)
    const running = this.maintenance.book.running()
    return suppressionChanges(alarms, running, this.#faults(), (key) => this.maintenance.endOf(key))
  }

  #faults(): ParentFault[] {
    return [...this.own.values()].flatMap(({ id, kind, about, limit }): ParentFault[] => {
      if (about === null || !this.#own.isTrue(id)) return []
      if (kind === 'edge_offline') return [{ alarm: id, name: limit.name, node: about }]
      const node = this.#o.model.device(about)?.node
      return kind === 'device_silent' && node !== undefined
        ? [{ alarm: id, name: limit.name, node, device: about }]
        : []
    })
  }

  #now() {
    const { model, clock } = this.#o
    return {
      started_ns: this.#started_ns,
      at: instant(clock.now()),
      node: (id: string) => model.node(id),
      device: (id: string) => model.device(id),
      reading: (channel: string) => model.reading(channel),
      readingAge_s: this.line.readingAge_s,
      ownUnknownSince: (limit_id: string) => this.#own.unknownSince(`${OWN_NODE}:${limit_id}`),
    }
  }

  /** Known and unknown change without any step of the alarm: people are shown it all the same. */
  #tellUnknown(): void {
    const { book } = this.#o.alarms()
    const now = this.#now()
    const changed: LiveEvent[] = []
    for (const { id } of book.alarms()) {
      const { node, limit } = book.definition(id)!
      const cause = unknownOf(node, limit, now)?.cause ?? ''
      if (this.#toldUnknown.get(id) === cause) continue
      this.#toldUnknown.set(id, cause)
      changed.push({ event: 'alarm', data: book.json(id)! })
    }
    if (changed.length > 0) this.#o.onLive(changed)
  }
}
