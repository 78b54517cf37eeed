/**
 * The embedded MQTT broker of a site. Guide to the room: `access.ts` says who may do what, `packet-rules.ts` and
 * `frame-limit.ts` what a packet must be, `refusals.ts` counts the rest. `io/credentials.ts` makes and checks the passwords,
 * `io/listener.ts` holds the ports (plain, TLS, and with `io/web-sockets.ts` WebSocket) and their limits, `io/stalled.ts` finds
 * who does not read, `runtime/tls-files.ts` keeps the certificate, `io/mqtt-server.ts` joins them to aedes. `conformance/` is
 * MQTT 3.1.1 by its statements. The broker keeps nothing but the password hashes: retained STATE is published again by the
 * hosts when they reconnect.
 */
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, Log, Service } from '../domain/ports.ts'
import { afterMs } from '../runtime/clock.ts'
import { type Checks, check } from '../runtime/health.ts'
import { MetricsServer } from '../runtime/metrics-server.ts'
import { TlsFiles, type TlsPaths } from '../runtime/tls-files.ts'
import { type Identity, identitiesOf } from './access.ts'
import { Credentials } from './io/credentials.ts'
import { Listener, type ListenerOptions } from './io/listener.ts'
import { MqttServer } from './io/mqtt-server.ts'
import { renderMetrics } from './metrics.ts'
import type { RateLimits } from './rate-limit.ts'
import { Refusals } from './refusals.ts'

export type BrokerOptions = {
  readonly site: Site
  /** Root of the data folder. */
  readonly dataDir: string
  readonly host: string
  /** 0 takes any free port; `port` then tells which. */
  readonly port: number
  readonly tls?: TlsPaths & Door & { readonly clients?: 'optional' | 'required' }
  /** `secure`: with the certificate of `tls`. */
  readonly websocket?: Door & { readonly secure: boolean }
  /** How fast one connection may send; default `RATE_LIMITS`. */
  readonly rates?: RateLimits
  /** How long a connection may take to say what it is; default `HANDSHAKE_MS`. */
  readonly handshake_ms?: number
  /** Serves `metrics.ts` for Prometheus. */
  readonly metrics?: Door
  readonly log: Log
  readonly clock: Clock
}
type Door = { readonly host: string; readonly port: number }
/** Which of the broker's listeners. */
export type DoorName = 'plain' | 'tls' | 'websocket'

const STOP_DEADLINE_MS = 1_000
/** A client that was shut out is gone after this long at the latest. */
const CREDENTIALS_EVERY_MS = 2_000
/** Refusals that came again are told once a minute. */
const SUM_UP_EVERY_MS = 60_000

