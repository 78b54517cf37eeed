/**
 * A scripted site for the console's own tests: a stream above two levels and rising, a tower shaking past its limit, a
 * sensor gone silent, an alarm learned late. Invented numbers, but each shaped exactly as `domain/api.ts` says.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { DeviceJson, DrillJson, NodeJson, SiteJson } from '../../../domain/api.ts'
import { kindOfLimit, type Limit } from '../../../domain/condition.ts'

export const ns = (ms: number): string => String(BigInt(Math.round(ms)) * 1_000_000n)
const GAL = 0.01

export const TIME_SCALE = 180
export const SAMPLE_RATE_HZ = 100
/** ±2 g over int16. */
export const COUNT_M_S2 = (2 * 9.80665) / 32_768

const limit = (
  id: string,
  name: string,
  channel: string,
  value: number,
  unit: string,
  more: Partial<Limit>,
): Limit => ({
  id,
  name,
  channel,
  direction: 'above',
  limit: value,
  deadband: 0,
  on_delay_s: 0,
  off_delay_s: 0,
  unit,
  priority: 'high',
  latch: false,
  ...more,
})

export const LIMITS: Limit[] = [
  limit('roof-pga', 'Roof shaking above 80 gal', 'tower-a-roof/pga', 80 * GAL, 'm/s²', {
    priority: 'critical',
    latch: true,
  }),
  limit('base-pga', 'Base shaking above 25 gal', 'tower-a-base/pga', 25 * GAL, 'm/s²', { latch: true }),
  limit('run-2', 'Dead Run above level 2', 'dead-run/stage', 1.2192, 'm', { priority: 'high' }),
  limit('run-3', 'Dead Run above level 3', 'dead-run/stage', 0.6096, 'm', { priority: 'medium' }),
  limit('run-1', 'Dead Run above level 1', 'dead-run/stage', 1.8288, 'm', { priority: 'critical' }),
  limit('run-rise', 'Dead Run rising fast', 'dead-run/rate_of_rise', 1 / 3600, 'm/s', { priority: 'low' }),
]

export const SITE: SiteJson = {
  site: 'demo',
  name: 'Franklintown demo site',
  time_zone: 'Asia/Taipei',
  exercise: true,
  hash: '7f0c6ee7b1a94b8d9e6f',
  software: 'Plumbline 0.1.0',
  structures: [
    {
      id: 'tower-a',
      name: 'Tower A',
      kind: 'building',
      floors: [
        { id: 'base', name: 'B2', height_m: -7 },
        { id: 'roof', name: 'Roof', height_m: 48.5 },
      ],
    },
  ],
  waters: [
    {
      id: 'dead-run',
      name: 'Dead Run',
      kind: 'river',
      datum: 'Gauge datum, USGS 01589330',
      gauge: 'dead-run/stage',
      zero: { elevation_m: 30.48, above: 'TWVD2001' },
      levels: [
        {
          id: 'l1',
          name: 'Level 1 (red)',
          stage_m: 1.8288,
          severity: 'moderate',
          meaning: 'Water on the road: close the underpass, residents leave.',
        },
        {
          id: 'l2',
          name: 'Level 2 (orange)',
          stage_m: 1.2192,
          severity: 'minor',
          meaning: 'Water reaches the footpath: close the gates, call the crew.',
        },
        {
          id: 'l3',
          name: 'Level 3 (yellow)',
          stage_m: 0.6096,
          severity: 'action',
          meaning: 'Bank-full soon: officer on duty, watch the gauge.',
        },
      ],
    },
  ],
  limits: LIMITS,
}

export const DRILL: DrillJson = {
  id: 'autumn-drill',
  name: 'Autumn drill',
  owner: 'Mei, flood office',
  recipients: ['night shift'],
  scenario: { name: 'flash-flood', seed: 7 },
  shadows: ['dead-run'],
  status: 'running',
  started_by: 'Mei',
  started_ns: '1',
  until_ns: '2',
  ended_ns: null,
  ended_by: null,
  why: null,
}

