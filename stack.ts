/**
 * The composition root: builds the named services of a site, starts them in order and stops them in reverse. It is the
 * only place that knows all rooms (with `stack-broker.ts`: where the broker is, and `stack-store.ts`: which store it is); alone or
 * together in one process they are wired the same way. A room is loaded when a service of it is built: an edge process carries
 * neither broker nor desk in its memory.
 */
import { join } from 'node:path'
import type { Site } from './domain/channel.ts'
import {
  brokerFolder,
  deskFolder,
  deskUser,
  edgeFolder,
  edgeUser,
  ingestFolder,
  ingestUser,
} from './domain/data-folder.ts'
import { PlumblineError } from './domain/errors.ts'
import type { Clock, Log, Service, SiteText } from './domain/ports.ts'
import type { SiteNode } from './domain/site.ts'
import type { Uplinks } from './firmware-sim/io/uplinks.ts'
import type { SimulatorOptions } from './firmware-sim/service.ts'
import type { SetUplink } from './firmware-sim/uplink.ts'
import type { loadRecording } from './recordings/load.ts'
import { CertificateFiles } from './runtime/certificate-files.ts'
import type { ClockProbe } from './runtime/clock-probe.ts'
import { lockFolder } from './runtime/folder-lock.ts'
import { connectMqtt } from './runtime/mqtt-connection.ts'
import { firstUserFrom, passwordFrom } from './runtime/password.ts'
import { brokerDoor, brokerDoors, brokerReach } from './stack-broker.ts'
import { openPoints, openReader, openWriter } from './stack-store.ts'

export const SERVICE_NAMES = ['broker', 'sim', 'ingest', 'desk', 'edge'] as const
/** In the order in which they start. */
export type ServiceName = (typeof SERVICE_NAMES)[number]

export const SOFTWARE = 'Plumbline 0.1.0'

export type StackOptions = {
  readonly site: Site
  /** The file that it was made from, where there is one. */
  readonly siteText?: SiteText
  /** Root of the data folder. */
  readonly data: string
  readonly clock: Clock
  /** Asks the machine's time service, where `clock` is the machine's. */
  readonly clockProbe?: ClockProbe
  readonly log: Log
  readonly services: readonly ServiceName[]
  /** Only this edge node; default every node of the site. */
  readonly node?: string
  /** Override the site file. */
  readonly mqttPort?: number
  readonly port?: number
  /** File with the MQTT password of the one service, in place of the one in its folder. */
  readonly passwordFile?: string
  /** File with name and passphrase of the desk's first user, a line each, in place of the link that makes one. */
  readonly firstUserFile?: string
  /** Prints what a person must see, e.g. the link that makes the first user. */
  readonly announce?: (line: string) => void
  /** Where simulated devices get what they play; default the recordings that ship. */
  readonly loadRecording?: typeof loadRecording
  /** What happens to simulated devices while they run. */
  readonly scenario?: SimulatorOptions['scenario']
  /** Cuts and slows uplinks: edge nodes reach the broker through a proxy each (`AppliedScenario.needsUplink`). */
  readonly uplinks?: { reachUplinks(set: SetUplink): void }
}

export async function buildServices(options: StackOptions): Promise<Service[]> {
  const built: Service[] = []
  for (const name of SERVICE_NAMES) if (options.services.includes(name)) built.push(...(await BUILD[name](options)))
  return built
}

/** Where a scenario cuts uplinks: a proxy for each node. */
async function uplinksOf(options: StackOptions): Promise<Uplinks | undefined> {
  const { clock, log, uplinks: scenario } = options
  if (scenario === undefined) return undefined
  const { Uplinks } = await import('./firmware-sim/io/uplinks.ts')
  const nodes = nodesOf(options).map(({ id }) => id)
  const { host, port } = brokerDoor(options)
  const broker = { host, port }
  const uplinks = new Uplinks({ nodes, broker, clock, log: log.child({ service: 'uplink' }) })
  scenario.reachUplinks(uplinks.set)
  return uplinks
}

/** @throws PlumblineError NODE_UNKNOWN */
export function nodesOf({ site, node }: Pick<StackOptions, 'site' | 'node'>): readonly SiteNode[] {
  if (node === undefined) return site.file.nodes
  const found = site.file.nodes.filter((n) => n.id === node)
  if (found.length > 0) return found
  throw new PlumblineError(
    'NODE_UNKNOWN',
    `--node: expected one of ${site.file.nodes.map((n) => n.id).join(', ')}, got "${node}"`,
  )
}

/** What every service of a stack is built from. */
function shared(options: StackOptions, name: string) {
  const { site, clock, log } = options
  const { url: brokerUrl, access } = brokerReach(options)
  const bound = log.child({ service: name })
  return { site, clock, log: bound, brokerUrl, connectMqtt: connectMqtt(clock, bound, access) }
}

