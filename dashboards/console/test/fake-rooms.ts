/**
 * What the fake desk answers beside alarms and series: explain, groups, quality, CAP, journal, system, people, drills. Invented,
 * each shaped exactly as `domain/api-desk.ts` and `domain/api.ts` say.
 */
import type { AlarmJson, JournalEntryJson } from '../../../domain/alarm.ts'
import type { DrillJson, DrillReportJson, SiteFileJson } from '../../../domain/api.ts'
import type {
  AlarmGroupJson,
  AlarmQualityJson,
  CapJson,
  ContactJson,
  DeliveryJson,
  ExplainJson,
  MaintenanceJson,
  SystemJson,
  TeamJson,
  TokenJson,
  UserJson,
} from '../../../domain/api-desk.ts'
import type { SimulatorStatus } from '../../../domain/simulator-control.ts'
import { DRILL, LIMITS, ns } from './fake-world.ts'

const MIN = 60_000

const delivery = (id: string, more: Partial<DeliveryJson>, now_ms: number): DeliveryJson => ({
  id,
  alarm: 'gateway-1:roof-pga',
  occurrence: 3,
  contact: 'mei',
  channel: 'mail',
  step: 1,
  state: 'sent',
  tries: 1,
  at_ns: ns(now_ms - 8000),
  possible_repeat: false,
  detail: null,
  exercise: true,
  ...more,
})

export const explain = (alarm: AlarmJson, now_ms: number): ExplainJson => ({
  alarm: alarm.id,
  rule: { en: 'raised at or above 80 gal', 'zh-TW': '達到或高於 80 gal 時成立' },
  limit: LIMITS.find((l) => l.id === alarm.limit_id) ?? null,
  site_line: 42,
  site_text:
    '  - id: roof-pga\n    name: Roof shaking above 80 gal, an example that the structural engineer has still to set\n    channel: tower-a-roof/pga\n    above: 80 gal',
  now: { value: 0.003, t_ns: ns(now_ms - 1000), flag: 1, reason: null },
  occurrences: [
    {
      occurrence: 3,
      onset_ns: ns(now_ms - 9000),
      returned_ns: null,
      peak: 2.12,
      acknowledged_by: null,
      acknowledged_after_s: null,
    },
    {
      occurrence: 2,
      onset_ns: ns(now_ms - 86_400_000),
      returned_ns: ns(now_ms - 86_370_000),
      peak: 0.91,
      acknowledged_by: 'Lin Mei-hua',
      acknowledged_after_s: 74,
    },
  ],
  journal_seqs: [7],
  deliveries: [
    delivery('d1', {}, now_ms),
    delivery(
      'd2',
      { contact: 'night-shift', channel: 'sms', state: 'failed', detail: 'no answer of the gateway' },
      now_ms,
    ),
  ],
})

export const groups = (now_ms: number): AlarmGroupJson[] => [
  {
    id: 'g1',
    kind: 'ground-motion',
    about: 'tower-a',
    began_ns: ns(now_ms - 9000),
    ended_ns: null,
    alarms: [{ alarm: 'gateway-1:roof-pga', occurrence: 3, onset_ns: ns(now_ms - 9000) }],
    priority: 'critical',
    exercise: true,
  },
  {
    id: 'g0',
    kind: 'alarm-flood',
    about: null,
    began_ns: ns(now_ms - 300 * MIN),
    ended_ns: ns(now_ms - 280 * MIN),
    alarms: [{ alarm: 'gateway-1:run-rise', occurrence: 4, onset_ns: ns(now_ms - 299 * MIN) }],
    priority: 'low',
    exercise: false,
  },
]

export const quality = (now_ms: number): AlarmQualityJson => ({
  from_ns: ns(now_ms - 1440 * MIN),
  to_ns: ns(now_ms),
  per_10_min: [
    [ns(now_ms - 900 * MIN), 2],
    [ns(now_ms - 300 * MIN), 14],
    [ns(now_ms - 20 * MIN), 3],
  ],
  annunciated: 19,
  average_per_10_min: 0.13,
  most_per_10_min: 14,
  floods: [{ from_ns: ns(now_ms - 300 * MIN), to_ns: ns(now_ms - 290 * MIN), alarms: 14 }],
  flood_share: 0.007,
  chattering: [{ alarm: 'gateway-1:run-rise', transitions: 22, most_per_min: 6 }],
  fleeting: [],
  stale: [{ alarm: 'gateway-1:base-pga', since_ns: ns(now_ms - 2000 * MIN) }],
  top: [{ alarm: 'gateway-1:run-rise', count: 11, share: 0.58 }],
  priorities: { critical: 1, high: 3, medium: 4, low: 11 },
  acknowledge: { count: 15, median_s: 74, p95_s: 610 },
  shelved: [],
  targets: { average_per_10_min: 1, most_per_10_min: 10, flood_share: 0.01 },
})

export const caps = (now_ms: number): CapJson[] => [
  {
    id: 'c1',
    identifier: 'demo-run-2-2',
    alarm: 'gateway-1:run-2',
    occurrence: 2,
    status: 'Draft',
    msg_type: 'Alert',
    references: [],
    sent_ns: ns(now_ms - 41_000),
    headline: { en: 'Dead Run above level 2', 'zh-TW': 'Dead Run 超過二級警戒水位' },
    released_by: null,
    withdrawn_by: null,
    exercise: true,
    unconfirmed: true,
    etag: 'c1-1',
  },
]

