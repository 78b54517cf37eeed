/**
 * The numbers of a node as Prometheus text (exposition format 0.0.4). Pure; counting is everyone's own business, serving it
 * is `io/metrics-server.ts`. Labels are device and link ids, streams, reasons and uplinks: as many series as the site has
 * entries, never more.
 */
import { type Instant, secondsBetween } from '../domain/time.ts'
import type { AcquisitionStats, DeviceStats, HistogramState } from './acquisition-stats.ts'
import type { EdgeStats } from './edge-stats.ts'

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string>>
type Kind = 'counter' | 'gauge' | 'histogram'

class Page {
  readonly #lines: string[] = []

  family(name: string, kind: Kind, help: string, samples: Iterable<readonly [Labels, number | undefined]>): void {
    this.#head(name, kind, help)
    for (const [labels, value] of samples) if (value !== undefined) this.#sample(name, labels, value)
  }

  histogram(name: string, help: string, samples: Iterable<readonly [Labels, HistogramState]>): void {
    this.#head(name, 'histogram', help)
    for (const [labels, { bounds_s, counts, sum_s, count }] of samples) {
      let below = 0
      bounds_s.forEach((bound, i) => {
        below += counts[i] ?? 0
        this.#sample(`${name}_bucket`, { ...labels, le: String(bound) }, below)
      })
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count)
      this.#sample(`${name}_sum`, labels, sum_s)
      this.#sample(`${name}_count`, labels, count)
    }
  }

  #head(name: string, kind: Kind, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
  }
  #sample(name: string, labels: Labels, value: number): void {
    const inner = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
    this.#lines.push(`${name}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}`)
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

const escaped = (text: string): string => text.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

/** @param now instant of the scrape, for ages */
export function renderMetrics(stats: EdgeStats & { readonly acquisition: AcquisitionStats }, now: Instant): string {
  const page = new Page()
  polling(page, stats.acquisition.devices, now)
  outbox(page, stats)
  uplinks(page, stats)
  clock(page, stats)
  return page.toString()
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

function outbox(page: Page, { streams, lost, timeless }: EdgeStats): void {
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

function clock(page: Page, { clock: { trusted, steps, last_step_s } }: EdgeStats): void {
  page.family('plumbline_clock_trusted', 'gauge', '1 while the time is known.', [[{}, Number(trusted)]])
  page.family('plumbline_clock_steps_total', 'counter', 'Steps of the wall clock.', [[{}, steps]])
  page.family('plumbline_clock_last_step_seconds', 'gauge', 'By how much the last step moved it.', [
    [{}, last_step_s ?? undefined],
  ])
}
