/**
 * Who is to be told of what, as the journal tells it: `apply` takes one entry, `plan` says what is due. The book is what was
 * put into it: after a restart the same entries give the same book, so that nothing planned is forgotten and nothing told is
 * told again. Pure; rendering, journalling and sending are `io/teller.ts`'s.
 */
import { createHash } from 'node:crypto'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { Priority } from '../../domain/condition.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import { policyFor, subjectOf } from '../../domain/policy.ts'
import type { SiteFile } from '../../domain/site.ts'
import type { SiteNotices, SitePolicy } from '../../domain/site-notices.ts'
import { type Instant, instant, NS_PER_MS } from '../../domain/time.ts'
import { DRILL_ENDED } from '../alarm.ts'
import { DeliveryBook } from './delivery-book.ts'
import { type FloodSnapshot, FloodWatch } from './flood.ts'
import {
  type Delivery,
  type DeliveryBody,
  highest,
  type Incident,
  isUnanswered,
  type Member,
  type NobodyBody,
  type PlannedBody,
  type Reality,
  unansweredOf,
  untoldOf,
} from './incident.ts'
import { allFailed, type Due, nextDue } from './ladder.ts'
import { isBeyond, memberOf, type NoticeBody, type NoticeEntry } from './notice-entry.ts'
import { isQuiet } from './quiet.ts'
import { asksForExercises, type Target, targetsOfStep, targetsTold } from './recipients.ts'

export type Entry = Pick<JournalEntryJson, 'kind' | 'alarm' | 'occurrence' | 'actor' | 'at_ns' | 'body'>

/** Now, by a clock that never steps and by the one on the wall. */
export type Now = { readonly t: number; readonly wall: Instant }

/** A message that is due: to be written into the journal for each target, then sent. */
export type Plan = {
  readonly incident: Incident
  readonly due: Due
  readonly late_ms: number
  readonly members: readonly Member[]
  readonly priority: Priority
  readonly targets: readonly Target[]
}

/** What is late by less was merely not instant. */
export const LATE_MS = 60_000
/** While quiet hours hold something back it is looked at so often. */
const QUIET_LOOK_MS = 30_000
/** Occurrences named in one incident; more are counted. */
const MEMBERS_MAX = 500
const INCIDENTS_MAX = 10_000

const PUT_ASIDE: ReadonlySet<string> = new Set(['shelve', 'suppress', 'out-of-service'])
const TAKEN_BACK: ReadonlySet<string> = new Set(['unshelve', 'unsuppress', 'return-to-service'])

export type TellingSnapshot = {
  readonly incidents: readonly Incident[]
  readonly deliveries: readonly Delivery[]
  readonly last: ReadonlyArray<readonly [alarm: string, notice: { n: number; body: NoticeBody }]>
  readonly recent: FloodSnapshot
}

export class TellingBook {
  readonly #file: Pick<SiteFile, 'nodes' | 'waters' | 'time_zone'>
  readonly #notices: SiteNotices
  readonly #incidents = new Map<string, Incident>()
  readonly #deliveries = new DeliveryBook()
  /** The newest notice of each alarm, for what comes back. */
  readonly #last = new Map<string, { n: number; body: NoticeBody }>()
  readonly #floods: FloodWatch

  constructor(file: Pick<SiteFile, 'nodes' | 'waters' | 'time_zone'>, notices: SiteNotices) {
    this.#file = file
    this.#notices = notices
    this.#floods = new FloodWatch(notices.grouping.flood_alarms)
  }

  incidents(): Iterable<Incident> {
    return this.#incidents.values()
  }
  incident(id: string): Incident | undefined {
    return this.#incidents.get(id)
  }
  deliveries(): Iterable<Delivery> {
    return this.#deliveries.all()
  }
  delivery(id: string): Delivery | undefined {
    return this.#deliveries.get(id)
  }
  /** Planned, and neither sent nor given up. */
  open(): Delivery[] {
    return this.#deliveries.open()
  }

