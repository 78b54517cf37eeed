/**
 * Sensors that fail in the ways sensors do, on a river that stays low: one drifts away from its neighbour, one freezes, one
 * jumps, one says that it has no value, one stops answering. None of it may pass for a flood: a lone jump is told, because it
 * may be one, but as unconfirmed. Each fault must be told as what it is, and nothing of it may look clear meanwhile.
 */
import { instantToMs } from '../../domain/time.ts'
import { FakeGauge } from '../../edge/testing.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, POLL_S, riverSite } from './waters.ts'

const BEGUN = new Date('2026-11-02T06:00:00Z')
const TROUBLE_S = 2 * 3600
const HOURS = 8
const LOW_M = 0.8
const FLOOD_M = 2

/** Half a centimetre of ripple, so that a value that stands still is seen. */
const ripple = (at_s: number): number => LOW_M + 0.005 * Math.sin(at_s / 37) + 0.003 * Math.sin(at_s / 11)

const JUMP_EVERY_S = 1800
const GAUGES = ['sound', 'drifts', 'freezes', 'jumps', 'blind', 'silent'] as const

export async function failingSensors(): Promise<Row> {
  const after = (at_s: number): number => Math.max(0, at_s - TROUBLE_S)
  const blind = new FakeGauge((at) => ripple((instantToMs(at) - BEGUN.getTime()) / 1000))
  const devices = {
    sound: gaugeOf(BEGUN, ripple),
    // A centimetre in ten minutes: two hours until it is told apart from its neighbour, never near the flood level.
    drifts: gaugeOf(BEGUN, (at_s) => ripple(at_s) + (0.01 * after(at_s)) / 600),
    freezes: gaugeOf(BEGUN, (at_s) => ripple(Math.min(at_s, TROUBLE_S))),
    // Every half hour one value far above the flood level, for one poll.
    jumps: gaugeOf(BEGUN, (at_s) => (after(at_s) > 0 && after(at_s) % JUMP_EVERY_S < POLL_S ? 6 : ripple(at_s))),
    blind,
    silent: gaugeOf(BEGUN, ripple),
  }
  const file = riverSite(GAUGES.map((id) => ({ id, node: 'n1', limit_m: FLOOD_M, deadband_m: 0.1 })))
  const line = await SimulatedLine.of({ begun: BEGUN, file: judged(file), devices })
  try {
    await line.seconds(TROUBLE_S)
    blind.status = 1
    line.buses.get('link-silent')!.faults.set(1, 'timeout')
    await line.seconds(HOURS * 3600 - TROUBLE_S)
    const journal = await line.journal()
    const told = new Set(journal.filter(({ kind }) => kind === 'notice').map(({ alarm }) => alarm!))
    const floods = journal.filter(({ kind, alarm }) => kind === 'onset' && alarm!.endsWith('-high'))
    const confirmed = floods.filter(({ body }) => !(body as { unconfirmed: boolean }).unconfirmed).length
    const jumps = (HOURS * 3600 - TROUBLE_S) / JUMP_EVERY_S
    const expected = ['n1:drifts-apart', 'n1:freezes-flat', 'n1:blind-stale', 'n1:silent-stale']
    const missing = expected.filter((alarm) => !told.has(alarm))
    const readings = await line.get<{ readings: Array<{ channel: string; value: number | null; flag: number }> }>(
      '/readings/latest',
    )
    const clear = readings.readings.filter(
      ({ channel, flag }) => ['blind/stage', 'silent/stage'].includes(channel) && flag === 1,
    )
    return {
      promised:
        'drifting, frozen, jumping, blind and silent gauges on a low river: each told as a fault, no confirmed flood',
      counted: `${confirmed} confirmed floods, ${floods.length} unconfirmed of ${jumps} jumps; faults told: ${expected.length - missing.length} of ${expected.length}${missing.length > 0 ? ` (missing ${missing.join(', ')})` : ''}; failed channels that look good: ${clear.length}`,
      holds: confirmed === 0 && floods.length === jumps && missing.length === 0 && clear.length === 0,
    }
  } finally {
    await line.end()
  }
}

/** What a careful installer adds: neighbours compared, silence timed, a flat line failed by quality control. */
function judged(file: ReturnType<typeof riverSite>) {
  const flat = { metric: 'stage', unit: 'm', tests: { flat_line: { suspect_s: 1800, fail_s: 3600, tolerance: 0.001 } } }
  return {
    ...file,
    nodes: file.nodes.map((node) => ({
      ...node,
      links: node.links.map((link) => ({
        ...link,
        devices: link.devices.map((device) => ({ ...device, ...(device.id === 'freezes' && { quality: [flat] }) })),
      })),
    })),
    limits: [
      ...file.limits,
      {
        id: 'drifts-apart',
        name: 'Gauges disagree',
        channel: 'drifts/stage',
        differs_from: { channel: 'sound/stage', by: 0.1 },
        unit: 'm',
        priority: 'medium',
      },
      { id: 'freezes-flat', name: 'Gauge stands still', channel: 'freezes/stage', failed_s: 60, priority: 'medium' },
      { id: 'blind-stale', name: 'Gauge blind', channel: 'blind/stage', stale_s: 300, priority: 'medium' },
      { id: 'silent-stale', name: 'Gauge silent', channel: 'silent/stage', stale_s: 300, priority: 'medium' },
    ],
  }
}
