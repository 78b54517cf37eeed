/**
 * Row `memory`: the whole line in one process (`./plumbline start`) on fifty devices in C, ten of them three-axis at 200 Hz, the
 * rest with ten values each: what is resident, and whether it stays so.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ingestFolder } from '../domain/data-folder.ts'
import { courseOf, isFlat } from '../rehearsals/flat.ts'
import { residentMb } from '../rehearsals/memory.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause, until } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from '../store/embedded.ts'
import { startDevices } from './device/device-server.ts'
import { type Measured, NOT_HERE, type Row } from './row.ts'

/** The design asks for 20: PLUMBLINE_BENCH_MEMORY_MIN=20. */
const MINUTES = Number(process.env['PLUMBLINE_BENCH_MEMORY_MIN'] ?? 5)
const LOOK_S = 5
const RESIDENT_MAX_MB = 300
/** The collector's own coming and going, as a share of what is resident. */
const NOISE = 0.05
const [RINGS, LOGGERS] = [10, 40]
const SITE = 'bench'

export const memory: Row = {
  id: 'memory',
  what: `the whole line in one process, ${RINGS} three-axis 200 Hz devices and ${LOGGERS} of ten values at 1 Hz, for ${MINUTES} min: what is resident in the last quarter`,
  unit: 'MB',
  target: `<= ${RESIDENT_MAX_MB} MB, no growth from the second quarter to the last beyond ${100 * NOISE} %`,
  measure: async () => {
    const seen = await run()
    if (seen === undefined) return NOT_HERE
    const course = courseOf(seen)
    return {
      runs: [course.after],
      holds: (mb) => mb <= RESIDENT_MAX_MB && isFlat(course, NOISE, 0),
      beside: { 'second quarter': course.before, 'at most, at the start': course.most },
    } satisfies Measured
  },
}

/** Resident memory [MB], looked at every few seconds. */
async function run(): Promise<number[] | undefined> {
  const rings = await startDevices({ kind: 'rings', links: RINGS / 5, units: 5, rate_hz: 200, depth: 12_000 })
  const loggers = await startDevices({ kind: 'scalars', links: LOGGERS / 10, units: 10, points: 10 })
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  try {
    if (rings === undefined || loggers === undefined) return undefined
    const site = join(data, 'site.yaml')
    const links = [
      ...linksOf(rings.ports, 5, 'sim-accelerometer-3axis-200'),
      ...linksOf(loggers.ports, 10, 'sim-logger-10'),
    ]
    const nodes = [{ id: 'n1', name: 'Edge', links }]
    await writeFile(
      site,
      siteFileText({
        site: SITE,
        name: 'Benchmark',
        nodes,
        broker: { port: await freePort() },
        desk: { port: await freePort() },
      }),
    )
    const line = new ServiceProcess(['start', '--site', site, '--data', data])
    try {
      await line.start(60_000)
      await until('every device is stored', () => stored(data), 60_000)
      const seen: number[] = []
      for (let i = 0; i < (MINUTES * 60) / LOOK_S; i++) {
        await pause(LOOK_S * 1000)
        seen.push(residentMb(line.pid!))
      }
      return seen
    } finally {
      await line.stop()
    }
  } finally {
    await Promise.all([rings?.stop(), loggers?.stop()])
    await rm(data, { recursive: true, force: true })
  }
}

const linksOf = (ports: readonly number[], units: number, model: string) =>
  ports.map((port) => ({
    id: `link-${port}`,
    tcp: { port },
    devices: Array.from({ length: units }, (_, u) => ({
      id: `d-${port}-${u + 1}`,
      name: `Device ${port}.${u + 1}`,
      model,
      unit_id: u + 1,
    })),
  }))

/** Every value of a logger, and the PGA of every accelerometer. */
async function stored(data: string): Promise<boolean> {
  const reader = openSeriesReader(ingestFolder(data, SITE), silentLog)
  try {
    const good = (await reader.latest().catch(() => [])).filter(({ value }) => value !== null)
    return good.length >= LOGGERS * 10 + RINGS
  } finally {
    await reader.close()
  }
}
