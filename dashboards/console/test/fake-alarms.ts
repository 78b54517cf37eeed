/** What the fake desk answers of its alarms: one explained, groups, quality, CAP, journal, maintenance. Invented, in the API's shapes. */
import type { AlarmJson, JournalEntryJson } from '../../../domain/alarm.ts'
import type {
  AlarmGroupJson,
  AlarmQualityJson,
  CapJson,
  DeliveryJson,
  ExplainJson,
  MaintenanceJson,
} from '../../../domain/api-desk.ts'
import { LIMITS, ns } from './fake-world.ts'

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
      ['acknowledge', 'Lin Mei-hua', 'gateway-1:run-3', { late: [], comment: 'Crew called' }],
      ['notice', 'desk', 'gateway-1:run-rise', null],
      [
        'onset',
        'gateway-1',
        'gateway-1:roof-pga',
        { value: 0.842, limit: 0.8, unit: 'm/s²', onset_ns: ns(now_ms), late: false },
      ],
      ['session', 'Wang Da-ming', null, { what: 'sign-in', address: '192.0.2.7' }],
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

export const maintenance = (now_ms: number): MaintenanceJson => ({
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