export function devicesAt(now_ms: number): DeviceJson[] {
  const accelerometer = (id: string, name: string, floor: string): DeviceJson => ({
    id,
    name,
    node: 'gateway-1',
    model: 'generic-accelerometer',
    floor,
    simulated: true,
    time_scale: 1,
    poll_ms: 500,
    state: 'online',
    since_ns: ns(now_ms - 900_000),
    reason: null,
    last_ns: ns(now_ms),
    stale_after_ms: 3000,
    channels: [
      ...['x', 'y', 'z'].map((a) => ({
        id: `${id}/acceleration/${a}`,
        metric: `acceleration/${a}`,
        quantity: 'acceleration' as const,
        unit: 'm/s²',
        kind: 'axis' as const,
        range: { low: -COUNT_M_S2 * 32_768, high: COUNT_M_S2 * 32_768 },
      })),
      {
        id: `${id}/pga`,
        metric: 'pga',
        quantity: 'acceleration' as const,
        unit: 'm/s²',
        kind: 'measure' as const,
        range: null,
      },
      ...(['pgv', 'natural_frequency'] as const).map((metric) => ({
        id: `${id}/${metric}`,
        metric,
        quantity: metric === 'pgv' ? ('velocity' as const) : ('frequency' as const),
        unit: metric === 'pgv' ? 'm·s⁻¹' : 'Hz',
        kind: 'measure' as const,
        range: null,
      })),
    ],
  })
  return [
    {
      ...accelerometer('dead-run', 'Dead Run gauge', ''),
      floor: null,
      model: 'generic-gauge',
      time_scale: TIME_SCALE,
      poll_ms: 1000,
      channels: [
        { id: 'dead-run/stage', metric: 'stage', quantity: 'stage', unit: 'm', kind: 'point', range: null },
        {
          id: 'dead-run/rate_of_rise',
          metric: 'rate_of_rise',
          quantity: 'rate_of_rise',
          unit: 'm/s',
          kind: 'measure',
          range: null,
        },
      ],
    },
    accelerometer('tower-a-roof', 'Roof accelerometer', 'tower-a/roof'),
    { ...accelerometer('tower-a-base', 'Base accelerometer', 'tower-a/base'), last_ns: ns(now_ms - 47_000) },
  ]
}

export const nodesAt = (now_ms: number): NodeJson[] => [
  { id: 'gateway-1', state: 'online', since_ns: ns(now_ms - 900_000), reason: null, site_hash_agrees: true },
]

export function alarmsAt(now_ms: number): AlarmJson[] {
  return LIMITS.map((l): AlarmJson => {
    const normal: AlarmJson = {
      id: `gateway-1:${l.id}`,
      node: 'gateway-1',
      limit_id: l.id,
      name: l.name,
      channel: l.channel,
      kind: kindOfLimit(l),
      parameters: l.parameters ?? null,
      state: 'normal',
      priority: l.priority,
      latch: l.latch,
      occurrence: 0,
      onset_ns: null,
      returned_ns: null,
      learned_ns: null,
      value: null,
      peak: null,
      limit: l.limit,
      unit: l.unit,
      flag: 1,
      unconfirmed: false,
      exercise: true,
      drill: null,
      late: [],
      late_unlisted: 0,
      acknowledged_by: null,
      acknowledged_ns: null,
      comments: [],
      aside: null,
      unknown: null,
      group: null,
      etag: `${l.id}-1`,
    }
    return { ...normal, ...ALARM_STORY(now_ms)[l.id] }
  })
}

