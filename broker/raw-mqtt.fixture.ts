/**
 * Tests only: MQTT 3.1.1 byte by byte over a raw socket, so that the broker is judged by bytes that no library made.
 * Section numbers are those of the OASIS standard of 29 October 2014.
 */
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'

/** Control packet types, table 2.1. */
export const CONNECT = 1
export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBREL = 6
export const PUBCOMP = 7
export const SUBSCRIBE = 8
export const SUBACK = 9
export const UNSUBSCRIBE = 10
export const UNSUBACK = 11
export const PINGREQ = 12
export const PINGRESP = 13
export const DISCONNECT = 14

/** A number of two bytes, section 1.5.2. */
export const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff])
/** A string or binary with its length in front, section 1.5.3. */
export const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([u16(bytes.length), bytes])
}

/** Remaining length, section 2.2.3. */
export function varint(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.from(bytes)
}

export const frame = (type: number, flags: number, ...body: Uint8Array[]): Buffer => {
  const all = Buffer.concat(body)
  return Buffer.concat([Buffer.from([(type << 4) | flags]), varint(all.length), all])
}

export type ConnectFields = {
  readonly clientId: string
  readonly user?: string
  readonly password?: string
  readonly protocol?: string
  readonly level?: number
  /** Default: clean session and what the other fields ask for. */
  readonly flags?: number
  readonly keepalive_s?: number
  readonly will?: { readonly topic: string; readonly payload: string; readonly qos?: number; readonly retain?: boolean }
}

/** Section 3.1. */
export function connectPacket(fields: ConnectFields): Buffer {
  const { clientId, user, password, protocol = 'MQTT', level = 4, keepalive_s = 60, will } = fields
  const asked =
    0x02 |
    (user === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will === undefined ? 0 : 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0))
  return frame(
    CONNECT,
    0,
    text(protocol),
    Buffer.from([level, fields.flags ?? asked]),
    u16(keepalive_s),
    text(clientId),
    ...(will === undefined ? [] : [text(will.topic), text(will.payload)]),
    ...(user === undefined ? [] : [text(user)]),
    ...(password === undefined ? [] : [text(password)]),
  )
}

export type PublishFields = {
  readonly qos?: number
  readonly retain?: boolean
  readonly dup?: boolean
  readonly id?: number
}

/** Section 3.3; an id is written where one is given or the QoS asks for one. */
export function publishPacket(
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  fields: PublishFields = {},
): Buffer {
  const { qos = 0, retain = false, dup = false, id = qos > 0 ? 1 : undefined } = fields
  return frame(
    PUBLISH,
    (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
    text(topic),
    ...(id === undefined ? [] : [u16(id)]),
    Buffer.from(payload as string),
  )
}

export const subscribePacket = (
  id: number,
  ...filters: readonly [filter: string | Uint8Array, qos: number][]
): Buffer => frame(SUBSCRIBE, 2, u16(id), ...filters.flatMap(([filter, qos]) => [text(filter), Buffer.from([qos])]))

export const unsubscribePacket = (id: number, ...filters: readonly string[]): Buffer =>
  frame(UNSUBSCRIBE, 2, u16(id), ...filters.map(text))

export type Packet = { readonly type: number; readonly flags: number; readonly body: Buffer }
export type Heard = {
  topic: string
  payload: string
  qos: number
  retain: boolean
  dup: boolean
  id: number | undefined
}

export function asPublish({ type, flags, body }: Packet): Heard {
  if (type !== PUBLISH) throw new Error(`expected PUBLISH, got packet type ${type}`)
  const topicEnd = 2 + body.readUInt16BE(0)
  const qos = (flags >> 1) & 3
  return {
    topic: body.subarray(2, topicEnd).toString(),
    payload: body.subarray(topicEnd + (qos > 0 ? 2 : 0)).toString(),
    qos,
    retain: (flags & 1) === 1,
    dup: (flags & 8) !== 0,
    id: qos > 0 ? body.readUInt16BE(topicEnd) : undefined,
  }
}

const REPLY_MS = 3_000
/** So long nothing may come where nothing should: well above a round trip on loopback. */
const SILENCE_MS = 60

export class RawMqtt {
  readonly stream: Duplex
  readonly #packets: Packet[] = []
  #bytes = Buffer.alloc(0)
  #closed = false
  #wake = () => {}

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('error', () => {})
    stream.on('data', (bytes: Buffer) => this.#take(bytes))
    const closed = () => {
      this.#closed = true
      this.#wake()
    }
    stream.on('close', closed)
    stream.on('end', closed)
  }

  static async open(port: number): Promise<RawMqtt> {
    const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new RawMqtt(socket)
  }

  send(...packets: readonly Uint8Array[]): void {
    this.stream.write(Buffer.concat(packets))
  }

  /** The next packet. @throws where none comes in time, or the connection ends first */
  async next(within_ms = REPLY_MS): Promise<Packet> {
    await this.#until(() => this.#packets.length > 0 || this.#closed, within_ms)
    const packet = this.#packets.shift()
    if (packet === undefined)
      throw new Error(this.#closed ? 'the connection was closed' : `no packet in ${within_ms} ms`)
    return packet
  }

  async message(within_ms?: number): Promise<Heard> {
    return asPublish(await this.next(within_ms))
  }

  /** Whether the connection ends in time; packets that came before stay to be read. */
  async closes(within_ms = REPLY_MS): Promise<boolean> {
    await this.#until(() => this.#closed, within_ms)
    return this.#closed
  }

  /** Whether the connection stays and nothing comes. */
  async staysQuiet(): Promise<boolean> {
    await this.#until(() => this.#packets.length > 0 || this.#closed, SILENCE_MS)
    return this.#packets.length === 0 && !this.#closed
  }

  /** Whether it still answers. */
  async alive(): Promise<boolean> {
    this.send(frame(PINGREQ, 0))
    return (await this.next()).type === PINGRESP
  }

  /** As a cut line: no DISCONNECT. */
  cut(): void {
    this.stream.destroy()
  }

  async #until(holds: () => boolean, within_ms: number): Promise<void> {
    const end = performance.now() + within_ms
    while (!holds()) {
      const left_ms = end - performance.now()
      if (left_ms <= 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left_ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (;;) {
      let length = 0
      let at = 1
      for (;;) {
        const byte = this.#bytes[at]
        if (byte === undefined) return
        length += (byte & 0x7f) * 128 ** (at - 1)
        at++
        if (byte < 0x80) break
      }
      if (this.#bytes.length < at + length) return
      const first = this.#bytes[0]!
      this.#packets.push({ type: first >> 4, flags: first & 15, body: this.#bytes.subarray(at, at + length) })
      this.#bytes = this.#bytes.subarray(at + length)
      this.#wake()
    }
  }
}
