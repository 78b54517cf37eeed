/** The health of a node as it goes over the wire: what its metrics count, added up to what fits the narrowest uplink. */
import { STREAMS } from '../domain/record.ts'
import type { NodeHealth, OutboxHealth } from '../domain/wire/node-health.ts'
import type { AcquisitionStats } from './acquisition-stats.ts'
import type { EdgeStats } from './edge-stats.ts'

export function healthOf(stats: EdgeStats & { readonly acquisition: AcquisitionStats }): NodeHealth {
  const { devices, links } = stats.acquisition
  const sum = (of: (device: (typeof devices)[number]) => number) => devices.reduce((total, one) => total + of(one), 0)
  const errors: Record<string, number> = {}
  for (const device of devices)
    for (const [reason, count] of Object.entries(device.errors)) errors[reason] = (errors[reason] ?? 0) + count
  const streams = STREAMS.map((stream): [string, OutboxHealth] => {
    const { backlog_records, backlog_bytes, oldest_age_s, dropped, resend } = stats.streams[stream]
    return [
      stream,
      {
        records: backlog_records,
        bytes: backlog_bytes,
        oldest_s: thousandths(oldest_age_s),
        dropped,
        acknowledged_s: thousandths(resend.ack_s),
      },
    ]
  })
  return {
    polls: sum((d) => d.polls),
    polls_good: sum((d) => d.good),
    polls_missed: sum((d) => d.missed),
    errors,
    links: links.length,
    links_up: links.filter((link) => link.up).length,
    not_sent: stats.uplinks.node.not_sent + stats.uplinks.blocks.not_sent,
    clock_trusted: stats.clock.trusted,
    clock_steps: stats.clock.steps,
    streams: Object.fromEntries(streams) as NodeHealth['streams'],
  }
}

const thousandths = (value: number): number => Math.round(value * 1000) / 1000
