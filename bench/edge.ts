/** Rows `edge-50` and `edge-max`: what three-axis 200 Hz accelerometers cost an edge node, all measures and limits on. */

import { residentMb } from '../rehearsals/memory.ts'
import { pause } from '../rehearsals/until.ts'
import { cpuShares, type EdgeLine, SPEED_FLAGS, startEdgeLine } from './edge-line.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const MODEL = 'sim-accelerometer-3axis-200'
const RATE_HZ = 200
/** As the model says: 60 s. */
const DEPTH = 12_000
const LIMIT = { metric: 'pga', above: 100, unit: 'gal' }
const SETTLE_S = 10
const WINDOW_S = 15
const WINDOWS = 3
const [SHARE_MAX, RESIDENT_MAX_MB, DEVICES_MIN] = [0.25, 120, 1500]
/** Devices on each link, as on a gateway that serves one storey. */
const UNITS = 5

export const edge50: Row = {
  id: 'edge-50',
  what: '50 three-axis 200 Hz devices in C, all measures, limits and outbox on: CPU share and memory of the edge process',
  unit: 'core',
  target: `<= ${SHARE_MAX} core, <= ${RESIDENT_MAX_MB} MB`,
  measure: async () => {
    const run = await measure(50)
    if (run === undefined) return NOT_HERE
    return {
      runs: run.shares,
      holds: (share) => share <= SHARE_MAX && run.resident_mb <= RESIDENT_MAX_MB,
      beside: { 'resident MB': run.resident_mb },
    }
  },
}

/** Devices under load; enough that the work of the process is theirs. */
const LOADED = 300

export const edgeMax: Row = {
  id: 'edge-max',
  what: `devices of that kind that one core carries, with PLUMBLINE_EDGE_FLAGS=${SPEED_FLAGS} (speed before memory): ${LOADED} of them over the CPU share they take`,
  unit: 'devices',
  target: `>= ${DEVICES_MIN}`,
  measure: async () => {
    const run = await measure(LOADED, SPEED_FLAGS)
    if (run === undefined) return NOT_HERE
    return {
      runs: run.shares.map((share) => LOADED / share),
      holds: (devices) => devices >= DEVICES_MIN,
      beside: { 'share at the load': median(run.shares), 'resident MB': run.resident_mb },
    }
  },
}

async function measure(
  count: number,
  edgeFlags?: string,
): Promise<{ shares: number[]; resident_mb: number } | undefined> {
  const devices = { kind: 'rings', links: count / UNITS, units: UNITS, rate_hz: RATE_HZ, depth: DEPTH } as const
  const line: EdgeLine | undefined = await startEdgeLine({
    devices,
    model: MODEL,
    limit: LIMIT,
    ...(edgeFlags !== undefined && { edgeFlags }),
  })
  if (line === undefined) return undefined
  try {
    await pause(SETTLE_S * 1000)
    const shares = await cpuShares([line.pids.edge], WINDOW_S, WINDOWS)
    return { shares: shares.map(([share]) => share!), resident_mb: residentMb(line.pids.edge) }
  } finally {
    await line.stop()
  }
}
