/**
 * The numbers of a node as Prometheus text (exposition format 0.0.4). Pure; counting is everyone's own business, serving it
 * is `runtime/metrics-server.ts`. Labels are device and link ids, streams, reasons and uplinks: as many series as the site has
 * entries, never more.
 */
import { type Instant, secondsBetween } from '../domain/time.ts'
import { type Checks, check } from '../runtime/health.ts'
import { Page } from '../runtime/prometheus.ts'
import type { AcquisitionStats, DeviceStats, LinkStats } from './acquisition-stats.ts'
import type { EdgeStats } from './edge-stats.ts'

/** @param now instant of the scrape, for ages */
export function renderMetrics(stats: EdgeStats & { readonly acquisition: AcquisitionStats }, now: Instant): string {
  const page = new Page()
  links(page, stats.acquisition.links, now)
  polling(page, stats.acquisition.devices, now)
  outbox(page, stats)
  uplinks(page, stats)
  clock(page, stats)
  return page.toString()
}

function links(page: Page, all: readonly LinkStats[], now: Instant): void {
  const each = (of: (link: LinkStats) => number | undefined) => all.map((l) => [{ link: l.link }, of(l)] as const)
  page.family(
    'plumbline_link_up',
    'gauge',
    '1 while the far end of the link could be reached when last tried.',
    each((l) => Number(l.up)),
  )
  page.family(
    'plumbline_link_state_age_seconds',
    'gauge',
    'Since the link came up or went down.',
    each((l) => (l.changed_ns === undefined ? undefined : secondsBetween(now, l.changed_ns))),
  )
  page.family(
    'plumbline_link_connections_total',
    'counter',
    'Connections made.',
    each((l) => l.connections),
  )
}

const BREAKERS = ['closed', 'half-open', 'open'] as const

function polling(page: Page, devices: readonly DeviceStats[], now: Instant): void {
  const each = (of: (d: DeviceStats) => number | undefined) =>
    devices.map((d) => [{ device: d.device, link: d.link }, of(d)] as const)
  const age = (t_ns: Instant | undefined) => (t_ns === undefined ? undefined : secondsBetween(now, t_ns))
  page.family(
    'plumbline_device_online',
    'gauge',
    '1 while the device answers.',
    each((d) => Number(d.online)),
  )
  page.family(
    'plumbline_polls_total',
    'counter',
    'Polls that ended.',
    each((d) => d.polls),
  )
  page.family(
    'plumbline_polls_good_total',
    'counter',
    'Polls that gave everything.',
    each((d) => d.good),
  )
  page.family(
    'plumbline_polls_missed_total',
    'counter',
    'Instants of the schedule that went by.',
    each((d) => d.missed),
  )
  page.family(
    'plumbline_points_refused',
    'gauge',
    'Points left out because the device refuses them.',
    each((d) => d.refused_points),
  )
  page.family(
    'plumbline_last_good_poll_age_seconds',
    'gauge',
    'Since the last good poll.',
    each((d) => age(d.last_good_ns)),
  )
  page.family(
    'plumbline_poll_errors_total',
    'counter',
    'Failed polls and refused points by reason.',
    devices.flatMap(({ device, link, errors }) =>
      Object.entries(errors).map(([reason, count]) => [{ device, link, reason }, count] as const),
    ),
  )
  page.family(
    'plumbline_breaker_state',
    'gauge',
    '1 for the present state: closed polls on schedule, open waits for its next probe.',
    devices.flatMap(({ device, link, breaker }) =>
      BREAKERS.map((state) => [{ device, link, state }, Number(state === breaker)] as const),
    ),
  )
  page.family(
    'plumbline_breaker_age_seconds',
    'gauge',
    'Since the breaker changed.',
    each((d) => age(d.changed_ns)),
  )
  const label = ({ device, link }: DeviceStats) => ({ device, link })
  page.family(
    'plumbline_sample_clock_offset_seconds',
    'gauge',
    'Sample times still to be slewed, of rings and queues.',
    each((d) => d.clock?.offset_s),
  )
  page.family(
    'plumbline_sample_clock_drift_ppm',
    'gauge',
    'How much too fast its clock runs.',
    each((d) => d.clock?.drift_ppm),
  )
  page.histogram(
    'plumbline_poll_duration_seconds',
    'Duration of polls that gave something.',
    devices.map((d) => [label(d), d.latency] as const),
  )
  page.histogram(
    'plumbline_schedule_error_seconds',
    'Start of a poll against its schedule.',
    devices.map((d) => [label(d), d.lateness] as const),
  )
}

type Stream = EdgeStats['streams']['readings']

