/**
 * Row `influx`: lines that the InfluxDB adapter writes into a real influxd 1.6.7 on this machine, each batch confirmed by
 * it and committed in the state database. One field a line without gzip, and three fields a line.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceRecord } from '../domain/record.ts'
import { instant } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { openInfluxWriter } from '../store/influx.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const RUNS = 3
const DEVICES = 50
const RATE_HZ = 200
/** One-second blocks of a batch: 20,000 lines. */
const BATCH = 100
const BATCHES = 20
const LINES = BATCH * BATCHES * (RATE_HZ + 1)
const LIMIT = { one: 200_000, cpu: 2, three: 80_000 }
const T0 = 1_700_000_000_000_000_000n

export const influx: Row = {
  id: 'influx',
  what: `${LINES.toLocaleString('en')} lines (a point per sample, a point per block) through the adapter into influxd 1.6.7, on the same machine, without gzip`,
  unit: 'lines/s',
  target: `1 field >= ${LIMIT.one.toLocaleString('en')}/s and <= ${LIMIT.cpu} CPU-s per million; 3 fields >= ${LIMIT.three.toLocaleString('en')}/s`,
  measure: async () => {
    if (influxdMissing() !== undefined) return NOT_HERE
    const influxd = await startInfluxd({ index: 'tsi1' })
    try {
      const one: Run[] = []
      const three: Run[] = []
      for (let i = 0; i < RUNS; i++) {
        one.push(await once(influxd, ['x']))
        three.push(await once(influxd, ['x', 'y', 'z']))
      }
      const cpu = median(one.map((run) => run.cpu))
      const slow = median(three.map((run) => run.rate))
      return {
        runs: one.map((run) => run.rate),
        holds: (rate) => rate >= LIMIT.one && cpu <= LIMIT.cpu && slow >= LIMIT.three,
        beside: {
          'CPU-s per million': cpu,
          '3 fields lines/s': slow,
          '3 fields CPU-s per million': median(three.map((run) => run.cpu)),
        },
      }
    } finally {
      await influxd.end()
    }
  },
}

type Run = { readonly rate: number; readonly cpu: number }

async function once(influxd: Influxd, axes: readonly string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const settings = { site: 'bench', url: influxd.url, database: freshDatabase() }
  const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
  try {
    const batches = Array.from({ length: BATCHES }, (_, b) => batchOf(b, axes))
    const before = process.cpuUsage()
    const begun = performance.now()
    for (const batch of batches) {
      const outcomes = await writer.append(batch)
      if (outcomes.some(({ kind }) => kind !== 'stored')) throw new Error('bench: a record was not stored')
    }
    const seconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(before)
    return { rate: LINES / seconds, cpu: (user + system) / 1e6 / (LINES / 1e6) }
  } finally {
    await writer.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function batchOf(b: number, axes: readonly string[]): DeviceRecord[] {
  return Array.from({ length: BATCH }, (_, i): DeviceRecord => {
    const [offset, device] = [b * BATCH + i + 1, `device-${i % DEVICES}`]
    const second = Math.floor((b * BATCH + i) / DEVICES)
    const samples = (a: number) =>
      Int16Array.from({ length: RATE_HZ }, (_, s) => (s * 37 + second * 11 + a * 501) % 4_000)
    return {
      identity: { node: 'n1', outbox: 'bench', stream: 'blocks', offset },
      device,
      exercise: false,
      historical: false,
      readings: [],
      gaps: [],
      blocks: [
        {
          device,
          group: 'acceleration',
          boot_id: 1,
          first_counter: second * RATE_HZ,
          t0_ns: instant(T0 + BigInt(second) * 1_000_000_000n),
          half_width_ns: 1_000_000n,
          sample_rate_hz: RATE_HZ,
          scale: 0.000_598_55,
          unit: 'm/s²',
          axes: axes.map((axis, a) => ({ axis, samples: samples(a) })),
        },
      ],
    }
  })
}
