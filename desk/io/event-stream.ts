/**
 * Server-sent events to every live client: each event is written as text once, whatever the number of clients. Alarms and
 * notices go at once; readings and states are gathered for a moment. A client that cannot keep up is dropped: it
 * reconnects and starts from a fresh snapshot.
 */
import type { ServerResponse } from 'node:http'
import type { DeviceJson, LiveEvent, NodeJson, ReadingJson } from '../../domain/api.ts'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'

export const STREAM_CLIENTS_MAX = 200
/** A minute of a busy site; a client this far behind shows the past as the present. */
export const CLIENT_BUFFER_MAX = 1024 * 1024
const GATHER_MS = 100
const TICK_MS = 1000

type Client = { readonly response: ServerResponse; readonly allowed: () => boolean }

export type EventStreamOptions = {
  readonly clock: Clock
  readonly snapshot: () => Extract<LiveEvent, { event: 'snapshot' }>['data']
  readonly tick: () => Extract<LiveEvent, { event: 'tick' }>['data']
}

export class EventStream {
  readonly #o: EventStreamOptions
  readonly #clients = new Set<Client>()
  readonly #readings = new Map<string, ReadingJson>()
  readonly #devices = new Map<string, DeviceJson>()
  readonly #nodes = new Map<string, NodeJson>()
  #cancelTick: (() => void) | undefined
  #cancelGather: (() => void) | undefined
  #dropped = 0

  constructor(options: EventStreamOptions) {
    this.#o = options
  }

  get clients(): number {
    return this.#clients.size
  }
  /** Clients dropped because they were too slow. */
  get dropped(): number {
    return this.#dropped
  }
  get full(): boolean {
    return this.#clients.size >= STREAM_CLIENTS_MAX
  }

  start(): void {
    const { clock } = this.#o
    const tick = () => {
      this.#cancelTick = clock.at(afterMs(clock, TICK_MS), tick)
      this.#tick()
    }
    this.#cancelTick = clock.at(afterMs(clock, TICK_MS), tick)
  }

  /** The snapshot first; from then on every event. `allowed` is asked every second: a session may end meanwhile. */
  add(response: ServerResponse, allowed: () => boolean): void {
    const client: Client = { response, allowed }
    response.on('close', () => this.#clients.delete(client))
    response.on('error', () => this.#clients.delete(client))
    this.#clients.add(client)
    response.write(`retry: 1000\n\n${textOf({ event: 'snapshot', data: this.#o.snapshot() })}`)
  }

  /** Everything anew, in place of what was told: devices have come or gone. */
  again(): void {
    this.#readings.clear()
    this.#devices.clear()
    this.#nodes.clear()
    this.#write({ event: 'snapshot', data: this.#o.snapshot() })
  }

  send(event: LiveEvent): void {
    if (!this.#gather(event)) this.#write(event)
  }

  /** Of what is gathered only the newest word on each channel, device and node is sent. */
  #gather(event: LiveEvent): boolean {
    if (event.event === 'readings') for (const reading of event.data) this.#readings.set(reading.channel, reading)
    else if (event.event === 'device') this.#devices.set(event.data.id, event.data)
    else if (event.event === 'node') this.#nodes.set(event.data.id, event.data)
    else return false
    const { clock } = this.#o
    this.#cancelGather ??= clock.at(afterMs(clock, GATHER_MS), () => this.#sendGathered())
    return true
  }

  stop(): void {
    this.#cancelTick?.()
    this.#cancelGather?.()
    for (const { response } of this.#clients) response.destroy()
    this.#clients.clear()
  }

  #sendGathered(): void {
    this.#cancelGather = undefined
    for (const data of this.#nodes.values()) this.#write({ event: 'node', data })
    for (const data of this.#devices.values()) this.#write({ event: 'device', data })
    if (this.#readings.size > 0) this.#write({ event: 'readings', data: [...this.#readings.values()] })
    this.#nodes.clear()
    this.#devices.clear()
    this.#readings.clear()
  }

  #tick(): void {
    for (const client of this.#clients) if (!client.allowed()) this.#end(client)
    this.#write({ event: 'tick', data: this.#o.tick() })
  }

  #write(event: LiveEvent): void {
    if (this.#clients.size === 0) return
    const text = Buffer.from(textOf(event))
    for (const client of this.#clients) {
      client.response.write(text)
      if (client.response.writableLength <= CLIENT_BUFFER_MAX) continue
      this.#dropped++
      this.#end(client)
    }
  }

  #end(client: Client): void {
    this.#clients.delete(client)
    client.response.destroy()
  }
}

const textOf = ({ event, data }: LiveEvent): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
