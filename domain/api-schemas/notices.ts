/** Who is told and how it went, CAP messages, and how the line itself is. */
import Type from 'typebox'
import { DeliveryJson } from './alarms.ts'
import { Closed, Etag, Line, Ns, NsOrNull, TextOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'
import { RuleJson } from './site.ts'

export const ContactJson = Closed({
  id: Type.String(),
  name: Type.String(),
  language: Type.Enum(['en', 'zh-TW']),
  channels: Type.Array(Closed({ id: Type.String(), kind: Type.String(), to: Type.String() }), {
    description: 'Kind and where it leads, secrets left out.',
  }),
  on_duty: Type.Boolean(),
})
export const TeamJson = Closed({
  id: Type.String(),
  name: Type.String(),
  members: Type.Array(Type.String()),
  on_duty: Type.Array(Type.String()),
})
export const CapStatusName = Type.Enum(['Actual', 'Exercise', 'Test', 'Draft'])
export const CapJson = Closed({
  id: Type.String(),
  identifier: Type.String(),
  alarm: Type.String(),
  occurrence: Type.Integer(),
  status: CapStatusName,
  msg_type: Type.Enum(['Alert', 'Update', 'Cancel']),
  references: Type.Array(Type.String()),
  sent_ns: Ns,
  headline: RuleJson,
  released_by: TextOrNull,
  withdrawn_by: TextOrNull,
  exercise: Type.Boolean(),
  unconfirmed: Type.Boolean({ description: 'Suspect values are never released by themselves.' }),
  etag: Type.String(),
})
export const ReleaseBody = Closed({ etag: Etag, comment: Type.Optional(Type.String({ maxLength: 2000 })) })

export const HealthState = Type.Enum(['good', 'warning', 'bad', 'unknown'], {
  description: '`unknown` is never `good`.',
})
export const SystemJson = Closed({
  now_ns: Ns,
  software: Type.String(),
  started_ns: Ns,
  parts: Type.Array(
    Closed({
      id: Type.String({ description: '`broker`, `store`, `ingest`, `journal`, `disk`, `clock`, `node/<id>`, …' }),
      state: HealthState,
      since_ns: NsOrNull,
      detail: Type.String(),
      figures: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()])),
    }),
  ),
})
const Checks = Type.Record(
  Type.String(),
  Type.Union([Closed({ ok: Type.Literal(true) }), Closed({ ok: Type.Literal(false), why: Type.String() })]),
)
const cap = 'cap'
const tag = 'notices'
const CapId = Closed({ id: Line(200) })

export const NOTICE_ROUTES = {
  notices: {
    method: 'GET',
    path: `${PREFIX}/notices`,
    access: 'read',
    tag,
    summary: 'Messages to contacts, and what became of them.',
    query: Type.Object({ alarm: Type.Optional(Line(200)), open: Type.Optional(Type.Boolean()) }),
    answer: Closed({ deliveries: Type.Array(DeliveryJson) }),
    csv: true,
  },
  contacts: {
    method: 'GET',
    path: `${PREFIX}/contacts`,
    access: 'viewer',
    tag,
    summary: 'Contacts and teams, and who is on duty.',
    answer: Closed({ contacts: Type.Array(ContactJson), teams: Type.Array(TeamJson) }),
  },
  testContact: {
    method: 'POST',
    path: `${PREFIX}/contacts/:id/test`,
    access: 'engineer',
    tag,
    summary: 'Sends a test to one channel of a contact.',
    params: Closed({ id: Line(200) }),
    body: Closed({ channel: Line(200) }),
    answer: DeliveryJson,
    refuses: [404, 503],
  },
  cap: {
    method: 'GET',
    path: `${PREFIX}/cap`,
    access: 'read',
    tag: cap,
    summary: 'CAP messages, newest first.',
    answer: Closed({ alerts: Type.Array(CapJson) }),
    csv: true,
  },
  releaseCap: {
    method: 'POST',
    path: `${PREFIX}/cap/:id/release`,
    access: 'operator',
    tag: cap,
    summary: 'Releases a drafted message.',
    params: CapId,
    body: ReleaseBody,
    answer: CapJson,
    refuses: [404, 409, 503],
  },
  withdrawCap: {
    method: 'POST',
    path: `${PREFIX}/cap/:id/withdraw`,
    access: 'operator',
    tag: cap,
    summary: 'Withdraws a released message by a Cancel.',
    params: CapId,
    body: ReleaseBody,
    answer: CapJson,
    refuses: [404, 409, 503],
  },
  capFeed: {
    method: 'GET',
    path: '/cap/feed.atom',
    access: 'open',
    tag: cap,
    summary: 'CAP messages that were released, newest first, as an Atom feed; open where their scope is Public.',
    answer: Type.String(),
    media: 'application/atom+xml',
    refuses: [404],
  },
  capXml: {
    method: 'GET',
    path: '/cap/:id.xml',
    access: 'open',
    tag: cap,
    summary: 'One CAP 1.2 message; a draft is shown to people signed in only.',
    params: CapId,
    answer: Type.String(),
    media: 'application/cap+xml',
    refuses: [404],
  },
  system: {
    method: 'GET',
    path: `${PREFIX}/system`,
    access: 'read',
    tag: 'health',
    summary: 'How every part of the line is.',
    answer: SystemJson,
  },
  livez: {
    method: 'GET',
    path: '/livez',
    access: 'open',
    tag: 'health',
    summary: 'The desk lives.',
    answer: Closed({ live: Type.Literal(true) }),
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    access: 'open',
    tag: 'health',
    summary: 'Whether the desk can do its work, with the reason for each thing that is missing (503 then).',
    answer: Closed({ ready: Type.Boolean(), checks: Checks }),
    refuses: [503],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    access: 'read',
    tag: 'health',
    summary: 'Counts for Prometheus; a token of role viewer reads them where the site is not open.',
    answer: Type.String(),
    media: 'text/plain',
  },
} as const satisfies Record<string, ApiRoute>
