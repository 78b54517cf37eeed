/**
 * Row `influx-query`: 30 days of one reading a second in a real influxd 1.6.7 on this machine, drawn in 1,000 columns as the
 * desk asks it: from rollups where ingest has made them, and beside it from the points alone.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeriesReader } from '../domain/ports.ts'
import { addNs, instant, NS_PER_S } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { freshDatabase, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { InfluxWriter, openState } from '../store/influx/io/writer.ts'
import { openInfluxReader } from '../store/influx.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const RUNS = 11
const DAYS = 30
const SECONDS = DAYS * 86_400
const BATCH = 20_000
const COLUMNS = 1_000
const CHANNEL = 'gauge/stage'
/** On an hour. */
const T0 = instant(1_699_999_200_000_000_000n)
const END = addNs(T0, BigInt(SECONDS) * NS_PER_S)

export const influxQuery: Row = {
  id: 'influx-query',
  what: `${DAYS} days of 1 Hz (${SECONDS.toLocaleString('en')} points) in influxd 1.6.7, drawn in ${COLUMNS.toLocaleString('en')} columns from rollups`,
  unit: 'ms',
  target: 'none set',
  measure: async () => {
    if (influxdMissing() !== undefined) return NOT_HERE
    const influxd = await startInfluxd({ index: 'tsi1' })
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    const settings = { site: 'bench', url: influxd.url, database: freshDatabase() }
    const writer = new InfluxWriter(settings, folder, silentLog, new SystemClock(), await openState(folder))
    const reader = openInfluxReader(settings, silentLog)
    try {
      for (let s = 0; s < SECONDS; s += BATCH) await writer.append([batchOf(s, Math.min(BATCH, SECONDS - s))])
      // Hours that are written to are read from points.
      const points = await timed(reader, 3)
      await writer.rollUp()
      const rollups = await timed(reader, RUNS)
      return { runs: rollups, holds: () => null, beside: { 'from points alone': median(points) } }
    } finally {
      await reader.close()
      await writer.close()
      await influxd.end()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Milliseconds of each question. */
async function timed(reader: SeriesReader, runs: number): Promise<number[]> {
  const out: number[] = []
  for (let i = 0; i < runs; i++) {
    const begun = performance.now()
    const columns = await reader.series(CHANNEL, T0, END, COLUMNS)
    out.push(performance.now() - begun)
    const count = columns.reduce((sum, column) => sum + column.count, 0)
    if (count !== SECONDS) throw new Error(`bench: ${count} readings in ${columns.length} columns`)
  }
  return out
}

function batchOf(from: number, n: number) {
  const readings = Array.from({ length: n }, (_, i) => ({
    channel: CHANNEL,
    value: 2 + Math.sin((from + i) / 7_000),
    t_ns: addNs(T0, BigInt(from + i) * NS_PER_S),
    half_width_ns: 1_000_000n,
    flag: 1 as const,
  }))
  const identity = { node: 'n1', outbox: 'bench', stream: 'readings' as const, offset: from + 1 }
  return { identity, device: 'gauge', exercise: false, historical: false, readings, gaps: [], blocks: [] }
}
