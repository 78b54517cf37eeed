/**
 * Which incident a notice joins: the one of its place, policy and reality that somebody still has to answer, in an alarm
 * flood the one of the flood, else a new one. Pure.
 */
import { createHash } from 'node:crypto'
import { policyFor } from '../../domain/policy.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { FloodWatch } from './flood.ts'
import { type Incident, type Reality, unansweredOf } from './incident.ts'
import { memberOf, type NoticeEntry } from './notice-entry.ts'
import { subjectHere, type TellingSite } from './planner.ts'
import { asksForExercises } from './recipients.ts'

/** Occurrences named in one incident; more are counted. */
const MEMBERS_MAX = 500
const INCIDENTS_MAX = 10_000

export class Joining {
  readonly #file: TellingSite
  readonly #notices: SiteNotices
  /** The book's own. */
  readonly #incidents: Map<string, Incident>
  readonly floods: FloodWatch

  constructor(file: TellingSite, notices: SiteNotices, incidents: Map<string, Incident>) {
    this.#file = file
    this.#notices = notices
    this.#incidents = incidents
    this.floods = new FloodWatch(notices.grouping.flood_alarms)
  }

  /** @param told who was told of it before it was annunciated again */
  notice(notice: NoticeEntry, t: number, told: string[] = []): void {
    const { alarm, n, body, again } = notice
    const member = memberOf(notice)
    const subject = subjectHere(this.#file, body.channel)
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
    const flood = this.floods.isFlood(group, t)
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

  /** The open incident of this key that somebody still has to answer: what has been answered is not answered for news. */
  #joinable(key: string): Incident | undefined {
    for (const incident of this.#incidents.values())
      if (incident.key === key && (incident.step < 0 || unansweredOf(incident).length > 0)) return incident
    return undefined
  }
}
