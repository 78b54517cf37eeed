/** A Sparkplug node of somebody else, written with a client library alone: it numbers its messages, and answers rebirths. */
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { text } from '../domain/wire/metric.ts'

const DEVICE = 'Tank_3'

export class ForeignNode {
  readonly #client: MqttClient
  readonly #group: string
  readonly #node: string
  #seq = 0
  #value = 0
  #t_ms = 0
  /** Rebirths that a host asked for. */
  asked = 0

  private constructor(client: MqttClient, group: string, node: string) {
    this.#client = client
    this.#group = group
    this.#node = node
    client.on('message', (_, payload) => {
      const asks = decodePayload(payload).metrics.some(({ name }) => name === 'Node Control/Rebirth')
      if (!asks) return
      this.asked++
      void this.birth()
    })
    client.on('error', () => {})
  }

  static async connect(url: string, group: string, node: string, options: IClientOptions): Promise<ForeignNode> {
    const will = {
      topic: `spBv1.0/${group}/NDEATH/${node}`,
      payload: Buffer.from(encodePayload(BD_SEQ)),
      qos: 1 as const,
    }
    const client = await connectAsync(url, { clientId: node, username: node, reconnectPeriod: 0, will, ...options })
    const made = new ForeignNode(client, group, node)
    await client.subscribeAsync(`spBv1.0/${group}/NCMD/${node}`, { qos: 0 })
    await made.birth()
    return made
  }

  get connected(): boolean {
    return this.#client.connected
  }

  async birth(): Promise<void> {
    this.#seq = 0
    await this.#publish('NBIRTH', BD_SEQ.metrics)
    const about = { name: 'Level', datatype: DataType.Float, properties: { engUnit: text('cm') } }
    await this.#publish('DBIRTH', [{ ...this.#level(), ...about }])
  }

  /** The next value [cm], told, or lost on the way. */
  async data(lost = false): Promise<void> {
    this.#value++
    if (lost) this.#seq++
    else await this.#publish('DDATA', [this.#level()])
  }

  /** What only another node may say. */
  claim(node: string): Promise<unknown> {
    const payload = Buffer.from(encodePayload({ timestamp: Date.now(), seq: 0, metrics: BD_SEQ.metrics }))
    return this.#client.publishAsync(`spBv1.0/${this.#group}/NDEATH/${node}`, payload)
  }

  end(): Promise<void> {
    return this.#client.endAsync(true)
  }

  #level(): Metric {
    // Each value at an instant of its own: another one for the same instant would be put aside.
    this.#t_ms = Math.max(Date.now(), this.#t_ms + 1)
    return { alias: 1n, timestamp: this.#t_ms, value: this.#value }
  }
  async #publish(type: string, metrics: readonly Metric[]): Promise<void> {
    const topic = `spBv1.0/${this.#group}/${type}/${this.#node}${type.startsWith('D') ? `/${DEVICE}` : ''}`
    const payload = encodePayload({ timestamp: Date.now(), seq: this.#seq++ % 256, metrics: [...metrics] })
    await this.#client.publishAsync(topic, Buffer.from(payload))
  }
}

export const levelOf = (node: string): string => `foreign.${node}.${DEVICE}/Level`

const BD_SEQ = {
  timestamp: 0,
  metrics: [{ name: 'bdSeq', timestamp: 0, datatype: DataType.Int64, value: 0n }] as Metric[],
}
