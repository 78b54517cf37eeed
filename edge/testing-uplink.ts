/**
 * For tests only: a broker in memory that can be cut, and an owner that understands what the node says and acknowledges as
 * ingest and desk do.
 */
import { deskHostId, ingestHostId } from '../domain/ids.ts'
import type { ConnectMqtt, MqttConnection, MqttMessage, MqttOptions } from '../domain/ports.ts'
import { rangesOf } from '../domain/ranges.ts'
import type { Block } from '../domain/reading.ts'
import { type DeviceRecord, type Identity, OWNER, type Stream } from '../domain/record.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import type { DataType, Metric, Payload } from '../domain/sparkplug/payload.ts'
import { encodeState, nodeTopic, parseTopic, stateTopic } from '../domain/sparkplug/topics.ts'
import { committedMetric, rebirthMetric } from '../domain/wire/committed.ts'
import { decodeConditions, type ReceivedCondition } from '../domain/wire/condition.ts'
import { blockGroupsOf, decodeRecords } from '../domain/wire/record.ts'

type Client = { options: MqttOptions; filters: string[]; up: boolean; connection: MqttConnection; started: boolean }

/** Delivers at once, in order; retained messages to new subscriptions; wills of sessions that are cut. */
export class MemoryBroker {
  readonly clients: Client[] = []
  readonly log: MqttMessage[] = []
  readonly #retained = new Map<string, Uint8Array>()
  reachable = true
  /** Clients whose line is cut, by client id. */
  readonly away = new Set<string>()
  pendingBytes = 0
  /** Swallows what it says true to, as a lost packet. */
  lose: (topic: string) => boolean = () => false

  readonly connect: ConnectMqtt = (options) => {
    const client: Client = { options, filters: [], up: false, started: false, connection: undefined as never }
    client.connection = this.#connection(client)
    this.clients.push(client)
    return client.connection
  }

  #connection(client: Client): MqttConnection {
    const broker = this
    return {
      start: () => {
        client.started = true
        if (this.reachable && !this.away.has(client.options.clientId)) void this.#open(client)
      },
      get up() {
        return client.up
      },
      get away() {
        return client.up ? undefined : 'cut'
      },
      get pendingBytes() {
        return broker.pendingBytes
      },
      publish: async (topic, payload, { retain }) => {
        if (!client.up) throw new Error('down')
        this.publish(topic, payload, retain)
      },
      subscribe: async (filters) => {
        client.filters.push(...filters)
        for (const [topic, payload] of this.#retained)
          if (filters.some((f) => matches(f, topic))) client.options.onMessage({ topic, payload, retain: true })
      },
      unsubscribe: async () => {},
      drop: () => this.cut(client.options.clientId),
      stop: async () => {
        client.up = false
        client.started = false
      },
    }
  }

  #wills = new Map<Client, MqttMessage>()
  async #open(client: Client): Promise<void> {
    await client.options.password()
    const { topic, payload } = client.options.will()
    this.#wills.set(client, { topic, payload, retain: false })
    client.up = true
    client.filters = []
    client.options.onUp()
  }

  publish(topic: string, payload: Uint8Array, retain = false): void {
    if (this.lose(topic)) return
    const copy = Uint8Array.from(payload)
    if (retain) this.#retained.set(topic, copy)
    this.log.push({ topic, payload: copy, retain })
    for (const client of this.clients)
      if (client.up && client.filters.some((f) => matches(f, topic)))
        client.options.onMessage({ topic, payload: copy, retain: false })
  }

  cut(clientId: string): void {
    const client = this.clients.find((c) => c.options.clientId === clientId && c.up)
    if (client === undefined) return
    client.up = false
    const will = this.#wills.get(client)
    if (will !== undefined) this.publish(will.topic, will.payload)
    client.options.onDown('cut')
  }
  cutAll(): void {
    this.reachable = false
    for (const client of this.clients)
      if (client.up && client.options.clientId !== 'owner') this.cut(client.options.clientId)
  }
  heal(): void {
    this.reachable = true
    for (const client of this.clients)
      if (client.started && !client.up && !this.away.has(client.options.clientId)) void this.#open(client)
  }
  /** Cuts the line of these clients alone until `back`. */
  cutOff(...clientIds: readonly string[]): void {
    for (const id of clientIds) this.away.add(id)
    for (const id of clientIds) this.cut(id)
  }
  back(...clientIds: readonly string[]): void {
    for (const id of clientIds) this.away.delete(id)
    this.heal()
  }
}

