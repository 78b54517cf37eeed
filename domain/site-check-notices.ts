/**
 * Rules of `notices:` in a site file: names that meet, shifts without a hole, steps that reach somebody, templates that can be
 * filled. Whoever relies on being told must not learn on the day of the flood that a line of the file meant nothing.
 */
import { devicesOf } from './channel.ts'
import { firstHole, weekdayOf } from './duty.ts'
import type { Model } from './model.ts'
import { namesNeeded, templateMistakes } from './notice-template.ts'
import { policyFor, subjectOf } from './policy.ts'
import { SHIPPED_TEMPLATES, templatesOf } from './shipped-templates.ts'
import type { SiteFile } from './site.ts'
import { CHANNEL_KINDS, type SiteChannel, type SiteNotices, type SiteShifts, type SiteTeam } from './site-notices.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

type Say = Checked['mistakeAt']
const TOP: Path = ['notices']

export function noticeMistakes(file: SiteFile, models: ReadonlyMap<string, Model>, say: Say): Mistake[] {
  const { notices } = file
  if (notices === undefined) return []
  return [
    ...idMistakes(notices, say),
    ...notices.templates.flatMap((template, i) =>
      templateMistakes(template).map(({ path, expected, got }) =>
        say([...TOP, 'templates', i, ...path], expected, got),
      ),
    ),
    ...notices.contacts.flatMap((contact, c) =>
      contact.channels.flatMap((channel, h) =>
        channelMistakes(file, notices, models, channel, [...TOP, 'contacts', c, 'channels', h], say),
      ),
    ),
    ...notices.teams.flatMap((team, t) => teamMistakes(notices, team, [...TOP, 'teams', t], say)),
    ...policyMistakes(file, notices, say),
    ...otherMistakes(notices, say),
  ]
}

function idMistakes(notices: SiteNotices, say: Say): Mistake[] {
  const twice = (items: ReadonlyArray<{ id: string; path: Path }>, what: string, seen = new Set<string>()) =>
    items.flatMap(({ id, path }) => {
      const known = seen.has(id)
      seen.add(id)
      return known ? [say([...path, 'id'], `${what} that no other entry has`, id)] : []
    })
  const list = (key: 'contacts' | 'teams' | 'policies' | 'templates') =>
    notices[key].map(({ id }, i) => ({ id, path: [...TOP, key, i] }))
  return [
    // `to` names contacts and teams alike.
    ...twice([...list('contacts'), ...list('teams')], 'an id of a contact or team'),
    ...twice(list('policies'), 'a policy id'),
    ...twice(list('templates'), 'a template id', new Set(SHIPPED_TEMPLATES.keys())),
    ...notices.contacts.flatMap(({ channels }, c) =>
      twice(
        channels.map(({ id }, h) => ({ id, path: [...TOP, 'contacts', c, 'channels', h] })),
        'a channel id of this contact',
      ),
    ),
  ]
}

function channelMistakes(
  file: SiteFile,
  notices: SiteNotices,
  models: ReadonlyMap<string, Model>,
  channel: SiteChannel,
  path: Path,
  say: Say,
): Mistake[] {
  const kinds = CHANNEL_KINDS.filter((kind) => channel[kind] !== undefined)
  if (kinds.length !== 1)
    return [
      say(path, `exactly one of ${CHANNEL_KINDS.join(', ')}`, kinds.length === 0 ? undefined : kinds.join(' and ')),
    ]
  if (channel.email !== undefined && notices.smtp === undefined)
    return [say([...path, 'email'], 'a mail server in notices.smtp', undefined)]
  if (channel.webhook !== undefined) return webhookMistakes(notices, channel.webhook, [...path, 'webhook'], say)
  if (channel.output !== undefined) return outputMistakes(file, models, channel.output.output, [...path, 'output'], say)
  return []
}

