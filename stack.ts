/**
 * The composition root: builds the named services of a site, starts them in order and stops them in reverse. It is the
 * only place that knows all rooms; alone or together in one process they are wired the same way.
 */
import { join } from 'node:path'
import { type BrokerOptions, BrokerService } from './broker/service.ts'
import { DeskService } from './desk/service.ts'
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
import type { Clock, Log, SeriesReader, SeriesWriter, Service } from './domain/ports.ts'
import type { SiteNode } from './domain/site.ts'
import { openModbus } from './edge/io/modbus-link.ts'
import { EdgeService } from './edge/service.ts'
import { connectSimulator } from './firmware-sim/io/control-client.ts'
import { Uplinks } from './firmware-sim/io/uplinks.ts'
import { type SimulatorOptions, SimulatorService } from './firmware-sim/service.ts'
import type { SetUplink } from './firmware-sim/uplink.ts'
import { IngestService } from './ingest/service.ts'
import { loadRecording } from './recordings/load.ts'
import { CertificateFiles } from './runtime/certificate-files.ts'
import { lockFolder } from './runtime/folder-lock.ts'
import { connectMqtt } from './runtime/mqtt-connection.ts'
import { passwordFrom } from './runtime/password.ts'
import { openSeriesReader, openSeriesWriter } from './store/embedded.ts'
import { type InfluxSettings, openInfluxReader, openInfluxWriter } from './store/influx.ts'

export const SERVICE_NAMES = ['broker', 'sim', 'ingest', 'desk', 'edge'] as const
/** In the order in which they start. */
export type ServiceName = (typeof SERVICE_NAMES)[number]

export const SOFTWARE = 'Plumbline 0.1.0'

export type StackOptions = {
  readonly site: Site
  /** Root of the data folder. */
  readonly data: string
  readonly clock: Clock
  readonly log: Log
  readonly services: readonly ServiceName[]
  /** Only this edge node; default every node of the site. */
  readonly node?: string
  /** Override the site file. */
  readonly mqttPort?: number
  readonly port?: number
  /** Prints what a person must see, e.g. the link that makes the first user. */
  readonly announce?: (line: string) => void
  /** Where simulated devices get what they play; default the recordings that ship. */
  readonly loadRecording?: typeof loadRecording
  /** What happens to simulated devices while they run. */
  readonly scenario?: SimulatorOptions['scenario']
  /** Cuts and slows uplinks: edge nodes reach the broker through a proxy each (`AppliedScenario.needsUplink`). */
  readonly uplinks?: { reachUplinks(set: SetUplink): void }
}

export function buildServices(options: StackOptions): Service[] {
  return SERVICE_NAMES.filter((name) => options.services.includes(name)).flatMap((name) => BUILD[name](options))
}

/** Where a scenario cuts uplinks: a proxy for each node. */
function uplinksOf(options: StackOptions): Uplinks | undefined {
  const { site, clock, log, mqttPort, uplinks: scenario } = options
  if (scenario === undefined) return undefined
  const { host, port } = site.file.broker
  const nodes = nodesOf(options).map(({ id }) => id)
  const broker = { host, port: mqttPort ?? port }
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
function shared({ site, clock, log, mqttPort }: StackOptions, name: string) {
  const { broker } = site.file
  const bound = log.child({ service: name })
  return {
    site,
    clock,
    log: bound,
    brokerUrl: `mqtt://${broker.host}:${mqttPort ?? broker.port}`,
    connectMqtt: connectMqtt(clock, bound, broker.external),
  }
}

const BUILD: Readonly<Record<ServiceName, (options: StackOptions) => Service[]>> = {
  broker: (o) => {
    // Others run it.
    if (o.site.file.broker.external !== undefined) return []
    return [
      locked(
        brokerFolder(o.data, o.site.file.site),
        new BrokerService({
          site: o.site,
          dataDir: o.data,
          host: o.site.file.broker.host,
          port: o.mqttPort ?? o.site.file.broker.port,
          ...brokerDoors(o),
          log: o.log.child({ service: 'broker' }),
          clock: o.clock,
        }),
      ),
    ]
  },
  sim: (o) => [
    new SimulatorService({
      site: o.site,
      clock: o.clock,
      log: o.log.child({ service: 'sim' }),
      loadRecording: o.loadRecording ?? loadRecording,
      scenario: o.scenario,
      dataDir: o.data,
    }),
  ],
  ingest: (o) => {
    const folder = ingestFolder(o.data, o.site.file.site)
    return [locked(folder, new StoredIngest(folder, o))]
  },
  desk: (o) => {
    const folder = deskFolder(o.data, o.site.file.site)
    return [
      locked(
        folder,
        new DeskService({
          ...shared(o, 'desk'),
          dataDir: o.data,
          password: passwordFrom(folder, deskUser(o.site.file.site)),
          series: openReader(o.site, o.data, o.log.child({ service: 'desk' })),
          consoleDir: join(import.meta.dirname, 'dashboards', 'console', 'dist'),
          host: o.site.file.desk.host,
          port: o.port ?? o.site.file.desk.port,
          software: SOFTWARE,
          announce: o.announce,
          simulator: connectSimulator(o.data, o.site.file.site),
        }),
      ),
    ]
  },
  edge: (o) => {
    const uplinks = uplinksOf(o)
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
          password: passwordFrom(folder, edgeUser(node.id)),
          software: SOFTWARE,
        })
      return uplinks === undefined ? build(wiring.brokerUrl) : uplinks.behind(node.id, build)
    })
  },
}

/** Listeners beside the plain one; certificates are the site's own where the file names none. */
function brokerDoors({ site, data }: StackOptions): Pick<BrokerOptions, 'tls' | 'websocket'> {
  const { host, tls, websocket } = site.file.broker
  const own = new CertificateFiles(data, site.file.site).broker
  return {
    ...(tls && {
      tls: {
        host: tls.host ?? host,
        port: tls.port,
        cert: tls.cert_file ?? own.cert,
        key: tls.key_file ?? own.key,
        ...(tls.client_ca_file !== undefined && { clientCa: tls.client_ca_file, clients: tls.client_certificates }),
      },
    }),
    ...(websocket && {
      websocket: { host: websocket.host ?? host, port: websocket.port, secure: websocket.tls },
    }),
  }
}

/** InfluxDB where the site file names one, else the embedded store. */
const influxOf = (site: Site): InfluxSettings | undefined =>
  site.file.store.influx && { ...site.file.store.influx, site: site.file.site }

function openWriter(
  { site, log, clock }: Pick<StackOptions, 'site' | 'log' | 'clock'>,
  folder: string,
): Promise<SeriesWriter> {
  const influx = influxOf(site)
  return influx === undefined ? openSeriesWriter(folder, log) : openInfluxWriter(influx, folder, log, clock)
}

export function openReader(site: Site, data: string, log: Log): SeriesReader {
  const influx = influxOf(site)
  return influx === undefined
    ? openSeriesReader(ingestFolder(data, site.file.site), log)
    : openInfluxReader(influx, log)
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
    const wiring = shared(this.#options, 'ingest')
    const store = await openWriter(wiring, this.#folder)
    const password = passwordFrom(this.#folder, ingestUser(wiring.site.file.site))
    const ingest = new IngestService({ ...wiring, store, password })
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