export class BrokerService implements Service {
  readonly name = 'broker'
  readonly #options: BrokerOptions
  readonly #refusals: Refusals
  readonly #metrics: MetricsServer | undefined
  #server: MqttServer | undefined
  #stopped = false
  #unwatch: () => void = () => {}
  #noSumUp: () => void = () => {}
  #files: TlsFiles | undefined
  readonly #listeners = new Map<DoorName, Listener>()

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#refusals = new Refusals(options.log)
    this.#metrics =
      options.metrics &&
      new MetricsServer({
        ...options.metrics,
        page: () => this.#page(),
        checks: () => this.#checks(),
        data: options.dataDir,
      })
  }

  get port(): number {
    return this.portOf('plain') ?? this.#options.port
  }

  /** Where the numbers are served. */
  get metricsPort(): number | undefined {
    return this.#metrics?.port
  }

  /** `undefined` for a listener that the site does not have. */
  portOf(door: DoorName): number | undefined {
    return this.#listeners.get(door)?.port
  }

  /** What was refused since the start, by reason. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals.counts
  }

  /** @throws PlumblineError PORT_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT, SITE_INVALID, TLS_INVALID */
  async start(): Promise<void> {
    this.#stopped = false
    const { site, dataDir, host, log } = this.#options
    const identities = identitiesOf(
      site.file.site,
      site.file.nodes.map(({ id }) => id),
    )
    mustDiffer(identities)
    const credentials = await Credentials.open(dataDir, site.file.site, identities)
    const server = new MqttServer(site.file.site, identities, credentials, this.#refusals, log)
    try {
      await this.#metrics?.start()
      await this.#open(server)
      this.#watchCredentials(credentials, server)
      this.#sumUpLater()
    } catch (error) {
      await this.#close()
      throw error
    }
    log.info('listening for MQTT', {
      host,
      ...Object.fromEntries([...this.#listeners].map(([door, { port }]) => [door === 'plain' ? 'port' : door, port])),
    })
  }

  /** Resolves within a second, whatever the clients do. */
  async stop(): Promise<void> {
    const { clock } = this.#options
    let cancel = () => {}
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.at(afterMs(clock, STOP_DEADLINE_MS), resolve)
    })
    await Promise.race([deadline, this.#close()])
    cancel()
  }

  #page(): string | undefined {
    const clients = this.#server?.clients
    return clients === undefined
      ? undefined
      : renderMetrics({ clients, certificateUntil: this.#files?.until, refusals: this.#refusals.counts })
  }

  #checks(): Checks {
    const closed = [...this.#listeners].filter(([, listener]) => !listener.listening).map(([name]) => name)
    return { listeners: check(closed.length === 0 ? undefined : `not listening: ${closed.join(', ')}`) }
  }

  /** Certificates are read before a port is taken. */
  async #open(server: MqttServer): Promise<void> {
    const { host, port, tls, websocket, clock, log, rates, handshake_ms } = this.#options
    const onConnection: ListenerOptions['onConnection'] = (connection, arrival) => server.take(connection, arrival)
    const shared = { refusals: this.#refusals, clock, rates, onConnection, ...(handshake_ms && { handshake_ms }) }
    this.#files = tls && new TlsFiles(tls, clock, log)
    const context = this.#files && { ...(await this.#files.load()), ...(tls?.clients && { clients: tls.clients }) }
    await server.start()
    this.#server = server
    this.#listeners.set('plain', new Listener({ ...shared, host, port, path: 'broker' }))
    if (tls) this.#listeners.set('tls', new Listener({ ...shared, ...door(tls), path: 'broker.tls', tls: context! }))
    if (websocket)
      this.#listeners.set(
        'websocket',
        new Listener({
          ...shared,
          ...door(websocket),
          path: 'broker.websocket',
          webSocket: true,
          ...(websocket.secure && context && { tls: context }),
        }),
      )
    for (const listener of this.#listeners.values()) await listener.listen()
    this.#files?.watch((renewed) => {
      for (const listener of this.#listeners.values()) listener.renew(renewed)
    })
  }

  /** A person may have changed passwords by `./plumbline clients`. */
  #watchCredentials(credentials: Credentials, server: MqttServer): void {
    const { clock, log } = this.#options
    const look = async () => {
      try {
        const users = await credentials.refresh()
        if (users.length > 0) log.info('passwords changed', { users })
        server.expel(users)
      } catch (error) {
        log.error('the passwords stay as they were', { what: (error as Error).message })
      }
    }
    this.#unwatch = clock.at(afterMs(clock, CREDENTIALS_EVERY_MS), () => {
      const release = clock.hold()
      void look().finally(() => {
        if (!this.#stopped) this.#watchCredentials(credentials, server)
        release()
      })
    })
  }

  #sumUpLater(): void {
    const { clock } = this.#options
    this.#noSumUp = clock.at(afterMs(clock, SUM_UP_EVERY_MS), () => {
      this.#refusals.sumUp()
      this.#sumUpLater()
    })
  }

  async #close(): Promise<void> {
    this.#stopped = true
    this.#unwatch()
    this.#noSumUp()
    this.#refusals.sumUp()
    this.#files?.stop()
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()))
    await this.#server?.close()
    await this.#metrics?.stop()
  }
}

const door = ({ host, port }: Door): Door => ({ host, port })

/** Ids of the site file may meet: node `a-blocks` beside node `a`, whose second Sparkplug node has that name. */
function mustDiffer(identities: readonly Identity[]): void {
  const owner = new Map<string, string>()
  for (const { user, clientIds } of identities)
    for (const id of new Set([user, ...clientIds])) {
      const other = owner.get(id)
      if (other !== undefined)
        throw new PlumblineError('SITE_INVALID', `nodes: ${other} and ${user} would both be the MQTT client ${id}`)
      owner.set(id, user)
    }
}
