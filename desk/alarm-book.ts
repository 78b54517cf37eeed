/**
 * All alarms of the site with what defines each: one per limit of a node, plus any that a birth or a record brings and
 * the site file does not know, because no alarm is dropped for being unexpected. Pure: the book is what was put into it.
 */
import type { AlarmJson } from '../domain/alarm.ts'
import type { RuleJson } from '../domain/api.ts'
import { limitsOfNode, type Site } from '../domain/channel.ts'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import { isShadow } from '../domain/drill.ts'
import { alarmId, OWN_NODE, splitChannel } from '../domain/ids.ts'
import type { Reading } from '../domain/reading.ts'
import type { SiteAlarms } from '../domain/site-alarms.ts'
import { type Instant, NS_PER_S } from '../domain/time.ts'
import { type Alarm, newAlarm, shownState } from './alarm.ts'
import { type AlarmDefinition, alarmJson } from './alarm-json.ts'
import { DrillBook } from './drill.ts'
import { ruleTeller, type TellRule } from './limit-rule.ts'
import { mayBelong, RunningPeaks } from './running-peak.ts'
import { isSilencing } from './silencing.ts'

/** Far beyond any site; more come only from a node that makes up limits. */
export const ALARMS_MAX = 10_000

const minutesNs = (minutes: number): bigint => BigInt(Math.round(minutes * 60)) * NS_PER_S

export class AlarmBook {
  readonly #time_zone: string
  readonly #rules: SiteAlarms
  readonly #drills: DrillBook
  readonly #simulated: ReadonlySet<string>
  readonly #definitions = new Map<string, AlarmDefinition>()
  readonly #alarms = new Map<string, Alarm>()
  /** Ids of the alarms whose limit watches a channel. */
  readonly #watching = new Map<string, Set<string>>()
  readonly #peaks = new RunningPeaks()
  readonly #ruleOf: TellRule

