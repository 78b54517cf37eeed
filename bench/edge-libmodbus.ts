/**
 * Row `edge-libmodbus`: what a poll costs an edge node, beside a poller in C on libmodbus that reads the same devices at the
 * same period in the same seconds. The poller decodes and forgets; the edge node also judges, keeps on disk and publishes.
 */
import { pause } from '../rehearsals/until.ts'
import { cpuSeconds, runSeconds } from './cpu.ts'
import { startPoller } from './device/poller.ts'
import { startEdgeLine } from './edge-line.ts'
import { figures, sumOf } from './figures.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const [LINKS, UNITS, POINTS, PERIOD_MS] = [10, 5, 10, 100]
const [SETTLE_S, WINDOW_S, WINDOWS] = [8, 6, 5]

export const edgeLibmodbus: Row = {
  id: 'edge-libmodbus',
  what: `${LINKS * UNITS} loggers of ${POINTS} values every ${PERIOD_MS} ms: CPU time a poll of the edge node (read, judged, on disk, published) over that of a C poller on libmodbus (read)`,
  unit: 'x',
  target: 'none set',
  measure: async () => {
    const devices = { kind: 'scalars', links: LINKS, units: UNITS, points: POINTS } as const
    const line = await startEdgeLine({ devices, model: 'sim-logger-10', poll_ms: PERIOD_MS })
    if (line === undefined) return NOT_HERE
    const poller = startPoller({ period_ms: PERIOD_MS, ports: line.ports, units: UNITS, points: POINTS })
    try {
      if (poller === undefined) return NOT_HERE
      await pause(SETTLE_S * 1000)
      const polls = async () => sumOf(await figures(line.metricsPort), 'plumbline_polls_good_total')
      const [edge, peer]: [number[], number[]] = [[], []]
      for (let w = 0; w < WINDOWS; w++) {
        const before = { polls: await polls(), edge: cpuSeconds(line.pids.edge), peer: runSeconds(poller.pid) }
        const begun = performance.now()
        await pause(WINDOW_S * 1000)
        // The peer keeps the same grid, which its own count proves at the end.
        const expected = ((performance.now() - begun) / PERIOD_MS) * LINKS * UNITS
        peer.push(((runSeconds(poller.pid) - before.peer) / expected) * 1e6)
        edge.push(((cpuSeconds(line.pids.edge) - before.edge) / ((await polls()) - before.polls)) * 1e6)
      }
      const { failed, late } = await poller.stop()
      if (failed + late > 0) throw new Error(`the peer failed at ${failed} polls and was late at ${late}`)
      return {
        runs: edge.map((us, w) => us / peer[w]!),
        holds: () => null,
        beside: { 'edge us a poll': median(edge), 'libmodbus us a poll': median(peer) },
      }
    } finally {
      await poller?.stop().catch(() => {})
      await line.stop()
    }
  },
}
