/**
 * The story of promise 1: broker, ingest, desk and edge are killed with -9 in turn and started again within the depth of the
 * accelerometer's ring; afterwards the store is compared with the simulator's truth, sample by sample.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { edgeFolder } from '../domain/data-folder.ts'
import type { StoredBlock, StoredGap } from '../domain/ports.ts'
import { blockLength } from '../domain/reading.ts'
import type { Accelerometer } from '../firmware-sim/accelerometer.ts'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { freePort } from './ports.ts'
import { ServiceProcess } from './processes.ts'
import { bothDevices, siteOf } from './site.ts'
import { pause, until } from './until.ts'

export type Killed = {
  /** Samples per axis between the first and the last stored one. */
  readonly expected: number
  readonly missing: number
  readonly doubled: number
  readonly altered: number
  readonly outOfOrder: number
  /** Gauge readings that could not be taken while the edge was down, as the product itself counted them. */
  readonly gaugeGaps: readonly StoredGap[]
  /** Seconds between kill and start again, by part. */
  readonly down_s: Readonly<Record<string, number>>
  readonly stop_ms: readonly number[]
}

export const PARTS = ['broker', 'ingest', 'desk', 'edge'] as const
export type Part = (typeof PARTS)[number]

export type KillOptions = {
  /** Which part dies when. */
  readonly order?: readonly Part[]
  /** How long each stays dead before it is started again, and lives before the next dies. */
  readonly down_ms?: number
  readonly between_ms?: number
  /** What happens to the edge node's folder while the edge is dead. */
  readonly spoil?: (edgeFolder: string) => Promise<void>
}

export async function killEach({
  order = PARTS,
  down_ms = 2500,
  between_ms = 3000,
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
  writeFileSync(path, stringify(file))
  const args = ['--site', path, '--data', data]
  const services = new Map(
    PARTS.map((part) => [part, new ServiceProcess([part, ...args, ...(part === 'edge' ? ['--node', 'n1'] : [])])]),
  )
  const simulation = await startLine(site, data, ['sim'])
  const device = simulation.simulator().accelerometer('yonago')
  const down_s: Record<string, number> = {}
  try {
    for (const part of PARTS) await services.get(part)!.start()
    await pause(between_ms)
    for (const part of order) {
      const begun = performance.now()
      await services.get(part)!.kill()
      await pause(down_ms)
      if (part === 'edge') await spoil?.(edgeFolder(data, site.file.site, 'n1'))
      await services.get(part)!.start()
      down_s[part] = (performance.now() - begun) / 1000
      await pause(between_ms)
    }
    const upTo = device.newestCounter(newestInstant())
    const stored = openStore(site, data)
    const blocks = await until(
      'everything up to now is stored',
      async () => {
        const all = await stored.blocks('yonago', 'acceleration', ...EVER).catch(() => [])
        return contiguousEnd(all) >= upTo - 2 * 100 && all
      },
      60_000,
    )
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

const EVER = [0n, 9_000_000_000_000_000_000n] as unknown as Parameters<ReturnType<typeof openStore>['gaps']>

const newestInstant = () => (BigInt(Date.now()) * 1_000_000n) as Parameters<Accelerometer['newestCounter']>[0]

/** Counter up to which nothing is missing, counted from the first stored sample. */
function contiguousEnd(blocks: readonly StoredBlock[]): number {
  const spans = blocks
    .map((b) => [b.first_counter, b.first_counter + blockLength(b) - 1] as const)
    .sort((a, b) => a[0] - b[0])
  let end = spans[0]?.[1] ?? -1
  for (const [from, to] of spans) if (from <= end + 1) end = Math.max(end, to)
  return end
}

function compare(
  blocks: readonly StoredBlock[],
  device: Accelerometer,
): Omit<Killed, 'gaugeGaps' | 'down_s' | 'stop_ms'> {
  const seen = new Map<number, number>()
  let altered = 0
  let outOfOrder = 0
  let before = -1
  for (const block of blocks)
    for (let i = 0; i < blockLength(block); i++) {
      const counter = block.first_counter + i
      if (counter < before) outOfOrder++
      before = counter
      seen.set(counter, (seen.get(counter) ?? 0) + 1)
      if (block.axes.some((axis, a) => axis.samples[i] !== device.rawSample(counter, a))) altered++
    }
  const counters = [...seen.keys()]
  const [first, last] = [Math.min(...counters), Math.max(...counters)]
  const expected = last - first + 1
  return {
    expected,
    missing: expected - seen.size,
    doubled: [...seen.values()].filter((n) => n > 1).length,
    altered,
    outOfOrder,
  }
}