const ALARM_STORY = (now_ms: number): Record<string, Partial<AlarmJson>> => ({
  'roof-pga': {
    state: 'unacknowledged',
    occurrence: 3,
    onset_ns: ns(now_ms - 9000),
    learned_ns: ns(now_ms - 8990),
    value: 0.842,
    peak: 2.12,
  },
  'run-2': {
    state: 'unacknowledged',
    occurrence: 2,
    onset_ns: ns(now_ms - 41_000),
    learned_ns: ns(now_ms - 40_990),
    value: 1.2253,
    peak: 1.52,
  },
  'run-3': {
    state: 'acknowledged',
    occurrence: 2,
    onset_ns: ns(now_ms - 96_000),
    learned_ns: ns(now_ms - 95_990),
    value: 0.6157,
    peak: 1.52,
    acknowledged_by: 'Lin Mei-hua',
    acknowledged_ns: ns(now_ms - 80_000),
    comments: [{ at_ns: ns(now_ms - 79_000), by: 'Lin Mei-hua', text: 'Crew called, on the way to the gate.' }],
  },
  'base-pga': {
    state: 'latched-acknowledged',
    occurrence: 1,
    onset_ns: ns(now_ms - 700_000),
    returned_ns: ns(now_ms - 660_000),
    learned_ns: ns(now_ms - 699_990),
    value: 0.271,
    peak: 0.634,
    acknowledged_by: 'Lin Mei-hua',
    acknowledged_ns: ns(now_ms - 640_000),
  },
  'run-rise': {
    state: 'returned-unacknowledged',
    occurrence: 5,
    onset_ns: ns(now_ms - 2_400_000),
    returned_ns: ns(now_ms - 2_160_000),
    learned_ns: ns(now_ms - 1_200_000),
    value: 0.00031,
    peak: 0.00044,
    late: [
      {
        occurrence: 4,
        onset_ns: ns(now_ms - 3_600_000),
        returned_ns: ns(now_ms - 3_000_000),
        learned_ns: ns(now_ms - 1_200_000),
      },
      {
        occurrence: 5,
        onset_ns: ns(now_ms - 2_400_000),
        returned_ns: ns(now_ms - 2_160_000),
        learned_ns: ns(now_ms - 1_200_000),
      },
    ],
  },
})

/** Stage of the stream [m] at `before_ms` before the present: rises through level 3 and 2 to 1.52 m. */
export function stage_m(before_ms: number): number {
  const u = Math.min(1.05, Math.max(0, 1 - before_ms / 240_000))
  return 0.31 + 1.21 * u ** 2.2 + 0.03 * Math.sin(u * 25) * u * (1 - Math.min(1, u))
}

/** Acceleration [m/s²] of the roof: a burst that peaks near 212 gal every 24 s, and a quiet floor between. */
export function roof_m_s2(t_s: number): [number, number, number] {
  const u = (((t_s % 24) + 24) % 24) - 6
  const burst = u < 0 ? 0 : 2.1 * Math.min(1, u / 1.5) * Math.exp(-Math.max(0, u - 1.5) / 3)
  const noise = (k: number) => 0.004 * Math.sin(t_s * k) * Math.cos(t_s * k * 1.7)
  return [
    burst * Math.sin(2 * Math.PI * 1.1 * t_s) + noise(61),
    0.62 * burst * Math.sin(2 * Math.PI * 1.45 * t_s + 1) + noise(67),
    0.33 * burst * Math.sin(2 * Math.PI * 4.3 * t_s + 2) + noise(71),
  ]
}

/** Turns alarms of the story into ones whose limit does not judge the value of its channel. */
export function tellRules(desk: { change(id: string, more: Partial<AlarmJson>): void }): void {
  const age = { kind: 'stale_s', limit: 60, unit: 's', value: 60, peak: 60 }
  desk.change('gateway-1:run-3', { name: 'Gauge silent', ...age })
  const soon = { kind: 'reaching', limit: 1800, unit: 's', value: 1524, peak: 1524 }
  desk.change('gateway-1:run-2', { name: 'Level 1 soon', ...soon, parameters: { target: 1.8288, window_s: 900 } })
  const rate = { kind: 'rising_faster_than', limit: 0.5 / 3600, unit: 'm/s', parameters: { window_s: 900 } }
  desk.change('gateway-1:run-rise', { name: 'Dead Run rising fast', ...rate })
  const vote = { kind: 'k_of_n', limit: 2, unit: '1', value: 2, peak: 3 }
  const parameters = { limits: ['base-pga', 'roof-pga', 'mid-pga'], within_s: 30 }
  desk.change('gateway-1:base-pga', { name: 'Shaking, two sensors', ...vote, parameters })
}
