/**
 * Row `growth-devices`: what a line of broker, edge and ingest takes of a core for one, ten, a hundred and a thousand loggers
 * of ten values, each polled once a second.
 */
import { pause } from '../rehearsals/until.ts'
import { cpuShares, startEdgeLine } from './edge-line.ts'
import { measuredGrowth } from './growth.ts'
import { type Measured, NOT_HERE, type Row } from './row.ts'

const SIZES = [1, 10, 100, 1000]
/** Devices on each link, as on a gateway that serves one storey. */
const UNITS = 5
const [MODEL, POINTS, POLL_MS] = ['sim-logger-10', 10, 1000]
const [SETTLE_S, WINDOW_S, WINDOWS] = [6, 5, 3]
const EXPONENT_MAX = 1.1
const PARTS = ['edge', 'broker', 'ingest'] as const
const LINE = 'line, ms/s'

export const growthDevices: Row = {
  id: 'growth-devices',
  what: `CPU time of edge, broker and ingest with ${SIZES.map((size) => size.toLocaleString('en')).join(', ')} loggers of ${POINTS} values polled every second: exponent over their number`,
  unit: 'exponent',
  target: `<= ${EXPONENT_MAX}, the last step too`,
  measure: async (): Promise<Measured> => {
    const bySize: number[][][] = []
    for (const size of SIZES) {
      const shares = await sharesOf(size)
      if (shares === undefined) return NOT_HERE
      bySize.push(shares)
    }
    const ms = (of: (shares: readonly number[]) => number) =>
      bySize.map((windows) => windows.map((shares) => 1000 * of(shares)))
    const costs = {
      [LINE]: ms((shares) => shares.reduce((sum, share) => sum + share, 0)),
      ...Object.fromEntries(PARTS.map((part, p) => [`${part}, ms/s`, ms((shares) => shares[p]!)])),
    }
    return measuredGrowth({ of: 'devices', sizes: SIZES, costs, counts: LINE }, EXPONENT_MAX)
  },
}

/** For each window the share of a core of each part. */
async function sharesOf(size: number): Promise<number[][] | undefined> {
  const units = Math.min(UNITS, size)
  const devices = { kind: 'scalars', links: size / units, units, points: POINTS } as const
  const line = await startEdgeLine({ devices, model: MODEL, poll_ms: POLL_MS })
  if (line === undefined) return undefined
  try {
    await pause(SETTLE_S * 1000)
    return await cpuShares(
      PARTS.map((part) => line.pids[part]),
      WINDOW_S,
      WINDOWS,
    )
  } finally {
    await line.stop()
  }
}