function webhookMistakes(
  notices: SiteNotices,
  webhook: NonNullable<SiteChannel['webhook']>,
  path: Path,
  say: Say,
): Mistake[] {
  const templates = templatesOf(notices)
  const template = templates.get(webhook.template)
  if (template === undefined)
    return [say([...path, 'template'], `a template (${[...templates.keys()].sort().join(', ')})`, webhook.template)]
  const needed = namesNeeded(template)
  const out: Mistake[] = []
  if (needed.has('url') && webhook.url === undefined)
    out.push(say([...path, 'url'], `an address, which template ${template.id} leaves open`, undefined))
  if (!needed.has('url') && webhook.url !== undefined)
    out.push(say([...path, 'url'], `no address: template ${template.id} has its own`, webhook.url))
  if (webhook.url !== undefined && !/^https?:\/\/[^\s]+$/.test(webhook.url))
    out.push(say([...path, 'url'], 'an address that begins with http:// or https://', webhook.url))
  for (const [key, kind] of [
    ['values', 'value'],
    ['secret_files', 'secret'],
  ] as const) {
    const wanted = [...needed].filter((name) => name.startsWith(`${kind}.`)).map((name) => name.slice(kind.length + 1))
    for (const name of wanted)
      if (webhook[key][name] === undefined)
        out.push(say([...path, key, name], `a ${kind} that template ${template.id} needs`, undefined))
    for (const name of Object.keys(webhook[key]))
      if (!wanted.includes(name))
        out.push(say([...path, key, name], `only what template ${template.id} names (${wanted.join(', ')})`, name))
  }
  return out
}

function outputMistakes(
  file: SiteFile,
  models: ReadonlyMap<string, Model>,
  id: string,
  path: Path,
  say: Say,
): Mistake[] {
  const outputs = file.nodes.flatMap((node) => node.outputs ?? [])
  const output = outputs.find((o) => o.id === id)
  if (output === undefined)
    return [say([...path, 'output'], `an output of a node (${outputs.map((o) => o.id).join(', ')})`, id)]
  const driven = devicesOf({ file, models }).find(({ device }) => device.id === output.drives.device)
  return driven?.device.simulated === undefined
    ? []
    : [say([...path, 'output'], 'an output that drives a real device: no alarm sounds a simulated one', id)]
}

function teamMistakes(notices: SiteNotices, team: SiteTeam, path: Path, say: Say): Mistake[] {
  const contacts = new Set(notices.contacts.map(({ id }) => id))
  const unknown = team.members.flatMap((id, i) =>
    contacts.has(id) ? [] : [say([...path, 'members', i], contactList(contacts), id)],
  )
  return team.shifts === undefined
    ? unknown
    : [...unknown, ...shiftMistakes(team, team.shifts, [...path, 'shifts'], say)]
}

const contactList = (contacts: ReadonlySet<string>): string => `a contact (${[...contacts].join(', ')})`

function shiftMistakes(team: SiteTeam, shifts: SiteShifts, path: Path, say: Say): Mistake[] {
  const out: Mistake[] = []
  if (shifts.time_zone !== undefined && !isTimeZone(shifts.time_zone))
    out.push(say([...path, 'time_zone'], 'an IANA time zone, e.g. Asia/Taipei', shifts.time_zone))
  for (const key of ['weekly', 'overrides'] as const)
    shifts[key].forEach(({ on }, i) => {
      on.forEach((id, k) => {
        if (!team.members.includes(id))
          out.push(say([...path, key, i, 'on', k], `a member of this team (${team.members.join(', ')})`, id))
      })
    })
  shifts.holidays.forEach(({ date }, i) => {
    if (!isDate(date)) out.push(say([...path, 'holidays', i, 'date'], 'a day that exists, e.g. 2026-12-25', date))
  })
  shifts.overrides.forEach(({ from, to }, i) => {
    for (const [key, text] of Object.entries({ from, to }))
      if (!isDate(text.slice(0, 10)))
        out.push(say([...path, 'overrides', i, key], 'a day that exists, e.g. 2026-12-25T08:00', text))
    if (to <= from) out.push(say([...path, 'overrides', i, 'to'], `an instant after ${from}`, to))
  })
  const hole = out.length > 0 ? undefined : firstHole(shifts)
  if (hole !== undefined) {
    const clock = `${String(Math.floor(hole.minute / 60)).padStart(2, '0')}:${String(hole.minute % 60).padStart(2, '0')}`
    const holiday = shifts.holidays.length > 0 && !hole.date.startsWith('2024-01-0') ? ` ${hole.date}` : ''
    out.push(
      say(
        [...path, 'weekly'],
        'somebody on duty at every minute',
        `nobody on ${weekdayOf(hole.date)}${holiday} ${clock}`,
      ),
    )
  }
  return out
}