export const journal = (now_ms: number): JournalEntryJson[] =>
  (
    [
      ['shelve', 'Lin Mei-hua', 'gateway-1:run-rise', { reason: 'Gauge is being cleaned', minutes: 30 }],
      ['acknowledge', 'Lin Mei-hua', 'gateway-1:run-3', { comment: 'Crew called' }],
      ['notice', 'desk', 'gateway-1:run-rise', null],
      ['onset', 'gateway-1', 'gateway-1:roof-pga', { value: 0.842, limit: 0.8 }],
      ['session', 'Wang Da-ming', null, { text: 'signed in' }],
      ['start', 'desk', null, { software: 'Plumbline 0.1.0' }],
    ] as const
  ).map(([kind, actor, alarm, body], i) => ({
    seq: 12 - i,
    at_ns: ns(now_ms - (i + 1) * 3 * MIN),
    kind,
    alarm,
    occurrence: alarm === null ? null : 4,
    actor,
    body,
    hash: `hash-${i}`,
  }))

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

export const drills = (now_ms: number): DrillJson[] => [
  {
    ...DRILL,
    id: 'spring-drill',
    name: 'Spring drill',
    status: 'ended',
    started_ns: ns(now_ms - 90 * MIN),
    until_ns: ns(now_ms - 30 * MIN),
    ended_ns: ns(now_ms - 40 * MIN),
    ended_by: 'Mei',
  },
]

export const drillReport = (drill: DrillJson, now_ms: number): DrillReportJson => ({
  drill: { id: drill.id, name: drill.name },
  occurrences: [
    {
      alarm: 'gateway-1:run-2',
      limit_id: 'run-2',
      name: 'Dead Run above level 2',
      channel: 'dead-run/stage',
      occurrence: 1,
      onset_ns: ns(now_ms - 80 * MIN),
      late: false,
      told_after_s: 0.4,
      acknowledged: { by: 'Lin Mei-hua', after_s: 74, comment: 'Gates closed' },
      comments: [],
      returned_ns: ns(now_ms - 60 * MIN),
      peak: 1.52,
      limit: 1.2192,
      unit: 'm',
      kind: 'above',
      rule: null,
    },
  ],
  summary: { raised: 2, told: 2, acknowledged: 1, not_acknowledged: 1, ack_median_s: 74, ack_longest_s: 74 },
  real: { count: 0, alarms: [] },
  complete: true,
})

const maintenance = (now_ms: number): MaintenanceJson => ({
  id: 'm-1',
  name: 'New cable to the roof',
  devices: ['tower-a-roof'],
  from_ns: ns(now_ms - 10 * MIN),
  until_ns: ns(now_ms + 50 * MIN),
  reason: 'The old one was gnawed.',
  by: 'Chen',
  status: 'running',
  ended_by: null,
})

export const simulator: SimulatorStatus = {
  devices: [
    { id: 'dead-run', model: 'generic-gauge', fault: 'none' },
    { id: 'tower-a-roof', model: 'generic-accelerometer', fault: 'none' },
  ],
  plays: [
    {
      id: 'p1',
      name: 'flood 2006-06-27',
      devices: ['dead-run'],
      state: 'playing',
      position_s: 3600,
      length_s: 86_400,
      speed: 1,
      loop: true,
    },
  ],
  scenario: null,
  wires: [{ node: 'gateway-1', link: 'simulated', faults: {}, counts: { requests: 812 } }],
  drill: null,
}

/** What a path under `/api/v1` is answered with; undefined where this fake has nothing. */
const SITE_TEXT = Array.from({ length: 60 }, (_, i) =>
  i === 41
    ? '  - id: roof-pga   # an example that the structural engineer has still to set, floor by floor'
    : `# line ${i + 1}`,
).join('\n')
/** Somebody has changed the file since the desk started, and not well. */
const siteFile = (): SiteFileJson => ({
  path: 'site.yaml',
  text: `${SITE_TEXT}\n`,
  hash: null,
  running: false,
  running_hash: 'cafe',
  summary: null,
  mistakes: [{ line: 44, path: 'limits[0].above', expected: 'a number', got: '"eighty"' }],
})

export function roomReply(path: string, query: URLSearchParams, alarms: ReadonlyMap<string, AlarmJson>): unknown {
  const now_ms = Date.now()
  const explained = /^\/alarms\/(.+)\/explain$/.exec(path)
  if (explained !== null) {
    const alarm = alarms.get(explained[1]!)
    return alarm && explain(alarm, now_ms)
  }
  const drill = /^\/drills\/([^/]+)$/.exec(path)
  const known = drill && drills(now_ms).find((d) => d.id === drill[1])
  if (known) return { drill: known, report: drillReport(known, now_ms) }
  switch (path) {
    case '/site/file':
      return siteFile()
    case '/alarm-groups':
      return { groups: groups(now_ms) }
    case '/alarm-quality':
      return quality(now_ms)
    case '/cap':
      return { alerts: caps(now_ms) }
    case '/journal':
      return {
        entries: journal(now_ms).filter(
          (e) =>
            (query.get('kind') ?? e.kind) === e.kind &&
            (query.get('actor') ?? e.actor) === e.actor &&
            (query.get('alarm') ?? e.alarm) === e.alarm &&
            e.seq < Number(query.get('before') ?? Number.POSITIVE_INFINITY),
        ),
      }
    case '/system':
      return system(now_ms)
    case '/users':
      return { users: users(now_ms) }
    case '/tokens':
      return { tokens: tokens(now_ms) }
    case '/contacts':
      return contacts
    case '/maintenance':
      return { windows: [maintenance(now_ms)] }
    case '/drills':
      return { drills: drills(now_ms) }
    case '/simulator':
      return simulator
    case '/notices':
      return { deliveries: [] }
    default:
      return undefined
  }
}
