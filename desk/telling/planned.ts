/** What stands in the journal before a message is sent: rendered in the language of the contact, with the hash of its link. */
import type { Site } from '../../domain/channel.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import type { Instant } from '../../domain/time.ts'
import type { NewEntry } from '../alarm.ts'
import type { AnswerLinks } from './answer-links.ts'
import { planEntry } from './delivery-entry.ts'
import type { NobodyBody, PlannedBody } from './incident.ts'
import { type KnownNow, messageOf } from './message.ts'
import type { Plan } from './planner.ts'
import type { Target } from './recipients.ts'

type Place = Omit<NobodyBody, 'what' | 'why'>
type World = {
  readonly site: Site
  readonly notices: SiteNotices
  readonly known: KnownNow
  readonly now: Instant
  readonly links: AnswerLinks
}

/** An entry for each whom a plan reaches, or the one that says why it reaches nobody. */
export function entriesOf(plan: Plan, world: World): NewEntry[] {
  if (plan.targets.length === 0)
    return [planEntry(plan, { what: 'nobody', why: whyNobody(plan), ...placeOf(plan) }, world.now)]
  return plan.targets.map((target) => planEntry(plan, plannedBody(plan, target, world), world.now))
}

function placeOf({ incident, due, late_ms, members }: Plan): Place {
  const { action, cycle, step, round } = due
  const named = members.map(({ alarm, n, outbox }) => ({ alarm, occurrence: n, outbox }))
  return { incident: incident.id, action, cycle, step, round, update: incident.updates, late_ms, members: named }
}

const whyNobody = ({ incident }: Plan): string =>
  incident.reality === 'drill'
    ? `none of the drill's recipients is a contact (${(incident.recipients ?? []).join(', ')})`
    : 'nobody is reached by this step'

/** Names a place within its incident: the same message has the same id, whoever plans it. */
const nameOf = ({ action, cycle, step, round, update }: Place): string =>
  action === 'alarm' ? `${cycle}.${step}.${round}` : `${action[0]}${update}`

export function plannedBody(plan: Plan, { contact, channel, kind }: Target, world: World): PlannedBody {
  const { incident, due, priority } = plan
  const place = placeOf(plan)
  const { language } = contact
  const steps = world.notices.policies.find(({ id }) => id === incident.policy)?.steps.length ?? 1
  const input = { ...plan, action: due.action, step: due.step, steps, round: due.round, now: world.now }
  const message = messageOf(input, world.site, world.known, language)
  const id = [incident.id, nameOf(place), contact.id, channel.id].join('-')
  // A topic is read by many: what acknowledges in one name goes to one person.
  const answerable = due.action !== 'returned' && (kind === 'email' || kind === 'webhook')
  return {
    what: 'planned',
    id,
    ...{ ...place, contact: contact.id, channel: channel.id, kind, language, priority, ...message },
    exercise: incident.reality !== 'real',
    ...(incident.drill && { drill: incident.drill }),
    ...(answerable && world.links.renew(id, world.now)),
  }
}
