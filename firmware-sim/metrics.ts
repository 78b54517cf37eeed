/** The numbers of the simulator as a Prometheus page, and what it needs. Pure; labels are kinds, never more than there are. */
import type { SimulatorStatus } from '../domain/simulator-control.ts'
import { type Checks, check } from '../runtime/health.ts'
import { Page } from '../runtime/prometheus.ts'

export type SimStats = SimulatorStatus & {
  /** Places that simulated devices are to be reached at, and those of them that listen. */
  readonly endpoints: number
  readonly listening: number
}

export function renderMetrics(stats: SimStats): string {
  const page = new Page()
  const one = (name: string, help: string, value: number) =>
    page.family(`plumbline_sim_${name}`, 'gauge', help, [[{}, value]])
  one('devices', 'Simulated devices that run.', stats.devices.length)
  one('devices_faulty', 'Of them, with a fault that was set.', stats.devices.filter((d) => d.fault !== 'none').length)
  one('listening', 'Places at which devices are reached.', stats.listening)
  one('plays', 'Recordings that play.', stats.plays.length)
  one('wires_spoilt', 'Links with wire faults.', stats.wires.filter((w) => Object.keys(w.faults).length > 0).length)
  one('scenario_running', '1 while a scenario runs.', Number(stats.scenario !== null))
  one('drill_running', '1 while a drill runs.', Number(stats.drill !== null))
  const frames = new Map<string, number>()
  for (const { counts } of stats.wires)
    for (const [kind, count] of Object.entries(counts)) frames.set(kind, (frames.get(kind) ?? 0) + count)
  page.family(
    'plumbline_sim_frames_total',
    'counter',
    'Frames on all wires, by what was done to them.',
    [...frames].map(([kind, count]) => [{ kind }, count] as const),
  )
  return page.toString()
}

export const readiness = ({ endpoints, listening }: SimStats): Checks => ({
  listeners: check(listening === endpoints ? undefined : `${endpoints - listening} of ${endpoints} do not listen`),
})
