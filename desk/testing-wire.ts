/** A broker and an edge node for the desk's tests: both on the real wire, the edge as its contracts in `domain/wire/` say. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import { type EdgeDrill, isShadow, shadowId, splitShadow } from '../domain/drill.ts'
import type { MqttConnection, MqttMessage } from '../domain/ports.ts'
import type { Block, Reading } from '../domain/reading.ts'
import type { Committed } from '../domain/record.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { deviceTopic, nodeTopic, parseTopic } from '../domain/sparkplug/topics.ts'
import { instantToMs } from '../domain/time.ts'
import { parseCommitted } from '../domain/wire/committed.ts'
import { conditionBirthMetric, conditionMetricOf } from '../domain/wire/condition.ts'
import { COMMITTED, DRILL, OUTBOX_ID, OUTBOX_OFFSET, REBIRTH, SITE_HASH } from '../domain/wire/names.ts'
import { blockBirthMetrics, bodyMetrics, emptyBody, outboxIdMetric, outboxOffsetMetric } from '../domain/wire/record.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { limitOf, OUTBOX, PANEL, testSite } from './testing-site.ts'

export const clock = new SystemClock()

export class TestBroker {
  readonly #sockets = new Set<Socket>()
  readonly #subscriptions: string[] = []
  #aedes: Aedes | undefined
  #server = createServer()
  port = 0

  get subscriptions(): readonly string[] {
    return this.#subscriptions
  }
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker()
    this.#aedes = aedes
    aedes.on('subscribe', (subscriptions) => this.#subscriptions.push(...subscriptions.map((s) => s.topic)))
    aedes.on('unsubscribe', (topics) => this.#subscriptions.push(...topics.map((topic) => `not ${topic}`)))
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Gone with all its connections, as when its process is killed; `start()` brings it back on the same port. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    await new Promise<void>((resolve) => this.#aedes?.close(resolve))
  }
}

/** `north` and `north-blocks`: births when asked, and what the test makes it say. */
export class TestEdge {
  readonly committed: Committed[] = []
  readonly rebirths: string[] = []
  readonly outbox: string
  /** Present state of the limits, as births tell it. */
  present: ConditionRecord[] = []
  hash = testSite().hash
  /** The drill that it takes part in, as it was told. */
  drill: EdgeDrill | null = null
  readonly #nodes = new Map<string, MqttConnection>()
  #seq = new Map<string, number>()
  #offset = 0

