/**
 * Who is to be told of what, as the journal tells it: `apply` takes one entry, `plan` says what is due. The book is what was
 * put into it: after a restart the same entries give the same book, so that nothing planned is forgotten and nothing told is
 * told again. Which incident a notice joins is `joining.ts`'s, when a message is due `planner.ts`'s; rendering, journalling
 * and sending are `io/teller.ts`'s. Pure.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { DRILL_ENDED } from '../alarm.ts'
import { DeliveryBook } from './delivery-book.ts'
import type { FloodSnapshot } from './flood.ts'
import {
  type Delivery,
  type DeliveryBody,
  highest,
  type Incident,
  isUnanswered,
  type Member,
  type NobodyBody,
  type PlannedBody,
  unansweredOf,
} from './incident.ts'
import { Joining } from './joining.ts'
import { isBeyond, type NoticeBody } from './notice-entry.ts'
import { type Now, type Plan, Planner, type TellingSite } from './planner.ts'

export type Entry = Pick<JournalEntryJson, 'kind' | 'alarm' | 'occurrence' | 'actor' | 'at_ns' | 'body'>

const PUT_ASIDE: ReadonlySet<string> = new Set(['shelve', 'suppress', 'out-of-service'])
const TAKEN_BACK: ReadonlySet<string> = new Set(['unshelve', 'unsuppress', 'return-to-service'])

export type TellingSnapshot = {
  readonly incidents: readonly Incident[]
  readonly deliveries: readonly Delivery[]
  readonly last: ReadonlyArray<readonly [alarm: string, notice: { n: number; body: NoticeBody }]>
  readonly recent: FloodSnapshot
}

export class TellingBook {
  readonly #incidents = new Map<string, Incident>()
  readonly #deliveries = new DeliveryBook()
  /** The newest notice of each alarm, for what comes back. */
  readonly #last = new Map<string, { n: number; body: NoticeBody }>()
  readonly #joining: Joining
  readonly #planner: Planner

  constructor(file: TellingSite, notices: SiteNotices) {
    this.#joining = new Joining(file, notices, this.#incidents)
    this.#planner = new Planner(file, notices, (incident) => this.#deliveries.of(incident))
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
      this.#joining.notice({ alarm, n, body, again: null }, t)
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
    this.#joining.notice({ alarm, ...last, again: at_ns }, t, [...new Set(told)])
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

  /** The first message that is due, if any; once its entries are applied, the next. */
  plan(now: Now): Plan | undefined {
    return this.#planner.plan(this.#incidents.values(), now)
  }

  /** When to look again. */
  nextAt(now: Now): number | undefined {
    return this.#planner.nextAt(this.#incidents.values(), now)
  }

  snapshot(): TellingSnapshot {
    return {
      incidents: [...this.#incidents.values()],
      deliveries: [...this.#deliveries.all()],
      last: [...this.#last],
      recent: this.#joining.floods.snapshot(),
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
    this.#joining.floods.restore(snapshot.recent, shift_ms)
  }
}