const BUILD: Readonly<Record<ServiceName, (options: StackOptions) => Promise<Service[]>>> = {
  broker: async (o) => {
    // Others run it.
    if (o.site.file.broker.external !== undefined) return []
    const { BrokerService } = await import('./broker/service.ts')
    return [
      locked(
        brokerFolder(o.data, o.site.file.site),
        new BrokerService({
          site: o.site,
          dataDir: o.data,
          host: o.site.file.broker.host,
          port: o.mqttPort ?? o.site.file.broker.port,
          ...brokerDoors(o),
          ...(o.site.file.broker.metrics && { metrics: o.site.file.broker.metrics }),
          log: o.log.child({ service: 'broker' }),
          clock: o.clock,
        }),
      ),
    ]
  },
  sim: async (o) => {
    const { SimulatorService } = await import('./firmware-sim/service.ts')
    return [
      new SimulatorService({
        site: o.site,
        clock: o.clock,
        log: o.log.child({ service: 'sim' }),
        loadRecording: o.loadRecording ?? (await import('./recordings/load.ts')).loadRecording,
        scenario: o.scenario,
        dataDir: o.data,
      }),
    ]
  },
  ingest: async (o) => {
    const folder = ingestFolder(o.data, o.site.file.site)
    return [locked(folder, new StoredIngest(folder, o))]
  },
  desk: async (o) => {
    const { DeskService } = await import('./desk/service.ts')
    const { connectSimulator } = await import('./firmware-sim/io/control-client.ts')
    const folder = deskFolder(o.data, o.site.file.site)
    const { exportSeries } = await import('./store/export.ts')
    const reader = await openReader(o.site, o.data, o.log.child({ service: 'desk' }))
    return [
      locked(
        folder,
        new DeskService({
          ...shared(o, 'desk'),
          dataDir: o.data,
          password: passwordFrom(folder, deskUser(o.site.file.site), o.passwordFile),
          ...(o.firstUserFile !== undefined && { firstUser: await firstUserFrom(o.firstUserFile) }),
          series: reader,
          exportSeries: (wanted) => exportSeries({ ...wanted, reader, unit: '' }),
          points: await openPoints(o.site),
          consoleDir: join(import.meta.dirname, 'dashboards', 'console', 'dist'),
          host: o.site.file.desk.host,
          port: o.port ?? o.site.file.desk.port,
          software: SOFTWARE,
          announce: o.announce,
          ...deskTls(o),
          siteText: o.siteText,
          clockProbe: o.clockProbe,
          simulator: connectSimulator(o.data, o.site.file.site),
        }),
      ),
    ]
  },
  edge: async (o) => {
    const { EdgeService } = await import('./edge/service.ts')
    const { openModbus } = await import('./edge/io/modbus-link.ts')
    const uplinks = await uplinksOf(o)
    return nodesOf(o).map((node) => {
      const wiring = shared(o, 'edge')
      const folder = edgeFolder(o.data, o.site.file.site, node.id)
      const build = (brokerUrl: string) =>
        new EdgeService({
          ...wiring,
          brokerUrl,
          node,
          dataDir: o.data,
          openLink: openModbus(o.clock, wiring.log),
          password: passwordFrom(folder, edgeUser(node.id), o.passwordFile),
          software: SOFTWARE,
        })
      if (uplinks === undefined) return build(wiring.brokerUrl)
      // The proxy passes bytes on; what is spoken is the broker's affair.
      const { scheme } = brokerDoor(o)
      return uplinks.behind(node.id, (url) => build(url.replace(/^mqtt:/, `${scheme}:`)))
    })
  },
}

/** The desk's certificate is the site's own where the file names none. */
function deskTls({ site, data }: Pick<StackOptions, 'site' | 'data'>): { tls?: { cert: string; key: string } } {
  const { tls } = site.file.desk
  if (tls === undefined) return {}
  const own = new CertificateFiles(data, site.file.site).desk
  return { tls: { cert: tls.cert_file ?? own.cert, key: tls.key_file ?? own.key } }
}

/** Ingest with the store it is the only writer of: opened before it, closed after it. */
class StoredIngest implements Service {
  readonly name = 'ingest'
  readonly #folder: string
  readonly #options: StackOptions
  #stop: () => Promise<void> = async () => {}

  constructor(folder: string, options: StackOptions) {
    this.#folder = folder
    this.#options = options
  }

  async start(): Promise<void> {
    const { IngestService } = await import('./ingest/service.ts')
    const wiring = shared(this.#options, 'ingest')
    const store = await openWriter(wiring, this.#folder)
    const password = passwordFrom(this.#folder, ingestUser(wiring.site.file.site), this.#options.passwordFile)
    const ingest = new IngestService({ ...wiring, store, password, folder: this.#folder })
    this.#stop = async () => {
      await ingest.stop()
      await store.close()
    }
    try {
      await ingest.start()
    } catch (error) {
      await store.close()
      throw error
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

/** A service whose folder exists, can be written and is held by this process alone while it runs. */
function locked(folder: string, service: Service): Service {
  let release: () => Promise<void> = async () => {}
  return {
    name: service.name,
    start: async () => {
      release = await lockFolder(folder)
      try {
        await service.start()
      } catch (error) {
        await release()
        throw error
      }
    },
    stop: async () => {
      await service.stop()
      await release()
    },
  }
}

/** Starts in order; when one fails, stops those already running and throws its error. */
export async function startAll(services: readonly Service[]): Promise<void> {
  const running: Service[] = []
  try {
    for (const service of services) {
      running.push(service)
      await service.start()
    }
  } catch (error) {
    running.pop()
    await stopAll(running)
    throw error
  }
}

/** Stops in reverse order; every service gets its chance, and the first failure is thrown at the end. */
export async function stopAll(services: readonly Service[]): Promise<void> {
  const failures: unknown[] = []
  for (const service of [...services].reverse()) {
    try {
      await service.stop()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
