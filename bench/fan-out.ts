/**
 * Row `fan-out`: what it costs the desk's live stream to tell 200 clients ten alarms a second. Row `growth-watchers`: how
 * that grows with the clients.
 */
import { pause } from '../rehearsals/until.ts'
import { cpuSeconds, runSeconds } from './cpu.ts'
import { measuredGrowth } from './growth.ts'
import { median, type Row } from './row.ts'
import { type LiveStream, startLiveStream, Watchers } from './watchers.ts'

const CLIENTS = 200
const PER_S = 10
const RUNS = 5
const RUN_S = 6
const SETTLE_MS = 2000
const MOST_PERCENT = 8

export const fanOut: Row = {
  id: 'fan-out',
  what: `${CLIENTS} live clients x ${PER_S} alarms/s over server-sent events; CPU time of the stream's process`,
  unit: '% of core',
  target: `<= ${MOST_PERCENT} % of one core`,
  measure: async () => {
    const { percents, bytes_s } = await watched('once', crowd)
    const naive = await watched('each', crowd)
    return {
      runs: percents,
      holds: (percent) => percent <= MOST_PERCENT,
      beside: { 'bytes/s each': bytes_s, 'each message made anew, % of core': median(naive.percents) },
    }
  },
}

async function crowd(stream: LiveStream, watchers: Watchers): Promise<{ percents: number[]; bytes_s: number }> {
  await watchers.add(CLIENTS, stream.port)
  await pause(SETTLE_MS)
  const percents: number[] = []
  const before = watchers.bytes
  for (let i = 0; i < RUNS; i++) percents.push(await percentOf(() => cpuSeconds(stream.pid), RUN_S))
  return { percents, bytes_s: (watchers.bytes - before) / CLIENTS / (RUNS * RUN_S) }
}

const SIZES = [1, 10, 50, 200]
const [GROWTH_RUNS, GROWTH_RUN_S, EXPONENT_MAX] = [3, 6, 1.1]

export const growthWatchers: Row = {
  id: 'growth-watchers',
  what: `CPU time of the live stream's process with ${SIZES.join(', ')} clients x ${PER_S} alarms/s: exponent over their number`,
  unit: 'exponent',
  target: `<= ${EXPONENT_MAX}, the last step too`,
  measure: () =>
    watched('once', async (stream, watchers) => {
      const bySize: number[][] = []
      for (const size of SIZES) {
        await watchers.add(size - watchers.count, stream.port)
        await pause(SETTLE_MS)
        const runs: number[] = []
        // One watcher takes less in a run than a tick of the other clock.
        for (let i = 0; i < GROWTH_RUNS; i++) runs.push(await percentOf(() => runSeconds(stream.pid), GROWTH_RUN_S))
        bySize.push(runs)
      }
      const percent = '% of core'
      const each = bySize.map((runs, s) => runs.map((share) => (share / 100 / (SIZES[s]! * PER_S)) * 1e6))
      const costs = { [percent]: bySize, 'us a message and watcher': each }
      return measuredGrowth({ of: 'watchers', sizes: SIZES, costs, counts: percent }, EXPONENT_MAX)
    }),
}

async function watched<T>(
  how: 'once' | 'each',
  work: (stream: LiveStream, watchers: Watchers) => Promise<T>,
): Promise<T> {
  const [stream, watchers] = [await startLiveStream(PER_S, how), new Watchers()]
  try {
    return await work(stream, watchers)
  } finally {
    watchers.close()
    stream.stop()
  }
}

async function percentOf(cpu: () => number, seconds: number): Promise<number> {
  const [before, at] = [cpu(), performance.now()]
  await pause(seconds * 1000)
  return ((cpu() - before) / ((performance.now() - at) / 1000)) * 100
}