  /** One entry of the journal. `t`: when it was heard, by the clock that never steps. */
  apply(entry: Entry, t: number): void {
    const { kind, alarm, occurrence } = entry
    if (kind === 'delivery') this.#delivery(entry.body as DeliveryBody, entry.at_ns, t)
    if (alarm === null) return
    const n = occurrence ?? 0
    if (kind === 'notice') {
      const body = entry.body as NoticeBody
      this.#last.set(alarm, { n, body })
      this.#notice({ alarm, n, body, again: null }, t)
    } else if (kind === 'acknowledge')
      this.#each(alarm, (member) => {
        member.acknowledged_by ??= entry.actor
      })
    else if (kind === 'return') this.#returned(alarm, n, entry.body as { outbox?: string }, t)
    else if (kind === 'state') {
      if ((entry.body as { because: string }).because === DRILL_ENDED) this.#forget(alarm)
    } else if (kind === 're-alarm') this.#again(alarm, n, entry, t)
    else if (PUT_ASIDE.has(kind)) this.#aside(alarm, true)
    else if (TAKEN_BACK.has(kind)) this.#back(alarm, entry.body as { to?: string })
    if (kind !== 'delivery') this.#sweep()
  }

  #aside(alarm: string, aside: boolean): void {
    this.#each(alarm, (member) => {
      member.aside = aside
    })
  }

  /** What began meanwhile, and what is true still, is told by an entry of its own after this one. */
  #back(alarm: string, { to }: { to?: string }): void {
    if (to === 'normal') this.#each(alarm, (member) => this.#over(member))
    else if (to === 'acknowledged' || to === 'latched-acknowledged')
      this.#each(alarm, (member) => {
        member.acknowledged_by ??= ''
      })
    if (to !== 'shelved' && to !== 'suppressed' && to !== 'out-of-service') this.#aside(alarm, false)
  }

  #over(member: Member): void {
    member.returned = true
    member.acknowledged_by ??= ''
  }

  /** The shadow it was about is gone: nobody is told anything any more. */
  #forget(alarm: string): void {
    for (const incident of this.#incidents.values()) {
      if (!incident.members.some((member) => member.alarm === alarm)) continue
      for (const member of incident.members) if (member.alarm === alarm) this.#over(member)
      if (incident.members.every(({ acknowledged_by }) => acknowledged_by !== null)) incident.said_returned = true
    }
  }

  /** Annunciated again: it takes the place of what was told before, and those who were told hear how it ends. */
  #again(alarm: string, n: number, { body, at_ns }: Entry, t: number): void {
    const own = (body as Partial<NoticeBody>).outbox === undefined ? undefined : (body as NoticeBody)
    const last = own === undefined ? this.#last.get(alarm) : { n, body: own }
    const known = (member: Member) => member.alarm === alarm && member.again === at_ns
    if (last === undefined || [...this.#incidents.values()].some(({ members }) => members.some(known))) return
    const told: string[] = []
    for (const incident of [...this.#incidents.values()]) {
      if (!incident.members.some((member) => member.alarm === alarm)) continue
      for (const member of incident.members) if (member.alarm === alarm) member.acknowledged_by ??= ''
      if (unansweredOf(incident).length > 0) continue
      told.push(...incident.told)
      this.#incidents.delete(incident.id)
    }
    this.#notice({ alarm, ...last, again: at_ns }, t, [...new Set(told)])
  }

  #each(alarm: string, change: (member: Member) => void): void {
    for (const { members } of this.#incidents.values())
      for (const member of members) if (member.alarm === alarm) change(member)
  }

  #returned(alarm: string, n: number, { outbox }: { outbox?: string }, t: number): void {
    for (const incident of this.#incidents.values())
      for (const member of incident.members)
        if (member.alarm === alarm && member.n === n && (outbox === undefined || member.outbox === outbox)) {
          member.returned = true
          incident.returned_t = t
        }
  }

  #notice(notice: NoticeEntry, t: number, told: string[] = []): void {
    const { alarm, n, body, again } = notice
    const member = memberOf(notice)
    const subject = this.#subject(body.channel)
    const about = { limit_id: member.limit_id, priority: body.priority, ...subject }
    const policy = policyFor(this.#notices, about)
    if (policy === undefined) return
    const reality: Reality = body.drill ? 'drill' : body.exercise ? 'exercise' : 'real'
    if (reality === 'exercise' && !asksForExercises(policy, this.#notices)) return
    const group = reality === 'drill' ? `drill:${body.drill!.id}` : reality
    const place = subject.structure ?? subject.water ?? null
    const known = [...this.#incidents.values()].some((incident) =>
      incident.members.some(
        (m) => m.alarm === alarm && m.n === n && m.outbox === body.outbox && again === null && m.again === null,
      ),
    )
    // The same notice again: the journal could not be written when it was first heard.
    if (known) return
    const flood = this.#floods.isFlood(group, t)
    const key = [group, policy.id, place ?? alarm].join('|')
    const floodKey = [group, policy.id, 'flood'].join('|')
    const open = this.#joinable(key) ?? (flood ? this.#joinable(floodKey) : undefined)
    if (open !== undefined) {
      if (open.members.length < MEMBERS_MAX) open.members.push(member)
      else open.unlisted++
      open.joined_t = t
      if (!body.late) open.said_returned = false
      if (flood) this.#gather(open, floodKey, t)
      return
    }
    if (this.#incidents.size >= INCIDENTS_MAX) return
    const id = createHash('sha256')
      .update([group, policy.id, alarm, body.outbox, n, again ?? ''].join('|'))
      .digest('hex')
      .slice(0, 12)
    const incident: Incident = {
      ...{ id, key: flood ? floodKey : key, reality, drill: body.drill ?? null, recipients: body.recipients ?? null },
      ...{ policy: policy.id, about: flood ? null : place, flood, members: [member], unlisted: 0 },
      ...{ opened_t: t, joined_t: t, returned_t: t, step: -1, round: 0, cycle: 0, base_t: t, nobody: false },
      ...{ told, told_priority: null, message_t: t, updates: 0, said_returned: body.late },
    }
    this.#incidents.set(id, incident)
    if (flood) this.#gather(incident, floodKey, t)
  }

  /** In an alarm flood what nobody was told of yet becomes part of the one message. */
  #gather(into: Incident, floodKey: string, t: number): void {
    if (into.key !== floodKey) return
    for (const other of [...this.#incidents.values()]) {
      const same = other.policy === into.policy && other.reality === into.reality && other.drill?.id === into.drill?.id
      if (other === into || !same || other.step >= 0) continue
      into.members.push(...other.members.slice(0, MEMBERS_MAX - into.members.length))
      into.unlisted += other.unlisted
      into.joined_t = t
      this.#incidents.delete(other.id)
    }
  }

  /** A shadow is about what its real device is about. */
  #subject(channel: string) {
    const { device, metric } = splitChannel(channel)
    return subjectOf(this.#file, channelId(splitShadow(device)?.id ?? device, metric))
  }

  /** The open incident of this key that somebody still has to answer: what has been answered is not answered for news. */
  #joinable(key: string): Incident | undefined {
    for (const incident of this.#incidents.values())
      if (incident.key === key && (incident.step < 0 || unansweredOf(incident).length > 0)) return incident
    return undefined
  }

  #delivery(body: DeliveryBody, at_ns: string, t: number): void {
    if (body.what === 'planned') {
      if (this.#deliveries.has(body.id)) {
        const incident = body.incident === null ? undefined : this.#incidents.get(body.incident)
        // Heard before it was durable: only where it was not heard at all does it still move the incident on.
        if (incident !== undefined && isBeyond(body, incident, true)) this.#advance(body, t)
        return
      }
      const { what: _, ...planned } = body
      const rest = {
        state: 'waiting',
        tries: 0,
        at_ns,
        detail: null,
        repeats: 0,
        planned_t: t,
        answered: false,
      } as const
      this.#deliveries.put({ ...planned, ...rest })
      this.#advance(body, t)
      return
    }
    if (body.what === 'nobody') {
      const incident = this.#incidents.get(body.incident)
      if (incident !== undefined && (body.action !== 'alarm' || isBeyond(body, incident, true))) this.#advance(body, t)
      return
    }
    this.#deliveries.became(body, at_ns)
    this.#sweep()
  }

  #advance(body: PlannedBody | NobodyBody, t: number): void {
    const incident = body.incident === null ? undefined : this.#incidents.get(body.incident)
    if (incident === undefined) return
    const { action, cycle, step, round } = body
    if (action === 'alarm') {
      if (!isBeyond(body, incident)) return
      const begins = cycle > 0 && step === 0 && round === 0
      Object.assign(incident, { cycle, step, round, nobody: body.what === 'nobody' })
      // What begins anew counts from now: after a long absence it is not gone through twice.
      incident.base_t = begins ? t : t - body.late_ms
    } else incident.updates = body.update + 1
    if (action === 'returned') incident.said_returned = true
    incident.message_t = t
    for (const { alarm, occurrence, outbox } of body.members)
      for (const member of incident.members)
        if (member.alarm === alarm && member.n === occurrence && member.outbox === outbox) member.told = true
    if (action === 'returned') return
    incident.told_priority = highest(incident.members.filter(({ told }) => told).map(({ priority }) => priority))
    if (body.what === 'planned' && !incident.told.includes(body.contact)) incident.told.push(body.contact)
  }

  /** Forgets what is over: answered, and said to be over to all who were told. */
  #sweep(): void {
    for (const incident of this.#incidents.values()) {
      const answered = incident.members.every((member) => !isUnanswered(member))
      if (!answered) continue
      // What is put aside may come back by itself; then it is told again, whatever is remembered here.
      if (incident.told.length === 0 || incident.said_returned) this.#incidents.delete(incident.id)
    }
    this.#deliveries.forget((incident) => this.#incidents.has(incident))
  }

  #policyOf(incident: Incident): SitePolicy | undefined {
    const [member] = incident.members
    return (
      this.#notices.policies.find(({ id }) => id === incident.policy) ??
      // The site file has changed since.
      (member && policyFor(this.#notices, { ...member, ...this.#subject(member.channel) }))
    )
  }

  /** The first message that is due, if any; once its entries are applied, the next. */
  plan(now: Now): Plan | undefined {
    for (const incident of this.#incidents.values()) {
      const due = this.#dueOf(incident, now)
      if (due === undefined || due.at_t > now.t) continue
      const plan = this.#planOf(incident, due, now)
      if (plan !== undefined) return plan
    }
    return undefined
  }

  /** When to look again. */
  nextAt(now: Now): number | undefined {
    let first: number | undefined
    for (const incident of this.#incidents.values()) {
      const due = this.#dueOf(incident, now)
      if (due === undefined) continue
      const at = due.at_t > now.t ? due.at_t : now.t + QUIET_LOOK_MS
      if (first === undefined || at < first) first = at
    }
    return first
  }

  #dueOf(incident: Incident, now: Now): Due | undefined {
    const policy = this.#policyOf(incident)
    const failed = allFailed(incident, this.#deliveries.of(incident.id))
    return policy && nextDue(incident, policy, this.#notices, failed, now.t)
  }

  #planOf(incident: Incident, due: Due, now: Now): Plan | undefined {
    const open = due.action === 'update' ? untoldOf(incident) : unansweredOf(incident)
    const members = due.action === 'returned' ? incident.members : open
    const priority = highest(members.map((member) => member.priority))
    if (isQuiet(this.#notices, this.#file.time_zone, priority, now.wall)) return undefined
    const zone = this.#file.time_zone
    const waited = now.t - due.at_t
    const due_wall = instant(now.wall - BigInt(Math.round(waited)) * NS_PER_MS)
    // Held back by quiet hours is not late.
    const late_ms = isQuiet(this.#notices, zone, priority, due_wall) ? 0 : waited
    const targets =
      due.action === 'alarm'
        ? targetsOfStep(incident, this.#policyOf(incident)!.steps[due.step]!, this.#notices, now.wall, zone)
        : targetsTold(incident, this.#notices)
    return { incident, due, late_ms, members, priority, targets }
  }

  snapshot(): TellingSnapshot {
    return {
      incidents: [...this.#incidents.values()],
      deliveries: [...this.#deliveries.all()],
      last: [...this.#last],
      recent: this.#floods.snapshot(),
    }
  }

  /** @param shift_ms from the snapshot's clock that never steps to the present one */
  restore(snapshot: TellingSnapshot, shift_ms: number): void {
    for (const kept of snapshot.incidents) {
      const incident = structuredClone(kept)
      const { opened_t, joined_t, returned_t, base_t, message_t } = incident
      const moved = { opened_t, joined_t, returned_t, base_t, message_t }
      for (const [key, value] of Object.entries(moved)) Object.assign(incident, { [key]: value + shift_ms })
      this.#incidents.set(incident.id, incident)
    }
    for (const delivery of snapshot.deliveries)
      this.#deliveries.put({ ...delivery, planned_t: delivery.planned_t + shift_ms })
    for (const [alarm, notice] of snapshot.last) this.#last.set(alarm, notice)
    this.#floods.restore(snapshot.recent, shift_ms)
  }
}
