/**
 * Who is told at a place of the ladder, and by what: contacts, teams by who is on duty, only kinds of channels that the step
 * names. A drill tells its own recipients and nobody else; an exercise nobody who has not asked for it; neither sounds a siren.
 */
import { onDuty } from '../../domain/duty.ts'
import {
  CHANNEL_KINDS,
  type ChannelKind,
  type SiteChannel,
  type SiteContact,
  type SiteNotices,
  type SitePolicy,
  type SiteStep,
} from '../../domain/site-notices.ts'
import type { Instant } from '../../domain/time.ts'
import type { Incident } from './incident.ts'

export type Target = { readonly contact: SiteContact; readonly channel: SiteChannel; readonly kind: ChannelKind }

export const kindOfChannel = (channel: SiteChannel): ChannelKind =>
  CHANNEL_KINDS.find((kind) => channel[kind] !== undefined)!

/** Contacts that a list of contacts and teams means now, each once. */
export function contactsOf(notices: SiteNotices, to: readonly string[], at: Instant, zone: string): SiteContact[] {
  const ids = to.flatMap((id) => {
    const team = notices.teams.find((t) => t.id === id)
    return team === undefined ? [id] : onDuty(team, at, zone)
  })
  return [...new Set(ids)].flatMap((id) => notices.contacts.find((contact) => contact.id === id) ?? [])
}

/** Recipients of a drill by id or name; what is neither cannot be reached. */
export const drillContacts = (notices: SiteNotices, recipients: readonly string[]): SiteContact[] =>
  notices.contacts.filter(({ id, name }) => recipients.some((r) => r === id || r.trim() === name))

type About = Pick<Incident, 'reality' | 'recipients'>

function mayBeTold({ reality, recipients }: About, notices: SiteNotices, contacts: SiteContact[]): SiteContact[] {
  if (reality === 'drill') return drillContacts(notices, recipients ?? [])
  return reality === 'exercise' ? contacts.filter(({ exercise }) => exercise) : contacts
}

const channelsFor = (contact: SiteContact, { reality }: About, kinds: readonly ChannelKind[] | undefined): Target[] =>
  contact.channels
    .map((channel) => ({ contact, channel, kind: kindOfChannel(channel) }))
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .filter(({ kind }) => kind !== 'output' || reality === 'real')

export function targetsOfStep(about: About, step: SiteStep, notices: SiteNotices, at: Instant, zone: string): Target[] {
  const contacts = mayBeTold(about, notices, contactsOf(notices, step.to, at, zone))
  return contacts.flatMap((contact) => channelsFor(contact, about, step.channels))
}

/** Those who were told of it: news, and that it is over. No siren for either. */
export function targetsTold(about: About & Pick<Incident, 'told'>, notices: SiteNotices): Target[] {
  return notices.contacts
    .filter(({ id }) => about.told.includes(id))
    .flatMap((contact) => channelsFor(contact, about, undefined))
    .filter(({ kind }) => kind !== 'output')
}

/** Whether an exercise could reach anybody by this policy, whoever is on duty. */
export function asksForExercises({ steps }: Pick<SitePolicy, 'steps'>, notices: SiteNotices): boolean {
  const to = steps.flatMap((step) => step.to)
  const ids = new Set(to.flatMap((id) => notices.teams.find((team) => team.id === id)?.members ?? [id]))
  return notices.contacts.some(({ id, exercise }) => exercise && ids.has(id))
}
