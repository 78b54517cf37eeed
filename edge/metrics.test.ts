/** Every number that the operation of a node is judged by, each with a value of its own, read off the page as Prometheus would. */
import { expect, test } from 'vitest'
import { instant } from '../domain/time.ts'
import { Histogram } from '../runtime/prometheus.ts'
import type { AcquisitionStats } from './acquisition-stats.ts'
import type { EdgeStats } from './edge-stats.ts'
import { readiness, renderMetrics } from './metrics.ts'

const S = 1_000_000_000n
const NOW = instant(1_000n * S)
const durations = (bounds_s: readonly number[], ...all_s: readonly number[]) => {
  const histogram = new Histogram(bounds_s)
  for (const s of all_s) histogram.add(s)
  return histogram.state()
}
const stream = (n: number) => ({
  ...{
    appended: n + 1,
    unrecorded: n + 2,
    committed: n + 3,
    dropped: n + 4,
    torn_bytes: 0,
    corrupt: n + 5,
    segments: 1,
  },
  ...{ disk_bytes: n + 6, backlog_records: n + 7, backlog_bytes: n + 8, oldest_age_s: n + 0.5 },
  resend: { ack_s: n + 0.25, in_flight: n + 9, owner_online: n === 100, resent: n + 10 },
})
const uplink = { sent: 5, births: 1, rebirths: 0, refused_acks: 0, bad_commands: 0, not_sent: 3 }

const stats = (offset_s: number | null): EdgeStats & { acquisition: AcquisitionStats } => ({
  ...{ outbox: 'o', sent_live: 5, resent: 0, lost: 6, timeless: 0, losing: false },
  streams: { conditions: stream(100), readings: stream(200), blocks: stream(300) },
  uplinks: {
    node: { ...uplink, up: true },
    blocks: { ...uplink, up: false, away: 'connect ECONNREFUSED 127.0.0.1:1883' },
  },
  clock: { trusted: true, steps: 2, last_step_s: null, offset_s },
  acquisition: {
    links: [
      { link: 'bus', up: false, changed_ns: instant(960n * S), connections: 3 },
      { link: 'never', up: false, changed_ns: undefined, connections: 0 },
    ],
    devices: [
      {
        ...{ device: 'gauge', link: 'bus', online: true, breaker: 'open' },
        ...{ changed_ns: instant(990n * S), last_good_ns: instant(985n * S) },
        ...{ polls: 50, good: 41, missed: 7, errors: { timeout: 4, 'exception-2': 1 }, refused_points: 1 },
        latency: durations([0.01, 0.1], 0.004, 0.05, 0.06, 2),
        lateness: durations([0.001, 0.01], 0.001, 0.002),
        clock: { offset_s: -0.003, drift_ppm: 12, half_width_s: 0.001 },
      },
    ],
  },
})

const page = (offset_s: number | null) => {
  const lines = renderMetrics(stats(offset_s), NOW).split('\n')
  return new Map(lines.filter((l) => l !== '' && !l.startsWith('#')).map((l) => l.split(' ') as [string, string]))
}
const DEVICE = 'device="gauge",link="bus"'

test.each([
  ['poll latency, up to 10 ms', `plumbline_poll_duration_seconds_bucket{${DEVICE},le="0.01"}`, 1],
  ['poll latency, up to 100 ms', `plumbline_poll_duration_seconds_bucket{${DEVICE},le="0.1"}`, 3],
  ['poll latency, all', `plumbline_poll_duration_seconds_bucket{${DEVICE},le="+Inf"}`, 4],
  ['schedule error, up to and with 1 ms', `plumbline_schedule_error_seconds_bucket{${DEVICE},le="0.001"}`, 1],
  ['schedule error, all', `plumbline_schedule_error_seconds_count{${DEVICE}}`, 2],
  ['missed ticks', `plumbline_polls_missed_total{${DEVICE}}`, 7],
  ['errors of a kind', `plumbline_poll_errors_total{${DEVICE},reason="timeout"}`, 4],
  ['errors of another kind', `plumbline_poll_errors_total{${DEVICE},reason="exception-2"}`, 1],
  ['link state', 'plumbline_link_up{link="bus"}', 0],
  ['age of the link state', 'plumbline_link_state_age_seconds{link="bus"}', 40],
  ['circuit breaker', `plumbline_breaker_state{${DEVICE},state="open"}`, 1],
  ['age of the breaker', `plumbline_breaker_age_seconds{${DEVICE}}`, 10],
  ['age of the last good poll', `plumbline_last_good_poll_age_seconds{${DEVICE}}`, 15],
  ['outbox depth, records', 'plumbline_outbox_backlog_records{stream="readings"}', 207],
  ['outbox depth, bytes', 'plumbline_outbox_backlog_bytes{stream="conditions"}', 108],
  ['outbox age', 'plumbline_outbox_oldest_age_seconds{stream="blocks"}', 300.5],
  ['outbox drops', 'plumbline_outbox_dropped_total{stream="blocks"}', 304],
  ['why an uplink is away', 'plumbline_uplink_away{uplink="blocks",reason="ECONNREFUSED"}', 1],
  ['records neither written nor sent', 'plumbline_lost_total', 6],
  ['acknowledgement lag', 'plumbline_acknowledgement_seconds{stream="readings"}', 200.25],
  ['offset of a sample clock', `plumbline_sample_clock_offset_seconds{${DEVICE}}`, -0.003],
  ['offset of the node’s clock', 'plumbline_clock_offset_seconds', -0.0025],
  ['steps of the node’s clock', 'plumbline_clock_steps_total', 2],
])('%s', (_, series, value) => {
  expect(page(-0.0025).get(series)).toBe(String(value))
})

test('an uplink that stands is away for no reason; readiness says the whole reason of the other', () => {
  expect([...page(0).keys()].filter((series) => series.startsWith('plumbline_uplink_away'))).toHaveLength(1)
  expect(readiness(stats(0)).broker).toEqual({
    ok: false,
    why: 'not connected: blocks (connect ECONNREFUSED 127.0.0.1:1883)',
  })
})

test('what is not known has no sample: it is no zero', () => {
  const unknown = page(null)
  expect(unknown.has('plumbline_clock_offset_seconds')).toBe(false)
  expect(unknown.has('plumbline_clock_last_step_seconds')).toBe(false)
  expect(unknown.has('plumbline_link_state_age_seconds{link="never"}')).toBe(false)
  expect(page(0).get('plumbline_clock_offset_seconds')).toBe('0')
})
