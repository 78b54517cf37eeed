/** `npm run bench [-- ID…] [-- --json]`: measures the rows on this machine and prints them; never part of the tests. */
import { alarmLatency, alarmLatencyDraining, alarmLatencySlow } from './alarm-latency.ts'
import { backlog } from './backlog.ts'
import { blocks } from './blocks.ts'
import { blocksNaive } from './blocks-naive.ts'
import { brokerMosquitto } from './broker-mosquitto.ts'
import { consoleLoad } from './console.ts'
import { consoleFlood } from './console-flood.ts'
import { consoleSoak, consoleStrips } from './console-strips.ts'
import { edge50, edgeMax } from './edge.ts'
import { edgeLibmodbus } from './edge-libmodbus.ts'
import { fanOut, growthWatchers } from './fan-out.ts'
import { growthDevices } from './growth-devices.ts'
import { growthRange } from './growth-range.ts'
import { influx } from './influx.ts'
import { influxQuery } from './influx-query.ts'
import { ingest1000 } from './ingest-1000.ts'
import { journal, journalPage, journalStart } from './journal.ts'
import { analyze, measures } from './measures.ts'
import { memory } from './memory.ts'
import { decode, outbox } from './outbox.ts'
import { scalars, schedule } from './polling.ts'
import { median, type Row } from './row.ts'
import { simRings, simScalars } from './sim-scale.ts'
import { start } from './start.ts'
import { storeQuery, storeSize } from './store.ts'
import { show, tableLines } from './table.ts'

const rows: readonly Row[] = [
  start,
  blocks,
  blocksNaive,
  influx,
  influxQuery,
  alarmLatency,
  alarmLatencyDraining,
  alarmLatencySlow,
  fanOut,
  journal,
  journalPage,
  journalStart,
  measures,
  analyze,
  decode,
  outbox,
  edge50,
  edgeMax,
  schedule,
  scalars,
  backlog,
  ingest1000,
  memory,
  simScalars,
  simRings,
  storeSize,
  storeQuery,
  consoleLoad,
  consoleFlood,
  consoleStrips,
  consoleSoak,
  growthDevices,
  growthRange,
  growthWatchers,
  brokerMosquitto,
  edgeLibmodbus,
]
const words = process.argv.slice(2)
const json = words.includes('--json')
const wanted = words.filter((word) => !word.startsWith('--'))
const unknown = wanted.filter((id) => !rows.some((row) => row.id === id))
if (unknown.length > 0) {
  process.stderr.write(`bench: expected rows among ${rows.map((r) => r.id).join(', ')}, got ${unknown.join(', ')}\n`)
  process.exit(2)
}

const out: Array<{ id: string; value: number; unit: string; target: string; holds: boolean | null }> = []
for (const row of rows.filter((r) => wanted.length === 0 || wanted.includes(r.id))) {
  const { runs, holds, beside = {}, table } = await row.measure()
  const value = median(runs)
  out.push({ id: row.id, value, unit: row.unit, target: row.target, holds: holds(value) })
  if (json) continue
  const spread = `${show(Math.min(...runs))} .. ${show(Math.max(...runs))}`
  const more = Object.entries(beside)
    .map(([name, v]) => `${name} ${show(v)}`)
    .join(', ')
  const verdict = holds(value) === null ? 'not compared' : holds(value) ? 'holds' : 'DOES NOT HOLD'
  process.stdout.write(
    `${row.id.padEnd(14)} ${show(value).padStart(12)} ${row.unit.padEnd(10)} [${spread}] of ${runs.length}; ${row.target}: ${verdict}${more && `; ${more}`}\n  ${row.what}\n`,
  )
  if (table !== undefined) process.stdout.write(`${tableLines(table).join('\n')}\n`)
}
if (json) process.stdout.write(`${JSON.stringify(out)}\n`)
process.exit(0)
