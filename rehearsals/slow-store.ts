/**
 * A real influxd behind a proxy that hands each write on only after two seconds, under the load of eight accelerometers, then
 * answers none for a while. Ingest is a process of its own, so that its memory is its own; told is what it took, what waited
 * for the store at most, and what is stored once the store is well again.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import type { SimulatorService } from '../firmware-sim/service.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { freshDatabase, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { residentMb } from './memory.ts'
import { ServiceProcess } from './processes.ts'
import { bothDevices, siteFileText, siteOf, yonago } from './site.ts'
import { SlowHttp } from './slow-http.ts'
import { compare, storedUpTo, type Told, wallNow } from './truth.ts'
import { pause, until } from './until.ts'

/** So many, that every batch holds blocks of several. */
const DEVICES = Array.from({ length: 8 }, (_, i) => `tower-${i + 1}`)
const WRITE_MS = 2_000
const SILENT_S = 8

export type SlowStore = {
  /** Writes that the slow store confirmed, and the most that were under way at a time. */
  readonly confirmed: number
  readonly under_way: number
  /** Resident memory of ingest before the store became slow, and the most it ever was [MB]. */
  readonly before_MB: number
  readonly most_MB: number
  /** Of each device, up to an instant after the store was well again. */
  readonly samples: readonly Told[]
}
export const UNDER_WAY_MAX = 8
/** What the design grants ingest with a thousand devices. */
export const MEMORY_MAX_MB = 250

export async function slowStore({ seconds = 16 } = {}): Promise<SlowStore> {
  const influxd = await startInfluxd()
  const slow = new SlowHttp(influxd.url)
  const data = await temporaryFolder()
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  await slow.start()
  const file = eightTowers(ports, slow.url)
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  const line = await startLine(site, data, ['broker', 'sim', 'edge'])
  const ingest = new ServiceProcess(['ingest', '--site', path, '--data', data])
  let under_way = 0
  const look = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds * 5; i++) {
      await pause(200)
      under_way = Math.max(under_way, slow.writes - slow.confirmed)
    }
  }
  try {
    await ingest.start(45_000)
    await until('first writes', () => slow.confirmed > 4)
    const before_MB = residentMb(ingest.pid!, 'VmRSS')
    const [confirmed, writes] = [slow.confirmed, slow.writes - slow.confirmed]
    slow.delay_ms = WRITE_MS
    under_way = writes
    await look(seconds)
    const taken = slow.confirmed - confirmed
    slow.delay_ms = 60_000
    await look(SILENT_S)
    slow.delay_ms = 0
    const samples = await storedNow(site, data, line.simulator())
    return {
      confirmed: taken,
      under_way,
      before_MB,
      most_MB: residentMb(ingest.pid!, 'VmHWM'),
      samples,
    }
  } finally {
    await ingest.kill()
    await line.stop()
    await slow.stop()
    await influxd.end()
    await removeFolder(data)
  }
}

export function eightTowers(ports: Parameters<typeof bothDevices>[0], url: string) {
  const file = bothDevices(ports)
  const [tower] = file.nodes[0]!.links
  const many = DEVICES.map((id, i) => ({ ...yonago({ lead_s: 1 }), id, unit_id: i + 1 }))
  return {
    ...file,
    limits: [],
    nodes: [{ ...file.nodes[0]!, links: [{ ...tower!, devices: many }] }],
    store: { influx: { url, database: freshDatabase() } },
  }
}

/** All that the devices have made until now is waited for, and compared with what they made. */
export async function storedNow(site: Site, data: string, simulator: SimulatorService): Promise<Told[]> {
  const store = await openStore(site, data)
  try {
    const out: Told[] = []
    for (const id of DEVICES) {
      const device = simulator.accelerometer(id)
      const upTo = device.newestCounter(wallNow()) - 2 * 100
      out.push(compare(await storedUpTo(store, id, upTo, 180_000), device, upTo))
    }
    return out
  } finally {
    await store.close()
  }
}
