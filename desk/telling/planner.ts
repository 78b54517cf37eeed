/**
 * Which message is due: by the policy of an incident, its ladder of steps, quiet hours and who is to be told. Pure; what an
 * incident is and how it moves on is `telling-book.ts`'s.
 */
import type { Priority } from '../../domain/condition.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import { policyFor, subjectOf } from '../../domain/policy.ts'
import type { SiteFile } from '../../domain/site.ts'
import type { SiteNotices, SitePolicy } from '../../domain/site-notices.ts'
import { type Instant, instant, NS_PER_MS } from '../../domain/time.ts'
import { type Delivery, highest, type Incident, type Member, unansweredOf, untoldOf } from './incident.ts'
import { allFailed, type Due, nextDue } from './ladder.ts'
import { isQuiet } from './quiet.ts'
import { type Target, targetsOfStep, targetsTold } from './recipients.ts'

export type TellingSite = Pick<SiteFile, 'nodes' | 'waters' | 'time_zone'>

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
/** What a channel is about: a shadow is about what its real device is about. */
export function subjectHere(file: TellingSite, channel: string) {
  const { device, metric } = splitChannel(channel)
  return subjectOf(file, channelId(splitShadow(device)?.id ?? device, metric))
}

export class Planner {
  readonly #file: TellingSite
  readonly #notices: SiteNotices
  readonly #deliveriesOf: (incident: string) => readonly Delivery[]

  constructor(file: TellingSite, notices: SiteNotices, deliveriesOf: (incident: string) => readonly Delivery[]) {
    this.#file = file
    this.#notices = notices
    this.#deliveriesOf = deliveriesOf
  }

  /** The first message that is due, if any. */
  plan(incidents: Iterable<Incident>, now: Now): Plan | undefined {
    for (const incident of incidents) {
      const due = this.#dueOf(incident, now)
      if (due === undefined || due.at_t > now.t) continue
      const plan = this.#planOf(incident, due, now)
      if (plan !== undefined) return plan
    }
    return undefined
  }

  /** When to look again. */
  nextAt(incidents: Iterable<Incident>, now: Now): number | undefined {
    let first: number | undefined
    for (const incident of incidents) {
      const due = this.#dueOf(incident, now)
      if (due === undefined) continue
      const at = due.at_t > now.t ? due.at_t : now.t + QUIET_LOOK_MS
      if (first === undefined || at < first) first = at
    }
    return first
  }

  #policyOf(incident: Incident): SitePolicy | undefined {
    const [member] = incident.members
    return (
      this.#notices.policies.find(({ id }) => id === incident.policy) ??
      // The site file has changed since.
      (member && policyFor(this.#notices, { ...member, ...subjectHere(this.#file, member.channel) }))
    )
  }

  #dueOf(incident: Incident, now: Now): Due | undefined {
    const policy = this.#policyOf(incident)
    const failed = allFailed(incident, this.#deliveriesOf(incident.id))
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
}
