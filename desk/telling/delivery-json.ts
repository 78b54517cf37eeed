/** Deliveries, contacts and teams as the API shows them; where a channel leads, its secrets left out. */
import type { ContactJson, DeliveryJson, TeamJson } from '../../domain/api-desk.ts'
import { onDuty } from '../../domain/duty.ts'
import type { SiteChannel, SiteNotices } from '../../domain/site-notices.ts'
import type { Instant } from '../../domain/time.ts'
import type { Delivery } from './incident.ts'
import { kindOfChannel } from './recipients.ts'
import type { TellingBook } from './telling-book.ts'

export function deliveryJson(delivery: Delivery): DeliveryJson {
  const [first] = delivery.members
  return {
    id: delivery.id,
    alarm: first?.alarm ?? null,
    occurrence: first?.occurrence ?? null,
    contact: delivery.contact,
    channel: delivery.channel,
    step: delivery.step,
    state: delivery.state,
    tries: delivery.tries,
    at_ns: delivery.at_ns,
    possible_repeat: delivery.repeats > 0,
    detail: delivery.detail,
    exercise: delivery.exercise,
  }
}

/** Host alone of an address: the rest may be a secret. */
function leadsTo(channel: SiteChannel): string {
  if (channel.email !== undefined) return channel.email.to
  if (channel.mqtt !== undefined) return channel.mqtt.topic
  if (channel.output !== undefined) return channel.output.output
  const { template = 'json', url } = channel.webhook ?? {}
  return url !== undefined && URL.canParse(url) ? `${template} (${new URL(url).host})` : template
}

export function contactsJson(
  notices: SiteNotices,
  at: Instant,
  zone: string,
): { contacts: ContactJson[]; teams: TeamJson[] } {
  const teams = notices.teams.map((team): TeamJson => {
    const on_duty = [...onDuty(team, at, zone)]
    return { id: team.id, name: team.name, members: [...team.members], on_duty }
  })
  const contacts = notices.contacts.map(({ id, name, language, channels }): ContactJson => {
    const of = teams.filter(({ members }) => members.includes(id))
    return {
      id,
      name,
      language,
      channels: channels.map((channel) => ({ id: channel.id, kind: kindOfChannel(channel), to: leadsTo(channel) })),
      // Who is in no team is called whenever a policy names them.
      on_duty: of.length === 0 || of.some(({ on_duty }) => on_duty.includes(id)),
    }
  })
  return { contacts, teams }
}

/** Newest first; of one alarm, or of all. */
export const deliveriesOf = (book: TellingBook | undefined, alarm?: string): Delivery[] =>
  [...(book?.deliveries() ?? [])]
    .filter(({ members }) => alarm === undefined || members.some((member) => member.alarm === alarm))
    .reverse()
