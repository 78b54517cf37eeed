/**
 * A TCP proxy between one edge node and its broker that cuts the line, leaves it half open, delays or throttles it, live by
 * `setFaults`. It knows nothing of MQTT: what is lost when it cuts is what TCP loses.
 */
import { createConnection, type Socket } from 'node:net'
import type { Clock, Log } from '../../domain/ports.ts'
import type { UplinkFaults } from '../uplink.ts'
import { Complaints } from './complaints.ts'
import { TcpListener } from './tcp-listener.ts'
import { UplinkLane } from './uplink-lane.ts'

/** A node has two sessions; while it reconnects, a few more. */
const CONNECTIONS_MAX = 64

export type UplinkProxyOptions = {
  /** Of the edge node. */
  readonly node: string
  readonly upstream: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly log: Log
}

type Pair = { readonly client: Socket; readonly broker: Socket; readonly lanes: readonly UplinkLane[] }

export class UplinkProxy {
  readonly #options: UplinkProxyOptions
  readonly #listener: TcpListener
  readonly #complaints: Complaints
  readonly #pairs = new Set<Pair>()
  /** Accepted while half open: nobody is behind them. */
  readonly #orphans = new Set<Socket>()
  /** Pairs of which bytes were swallowed: they can never be whole again. */
  readonly #torn = new Set<Pair>()
  #faults: UplinkFaults = {}
  /** Connections that were reset, and bytes that were swallowed, since the start. */
  readonly counts = { resets: 0, swallowed_bytes: 0 }

  constructor(options: UplinkProxyOptions) {
    this.#options = options
    this.#complaints = new Complaints(options.log)
    const place = { host: '127.0.0.1', port: 0, path: `uplink of ${options.node}` }
    this.#listener = new TcpListener(
      place,
      CONNECTIONS_MAX,
      (socket) => this.#serve(socket),
      () => this.#complain('uplink proxy refused a connection', `limit of ${CONNECTIONS_MAX} reached`),
    )
  }

  /** On a free port of this machine, see `port`. */
  listen(): Promise<void> {
    return this.#listener.listen((error) => this.#options.log.error('uplink proxy failed', { error }))
  }

  get port(): number {
    return this.#listener.port
  }

  get faults(): UplinkFaults {
    return this.#faults
  }

  /** In place of those before. */
  setFaults(faults: UplinkFaults): void {
    this.#faults = faults
    if (faults.cut) for (const pair of this.#pairs) this.#reset(pair)
    if (!faults.half_open) for (const pair of this.#torn) this.#reset(pair)
    if (faults.cut || !faults.half_open) for (const socket of this.#orphans) this.#resetSocket(socket)
    for (const { lanes } of this.#pairs) for (const lane of lanes) lane.changed()
  }

  /** Ends all connections at once and resolves when the port is free. */
  close(): Promise<void> {
    for (const { broker, lanes } of this.#pairs) {
      for (const lane of lanes) lane.close()
      broker.destroy()
    }
    return this.#listener.close()
  }

  #serve(client: Socket): void {
    const { cut, half_open } = this.#faults
    if (cut) this.#resetSocket(client)
    else if (half_open) this.#orphan(client)
    else this.#connect(client)
  }

  #orphan(client: Socket): void {
    this.#orphans.add(client)
    client.on('data', (chunk: Buffer) => (this.counts.swallowed_bytes += chunk.length))
    client.on('close', () => this.#orphans.delete(client))
  }

  #connect(client: Socket): void {
    const { upstream, clock } = this.#options
    const broker = createConnection({ ...upstream, noDelay: true })
    const faults = () => this.#faults
    const up = new UplinkLane(client, broker, clock, faults)
    const down = new UplinkLane(broker, client, clock, faults)
    const pair: Pair = { client, broker, lanes: [up, down] }
    this.#pairs.add(pair)
    client.on('data', (chunk: Buffer) => this.#carry(pair, up, chunk))
    broker.on('data', (chunk: Buffer) => this.#carry(pair, down, chunk))
    broker.on('error', (error) => {
      if (broker.connecting || broker.bytesRead === 0) this.#complain('cannot reach the broker', error.message)
    })
    client.on('close', () => this.#gone(pair, up))
    broker.on('close', () => this.#gone(pair, down))
  }

  #carry(pair: Pair, lane: UplinkLane, chunk: Buffer): void {
    if (this.#faults.half_open) {
      this.#torn.add(pair)
      this.counts.swallowed_bytes += chunk.length
    } else lane.take(chunk)
  }

  /** One side has closed; the other follows when it has what was under way. While half open it learns nothing of it. */
  #gone(pair: Pair, lane: UplinkLane): void {
    const { client, broker, lanes } = pair
    if (client.destroyed && broker.destroyed) {
      for (const each of lanes) each.close()
      this.#pairs.delete(pair)
      this.#torn.delete(pair)
    } else if (this.#faults.half_open) this.#torn.add(pair)
    else if (broker.connecting) broker.destroy()
    else lane.end()
  }

  #reset(pair: Pair): void {
    for (const lane of pair.lanes) lane.close()
    this.#resetSocket(pair.client)
    this.#resetSocket(pair.broker)
  }

  #resetSocket(socket: Socket): void {
    if (socket.destroyed) return
    this.counts.resets++
    socket.resetAndDestroy()
  }

  #complain(message: string, why: string): void {
    this.#complaints.tell(message, { node: this.#options.node, why })
  }
}
