/**
 * A TCP proxy in front of an MQTT broker that can cut the line, freeze it (half-open), or swallow single PUBLISH packets.
 * It knows just enough of MQTT 3.1.1 to find packet borders and topics.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Decides for each PUBLISH of a client whether it is lost on the way. */
export type Swallow = (topic: string) => boolean

export class MqttProxy {
  readonly #target: number
  #server: Server | undefined
  #pairs = new Set<readonly [Socket, Socket]>()
  #cut = false
  #swallow: Swallow = () => false
  /** PUBLISH packets swallowed so far. */
  swallowed = 0
  port = 0

  constructor(target: number) {
    this.#target = target
  }

  async start(): Promise<void> {
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
    await new Promise<void>((resolve) => this.#server!.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#cut = true
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  mend(): void {
    this.#cut = false
  }

  swallow(decide: Swallow): void {
    this.#swallow = decide
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }

  #accept(client: Socket): void {
    if (this.#cut) {
      client.destroy()
      return
    }
    const broker = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const pair = [client, broker] as const
    this.#pairs.add(pair)
    const end = () => {
      client.destroy()
      broker.destroy()
      this.#pairs.delete(pair)
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    const frames = new Frames()
    client.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) {
        const topic = publishTopic(frame)
        if (topic !== undefined && this.#swallow(topic)) this.swallowed++
        else broker.write(frame)
      }
    })
    broker.on('data', (chunk: Buffer) => client.write(chunk))
  }
}

/** Cuts a byte stream into MQTT packets (fixed header, section 2.2). */
class Frames {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const out: Buffer[] = []
    for (;;) {
      const length = packetLength(this.#rest)
      if (length === undefined || this.#rest.length < length) return out
      out.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
    }
  }
}

/** Length of the first packet including its fixed header, or `undefined` while that is not known yet. */
function packetLength(bytes: Buffer): number | undefined {
  let remaining = 0
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i]
    if (byte === undefined) return undefined
    remaining += (byte & 0x7f) * 128 ** (i - 1)
    if ((byte & 0x80) === 0) return 1 + i + remaining
  }
  throw new Error('remaining length of more than four bytes')
}

function publishTopic(packet: Buffer): string | undefined {
  if (packet[0]! >> 4 !== 3) return undefined
  let at = 1
  while ((packet[at]! & 0x80) !== 0) at++
  const length = packet.readUInt16BE(at + 1)
  return packet.toString('utf8', at + 3, at + 3 + length)
}
