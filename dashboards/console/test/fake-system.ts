/** What the fake desk answers of itself: its parts, people, tokens, contacts, the site file. Invented, in the API's shapes. */
import type { SiteFileJson } from '../../../domain/api.ts'
import type { ContactJson, SystemJson, TeamJson, TokenJson, UserJson } from '../../../domain/api-desk.ts'
import { ns } from './fake-world.ts'

export const system = (now_ms: number): SystemJson => ({
  now_ns: ns(now_ms),
  software: 'Plumbline 0.1.0',
  started_ns: ns(now_ms - 900_000),
  parts: [
    {
      id: 'broker',
      state: 'good',
      since_ns: ns(now_ms - 900_000),
      detail: 'connected',
      figures: { clients: 6, messages_per_s: 41 },
    },
    {
      id: 'node/gateway-1',
      state: 'good',
      since_ns: ns(now_ms - 900_000),
      detail: 'online',
      figures: { readings_per_s: 12, lag_ms: 18, outbox_records: 0, clock_offset_ms: 1.4 },
    },
    {
      id: 'ingest',
      state: 'good',
      since_ns: ns(now_ms - 900_000),
      detail: 'takes records',
      figures: { records_per_s: 14, lag_ms: 25 },
    },
    {
      id: 'store',
      state: 'warning',
      since_ns: ns(now_ms - 100_000),
      detail: 'the disk is 91 % full',
      figures: { bytes: 81_250_304, free_bytes: 9_000_000_000 },
    },
    {
      id: 'journal',
      state: 'good',
      since_ns: ns(now_ms - 900_000),
      detail: 'the chain holds',
      figures: { entries: 412 },
    },
    { id: 'clock', state: 'unknown', since_ns: null, detail: 'no time source has told its offset', figures: {} },
    {
      id: 'backup',
      state: 'bad',
      since_ns: ns(now_ms - 300_000),
      detail: 'the newest backup is 9 days old',
      figures: { age_s: 777_600 },
    },
  ],
})

export const users = (now_ms: number): UserJson[] => [
  {
    name: 'Wang Da-ming',
    role: 'admin',
    made_ns: ns(now_ms - 9e9),
    last_ns: ns(now_ms - 60_000),
    disabled: false,
    invited_until_ns: null,
  },
  {
    name: 'Lin Mei-hua',
    role: 'operator',
    made_ns: ns(now_ms - 8e9),
    last_ns: ns(now_ms - 5e7),
    disabled: false,
    invited_until_ns: null,
  },
  {
    name: 'Old account',
    role: 'viewer',
    made_ns: ns(now_ms - 9e9),
    last_ns: null,
    disabled: true,
    invited_until_ns: null,
  },
]

export const tokens = (now_ms: number): TokenJson[] => [
  {
    id: 't1',
    name: 'grafana',
    role: 'viewer',
    made_ns: ns(now_ms - 8e9),
    made_by: 'Wang Da-ming',
    last_ns: ns(now_ms - 30_000),
    expires_ns: null,
  },
]

export const contacts: { contacts: ContactJson[]; teams: TeamJson[] } = {
  contacts: [
    {
      id: 'mei',
      name: 'Lin Mei-hua',
      language: 'zh-TW',
      channels: [
        { id: 'mail', kind: 'mail', to: 'mei@flood.example' },
        { id: 'sms', kind: 'sms', to: '+886 900 000 000' },
      ],
      on_duty: true,
    },
    {
      id: 'night-shift',
      name: 'Night shift',
      language: 'en',
      channels: [{ id: 'line', kind: 'line', to: 'group' }],
      on_duty: false,
    },
  ],
  teams: [{ id: 'flood', name: 'Flood officers', members: ['mei', 'night-shift'], on_duty: ['mei'] }],
}

const SITE_TEXT = Array.from({ length: 60 }, (_, i) =>
  i === 41
    ? '  - id: roof-pga   # an example that the structural engineer has still to set, floor by floor'
    : `# line ${i + 1}`,
).join('\n')
/** Somebody has changed the file since the desk started, and not well. */
export const siteFile = (): SiteFileJson => ({
  path: 'site.yaml',
  text: `${SITE_TEXT}\n`,
  hash: null,
  running: false,
  running_hash: 'cafe',
  summary: null,
  mistakes: [{ line: 44, path: 'limits[0].above', expected: 'a number', got: '"eighty"' }],
})
