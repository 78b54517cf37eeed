/**
 * Row `schedule`: how exactly polls keep their grid. Row `scalars`: loggers with ten values each, from the register to the
 * acknowledgement of the store. Both by what the edge node itself serves at `/metrics`.
 */
import { pause } from '../rehearsals/until.ts'
import { cpuSeconds } from './cpu.ts'
import { type EdgeLine, SPEED_FLAGS, startEdgeLine } from './edge-line.ts'
import { type Figures, figures, sumOf } from './figures.ts'
import { startNaivePoll } from './naive-poll.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const MODEL = 'sim-logger-10'
const POINTS = 10
const PERIOD_MS = 100
const SETTLE_S = 8
/** The whole 20 minutes: PLUMBLINE_BENCH_SCHEDULE_S=1200. */
const SCHEDULE_S = Number(process.env['PLUMBLINE_BENCH_SCHEDULE_S'] ?? 60)
/** Only so long a run can tell a drift of a millisecond an hour. */
const SLOPE_FROM_S = 1200
const [P99_MAX_MS, SLOPE_MAX_MS_PER_H] = [5, 1]
const PARTS = 4

export const schedule: Row = {
  id: 'schedule',
  what: `start of a poll against its grid, ${PERIOD_MS} ms period, 50 devices, ${SCHEDULE_S} s: 99th percentile, by the edge node's own histogram`,
  unit: 'ms',
  target: `p99 <= ${P99_MAX_MS} ms; over 20 min slope 0 within ${SLOPE_MAX_MS_PER_H} ms/h`,
  measure: async () => {
    const line = await startLoggers(10, 5)
    if (line === undefined) return NOT_HERE
    const naive = await startNaivePoll(line.ports[0]!, PERIOD_MS, 2 * POINTS)
    try {
      await pause(SETTLE_S * 1000)
      const parts: Lateness[] = []
      let before = await figures(line.metricsPort)
      const behind_ms = naive.behind_ms()
      for (let part = 0; part < PARTS; part++) {
        await pause((SCHEDULE_S / PARTS) * 1000)
        const after = await figures(line.metricsPort)
        parts.push(latenessBetween(before, after))
        before = after
      }
      const slope = slopeOf(parts.map(({ mean_ms }) => mean_ms))
      const missed = parts.reduce((sum, part) => sum + part.missed, 0)
      return {
        runs: parts.map(({ p99_ms }) => p99_ms),
        holds: (p99) =>
          p99 <= P99_MAX_MS && (SCHEDULE_S < SLOPE_FROM_S || Math.abs(slope) <= SLOPE_MAX_MS_PER_H) && missed === 0,
        beside: {
          'mean ms': median(parts.map(({ mean_ms }) => mean_ms)),
          'missed polls': missed,
          'read and sleep falls behind, ms/min': ((naive.behind_ms() - behind_ms) / SCHEDULE_S) * 60,
          ...(SCHEDULE_S >= SLOPE_FROM_S && { 'slope ms/h': slope }),
        },
      }
    } finally {
      await naive.stop().catch(() => {})
      await line.stop()
    }
  },
}

const READINGS_MIN = 50_000
const WINDOW_S = 10
const WINDOWS = 3
/** Asks for 60,000 readings a second: more than the row is to hold, so that what comes through is what the line can do. */
const [LINKS, UNITS] = [120, 5]

export const scalars: Row = {
  id: 'scalars',
  what: `${LINKS * UNITS} loggers polled every ${PERIOD_MS} ms, ${POINTS} values in one payload, with PLUMBLINE_EDGE_FLAGS=${SPEED_FLAGS} (speed before memory): readings acknowledged by the store`,
  unit: 'readings/s',
  target: `>= ${READINGS_MIN.toLocaleString('en')} readings/s`,
  measure: async () => {
    const line = await startLoggers(LINKS, UNITS, SPEED_FLAGS)
    if (line === undefined) return NOT_HERE
    try {
      await pause(SETTLE_S * 1000)
      const runs: number[] = []
      const cpu = Object.values(line.pids).map(cpuSeconds)
      let before = { ...committed(await figures(line.metricsPort)), at: performance.now() }
      const first = before.readings
      for (let w = 0; w < WINDOWS; w++) {
        await pause(WINDOW_S * 1000)
        const after = { ...committed(await figures(line.metricsPort)), at: performance.now() }
        runs.push((after.readings - before.readings) / ((after.at - before.at) / 1000))
        before = after
      }
      const millions = (before.readings - first) / 1e6
      const spent = Object.values(line.pids).map((pid, i) => (cpuSeconds(pid) - cpu[i]!) / millions)
      return {
        runs,
        holds: (rate) => rate >= READINGS_MIN,
        beside: {
          'edge CPU-s per million': spent[0]!,
          'broker CPU-s per million': spent[1]!,
          'ingest CPU-s per million': spent[2]!,
        },
      }
    } finally {
      await line.stop()
    }
  },
}

const startLoggers = (links: number, units: number, edgeFlags?: string): Promise<EdgeLine | undefined> =>
  startEdgeLine({
    ...(edgeFlags !== undefined && { edgeFlags }),
    devices: { kind: 'scalars', links, units, points: POINTS },
    model: MODEL,
    poll_ms: PERIOD_MS,
  })

/** One record of a logger holds all its values. */
const committed = (samples: Figures) => ({
  readings: POINTS * sumOf(samples, 'plumbline_outbox_committed_total', 'stream="readings"'),
})

type Lateness = { readonly p99_ms: number; readonly mean_ms: number; readonly missed: number }

/** The percentile is the upper bound of its bucket: at most so late. */
function latenessBetween(before: Figures, after: Figures): Lateness {
  const name = 'plumbline_schedule_error_seconds'
  const passed = (metric: string, label = '') => sumOf(after, metric, label) - sumOf(before, metric, label)
  const count = passed(`${name}_count`)
  const bounds = [...new Set(after.flatMap(({ labels }) => /le="([\d.]+)"/.exec(labels)?.[1] ?? []))]
    .map(Number)
    .sort((a, b) => a - b)
  const within = bounds.find((bound) => passed(`${name}_bucket`, `le="${bound}"`) >= 0.99 * count)
  return {
    p99_ms: (within ?? Number.POSITIVE_INFINITY) * 1000,
    mean_ms: (passed(`${name}_sum`) / count) * 1000,
    missed: passed('plumbline_missed_polls_total'),
  }
}

/** Least squares over the means of equal parts of the run [ms/h]. */
function slopeOf(means_ms: readonly number[]): number {
  const part_h = SCHEDULE_S / PARTS / 3600
  const middle = (means_ms.length - 1) / 2
  const spread = means_ms.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
  return means_ms.reduce((sum, mean, i) => sum + mean * (i - middle), 0) / spread / part_h
}