function outbox(page: Page, { streams, lost, losing, timeless }: EdgeStats): void {
  const each = (of: (s: Stream) => number) =>
    Object.entries(streams).map(([stream, stats]) => [{ stream }, of(stats)] as const)
  page.family(
    'plumbline_outbox_backlog_records',
    'gauge',
    'Records not committed by their owner.',
    each((s) => s.backlog_records),
  )
  page.family(
    'plumbline_outbox_backlog_bytes',
    'gauge',
    'Their bytes.',
    each((s) => s.backlog_bytes),
  )
  page.family(
    'plumbline_outbox_disk_bytes',
    'gauge',
    'Bytes on disk.',
    each((s) => s.disk_bytes),
  )
  page.family(
    'plumbline_outbox_oldest_age_seconds',
    'gauge',
    'Age of the oldest record not committed.',
    each((s) => s.oldest_age_s),
  )
  page.family(
    'plumbline_outbox_appended_total',
    'counter',
    'Records written.',
    each((s) => s.appended),
  )
  page.family(
    'plumbline_outbox_committed_total',
    'counter',
    'Records committed by their owner.',
    each((s) => s.committed),
  )
  page.family(
    'plumbline_outbox_dropped_total',
    'counter',
    'Records dropped at a limit.',
    each((s) => s.dropped),
  )
  page.family(
    'plumbline_outbox_unrecorded_total',
    'counter',
    'Records that could not be written.',
    each((s) => s.unrecorded),
  )
  page.family(
    'plumbline_outbox_corrupt_total',
    'counter',
    'Segments with a bad record.',
    each((s) => s.corrupt),
  )
  page.family(
    'plumbline_resent_total',
    'counter',
    'Records sent again.',
    each((s) => s.resend.resent),
  )
  page.family(
    'plumbline_resend_in_flight',
    'gauge',
    'Records sent again that wait for an answer.',
    each((s) => s.resend.in_flight),
  )
  page.family(
    'plumbline_acknowledgement_seconds',
    'gauge',
    'Time that acknowledgements took lately.',
    each((s) => s.resend.ack_s),
  )
  page.family(
    'plumbline_owner_online',
    'gauge',
    '1 while the owner of the stream is online.',
    each((s) => Number(s.resend.owner_online)),
  )
  page.family('plumbline_lost_total', 'counter', 'Records neither written nor sent.', [[{}, lost]])
  page.family('plumbline_outbox_losing', 'gauge', '1 while records are being lost.', [[{}, Number(losing)]])
  page.family('plumbline_timeless_records', 'gauge', 'Records met whose time was never known.', [[{}, timeless]])
}

function uplinks(page: Page, { uplinks: all, sent_live }: EdgeStats): void {
  type One = EdgeStats['uplinks']['node']
  const each = (of: (u: One) => number) =>
    Object.entries(all).map(([uplink, stats]) => [{ uplink }, of(stats)] as const)
  page.family(
    'plumbline_uplink_up',
    'gauge',
    '1 while born.',
    each((u) => Number(u.up)),
  )
  page.family(
    'plumbline_uplink_away',
    'gauge',
    '1 for the reason why it is not: a code of ours or of the system, else `other`.',
    Object.entries(all).flatMap(([uplink, { up, away }]) =>
      up || away === undefined ? [] : [[{ uplink, reason: codeIn(away) ?? 'other' }, 1] as const],
    ),
  )
  page.family(
    'plumbline_uplink_births_total',
    'counter',
    'Births said.',
    each((u) => u.births),
  )
  page.family(
    'plumbline_uplink_rebirths_total',
    'counter',
    'Births asked for.',
    each((u) => u.rebirths),
  )
  page.family(
    'plumbline_uplink_messages_total',
    'counter',
    'Messages published.',
    each((u) => u.sent),
  )
  page.family(
    'plumbline_uplink_not_sent_total',
    'counter',
    'Messages that a session took with it.',
    each((u) => u.not_sent),
  )
  page.family(
    'plumbline_uplink_refused_acknowledgements_total',
    'counter',
    'Acknowledgements not for this outbox.',
    each((u) => u.refused_acks),
  )
  page.family(
    'plumbline_uplink_bad_commands_total',
    'counter',
    'Commands not understood.',
    each((u) => u.bad_commands),
  )
  page.family('plumbline_sent_live_total', 'counter', 'Records sent at once.', [[{}, sent_live]])
}

function clock(page: Page, { clock: { trusted, steps, last_step_s, offset_s } }: EdgeStats): void {
  page.family('plumbline_clock_trusted', 'gauge', '1 while the time is known.', [[{}, Number(trusted)]])
  page.family('plumbline_clock_steps_total', 'counter', 'Steps of the wall clock.', [[{}, steps]])
  page.family('plumbline_clock_last_step_seconds', 'gauge', 'By how much the last step moved it.', [
    [{}, last_step_s ?? undefined],
  ])
  page.family('plumbline_clock_offset_seconds', 'gauge', 'Clock less time service, as it last said (`clock: ntp`).', [
    [{}, offset_s ?? undefined],
  ])
}

/** `CERTIFICATE_ENDED`, `ECONNREFUSED`: few, so that there are never many series. */
const codeIn = (why: string): string | undefined => /\b(?:[A-Z]{2,}_[A-Z_]{2,}|E[A-Z]{3,})\b/.exec(why)?.[0]

/** What the node needs. Without a broker it measures, decides and records all the same: not ready is not dead. */
export function readiness(stats: (EdgeStats & { readonly acquisition: AcquisitionStats }) | undefined): Checks {
  if (stats === undefined) return { node: check('stopped') }
  const { uplinks, clock, losing, acquisition } = stats
  const down = Object.entries(uplinks).flatMap(([name, { up, away }]) =>
    up ? [] : [away === undefined ? name : `${name} (${away})`],
  )
  const { devices } = acquisition
  const silent = devices.filter(({ online }) => !online)
  return {
    broker: check(down.length === 0 ? undefined : `not connected: ${down.join(', ')}`),
    clock: check(clock.trusted ? undefined : 'the time is not known'),
    outbox: check(losing ? 'records are being lost: a limit or the disk' : undefined),
    // One dead sensor among many is an alarm of its own; a node that hears none of them cannot work.
    devices: check(devices.length > 0 && silent.length === devices.length ? 'none answers' : undefined),
  }
}
