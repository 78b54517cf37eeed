/** For tests only: a site with a river gauge (real) and an accelerometer (simulated), and what its devices say. */
import { channelsOf, limitOf, type Site } from '../domain/channel.ts'
import type { ConditionRecord } from '../domain/condition.ts'
import type { Model } from '../domain/model.ts'
import type { Block, Reading } from '../domain/reading.ts'
import type { SiteFile, SiteNode } from '../domain/site.ts'
import { instantFromMs } from '../domain/time.ts'

export const GAUGE: Model = {
  id: 'gauge',
  name: 'Gauge',
  source: 'test',
  points: [{ metric: 'stage', table: 'input', address: 2, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  measures: ['rate_of_rise'],
  poll_ms: 1000,
}
export const ACCELEROMETER: Model = {
  id: 'accelerometer',
  name: 'Accelerometer',
  source: 'test',
  ring: {
    group: 'acceleration',
    table: 'holding',
    header_address: 0,
    samples_address: 32,
    axes: ['x', 'y', 'z'],
    sample_rate_hz: 100,
    depth: 6000,
    block_samples: 100,
    unit: 'g',
    full_scale: 2,
  },
  measures: ['pga'],
  poll_ms: 200,
}

/** Node `edge-1` with the gauge `dead-run` (real) and the accelerometer `roof` (simulated), and a limit at 0.61 m. */
export function testSite(outbox: Partial<SiteNode['outbox']> = {}): { site: Site; node: SiteNode } {
  const roomy = { max_mib: 64, max_age_h: 24 * 365 }
  const play = { recording: 'x', quiet_s: 0, lead_s: 0 }
  const node = {
    id: 'edge-1',
    name: 'Edge',
    outbox: { conditions: roomy, readings: roomy, blocks: roomy, ...outbox },
    links: [
      {
        id: 'bus',
        tcp: { host: '127.0.0.1', port: 502 },
        timeout_ms: 1000,
        devices: [
          { id: 'dead-run', name: 'Dead Run', model: 'gauge', unit_id: 1 },
          { id: 'roof', name: 'Roof', model: 'accelerometer', unit_id: 2, simulated: { time_scale: 1, play } },
        ],
      },
    ],
  } as SiteNode
  const entry = { id: 'high', name: 'High stage', channel: 'dead-run/stage', above: 0.61, deadband: 0.06 }
  const limit = { ...entry, on_delay_s: 0, off_delay_s: 0, priority: 'high' } as SiteFile['limits'][number]
  const file = { site: 'test', nodes: [node], limits: [limit], waters: [], structures: [] } as unknown as SiteFile
  const models = new Map([GAUGE, ACCELEROMETER].map((m) => [m.id, m]))
  const channels = new Map(channelsOf({ file, models }).map((c) => [c.id, c]))
  return { site: { file, models, hash: 'site-hash', limits: [limitOf(file, channels, limit)!] }, node }
}

export const reading = (ms: number, value: number): Reading => ({
  channel: 'dead-run/stage',
  value,
  t_ns: instantFromMs(ms),
  half_width_ns: 1000n,
  flag: 1,
})
export const block = (n: number): Block => ({
  device: 'roof',
  group: 'acceleration',
  boot_id: 7,
  first_counter: n * 100,
  t0_ns: instantFromMs(n * 1000),
  half_width_ns: 1000n,
  sample_rate_hz: 100,
  scale: (2 * 9.80665) / 32768,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis, a) => ({ axis, samples: Int16Array.from({ length: 100 }, (_, i) => n + i - a) })),
})
export const condition = (occurrence: number, state: boolean, ms: number): ConditionRecord => ({
  limit_id: 'high',
  state,
  occurrence,
  at_ns: instantFromMs(ms),
  onset_ns: instantFromMs(state ? ms : ms - 1000),
  returned_ns: state ? null : instantFromMs(ms),
  value: 0.7,
  peak: 0.8,
  limit: 0.61,
  unit: 'm',
  flag: 1,
  unconfirmed: false,
  exercise: false,
  time_unknown: false,
})
