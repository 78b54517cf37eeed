/**
 * Tests only: a real broker behind a tap that keeps every byte its clients send, read as MQTT 3.1.1 packets by the tables of
 * the OASIS standard and by no library. What Sparkplug clients say is then judged by what went over the socket.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'

export type Will = { topic: string; payload: Buffer; qos: number; retain: boolean }
export type Packet =
  | { kind: 'connect'; protocol: string; level: number; clean: boolean; clientId: string; will: Will | undefined }
  | { kind: 'subscribe'; filters: { topic: string; qos: number }[] }
  | { kind: 'publish'; topic: string; payload: Buffer; qos: number; retain: boolean; at_ms: number }
  | { kind: 'disconnect' }
/** One connection: what the client sent, in order; acknowledgements and pings are left out. */
export type Session = { readonly packets: Packet[]; readonly socket: Socket }
export type Published = Extract<Packet, { kind: 'publish' }>

export type Tap = {
  readonly url: string
  readonly sessions: Session[]
  readonly aedes: Aedes
  /** Sessions of a client id, oldest first. */
  of(clientId: string): Session[]
  published(clientId?: string): Published[]
  send(topic: string, payload: Uint8Array, retain?: boolean): Promise<void>
  /** Everything that the broker published, the wills of those that were cut among it. */
  readonly delivered: { topic: string; payload: Buffer; qos: number; retain: boolean }[]
  stop(): Promise<void>
}

export async function tappedBroker(): Promise<Tap> {
  const aedes = await Aedes.createBroker()
  const inner = await listening(createServer((socket) => aedes.handle(socket)))
  const sessions: Session[] = []
  const sockets = new Set<Socket>()
  const outer = await listening(
    createServer((socket) => {
      const up = connect(inner.port, '127.0.0.1')
      const session: Session = { packets: [], socket }
      sessions.push(session)
      for (const [side, other] of [
        [socket, up],
        [up, socket],
      ] as const) {
        sockets.add(side)
        side.on('error', () => {})
        side.on('close', () => other.destroy())
      }
      const parse = packetParser((packet) => session.packets.push(packet))
      socket.on('data', (bytes) => {
        parse(bytes as Buffer)
        up.write(bytes)
      })
      up.pipe(socket)
    }),
  )
  const delivered: Tap['delivered'] = []
  aedes.on('publish', ({ topic, payload, qos, retain }) => {
    if (!topic.startsWith('$SYS')) delivered.push({ topic, payload: Buffer.from(payload), qos, retain })
  })
  const of = (clientId: string) =>
    sessions.filter(({ packets: [first] }) => first?.kind === 'connect' && first.clientId === clientId)
  return {
    url: `mqtt://127.0.0.1:${outer.port}`,
    sessions,
    aedes,
    delivered,
    of,
    published: (clientId) =>
      (clientId === undefined ? sessions : of(clientId)).flatMap(({ packets }) =>
        packets.filter((packet) => packet.kind === 'publish'),
      ),
    send: (topic, payload, retain = false) =>
      new Promise((resolve, reject) =>
        aedes.publish(
          { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain, dup: false },
          (error?: Error | null) => (error ? reject(error) : resolve()),
        ),
      ),
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      outer.server.close()
      inner.server.close()
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
    },
  }
}

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

/** Cuts a stream into packets, section 2.2. */
function packetParser(take: (packet: Packet) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const head = remainingLength(rest)
      if (head === undefined || rest.length < head.end + head.length) return
      const packet = packetOf(rest[0]!, rest.subarray(head.end, head.end + head.length))
      rest = rest.subarray(head.end + head.length)
      if (packet !== undefined) take(packet)
    }
  }
}

/** Section 2.2.3; `undefined` while it has not arrived whole. */
function remainingLength(bytes: Buffer): { length: number; end: number } | undefined {
  let length = 0
  for (let i = 1; i <= 4 && i < bytes.length; i++) {
    length += (bytes[i]! & 0x7f) * 128 ** (i - 1)
    if (bytes[i]! < 0x80) return { length, end: i + 1 }
  }
  return undefined
}

const CONNECT = 1
const PUBLISH = 3
const SUBSCRIBE = 8
const DISCONNECT = 14

function packetOf(first: number, body: Buffer): Packet | undefined {
  const flags = first & 0x0f
  switch (first >> 4) {
    case CONNECT:
      return connectPacket(body)
    case SUBSCRIBE:
      return subscribePacket(body)
    case DISCONNECT:
      return { kind: 'disconnect' }
    case PUBLISH: {
      const topic = piece(body, 0)
      const qos = (flags >> 1) & 3
      const payload = Buffer.from(body.subarray(topic.end + (qos > 0 ? 2 : 0)))
      return {
        kind: 'publish',
        topic: topic.bytes.toString(),
        payload,
        qos,
        retain: (flags & 1) === 1,
        at_ms: Date.now(),
      }
    }
    default:
      return undefined
  }
}

/** A string or binary behind its length, section 1.5.3. */
function piece(body: Buffer, at: number): { bytes: Buffer; end: number } {
  const end = at + 2 + body.readUInt16BE(at)
  return { bytes: Buffer.from(body.subarray(at + 2, end)), end }
}

/** Section 3.1: name, level, flags, keep-alive, client id, then will topic and payload. */
function connectPacket(body: Buffer): Packet {
  const name = piece(body, 0)
  const flags = body[name.end + 1]!
  const id = piece(body, name.end + 4)
  let will: Will | undefined
  if (flags & 0x04) {
    const topic = piece(body, id.end)
    const { bytes: payload } = piece(body, topic.end)
    will = { topic: topic.bytes.toString(), payload, qos: (flags >> 3) & 3, retain: (flags & 0x20) !== 0 }
  }
  const clean = (flags & 0x02) !== 0
  return {
    kind: 'connect',
    protocol: name.bytes.toString(),
    level: body[name.end]!,
    clean,
    clientId: id.bytes.toString(),
    will,
  }
}

function subscribePacket(body: Buffer): Packet {
  const filters: { topic: string; qos: number }[] = []
  for (let at = 2; at < body.length; ) {
    const topic = piece(body, at)
    filters.push({ topic: topic.bytes.toString(), qos: body[topic.end]! })
    at = topic.end + 1
  }
  return { kind: 'subscribe', filters }
}
