/**
 * The story of promise 1: broker, ingest, desk and edge are killed with -9 in turn and started again within the depth of the
 * accelerometer's ring; afterwards the store is compared with the simulator's truth, sample by sample.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { edgeFolder } from '../domain/data-folder.ts'
import type { StoredGap } from '../domain/ports.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { PARTS, type Part, ServiceProcess, startInTurn } from './processes.ts'
import { oneOf, randomFrom } from './seeded.ts'
import { bothDevices, siteFileText, siteOf } from './site.ts'
import { compare, EVER, storedUpTo, type Told, wallNow } from './truth.ts'
import { pause } from './until.ts'

export type Killed = Told & {
  /** Gauge readings that could not be taken while the edge was down, as the product itself counted them. */
  readonly gaugeGaps: readonly StoredGap[]
  /** Seconds between kill and start again, by part. */
  readonly down_s: Readonly<Record<string, number>>
  readonly stop_ms: readonly number[]
}

export type KillOptions = {
  /** Which part dies when. */
  readonly order?: readonly Part[]
  /** How long each stays dead before it is started again, and lives before the next dies; a function is asked each time. */
  readonly down_ms?: number | (() => number)
  readonly between_ms?: number | (() => number)
  /** Killed with -9, or stopped with SIGSTOP and let go on. */
  readonly how?: 'kill' | 'freeze'
  /** What happens to the edge node's folder while the edge is dead. */
  readonly spoil?: (edgeFolder: string) => Promise<void>
}

/** `rounds` kills by seed: of any part, at an instant up to 2.5 s after the one before is back, for up to 2.5 s. */
export function atRandom(rounds: number, seed: number): KillOptions {
  const random = randomFrom(seed)
  return {
    order: Array.from({ length: rounds }, () => oneOf(random, PARTS)),
    down_ms: () => 2500 * random(),
    between_ms: () => 2500 * random(),
  }
}

const msOf = (ms: number | (() => number)): number => (typeof ms === 'number' ? ms : ms())

export async function killEach({
  order = PARTS,
  down_ms = 2500,
  between_ms = 3000,
  how = 'kill',
  spoil,
}: KillOptions = {}): Promise<Killed> {
  const data = await temporaryFolder()
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  const file = bothDevices(ports, { yonago: { lead_s: 1 } })
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  const args = ['--site', path, '--data', data]
  const services = new Map(
    PARTS.map((part) => [part, new ServiceProcess([part, ...args, ...(part === 'edge' ? ['--node', 'n1'] : [])])]),
  )
  const simulation = await startLine(site, data, ['sim'])
  const device = simulation.simulator().accelerometer('yonago')
  const down_s: Record<string, number> = {}
  try {
    await startInTurn(services)
    await pause(msOf(between_ms))
    for (const part of order) {
      const begun = performance.now()
      const service = services.get(part)!
      if (how === 'kill') await service.kill()
      else service.freeze()
      await pause(msOf(down_ms))
      if (part === 'edge') await spoil?.(edgeFolder(data, site.file.site, 'n1'))
      if (how === 'kill') await service.start(30_000)
      else service.thaw()
      down_s[part] = (performance.now() - begun) / 1000
      await pause(msOf(between_ms))
    }
    const upTo = device.newestCounter(wallNow())
    const stored = await openStore(site, data)
    const blocks = await storedUpTo(stored, 'yonago', upTo - 2 * 100)
    const gaugeGaps = (await stored.gaps(...EVER)).filter((gap) => gap.channels.includes('dead-run/stage'))
    await stored.close()
    const stop_ms: number[] = []
    for (const part of [...PARTS].reverse()) stop_ms.push((await services.get(part)!.stop()).took_ms)
    return { ...compare(blocks, device), gaugeGaps, down_s, stop_ms }
  } finally {
    for (const service of services.values()) await service.kill()
    await simulation.stop()
    await removeFolder(data)
  }
}
