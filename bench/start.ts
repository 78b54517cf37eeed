/** Row `start`: from `./plumbline start` (install and console build done) to the first live reading over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { until } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import type { Row } from './row.ts'

const RUNS = 5
const LIMIT_S = 5

export const start: Row = {
  id: 'start',
  what: '`./plumbline start` of the demo site to the first good reading at /api/v1/readings/latest, fresh data folder',
  unit: 's',
  target: `<= ${LIMIT_S} s`,
  measure: async () => {
    const runs: number[] = []
    for (let i = 0; i < RUNS; i++) runs.push(await once())
    return { runs, holds: (s) => s <= LIMIT_S }
  },
}

async function once(): Promise<number> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const port = await freePort()
  const service = new ServiceProcess(
    ['start', '--data', data, '--port', String(port), '--mqtt-port', String(await freePort())],
    {
      PLUMBLINE_SIM_PORT_1: String(await freePort()),
      PLUMBLINE_SIM_PORT_2: String(await freePort()),
    },
  )
  try {
    const begun = performance.now()
    await service.start(30_000)
    await until('a first reading', () => firstReading(port), 30_000)
    return (performance.now() - begun) / 1000
  } finally {
    await service.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function firstReading(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/readings/latest`).catch(() => undefined)
  if (answer?.ok !== true) return false
  const { readings } = (await answer.json()) as { readings: Array<{ flag: number }> }
  return readings.some((reading) => reading.flag === 1)
}
