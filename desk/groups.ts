/**
 * Alarms with one cause, as one group: an earthquake with the channels of a structure, a rise of water with its levels, an
 * edge node that is away with what it hides, and an alarm flood, which is the cause of none but has to be told apart. Pure:
 * from the entries of the journal and the instant; what a group is made of is journalled and can be read back.
 */
import type { JournalEntryJson } from '../domain/alarm.ts'
import type { AlarmGroupJson } from '../domain/api-desk.ts'
import { PRIORITIES, type Priority } from '../domain/condition.ts'
import { type Instant, NS_PER_S } from '../domain/time.ts'
import type { Json, NewEntry } from './alarm.ts'

export type GroupKind = AlarmGroupJson['kind']
/** What an alarm may share a cause with: its place. */
export type GroupPlace = {
  readonly kind: Exclude<GroupKind, 'alarm-flood'>
  readonly about: string
  /** It belongs to a group that is there, and begins none. */
  readonly joins?: true
}
export type GroupRules = {
  readonly placeOf: (alarm: string) => GroupPlace | undefined
  readonly priorityOf: (alarm: string) => Priority
  /** Whether its condition is true now. */
  readonly isTrue: (alarm: string) => boolean
  /** Without anything true for so long a group of this kind is over [s]. */
  readonly quiet_s: (kind: GroupKind) => number
}

/** Bodies of the journal's `group` entries. */
export type GroupBody =
  | {
      readonly what: 'began'
      readonly group: string
      readonly kind: GroupKind
      readonly about: string | null
      readonly began_ns: string
    }
  | {
      readonly what: 'joined'
      readonly group: string
      readonly alarm: string
      readonly occurrence: number
      readonly onset_ns: string
      readonly priority: Priority
      readonly exercise: boolean
    }
  | { readonly what: 'ended'; readonly group: string; readonly ended_ns: string }

/** ISA-18.2: ten annunciated alarms in ten minutes begin an alarm flood, fewer than five end it. */
export const FLOOD_BEGINS = 10
export const FLOOD_ENDS_BELOW = 5
export const FLOOD_WINDOW_NS = 600n * NS_PER_S
/** Groups that are kept for the list; the journal keeps all. */
const KEPT_MAX = 500
/** Alarms listed in one group; more of them are an alarm flood whatever they are called. */
const MEMBERS_MAX = 1000

type Group = AlarmGroupJson & {
  /** When one of its conditions was last seen true. */
  active_ns: bigint
}
type Source = Pick<JournalEntryJson, 'at_ns' | 'kind' | 'alarm' | 'occurrence' | 'body'>

export class GroupBook {
  readonly #rules: GroupRules
  readonly #groups = new Map<string, Group>()
  readonly #open = new Map<string, string>()
  /** The newest group of an alarm, its cause before an alarm flood. */
  readonly #ofAlarm = new Map<string, string>()
  readonly #flooding = new Map<string, string>()
  #annunciated: Array<{ at: bigint; alarm: string; occurrence: number; onset_ns: string; exercise: boolean }> = []
  #flood: string | undefined
  #next = 1

  constructor(rules: GroupRules) {
    this.#rules = rules
  }