const isDate = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Contacts that a list of contacts and teams may come to, whoever is on duty. */
function everybodyIn(notices: SiteNotices, to: readonly string[]) {
  const ids = new Set(to.flatMap((id) => notices.teams.find((team) => team.id === id)?.members ?? [id]))
  return notices.contacts.filter(({ id }) => ids.has(id))
}

function toMistakes(notices: SiteNotices, to: readonly string[], path: Path, say: Say): Mistake[] {
  const known = [...notices.contacts, ...notices.teams].map(({ id }) => id)
  return to.flatMap((id, i) =>
    known.includes(id) ? [] : [say([...path, i], `a contact or team (${known.join(', ')})`, id)],
  )
}

function policyMistakes(file: SiteFile, notices: SiteNotices, say: Say): Mistake[] {
  const known = {
    limits: file.limits.map(({ id }) => id),
    structures: file.structures.map(({ id }) => id),
    waters: file.waters.map(({ id }) => id),
  }
  const out = notices.policies.flatMap((policy, p) => {
    const path: Path = [...TOP, 'policies', p]
    const unknown = (['limits', 'structures', 'waters'] as const).flatMap((key) =>
      (policy[key] ?? []).flatMap((id, i) =>
        known[key].includes(id)
          ? []
          : [say([...path, key, i], `one of the ${key} of the site (${known[key].join(', ')})`, id)],
      ),
    )
    const steps = policy.steps.flatMap(({ to, channels }, s) => {
      const at: Path = [...path, 'steps', s]
      const strangers = toMistakes(notices, to, [...at, 'to'], say)
      if (strangers.length > 0 || channels === undefined) return strangers
      // Whoever is on duty must be reached, not only one of the team.
      const deaf = everybodyIn(notices, to).find(
        (contact) => !contact.channels.some((c) => channels.some((kind) => c[kind] !== undefined)),
      )
      return deaf === undefined
        ? []
        : [
            say(
              [...at, 'channels'],
              `a kind of channel by which each of them is reached`,
              `${deaf.id} has none of ${channels.join(', ')}`,
            ),
          ]
    })
    return [...unknown, ...steps]
  })
  return out.length > 0 || notices.policies.length === 0 ? out : uncovered(file, notices, say)
}

/** Of a critical alarm somebody must be told. */
function uncovered(file: SiteFile, notices: SiteNotices, say: Say): Mistake[] {
  return file.limits.flatMap((limit, i) => {
    if (limit.priority !== 'critical') return []
    const about = subjectOf(file, limit.channel)
    const alarm = { limit_id: limit.id, priority: limit.priority, ...about }
    return policyFor(notices, alarm) === undefined
      ? [say(['limits', i, 'priority'], 'a policy in notices.policies that takes this critical alarm', limit.id)]
      : []
  })
}

function otherMistakes(notices: SiteNotices, say: Say): Mistake[] {
  const out: Mistake[] = []
  const { daily_mail: daily, smtp, heartbeat } = notices
  if (daily !== undefined) {
    const at: Path = [...TOP, 'daily_mail', 'to']
    const strangers = toMistakes(notices, daily.to, at, say)
    out.push(...strangers)
    const mailed = everybodyIn(notices, daily.to).some(({ channels }) => channels.some((c) => c.email !== undefined))
    if (strangers.length === 0 && !mailed) out.push(say(at, 'somebody with an e-mail channel', daily.to.join(', ')))
  }
  if (smtp !== undefined && (smtp.user === undefined) !== (smtp.password_file === undefined))
    out.push(
      say(
        [...TOP, 'smtp', smtp.user === undefined ? 'user' : 'password_file'],
        'user and password_file together',
        undefined,
      ),
    )
  if (smtp?.tls === 'none' && smtp.user !== undefined)
    out.push(say([...TOP, 'smtp', 'tls'], 'starttls or implicit where a password is sent', 'none'))
  if (heartbeat !== undefined && !/^https?:\/\/\S+$/.test(heartbeat.url))
    out.push(say([...TOP, 'heartbeat', 'url'], 'an address that begins with http:// or https://', heartbeat.url))
  return out
}