const matches = (filter: string, topic: string): boolean => {
  const f = filter.split('/')
  const t = topic.split('/')
  return (
    f.every((part, i) => part === '#' || part === '+' || part === t[i]) && (f.at(-1) === '#' || f.length === t.length)
  )
}

export const identityKey = ({ outbox, stream, offset }: Identity): string => `${outbox} ${stream} ${offset}`

/** What ingest and desk keep of a node, in one: births, records by identity, and how often each came. */
export class Owner {
  readonly group: string
  readonly messages: Array<{ type: string; node: string; device?: string; payload: Payload }> = []
  readonly records = new Map<string, DeviceRecord>()
  readonly conditions = new Map<string, ReceivedCondition>()
  readonly arrivals = new Map<string, number>()
  readonly #births = new Map<string, readonly Metric[]>()
  readonly #send: (topic: string, payload: Uint8Array, retain: boolean) => void
  acknowledges = true
  outbox = ''

  constructor(group: string, send: (topic: string, payload: Uint8Array, retain: boolean) => void) {
    this.group = group
    this.#send = send
  }

  state(online: boolean, timestamp: number, hosts = [ingestHostId(this.group), deskHostId(this.group)]): void {
    for (const host of hosts) this.#send(stateTopic(host), encodeState(online, timestamp), true)
  }

  take({ topic, payload }: { topic: string; payload: Uint8Array }): void {
    const parsed = parseTopic(topic)
    if (parsed === undefined || parsed.type === 'NCMD') return
    const { type, node, device } = parsed
    const key = `${node}/${device ?? ''}`
    const types = new Map((this.#births.get(key) ?? []).map((m) => [m.name, m.datatype as DataType]))
    const body = decodePayload(payload, (name) => types.get(name ?? ''))
    this.messages.push({ type, node, ...(device !== undefined && { device }), payload: body })
    if (type === 'NBIRTH' || type === 'DBIRTH') this.#births.set(key, body.metrics)
    if (type === 'NBIRTH') this.outbox = String(body.metrics.find((m) => m.name === 'outbox/id')?.value)
    if (type === 'DDATA') this.#records(node, device!, body.metrics)
    if (type === 'NDATA') this.#conditions(node, body.metrics)
  }

  #records(node: string, device: string, metrics: readonly Metric[]): void {
    const stream: Stream = node.endsWith('-blocks') ? 'blocks' : 'readings'
    const blockGroups = blockGroupsOf(this.#births.get(`${node}/${device}`) ?? [])
    const name = node.replace(/-blocks$/, '')
    const records = decodeRecords(metrics, { node: name, stream, device, exercise: false, blockGroups })
    for (const record of records) {
      this.#count(record.identity)
      this.records.set(identityKey(record.identity), record)
    }
    this.#acknowledge(
      node,
      stream,
      records.map((r) => r.identity),
    )
  }

  #conditions(node: string, metrics: readonly Metric[]): void {
    const received = decodeConditions(metrics, node)
    for (const one of received) {
      this.#count(one.identity)
      this.conditions.set(identityKey(one.identity), one)
    }
    this.#acknowledge(
      node,
      'conditions',
      received.map((r) => r.identity),
    )
  }

  #count(identity: Identity): void {
    this.arrivals.set(identityKey(identity), (this.arrivals.get(identityKey(identity)) ?? 0) + 1)
  }

  #acknowledge(node: string, stream: Stream, identities: readonly Identity[]): void {
    if (!this.acknowledges || identities.length === 0) return
    this.committed(node, identities[0]!.outbox, stream, rangesOf(identities.map((i) => i.offset)))
  }

  committed(node: string, outbox: string, stream: Stream, ranges: ReadonlyArray<readonly [number, number]>): void {
    this.command(node, committedMetric({ owner: OWNER[stream], outbox, stream, ranges }, 0))
  }
  rebirth(node: string): void {
    this.command(node, rebirthMetric(0))
  }
  command(node: string, metric: Metric): void {
    this.#send(
      nodeTopic(this.group, 'NCMD', node),
      Buffer.from(encodePayload({ timestamp: 0, metrics: [metric] })),
      false,
    )
  }

  types(node: string): string[] {
    return this.messages.filter((m) => m.node === node).map((m) => (m.device ? `${m.type} ${m.device}` : m.type))
  }
  get stages(): number[] {
    return [...this.records.values()].flatMap((r) => r.readings.flatMap((x) => x.value ?? [])).sort((a, b) => a - b)
  }
  get blocks(): Block[] {
    return [...this.records.values()].flatMap((r) => r.blocks)
  }
}
