/** What the fake desk answers of drills and of the simulator. Invented, in the API's shapes. */
import type { DrillJson, DrillReportJson } from '../../../domain/api.ts'
import type { SimulatorStatus } from '../../../domain/simulator-control.ts'
import { DRILL, ns } from './fake-world.ts'

const MIN = 60_000

export const drills = (now_ms: number): DrillJson[] => [
  {
    ...DRILL,
    id: 'spring-drill',
    name: 'Spring drill',
    status: 'ended',
    started_ns: ns(now_ms - 90 * MIN),
    until_ns: ns(now_ms - 30 * MIN),
    ended_ns: ns(now_ms - 40 * MIN),
    ended_by: 'Mei',
  },
]

export const drillReport = (drill: DrillJson, now_ms: number): DrillReportJson => ({
  drill: { id: drill.id, name: drill.name },
  occurrences: [
    {
      alarm: 'gateway-1:run-2',
      limit_id: 'run-2',
      name: 'Dead Run above level 2',
      channel: 'dead-run/stage',
      occurrence: 1,
      onset_ns: ns(now_ms - 80 * MIN),
      late: false,
      told_after_s: 0.4,
      acknowledged: { by: 'Lin Mei-hua', after_s: 74, comment: 'Gates closed' },
      comments: [],
      returned_ns: ns(now_ms - 60 * MIN),
      peak: 1.52,
      limit: 1.2192,
      unit: 'm',
      kind: 'above',
      rule: null,
    },
  ],
  summary: { raised: 2, told: 2, acknowledged: 1, not_acknowledged: 1, ack_median_s: 74, ack_longest_s: 74 },
  real: { count: 0, alarms: [] },
  complete: true,
})

export const simulator: SimulatorStatus = {
  devices: [
    { id: 'dead-run', model: 'generic-gauge', fault: 'none' },
    { id: 'tower-a-roof', model: 'generic-accelerometer', fault: 'none' },
  ],
  plays: [
    {
      id: 'p1',
      name: 'flood 2006-06-27',
      devices: ['dead-run'],
      state: 'playing',
      position_s: 3600,
      length_s: 86_400,
      speed: 1,
      loop: true,
    },
  ],
  scenario: null,
  wires: [{ node: 'gateway-1', link: 'simulated', faults: {}, counts: { requests: 812 } }],
  drill: null,
}
