/** The whole line, or some services of it, in this process on real sockets; built by the same `stack.ts` as always. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import type { SeriesReader } from '../domain/ports.ts'
import { EdgeService } from '../edge/service.ts'
import { SimulatorService } from '../firmware-sim/service.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { buildServices, SERVICE_NAMES, type ServiceName, type StackOptions, startAll, stopAll } from '../stack.ts'
import { openReader } from '../stack-store.ts'

export type Line = {
  readonly site: Site
  readonly data: string
  /** Lines announced to a person, e.g. the first user's link. */
  readonly announced: string[]
  /** The simulator with its truth; throws where the line was started without it. */
  readonly simulator: () => SimulatorService
  /** What its edge nodes count; those that are not up yet are left out. */
  readonly edges: () => NonNullable<ReturnType<EdgeService['stats']>>[]
  stop(): Promise<void>
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'plumbline-rehearsal-'))
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

export async function startLine(
  site: Site,
  data: string,
  services: readonly ServiceName[] = SERVICE_NAMES,
  options: Partial<StackOptions> = {},
): Promise<Line> {
  const announced: string[] = []
  const built = await buildServices({
    site,
    data,
    services,
    clock: new SystemClock(),
    log: silentLog,
    announce: (line) => announced.push(line),
    ...options,
  })
  await startAll(built)
  const simulator = built.find((service) => service instanceof SimulatorService)
  return {
    site,
    data,
    announced,
    simulator: () => {
      if (simulator === undefined) throw new Error('this line has no simulator')
      return simulator
    },
    edges: () => built.flatMap((service) => (service instanceof EdgeService ? (service.stats() ?? []) : [])),
    stop: () => stopAll(built),
  }
}

/** What ingest has stored; close it before the folder is removed. */
export const openStore = (site: Site, data: string): Promise<SeriesReader> => openReader(site, data, silentLog)
