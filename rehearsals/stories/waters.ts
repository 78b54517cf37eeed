/** Rivers for stories: the recorded flood of Dead Run as a function of time, and site files of gauges along a river. */
import type { Priority } from '../../domain/condition.ts'
import { instantToMs } from '../../domain/time.ts'
import { FakeGauge } from '../../edge/testing.ts'
import { loadRecording } from '../../recordings/load.ts'

/** Stage [m] of Dead Run, `at_s` seconds after an instant of its record; holds each value until the next, as the gauge did. */
export async function deadRunStage(from: string): Promise<(at_s: number) => number> {
  const record = await loadRecording('usgs-dead-run-2018')
  if (record.kind !== 'series') throw new Error('Dead Run is a series')
  const times_s = Array.from(record.t, (t) => (Number(t / 1_000_000n) - Date.parse(from)) / 1000)
  const { values } = record
  return (at_s) => {
    let [low, high] = [0, times_s.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (times_s[middle]! <= at_s) low = middle + 1
      else high = middle
    }
    return values[Math.max(0, low - 1)]!
  }
}

/** A gauge that shows a function of the seconds since the story began. */
export const gaugeOf = (begun: Date, stage_m: (at_s: number) => number): FakeGauge =>
  new FakeGauge((at) => stage_m((instantToMs(at) - begun.getTime()) / 1000))

export type GaugeEntry = {
  readonly id: string
  readonly node: string
  readonly limit_m: number
  readonly deadband_m: number
  /** Default: high. */
  readonly priority?: Priority
  /** Default: `POLL_S`. */
  readonly poll_s?: number
}

/** A node with a link for each gauge; each gauge has one limit on its stage, `<gauge>-high`. */
export function riverSite(gauges: readonly GaugeEntry[], more: object = {}) {
  const nodes = [...new Set(gauges.map(({ node }) => node))]
  return {
    site: 'story',
    name: 'Story',
    nodes: nodes.map((node) => ({
      id: node,
      name: node,
      links: gauges
        .filter((gauge) => gauge.node === node)
        .map(({ id, poll_s = POLL_S }) => ({
          id: `link-${id}`,
          tcp: { host: '127.0.0.1', port: FIRST_PORT + gauges.findIndex((gauge) => gauge.id === id) },
          devices: [{ id, name: id, model: 'sim-stage-gauge', unit_id: 1, poll_ms: poll_s * 1000 }],
        })),
    })),
    limits: gauges.map(({ id, limit_m, deadband_m, priority = 'high' }) => ({
      id: `${id}-high`,
      name: `${id} high`,
      channel: `${id}/stage`,
      above: limit_m,
      unit: 'm',
      deadband: deadband_m,
      priority,
    })),
    ...more,
  }
}
/** Nothing listens there: the links of a story are in memory. */
const FIRST_PORT = 5020
/** Gauges of stories are asked this often. */
export const POLL_S = 10
