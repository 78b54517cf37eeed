import { expect, test } from 'vitest'
import { parseNodeHealth } from '../domain/wire/node-health.ts'
import { Histogram } from '../runtime/prometheus.ts'
import type { AcquisitionStats, DeviceStats } from './acquisition-stats.ts'
import type { EdgeStats } from './edge-stats.ts'
import { healthOf } from './health.ts'

const histogram = new Histogram([1]).state()
const device = (id: string, errors: Record<string, number>, polls: number, good: number): DeviceStats => ({
  ...{ device: id, link: 'bus', online: true, breaker: 'closed', changed_ns: undefined, last_good_ns: undefined },
  ...{ polls, good, missed: 2, errors, latency: histogram, lateness: histogram, refused_points: 0, clock: undefined },
})
const stream = {
  ...{
    appended: 10,
    unrecorded: 0,
    committed: 3,
    dropped: 1,
    torn_bytes: 0,
    corrupt: 0,
    segments: 1,
    disk_bytes: 4096,
  },
  ...{ backlog_records: 7, backlog_bytes: 700, oldest_age_s: 1.23456 },
  resend: { ack_s: 0.0123456, in_flight: 0, owner_online: true, resent: 0 },
}
const uplink = { sent: 5, births: 1, rebirths: 0, refused_acks: 0, bad_commands: 0, not_sent: 3, up: true }
const stats: EdgeStats & { acquisition: AcquisitionStats } = {
  ...{ outbox: 'o', sent_live: 5, resent: 0, lost: 0, timeless: 0, losing: false },
  streams: { conditions: stream, readings: stream, blocks: stream },
  uplinks: { node: uplink, blocks: uplink },
  clock: { trusted: true, steps: 1, last_step_s: 0.5, offset_s: null },
  acquisition: {
    devices: [device('a', { timeout: 4, crc: 1 }, 100, 95), device('b', { timeout: 2 }, 50, 48)],
    links: [{ link: 'bus', up: true, changed_ns: undefined, connections: 1 } as AcquisitionStats['links'][number]],
  },
}

test('the health of a node adds up its devices, tells each stream, and is understood on the other side', () => {
  const health = healthOf(stats)
  expect(health).toMatchObject({
    ...{ polls: 150, polls_good: 143, polls_missed: 4, errors: { timeout: 6, crc: 1 }, links: 1, links_up: 1 },
    ...{ not_sent: 6, clock_trusted: true, clock_steps: 1 },
    streams: { blocks: { records: 7, bytes: 700, oldest_s: 1.235, dropped: 1, acknowledged_s: 0.012 } },
  })
  const text = JSON.stringify(health)
  expect(parseNodeHealth(text)).toEqual(health)
  // Every 15 s over 56 kbit/s: 1 KiB is one per cent of the link.
  expect(text.length).toBeLessThan(1024)
})