  /** Newest first. */
  list(): AlarmGroupJson[] {
    return [...this.#groups.values()].reverse().map(groupJson)
  }
  get(id: string): AlarmGroupJson | undefined {
    const group = this.#groups.get(id)
    return group && groupJson(group)
  }
  groupOf(alarm: string): string | null {
    return this.#ofAlarm.get(alarm) ?? this.#flooding.get(alarm) ?? null
  }

  /** What the entries of one step make of the groups: entries to be journalled with them. They are applied already. */
  take(entries: readonly Source[]): NewEntry[] {
    return entries.flatMap((entry) => this.#entry(entry))
  }

  #entry({ kind, alarm, occurrence, at_ns, body }: Source): NewEntry[] {
    if (alarm === null) return []
    const at = BigInt(at_ns)
    if (kind === 'suppress') return this.#hidden(alarm, occurrence ?? 0, at, (body as { key: string }).key)
    if (kind !== 'onset' && kind !== 'notice') return []
    const { onset_ns, exercise } = body as { onset_ns: string; exercise: boolean }
    const member = { alarm, occurrence: occurrence ?? 0, onset_ns, exercise }
    return kind === 'onset' ? this.#cause(member, at) : this.#annunciation(member, at)
  }

  /** What a dead node hides belongs to the fault that says so. */
  #hidden(alarm: string, occurrence: number, at: bigint, key: string): NewEntry[] {
    const parent = this.#ofAlarm.get(key.replace(/^fault:/, ''))
    if (parent === undefined || this.#groups.get(parent)?.kind !== 'node-offline') return []
    return [this.#join(parent, { alarm, occurrence, onset_ns: String(at), exercise: true }, at)]
  }

  #cause(member: Member, at: bigint): NewEntry[] {
    const place = this.#rules.placeOf(member.alarm)
    if (place === undefined) return []
    const key = `${place.kind} ${place.about}`
    const out: NewEntry[] = []
    let id = this.#open.get(key)
    const group = id === undefined ? undefined : this.#groups.get(id)
    // What is told late may belong to the group that is open only if it lies within its time.
    if (group !== undefined && this.#isApart(group, BigInt(member.onset_ns))) return []
    if (id === undefined) {
      if (place.joins) return []
      const { kind, about } = place
      id = this.#newId(kind)
      out.push(this.#write(at, { what: 'began', group: id, kind, about, began_ns: member.onset_ns }))
    }
    out.push(this.#join(id, member, at))
    return out
  }

  #isApart({ began_ns, kind }: Group, onset: bigint): boolean {
    return onset < BigInt(began_ns) - BigInt(this.#rules.quiet_s(kind)) * NS_PER_S
  }

  #annunciation(member: Member, at: bigint): NewEntry[] {
    this.#annunciated.push({ at, ...member })
    this.#window(at)
    if (this.#flood !== undefined) return [this.#join(this.#flood, member, at)]
    if (this.#annunciated.length < FLOOD_BEGINS) return []
    const id = this.#newId('alarm-flood')
    const began_ns = String(this.#annunciated[0]!.at)
    const began = this.#write(at, { what: 'began', group: id, kind: 'alarm-flood', about: null, began_ns })
    return [began, ...this.#annunciated.map((one) => this.#join(id, one, at))]
  }

  #window(at: bigint): void {
    // A clock that was set back must not keep the window full for ever.
    this.#annunciated = this.#annunciated.filter(
      (one) => one.at > at - FLOOD_WINDOW_NS && one.at <= at + FLOOD_WINDOW_NS,
    )
  }

  /** Ends what is over by now. */
  tick(at: Instant): NewEntry[] {
    this.#window(at)
    const out: NewEntry[] = []
    for (const id of [...this.#open.values()]) {
      const group = this.#groups.get(id)!
      if (group.kind === 'alarm-flood') {
        if (this.#annunciated.length < FLOOD_ENDS_BELOW) out.push(this.#end(id, at, at))
        continue
      }
      const causes = group.kind === 'node-offline' ? group.alarms.slice(0, 1) : group.alarms
      if (causes.some(({ alarm }) => this.#rules.isTrue(alarm))) group.active_ns = at
      else if (at - group.active_ns >= BigInt(this.#rules.quiet_s(group.kind)) * NS_PER_S)
        out.push(this.#end(id, at, group.active_ns))
    }
    return out
  }

  #newId(kind: GroupKind): string {
    return `${kind}-${this.#next}`
  }

  #join(group: string, { alarm, occurrence, onset_ns, exercise }: Member, at: bigint): NewEntry {
    const priority = this.#rules.priorityOf(alarm)
    return this.#write(at, { what: 'joined', group, alarm, occurrence, onset_ns, priority, exercise })
  }

  #end(group: string, at: bigint, ended: bigint): NewEntry {
    return this.#write(at, { what: 'ended', group, ended_ns: String(ended) })
  }

  #write(at: bigint, body: GroupBody): NewEntry {
    const alarm = body.what === 'joined' ? body.alarm : null
    const occurrence = body.what === 'joined' ? body.occurrence : null
    const entry: NewEntry = {
      at_ns: String(at),
      kind: 'group',
      alarm,
      occurrence,
      actor: 'desk',
      body: body as unknown as Json,
      dedupe: null,
    }
    this.apply(entry)
    return entry
  }

  /** One `group` entry of the journal. */
  apply({ at_ns, body: read }: Pick<NewEntry, 'at_ns'> & { body: unknown }): void {
    const body = read as GroupBody
    if (body.what === 'began') this.#begin(body, BigInt(at_ns))
    const group = this.#groups.get(body.group)
    if (group === undefined) return
    if (body.what === 'joined') this.#joined(group, body, BigInt(at_ns))
    if (body.what === 'ended') this.#ended(group, body.ended_ns)
  }

  #begin({ group: id, kind, about, began_ns }: GroupBody & { what: 'began' }, at: bigint): void {
    this.#next = Math.max(this.#next, Number(/(?<!\d)\d+$/.exec(id)?.[0] ?? 0) + 1)
    this.#groups.set(id, {
      id,
      kind,
      about,
      began_ns,
      ended_ns: null,
      alarms: [],
      priority: 'low',
      exercise: true,
      active_ns: at,
    })
    if (kind === 'alarm-flood') this.#flood = id
    this.#open.set(`${kind} ${about}`, id)
    for (const [old, group] of this.#groups) {
      if (this.#groups.size <= KEPT_MAX) break
      if (group.ended_ns !== null) this.#groups.delete(old)
    }
  }

  #joined(
    group: Group,
    { alarm, occurrence, onset_ns, priority, exercise }: GroupBody & { what: 'joined' },
    at: bigint,
  ): void {
    if (group.alarms.length < MEMBERS_MAX) group.alarms.push({ alarm, occurrence, onset_ns })
    if (PRIORITIES.indexOf(priority) < PRIORITIES.indexOf(group.priority)) group.priority = priority
    if (!exercise) group.exercise = false
    if (BigInt(onset_ns) < BigInt(group.began_ns)) group.began_ns = onset_ns
    group.active_ns = at
    const of = group.kind === 'alarm-flood' ? this.#flooding : this.#ofAlarm
    of.set(alarm, group.id)
  }

  #ended(group: Group, ended_ns: string): void {
    group.ended_ns = ended_ns
    this.#open.delete(`${group.kind} ${group.about}`)
    if (this.#flood === group.id) this.#flood = undefined
    for (const known of [this.#ofAlarm, this.#flooding])
      for (const [alarm, id] of known) if (id === group.id && !this.#rules.isTrue(alarm)) known.delete(alarm)
  }
}

type Member = {
  readonly alarm: string
  readonly occurrence: number
  readonly onset_ns: string
  readonly exercise: boolean
}

const groupJson = ({ active_ns: _, ...group }: Group): AlarmGroupJson => ({ ...group, alarms: [...group.alarms] })