  constructor(site: Site, drills = new DrillBook()) {
    this.#drills = drills
    this.#time_zone = site.file.time_zone
    this.#rules = site.file.alarms
    this.#ruleOf = ruleTeller(site)
    this.#simulated = new Set(
      site.file.nodes.flatMap((n) => n.links.flatMap((l) => l.devices.filter((d) => d.simulated).map((d) => d.id))),
    )
    this.join(site)
  }

  /** What is known beside the alarm itself. */
  beside: (id: string, definition: AlarmDefinition) => Pick<AlarmJson, 'unknown' | 'group'> = () => ({
    unknown: null,
    group: null,
  })

  /** The limits of a site; with the shadows of a drill where it has them. */
  join(site: Site): void {
    for (const node of site.file.nodes) for (const limit of limitsOfNode(site, node)) this.define(node.id, limit)
  }

  /** Forgets what earlier drills have left; it stands in the journal. */
  forgetDrills(): void {
    for (const [id, { limit }] of [...this.#definitions]) {
      const alarm = this.#alarms.get(id)
      if ((alarm && shownState(alarm) !== 'normal') || !this.#drills.isGone(limit.id)) continue
      this.#watching.get(limit.channel)?.delete(id)
      this.#definitions.delete(id)
      this.#alarms.delete(id)
    }
  }

  /** Alarms of shadow devices that are gone, whatever their state. */
  ofGoneShadows(): Alarm[] {
    return [...this.#alarms.values()].filter(({ id }) => this.#isGone(id))
  }

  #isGone(id: string): boolean {
    const limit = this.#definitions.get(id)?.limit
    return limit !== undefined && this.#drills.isGone(limit.id)
  }

  /** The limit as the edge evaluates it; what the desk shows is the edge's, never its own. False where the book is full. */
  define(node: string, limit: Limit): boolean {
    const id = alarmId(node, limit.id)
    if (!this.#definitions.has(id) && this.#definitions.size >= ALARMS_MAX) return false
    const simulated = this.#simulated.has(splitChannel(limit.channel).device)
    const drillAt = (onset_ns: Instant) => this.#drills.markOf(limit.id, simulated, onset_ns)
    const exercise = simulated || isShadow(limit.id)
    const silences = isSilencing(limit)
    if (!silences) this.#watch(id, limit.channel)
    const rule = this.#ruleOf(limit)
    this.#put(id, { node, limit, exercise, rule, drillAt })
    if (!silences && !this.#alarms.has(id)) this.#alarms.set(id, newAlarm(id))
    return true
  }

  /** An alarm of the desk's own, with its rule in words. */
  defineOwn(limit: Limit, rule: RuleJson, exercise: boolean): void {
    const id = alarmId(OWN_NODE, limit.id)
    this.#put(id, { node: OWN_NODE, limit, exercise, rule, drillAt: () => null })
    if (!this.#alarms.has(id)) this.#alarms.set(id, newAlarm(id))
  }

  #put(id: string, about: Omit<AlarmDefinition, 'time_zone' | 'shelve_max_ns' | 're_alarm_ns'>): void {
    const { shelve_max_min, re_alarm_min } = this.#rules
    const again_min = re_alarm_min[about.limit.priority]
    this.#definitions.set(id, {
      ...about,
      time_zone: this.#time_zone,
      shelve_max_ns: minutesNs(shelve_max_min),
      re_alarm_ns: again_min > 0 ? minutesNs(again_min) : null,
    })
  }

  #watch(id: string, channel: string): void {
    const before = this.#definitions.get(id)?.limit.channel
    if (before !== undefined) this.#watching.get(before)?.delete(id)
    const ids = this.#watching.get(channel) ?? new Set()
    this.#watching.set(channel, ids.add(id))
  }

  /** For a record whose limit neither the site file nor a birth has told. */
  defineFromRecord(node: string, record: ConditionRecord): boolean {
    if (this.#definitions.has(alarmId(node, record.limit_id))) return true
    return this.define(node, {
      id: record.limit_id,
      name: record.limit_id,
      channel: '',
      direction: 'above',
      limit: record.limit,
      deadband: 0,
      on_delay_s: 0,
      off_delay_s: 0,
      unit: record.unit,
      priority: 'high',
      latch: false,
    })
  }

  get(id: string): Alarm | undefined {
    return this.#alarms.get(id)
  }

  /** The worst value of the present occurrence so far. */
  peak(id: string): number | null {
    const [alarm, limit] = [this.#alarms.get(id), this.#definitions.get(id)?.limit]
    return alarm && limit ? this.#peaks.peakOf(alarm, limit) : null
  }

  definition(id: string): AlarmDefinition | undefined {
    return this.#definitions.get(id)
  }

  /** Not an alarm: it tells that an output was silenced at the panel. */
  silences(id: string): boolean {
    const limit = this.#definitions.get(id)?.limit
    return limit !== undefined && isSilencing(limit)
  }

  put(alarm: Alarm): void {
    this.#alarms.set(alarm.id, alarm)
  }

  /** From what was kept of an earlier run; an alarm whose limit is gone from the site file keeps its place. */
  restore(alarm: Alarm): void {
    const limit_id = alarm.id.slice(alarm.id.indexOf(':') + 1)
    if (alarm.state === 'normal' && this.#drills.isGone(limit_id)) return
    if (!this.#definitions.has(alarm.id)) this.#defineFromHistory(alarm)
    if (this.silences(alarm.id)) return
    // An earlier version kept less of an alarm.
    this.#alarms.set(alarm.id, { ...newAlarm(alarm.id), ...alarm })
  }

  #defineFromHistory(alarm: Alarm): void {
    const [node = '', ...rest] = alarm.id.split(':')
    const present = alarm.present
    this.define(node, {
      id: rest.join(':'),
      name: rest.join(':'),
      channel: '',
      direction: 'above',
      limit: present?.limit ?? Number.NaN,
      deadband: 0,
      on_delay_s: 0,
      off_delay_s: 0,
      unit: present?.unit ?? '',
      priority: 'high',
      latch: alarm.state.startsWith('latched'),
    })
  }

  json(id: string): AlarmJson | undefined {
    const alarm = this.#alarms.get(id)
    const definition = this.#definitions.get(id)
    if (alarm === undefined || definition === undefined) return undefined
    const peak = this.#peaks.peakOf(alarm, definition.limit)
    return { ...alarmJson(alarm, definition), peak, ...this.beside(id, definition) }
  }

  /** Alarms of which one of these readings is the worst value so far. */
  observe(node: string, readings: readonly Reading[]): string[] {
    const worse = new Set<string>()
    for (const reading of readings)
      for (const id of this.#watching.get(reading.channel) ?? []) {
        const [alarm, definition] = [this.#alarms.get(id)!, this.#definitions.get(id)!]
        if (definition.node === node && this.#peaks.observe(alarm, definition.limit, reading)) worse.add(id)
      }
    return [...worse]
  }

  /** Whether readings of these channels from before this instant could still be the worst of an alarm that stands. */
  mayWorsen(channels: readonly string[], newest: Instant): boolean {
    return channels.some((channel) =>
      [...(this.#watching.get(channel) ?? [])].some((id) => mayBelong(this.#alarms.get(id)!, newest)),
    )
  }

  list(): AlarmJson[] {
    return [...this.alarms()].flatMap(({ id }) => this.json(id) ?? [])
  }

  /** Without those of shadow devices that are gone: nothing is behind them. */
  *alarms(): Iterable<Alarm> {
    for (const alarm of this.#alarms.values())
      if (shownState(alarm) !== 'normal' || !this.#isGone(alarm.id)) yield alarm
  }
}
