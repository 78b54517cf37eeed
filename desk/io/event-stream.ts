/**
 * Server-sent events to every live client: each event is written as text once, whatever the number of clients. Alarms and
 * notices go at once; readings, states and groups are gathered for a moment, worst values of alarms for a second. A client that cannot keep up is dropped: it
 * reconnects and goes on behind the last event that it saw, or starts from a fresh snapshot.
 */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { DeviceJson, LiveEvent, NodeJson, ReadingJson } from '../../domain/api.ts'
import type { Clock } from '../../domain/ports.ts'
import { type Monotonic, NS_PER_MS, secondsBetween } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import { EventRing } from '../event-ring.ts'

export const STREAM_CLIENTS_MAX = 200
/** A minute of a busy site; a client this far behind shows the past as the present. */
export const CLIENT_BUFFER_MAX = 1024 * 1024
/** Nor may it take nothing for so long: what waits for it in small pieces costs far more memory than its bytes. */
const BEHIND_MAX_S = 30
const GATHER_MS = 100
const TICK_MS = 1000
/** Events are kept for so long after the last client has gone. */
const KEPT_MS = 120_000

type Client = {
  readonly response: ServerResponse
  readonly allowed: () => boolean
  behindSince?: Monotonic | undefined
}

type GroupData = Extract<LiveEvent, { event: 'group' }>['data']

export type EventStreamOptions = {
  readonly clock: Clock
  readonly snapshot: () => Extract<LiveEvent, { event: 'snapshot' }>['data']
  readonly tick: () => Extract<LiveEvent, { event: 'tick' }>['data']
}

export class EventStream {
  readonly #o: EventStreamOptions
  readonly #clients = new Set<Client>()
  readonly #ring = new EventRing(randomBytes(6).toString('hex'))
  #keptUntil: bigint | undefined
  readonly #readings = new Map<string, ReadingJson>()
  readonly #devices = new Map<string, DeviceJson>()
  readonly #nodes = new Map<string, NodeJson>()
  readonly #groups = new Map<string, GroupData>()
  /** Alarms of which nothing changed but the worst value. */
  readonly #worst = new Map<string, AlarmJson>()
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

  /**
   * What came after `lastId` where that is still known, else the snapshot; from then on every event. `allowed` is asked every
   * second: a session may end meanwhile.
   */
  add(response: ServerResponse, allowed: () => boolean, lastId?: string): void {
    const client: Client = { response, allowed }
    response.on('close', () => this.#left(client))
    response.on('error', () => this.#left(client))
    response.on('drain', () => {
      client.behindSince = undefined
    })
    const missed = lastId === undefined || !this.#keeps ? undefined : this.#ring.after(lastId)
    if (!this.#keeps) this.#ring.forget()
    this.#clients.add(client)
    this.#keptUntil = undefined
    response.write('retry: 1000\n\n')
    if (missed !== undefined) for (const bytes of missed) response.write(bytes)
    else response.write(`id: ${this.#ring.id}\n${textOf({ event: 'snapshot', data: this.#o.snapshot() })}`)
  }

  /** Whether the ring has every event until now: it is filled only while somebody may come back. */
  get #keeps(): boolean {
    if (this.#clients.size > 0) return true
    return this.#keptUntil !== undefined && this.#o.clock.monotonic() <= this.#keptUntil
  }

  /** Everything anew, in place of what was told: devices have come or gone. */
  again(): void {
    this.#readings.clear()
    this.#devices.clear()
    this.#nodes.clear()
    this.#groups.clear()
    this.#worst.clear()
    this.#ring.forget()
    const text = textOf({ event: 'snapshot', data: this.#o.snapshot() })
    this.#send(Buffer.from(`id: ${this.#ring.id}\n${text}`))
  }

  /** @param worst of an alarm that stands only the worst value is another: with hundreds that stand each reading would change all */
  send(event: LiveEvent, worst = false): void {
    if (event.event === 'alarm') {
      this.#worst.delete(event.data.id)
      if (worst) {
        this.#worst.set(event.data.id, event.data)
        return
      }
    }
    if (!this.#gather(event)) this.#write(event)
  }

  /** Of what is gathered only the newest word on each channel, device, node and group is sent. */
  #gather(event: LiveEvent): boolean {
    if (event.event === 'readings') for (const reading of event.data) this.#readings.set(reading.channel, reading)
    else if (event.event === 'device') this.#devices.set(event.data.id, event.data)
    else if (event.event === 'node') this.#nodes.set(event.data.id, event.data)
    else if (event.event === 'group') this.#groups.set(event.data.id, event.data)
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
    for (const data of this.#groups.values()) this.#write({ event: 'group', data })
    if (this.#readings.size > 0) this.#write({ event: 'readings', data: [...this.#readings.values()] })
    this.#nodes.clear()
    this.#devices.clear()
    this.#groups.clear()
    this.#readings.clear()
  }

  #tick(): void {
    for (const client of this.#clients) if (!client.allowed()) this.#end(client)
    for (const data of this.#worst.values()) this.#write({ event: 'alarm', data })
    this.#worst.clear()
    // A tick tells nothing that could be missed.
    this.#send(Buffer.from(textOf({ event: 'tick', data: this.#o.tick() })))
  }

  #write(event: LiveEvent): void {
    if (this.#keeps) this.#send(this.#ring.add(textOf(event)))
  }

  #send(bytes: Buffer): void {
    const now = this.#o.clock.monotonic()
    for (const client of this.#clients) {
      if (!client.response.write(bytes)) client.behindSince ??= now
      const behind_s = client.behindSince === undefined ? 0 : secondsBetween(now, client.behindSince)
      if (client.response.writableLength <= CLIENT_BUFFER_MAX && behind_s <= BEHIND_MAX_S) continue
      this.#dropped++
      this.#end(client)
    }
  }

  #left(client: Client): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0) return
    this.#keptUntil = this.#o.clock.monotonic() + BigInt(KEPT_MS) * NS_PER_MS
  }

  #end(client: Client): void {
    this.#left(client)
    client.response.destroy()
  }
}

const textOf = ({ event, data }: LiveEvent): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