  constructor(brokerUrl: string, outbox = OUTBOX) {
    this.outbox = outbox
    for (const node of ['north', 'north-blocks'])
      this.#nodes.set(
        node,
        connectMqtt(
          clock,
          silentLog,
        )({
          url: brokerUrl,
          clientId: node,
          username: node,
          password: async () => 'secret',
          keepalive_s: 10,
          will: () => ({
            topic: nodeTopic('yard', 'NDEATH', node),
            payload: encodePayload({ timestamp: 1, metrics: [bdSeq] }),
            qos: 0,
            retain: false,
          }),
          onUp: () => void this.#up(node),
          onDown: () => {},
          // Who stops in the middle of an answer has no connection for it any more.
          onMessage: (message) => void this.#command(node, message).catch(() => {}),
        }),
      )
  }

  start(): void {
    for (const node of this.#nodes.values()) node.start()
  }
  get up(): boolean {
    return [...this.#nodes.values()].every((node) => node.up)
  }
  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) await node.stop(200)
  }
  /** The connection breaks: the broker publishes the will. */
  drop(node = 'north'): void {
    this.#nodes.get(node)?.drop()
  }

  async #up(node: string): Promise<void> {
    await this.#nodes.get(node)?.subscribe([nodeTopic('yard', 'NCMD', node)], 1)
    await this.born(node)
  }

  async #command(node: string, { topic, payload }: MqttMessage): Promise<void> {
    if (parseTopic(topic)?.type !== 'NCMD') return
    for (const { name, value } of decodePayload(payload).metrics) {
      if (name === COMMITTED) this.committed.push(parseCommitted(String(value))!)
      if (name === DRILL) this.#takePart(JSON.parse(String(value)) as EdgeDrill | { id: null })
      if (name !== REBIRTH && name !== DRILL) continue
      if (name === REBIRTH) this.rebirths.push(node)
      await this.born(node)
    }
  }

  #takePart(drill: EdgeDrill | { id: null }): void {
    this.drill = drill.id === null ? null : drill
    this.present = this.present.filter(({ limit_id }) => !isShadow(limit_id))
  }

  /** Sends one payload; `lost` counts it in the sequence and drops it, as a full queue would. */
  async #send(type: 'N' | 'D', verb: 'BIRTH' | 'DATA', node: string, metrics: Metric[], device = '', lost = false) {
    const seq = verb === 'BIRTH' && type === 'N' ? 0 : ((this.#seq.get(node) ?? -1) + 1) % 256
    this.#seq.set(node, seq)
    if (lost) return
    const bytes = encodePayload({ timestamp: instantToMs(clock.now()), seq, metrics })
    const topic = type === 'N' ? nodeTopic('yard', `N${verb}`, node) : deviceTopic('yard', `D${verb}`, node, device)
    await this.#nodes.get(node)?.publish(topic, bytes, { qos: 0 })
  }

  async born(node: string): Promise<void> {
    const head: Metric[] = [
      bdSeq,
      { name: OUTBOX_ID, datatype: DataType.String, value: this.outbox },
      { name: OUTBOX_OFFSET, datatype: DataType.Int64, value: null },
      { name: SITE_HASH, datatype: DataType.String, value: this.hash },
      { name: DRILL, datatype: DataType.String, value: this.drill?.id ?? null },
    ]
    const now = instantToMs(clock.now())
    if (node === 'north-blocks') {
      await this.#send('N', 'BIRTH', node, head)
      const block = blockBirthMetrics('acceleration', ['x', 'y', 'z'], 0.0006, 'm/s²', true, now)
      return this.#send('D', 'BIRTH', node, [...head.slice(1, 3), ...block], 'roof')
    }
    const conditions = this.present.map((record) => conditionBirthMetric(record, limitHere(record.limit_id), now))
    await this.#send('N', 'BIRTH', node, [...head, ...conditions])
    const scalar = (name: string): Metric => ({ name, datatype: DataType.Double, value: null })
    await this.#send('D', 'BIRTH', node, [...head.slice(1, 3), scalar('stage'), scalar('rate_of_rise')], 'creek')
    await this.#send('D', 'BIRTH', node, [...head.slice(1, 3), scalar('pga')], 'roof')
    for (const { device } of this.drill?.shadows ?? [])
      await this.#send('D', 'BIRTH', node, [...head.slice(1, 3), scalar('stage')], shadowId(this.drill!.id, device))
  }

  #identified(metrics: Metric[]): Metric[] {
    return [outboxIdMetric(this.outbox, 1), outboxOffsetMetric(++this.#offset, 1), ...metrics]
  }

  /** One record of `conditions`, live; it stands in later births. Returns its offset. */
  async condition(record: ConditionRecord, options: { lost?: boolean } = {}): Promise<number> {
    this.present = [...this.present.filter((known) => known.limit_id !== record.limit_id), record]
    await this.#send('N', 'DATA', 'north', this.#identified([conditionMetricOf(record)]), '', options.lost)
    return this.#offset
  }

  /** `historical`: as what is sent again. */
  readings(device: string, readings: readonly Reading[], historical = false): Promise<void> {
    const metrics = this.#identified(bodyMetrics(device, { ...emptyBody, readings }))
    const marked = metrics.map((metric) => ({ ...metric, historical }))
    return this.#send('D', 'DATA', 'north', marked, device)
  }

  block(block: Block): Promise<void> {
    const metrics = this.#identified(bodyMetrics(block.device, { ...emptyBody, blocks: [block] }))
    return this.#send('D', 'DATA', 'north-blocks', metrics, block.device)
  }
}

/** Also of a shadow: the limit of the real device under the drill's name. */
function limitHere(id: string): Limit {
  if (id === PANEL.id) return PANEL
  const shadow = splitShadow(id)
  if (shadow === undefined) return limitOf(id)
  const limit = limitOf(shadow.id)
  return { ...limit, id, channel: shadowId(shadow.drill, limit.channel) }
}

const bdSeq: Metric = { name: 'bdSeq', datatype: DataType.Int64, value: 0n }

/** Events of `/api/v1/live` as they come. */
export class TestStream {
  readonly events: Array<{ event: string; data: never }> = []
  readonly #abort = new AbortController()

  async open(url: string, cookie = ''): Promise<void> {
    const response = await fetch(`${url}/api/v1/live`, { signal: this.#abort.signal, headers: { cookie } })
    void this.#read(response).catch(() => {})
  }
  close(): void {
    this.#abort.abort()
  }
  of(event: string): Array<Record<string, unknown>> {
    return this.events.filter((e) => e.event === event).map((e) => e.data)
  }

  async #read(response: Response): Promise<void> {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const part of whole) {
        const [, event, data] = /^(?:id: .*\n)?event: (\w+)\ndata: (.*)$/.exec(part) ?? []
        if (event !== undefined && data !== undefined) this.events.push({ event, data: JSON.parse(data) as never })
      }
    }
  }
}
