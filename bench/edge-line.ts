/**
 * An edge node on devices in C, with broker and ingest, each a process of its own: what the rows `edge-50`, `edge-max`,
 * `scalars` and `schedule` measure. Starting and counting stand here, the numbers to hold in the rows.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText } from '../rehearsals/site.ts'
import { pause } from '../rehearsals/until.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { cpuSeconds } from './cpu.ts'
import { type Devices, startDevices } from './device/device-server.ts'

export type EdgeLine = {
  readonly data: string
  readonly site: string
  /** Of the devices, one a link. */
  readonly ports: readonly number[]
  /** Where the edge serves its own figures. */
  readonly metricsPort: number
  readonly pids: Readonly<Record<'edge' | 'broker' | 'ingest', number>>
  stop(): Promise<void>
}

export type EdgeLineOptions = {
  readonly devices: Devices
  readonly model: string
  readonly poll_ms?: number
  /** As the launcher takes them from PLUMBLINE_EDGE_FLAGS; default its own. */
  readonly edgeFlags?: string
  /** A limit on this metric of every device, far above what it shows. */
  readonly limit?: { readonly metric: string; readonly above: number; readonly unit: string }
}

export const SITE = 'bench'
/** PLUMBLINE_EDGE_FLAGS as docs/sizing.md gives it to an edge node with hundreds of devices: speed before memory. */
export const SPEED_FLAGS = '--max-semi-space-size=32'

/** `undefined` where the device side cannot be built here. */
export async function startEdgeLine(options: EdgeLineOptions): Promise<EdgeLine | undefined> {
  const devices = await startDevices(options.devices)
  if (devices === undefined) return undefined
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  const [mqtt, metricsPort] = [await freePort(), await freePort()]
  const site = join(data, 'site.yaml')
  await writeFile(site, siteFileText(siteFile(options, devices.ports, mqtt, metricsPort)))
  const args = ['--site', site, '--data', data]
  const [broker, ingest, edge] = [['broker'], ['ingest'], ['edge', '--node', 'n1']].map(
    (words) =>
      new ServiceProcess(
        [...words, ...args],
        options.edgeFlags === undefined ? {} : { PLUMBLINE_EDGE_FLAGS: options.edgeFlags },
      ),
  ) as [ServiceProcess, ServiceProcess, ServiceProcess]
  const stop = async () => {
    for (const service of [edge, ingest, broker]) await service.stop()
    await devices.stop()
    await rm(data, { recursive: true, force: true })
  }
  try {
    for (const service of [broker, ingest, edge]) await service.start(60_000)
  } catch (error) {
    await stop()
    throw error
  }
  const pids = { edge: edge.pid!, broker: broker.pid!, ingest: ingest.pid! }
  return { data, site, ports: devices.ports, metricsPort, pids, stop }
}

function siteFile(options: EdgeLineOptions, ports: readonly number[], mqtt: number, metricsPort: number) {
  const { devices, model, poll_ms, limit } = options
  const links = ports.map((port, l) => ({
    id: `link-${l}`,
    tcp: { port },
    devices: Array.from({ length: devices.units }, (_, u) => ({
      id: `d-${l}-${u + 1}`,
      name: `Device ${l}.${u + 1}`,
      model,
      unit_id: u + 1,
      ...(poll_ms !== undefined && { poll_ms }),
    })),
  }))
  const limits = links.flatMap((link) =>
    link.devices.flatMap(({ id }) =>
      limit === undefined
        ? []
        : [{ id: `limit-${id}`, name: id, channel: `${id}/${limit.metric}`, above: limit.above, unit: limit.unit }],
    ),
  )
  return {
    site: SITE,
    name: 'Benchmark',
    nodes: [{ id: 'n1', name: 'Edge', metrics: { port: metricsPort }, links }],
    limits,
    broker: { port: mqtt },
  }
}

/** Share of one core that each process took in each of `windows` windows. */
export async function cpuShares(pids: readonly number[], window_s: number, windows: number): Promise<number[][]> {
  const out: number[][] = []
  for (let w = 0; w < windows; w++) {
    const before = pids.map(cpuSeconds)
    const begun = performance.now()
    await pause(window_s * 1000)
    const passed_s = (performance.now() - begun) / 1000
    out.push(pids.map((pid, i) => (cpuSeconds(pid) - before[i]!) / passed_s))
  }
  return out
}
