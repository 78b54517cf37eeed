/**
 * A bad wire between a Modbus TCP (or RTU over TCP) client and its server: clients connect here, the proxy connects on.
 * What happens to each frame is decided in `wire-proxy.ts`, live, by `setFaults`.
 */
import { createConnection, type Socket } from 'node:net'
import type { Clock, Log } from '../../domain/ports.ts'
import { type Framing, LinkFaults, type WireFaults } from '../wire-proxy.ts'
import { Complaints } from './complaints.ts'
import { FramePump } from './frame-pump.ts'
import { TcpListener, type TcpPlace } from './tcp-listener.ts'

export const CONNECTIONS_MAX = 64
/** A pause between segments that no sender makes within a frame. */
const SILENCE_MS = 50

export type TcpWireProxyOptions = TcpPlace & {
  /** Name of the link. */
  readonly link: string
  readonly upstream: { readonly host: string; readonly port: number }
  readonly framing: Framing
  readonly seed: number
  readonly clock: Clock
  readonly log: Log
}

export class TcpWireProxy {
  readonly #options: TcpWireProxyOptions
  readonly #listener: TcpListener
  readonly #complaints: Complaints
  readonly #link: LinkFaults
  readonly #servers = new Set<Socket>()
  #up = true

  constructor(options: TcpWireProxyOptions) {
    this.#options = options
    this.#complaints = new Complaints(options.log)
    this.#link = new LinkFaults(options.link, options.framing, options.seed)
    this.#listener = new TcpListener(
      options,
      CONNECTIONS_MAX,
      (socket) => this.#serve(socket),
      () => this.#complain('refused a connection', `limit of ${CONNECTIONS_MAX} reached`),
    )
  }

  /** @throws PlumblineError PORT_IN_USE, SITE_INVALID */
  listen(): Promise<void> {
    return this.#listener.listen((error) => this.#options.log.error('wire proxy failed', { error }))
  }

  get port(): number {
    return this.#listener.port
  }

  /** @throws PlumblineError USAGE, and nothing has changed */
  setFaults(faults: WireFaults): void {
    this.#link.setFaults(faults)
  }
  get faults(): WireFaults {
    return this.#link.faults
  }
  get counts(): LinkFaults['counts'] {
    return this.#link.counts
  }

  /** False: the connections end and new ones end at once, until it is true again. */
  setUp(up: boolean): void {
    this.#up = up
    if (!up) this.#end()
  }

  /** Ends all connections at once and resolves when the port is free. */
  close(): Promise<void> {
    this.#end()
    return this.#listener.close()
  }

  #end(): void {
    for (const server of this.#servers) server.destroy()
    this.#listener.endConnections()
  }

  #serve(client: Socket): void {
    if (this.#up) this.#connect(client)
    else client.destroy()
  }

  #connect(client: Socket): void {
    const server = createConnection({ ...this.#options.upstream, noDelay: true })
    this.#servers.add(server)
    const pumps = [this.#pump('requests', client, server), this.#pump('replies', server, client)]
    server.on('error', (error) => {
      if (server.connecting || !server.bytesRead) this.#complain('cannot reach the server behind', error.message)
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const)
      socket.on('close', () => {
        this.#servers.delete(socket)
        for (const pump of pumps) pump.close()
        // What was delivered before still leaves.
        if (other.connecting) other.destroy()
        else other.destroySoon()
      })
  }

  #pump(way: 'requests' | 'replies', from: Socket, to: Socket): FramePump {
    const { framing, clock } = this.#options
    const pump = new FramePump({
      lane: this.#link.lane(way),
      framing,
      clock,
      silence_ms: SILENCE_MS,
      write: (bytes) => {
        if (to.destroyed || to.writableEnded) return
        if (!to.write(bytes)) from.pause()
      },
      broken: (why) => {
        this.#complain(`closed a connection whose ${way} are not ${framing}`, why)
        from.destroy()
      },
    })
    from.on('data', (chunk) => pump.data(chunk))
    to.on('drain', () => from.resume())
    return pump
  }

  #complain(message: string, why: string): void {
    this.#complaints.tell(message, { link: this.#options.link, why })
  }
}
