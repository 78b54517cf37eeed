/** The record of Dead Run that ships, as plain arrays for tests: stage in ft as written, discharge in cubic feet per second. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = ['..', '..', '..', 'recordings', 'usgs-dead-run-2018', 'usgs_01589330_deadrun_2018-06.csv']

export function deadRun() {
  const rows = readFileSync(join(import.meta.dirname, ...FILE), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  return {
    time: rows.map((row) => row[0]!),
    t_s: Float64Array.from(rows, (row) => Date.parse(row[0]!) / 1000),
    stage_ft: Float64Array.from(rows, (row) => Number(row[1])),
    stage_m: Float64Array.from(rows, (row) => Number(row[1]) * 0.3048),
    discharge_cfs: Float64Array.from(rows, (row) => Number(row[3])),
  }
}
