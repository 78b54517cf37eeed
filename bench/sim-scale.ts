/**
 * Rows `sim-scalars` and `sim-rings`: what a scale run of the simulator costs (`./plumbline sim --scale …`), while this
 * process reads everything of it once a second, as an edge node would.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { SiteFile } from '../domain/site.ts'
import { ScaleLink } from '../firmware-sim/io/scale-master.fixture.ts'
import { loadModels } from '../models/load.ts'
import { residentMb } from '../rehearsals/memory.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { pause } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { cpuShares } from './edge-line.ts'
import type { Row } from './row.ts'

const CORE_MAX = 1
const WINDOW_S = 10
const WINDOWS = 3
const SETTLE_S = 3

type Run = {
  readonly shares: number[]
  readonly resident_mb: number
  readonly values_per_s: number
  readonly late: number
}

const row = (id: string, scale: string, what: string, least_per_s: number): Row => ({
  id,
  what: `${what} in one process, all read once a second over TCP: CPU share of the simulator`,
  unit: 'core',
  target: `<= ${CORE_MAX} core, none late or refused`,
  measure: async () => {
    const { shares, resident_mb, values_per_s, late } = await measure(scale)
    return {
      runs: shares,
      holds: (share) => share <= CORE_MAX && late === 0 && values_per_s >= least_per_s,
      beside: { 'values/s': values_per_s, 'rounds late': late, 'resident MB': resident_mb },
    }
  },
})

/** Values a second less the one round that may fall out of the window. */
export const simScalars = row('sim-scalars', 'scalars=10000', '1,000 devices with 10,000 values at 1 Hz', 9_500)
export const simRings = row('sim-rings', 'accelerometers=100', '100 three-axis devices at 200 Hz', 57_000)

async function measure(scale: string): Promise<Run> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const port = await freePort()
  const sim = new ServiceProcess(['sim', '--scale', scale, '--first-port', String(port), '--data', data])
  const links: ScaleLink[] = []
  const stop = new AbortController()
  try {
    await sim.start(60_000)
    links.push(...(await open(join(data, 'scale-site.yaml'))))
    const rounds = { late: 0 }
    const reading = Promise.all(links.map((link) => readOn(link, rounds, stop.signal)))
    await pause(SETTLE_S * 1000)
    const [before, begun] = [values(links), performance.now()]
    const shares = (await cpuShares([sim.pid!], WINDOW_S, WINDOWS)).map(([share]) => share!)
    const values_per_s = (values(links) - before) / ((performance.now() - begun) / 1000)
    const resident_mb = residentMb(sim.pid!)
    stop.abort()
    await reading
    const refused = links.reduce((sum, { count }) => sum + count.exceptions, 0)
    return { shares, resident_mb, values_per_s, late: rounds.late + refused }
  } finally {
    for (const link of links) link.close()
    await sim.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function open(path: string): Promise<ScaleLink[]> {
  const { nodes } = parse(await readFile(path, 'utf8')) as SiteFile
  const all = nodes.flatMap((node) => node.links)
  const models = await loadModels([...new Set(all.flatMap((link) => link.devices.map((d) => d.model)))])
  return Promise.all(all.map((link) => new ScaleLink(link, models, link.tcp!.port).open()))
}

/** A round that takes longer than its second is late. */
async function readOn(link: ScaleLink, rounds: { late: number }, signal: AbortSignal): Promise<void> {
  let next = performance.now()
  while (!signal.aborted) {
    await link.round()
    next += 1000
    const left = next - performance.now()
    if (left <= 0) {
      rounds.late++
      next = performance.now()
    }
    await pause(Math.max(0, left))
  }
}

const values = (links: readonly ScaleLink[]): number => links.reduce((sum, { count }) => sum + count.values, 0)
