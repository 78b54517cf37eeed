/**
 * A broker of its own with one gateway of the yard on it: births when asked, keeps every record until ingest says that it is
 * committed, sends again when told. What it knows of Sparkplug is the wire alone, so that ingest meets nothing of its own.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket } from 'aedes'
import { decodePayload, encodePayload } from '../../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../../domain/sparkplug/payload.ts'
import { parseCommitted } from '../../domain/wire/committed.ts'
import { BD_SEQ, COMMITTED, REBIRTH } from '../../domain/wire/names.ts'
import { blockRecord, gaugeBirth, payloadOf, readingRecord, roofBirth, T_MS } from './yard.ts'

type Stream = 'readings' | 'blocks'
const NODE = { readings: 'gateway', blocks: 'gateway-blocks' } as const
const DEVICE = { readings: 'gauge', blocks: 'roof' } as const
const bdSeq: Metric = { name: BD_SEQ, timestamp: T_MS, datatype: DataType.Int64, value: 0n }

export class FakeEdge {
  readonly #aedes: Aedes
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    this.#aedes.handle(socket)
  })
  readonly #seq: Record<Stream, number> = { readings: 0, blocks: 0 }
  /** Records that nobody has acknowledged, by offset. */
  readonly outbox: Record<Stream, Map<number, Metric[]>> = { readings: new Map(), blocks: new Map() }
  /** Every acknowledgement as it came, and every birth that was asked for. */
  readonly committed: string[] = []
  births = 0
  /** What was retained last, by topic. */
  readonly said = new Map<string, Uint8Array>()

  static async start(): Promise<FakeEdge> {
    const edge = new FakeEdge(await Aedes.createBroker())
    await new Promise<void>((resolve) => edge.#server.listen(0, '127.0.0.1', resolve))
    return edge
  }

  private constructor(aedes: Aedes) {
    this.#aedes = aedes
    aedes.on('publish', (packet: AedesPublishPacket) => {
      if (packet.retain) this.said.set(packet.topic, packet.payload as Buffer)
      if (packet.topic.includes('/NCMD/')) this.#command(packet.topic.split('/')[3]!, packet.payload as Buffer)
    })
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection; the listener stays. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.cut()
    await new Promise<void>((resolve) => this.#aedes.close(resolve))
  }

  birth(stream: Stream): Promise<void> {
    const metrics = stream === 'readings' ? gaugeBirth(false) : roofBirth()
    this.#seq[stream] = 0
    void this.#publish('NBIRTH', stream, [bdSeq])
    return this.#publish('DBIRTH', stream, metrics)
  }

  /** Records a second of each stream and sends it live. */
  live(offset: number): void {
    this.record('readings', offset, readingRecord(offset, offset))
    this.record('blocks', offset, blockRecord(offset))
  }

  record(stream: Stream, offset: number, metrics: Metric[]): void {
    this.outbox[stream].set(offset, metrics)
    void this.#publish('DDATA', stream, payloadOf(metrics))
  }

  /** Sends all again that is not acknowledged, marked historical, 64 records to a payload. */
  resend(): void {
    for (const stream of ['readings', 'blocks'] as const) {
      const records = [...this.outbox[stream].values()]
      for (let i = 0; i < records.length; i += 64) {
        const metrics = payloadOf(...records.slice(i, i + 64)).map((metric) => ({ ...metric, historical: true }))
        void this.#publish('DDATA', stream, metrics)
      }
    }
  }

  #command(node: string, payload: Buffer): void {
    for (const { name, value } of decodePayload(payload).metrics) {
      if (name === REBIRTH) {
        this.births++
        void this.birth(node === NODE.blocks ? 'blocks' : 'readings')
      }
      if (name !== COMMITTED) continue
      const committed = parseCommitted(String(value))
      if (committed === undefined || committed.stream === 'conditions') continue
      this.committed.push(`${node} ${committed.stream} ${JSON.stringify(committed.ranges)}`)
      if (node !== NODE[committed.stream]) continue
      for (const [from, to] of committed.ranges)
        for (let offset = from; offset <= to; offset++) this.outbox[committed.stream].delete(offset)
    }
  }

  #publish(type: string, stream: Stream, metrics: Metric[]): Promise<void> {
    const device = type.startsWith('D') ? `/${DEVICE[stream]}` : ''
    const payload = Buffer.from(encodePayload({ timestamp: T_MS, seq: this.#seq[stream]++ % 256, metrics }))
    const topic = `spBv1.0/yard/${type}/${NODE[stream]}${device}`
    return new Promise((resolve, reject) =>
      this.#aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  }
}
