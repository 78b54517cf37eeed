/**
 * The embedded MQTT broker of a site. Guide to the room: `access.ts` says who may do what, `io/credentials.ts` makes and
 * checks the passwords, `io/listener.ts` holds the port and its limits, `io/mqtt-server.ts` joins them to aedes. It keeps
 * nothing but the password hashes: retained STATE is published again by the hosts when they reconnect.
 */
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, Log, Service } from '../domain/ports.ts'
import { afterMs } from '../runtime/clock.ts'
import { type Identity, identitiesOf } from './access.ts'
import { Credentials } from './io/credentials.ts'
import { Listener } from './io/listener.ts'
import { MqttServer } from './io/mqtt-server.ts'
import { Refusals } from './refusals.ts'

export type BrokerOptions = {
  readonly site: Site
  /** Root of the data folder. */
  readonly dataDir: string
  readonly host: string
  /** 0 takes any free port; `port` then tells which. */
  readonly port: number
  readonly log: Log
  readonly clock: Clock
}

const STOP_DEADLINE_MS = 1_000

export class BrokerService implements Service {
  readonly name = 'broker'
  readonly #options: BrokerOptions
  readonly #refusals: Refusals
  #server: MqttServer | undefined
  #listener: Listener | undefined

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#refusals = new Refusals(options.log)
  }

  get port(): number {
    return this.#listener?.port ?? this.#options.port
  }

  /** What was refused since the start, by reason. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals.counts
  }

  /** @throws PlumblineError PORT_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT, SITE_INVALID */
  async start(): Promise<void> {
    const { site, dataDir, host, port, log } = this.#options
    const identities = identitiesOf(
      site.file.site,
      site.file.nodes.map(({ id }) => id),
    )
    mustDiffer(identities)
    const credentials = await Credentials.open(dataDir, site.file.site, identities)
    const server = new MqttServer(identities, credentials, this.#refusals, log)
    await server.start()
    this.#server = server
    this.#listener = new Listener({
      host,
      port,
      refusals: this.#refusals,
      onConnection: (socket, known) => server.take(socket, known),
    })
    try {
      await this.#listener.listen()
    } catch (error) {
      await server.close()
      throw error
    }
    log.info('listening for MQTT', { host, port: this.port })
  }

  /** Resolves within a second, whatever the clients do. */
  async stop(): Promise<void> {
    const { clock } = this.#options
    let cancel = () => {}
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.at(afterMs(clock, STOP_DEADLINE_MS), resolve)
    })
    await Promise.race([deadline, Promise.all([this.#listener?.close(), this.#server?.close()])])
    cancel()
  }
}

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
