/**
 * For tests only: a Modbus server of its own make (Modbus Application Protocol 1.1b3) over TCP, TLS or any byte line, whose
 * replies a test may spoil, and the links to it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { crc16 } from '../../domain/crc16.ts'
import type { ModbusLink } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { SerialLine } from '../../runtime/serial-line.ts'
import { openModbus } from './modbus-link.ts'

export const clock = new SystemClock()
type Reply = { readonly pdu: Buffer; readonly delay_ms?: number }

export class PlainServer {
  /** By `unit/address`; what was never written is unit x 1000 + address. */
  readonly registers = new Map<string, number>()
  readonly coils = new Map<string, boolean>()
  queue: readonly number[] = [0, 7, 100, 200, 300]
  identity: ReadonlyArray<readonly [number, string]> = [
    [0, 'Acme'],
    [1, 'T-1'],
    [2, '1.4'],
    [4, 'Tilt meter'],
  ]
  /** Objects in one answer. */
  identityAtOnce = 2
  readonly silent = new Set<number>()
  /** PDUs in order of arrival, as hex, with their unit. */
  readonly asked: string[] = []
  readonly askedAt: number[] = []
  connections = 0
  /** Changes a reply, delays it, or swallows it. */
  spoil: (reply: Buffer, request: Buffer, unit: number) => Reply | undefined = (pdu) => ({ pdu })

  word(unit: number, address: number): number {
    return this.registers.get(`${unit}/${address}`) ?? (unit * 1000 + address) & 0xffff
  }

  answer(unit: number, request: Buffer): Reply | undefined {
    this.asked.push(`${unit} ${request.toString('hex')}`)
    this.askedAt.push(performance.now())
    return this.silent.has(unit) ? undefined : this.spoil(this.#pdu(unit, request), request, unit)
  }

  #pdu(unit: number, r: Buffer): Buffer {
    const code = r[0]!
    const [address, value] = code === 43 ? [0, 0] : [r.readUInt16BE(1), r.length > 4 ? r.readUInt16BE(3) : 0]
    const words = (count: number) =>
      Buffer.concat(Array.from({ length: count }, (_, i) => u16(this.word(unit, address + i))))
    const store = (from: number, at: number, count: number) => {
      for (let i = 0; i < count; i++) this.registers.set(`${unit}/${from + i}`, r.readUInt16BE(at + 2 * i))
    }
    const bits = (count: number) => {
      const bytes = Buffer.alloc(Math.ceil(count / 8))
      for (let i = 0; i < count; i++) if (this.coils.get(`${unit}/${address + i}`)) bytes[i >> 3]! |= 1 << (i & 7)
      return bytes
    }
    switch (code) {
      case 1:
      case 2:
        return Buffer.concat([Buffer.of(code, Math.ceil(value / 8)), bits(value)])
      case 3:
      case 4:
        return Buffer.concat([Buffer.of(code, value * 2), words(value)])
      case 5:
        this.coils.set(`${unit}/${address}`, value === 0xff00)
        return r
      case 6:
        store(address, 3, 1)
        return r
      case 15:
        for (let i = 0; i < value; i++)
          this.coils.set(`${unit}/${address + i}`, ((r[6 + (i >> 3)]! >> (i & 7)) & 1) === 1)
        return r.subarray(0, 5)
      case 16:
        store(address, 6, value)
        return r.subarray(0, 5)
      case 22: {
        const [and, or] = [r.readUInt16BE(3), r.readUInt16BE(5)]
        this.registers.set(`${unit}/${address}`, (this.word(unit, address) & and) | (or & ~and & 0xffff))
        return r
      }
      case 23:
        store(r.readUInt16BE(5), 10, r.readUInt16BE(7))
        return Buffer.concat([Buffer.of(code, value * 2), words(value)])
      case 24:
        return Buffer.concat([
          Buffer.of(code),
          u16(2 + this.queue.length * 2),
          u16(this.queue.length),
          ...this.queue.map(u16),
        ])
      case 43:
        return this.#identity(r)
      default:
        return Buffer.of(code | 0x80, 1)
    }
  }

  #identity(r: Buffer): Buffer {
    const from = this.identity.findIndex(([id]) => id >= r[3]!)
    const part = this.identity.slice(from, from + this.identityAtOnce)
    const next = this.identity[from + this.identityAtOnce]?.[0]
    const objects = part.flatMap(([id, text]) => [id, text.length, ...Buffer.from(text)])
    return Buffer.of(43, 14, r[2]!, 0x82, next === undefined ? 0 : 0xff, next ?? 0, part.length, ...objects)
  }

  /** MBAP requests may come in any pieces. */
  serveTcp(socket: Socket): void {
    this.connections++
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      while (received.length >= 6 && received.length >= 6 + received.readUInt16BE(4)) {
        const frame = received.subarray(0, 6 + received.readUInt16BE(4))
        received = received.subarray(frame.length)
        const reply = this.answer(frame[6]!, frame.subarray(7))
        if (reply === undefined) continue
        const head = Buffer.from(frame.subarray(0, 7))
        head.writeUInt16BE(reply.pdu.length + 1, 4)
        later(reply, () => socket.write(Buffer.concat([head, reply.pdu])))
      }
    })
  }

  /** Requests follow one another: each comes whole once its CRC is right. */
  serveRtu(line: { onData(listener: (bytes: Uint8Array) => void): void; write(bytes: Uint8Array): void }): void {
    this.connections++
    let received = Buffer.alloc(0)
    line.onData((bytes) => {
      received = Buffer.concat([received, bytes])
      if (received.length < 5 || crc16(received.subarray(0, -2)) !== received.readUInt16LE(received.length - 2)) return
      const unit = received[0]!
      const reply = this.answer(unit, received.subarray(1, -2))
      received = Buffer.alloc(0)
      if (reply !== undefined) later(reply, () => line.write(withCrc(Buffer.concat([Buffer.of(unit), reply.pdu]))))
    })
  }
}

const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 0xff, value & 0xff)
const withCrc = (body: Buffer): Buffer => {
  const crc = crc16(body)
  return Buffer.concat([body, Buffer.of(crc & 0xff, crc >> 8)])
}
function later({ delay_ms }: Reply, send: () => void): void {
  if (delay_ms === undefined) send()
  else setTimeout(send, delay_ms)
}

export type Served = { readonly link: SiteLink; readonly close: () => Promise<void> }
export type LinkOptions = Partial<
  Pick<SiteLink, 'timeout_ms' | 'pause_ms' | 'pause_after_connect_ms' | 'close_after_poll'>
>
const OPTIONS = { timeout_ms: 300, pause_ms: 0, pause_after_connect_ms: 0, close_after_poll: false }

async function listening(server: Server, serve: 'connection' | 'secureConnection', take: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.on(serve, take)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { place: { host: '127.0.0.1', port: (server.address() as { port: number }).port }, close }
}

const linkOf = (kind: Partial<SiteLink>, options: LinkOptions): SiteLink =>
  ({ id: 'bus', ...OPTIONS, ...kind, ...options, devices: [] }) as unknown as SiteLink

export async function overTcp(plain: PlainServer, options: LinkOptions = {}): Promise<Served> {
  const { place, close } = await listening(createServer(), 'connection', (socket) => plain.serveTcp(socket))
  return { link: linkOf({ tcp: place }, options), close }
}

export async function overRtuTcp(plain: PlainServer, options: LinkOptions = {}): Promise<Served> {
  const { place, close } = await listening(createServer(), 'connection', (socket) =>
    plain.serveRtu({ onData: (listener) => socket.on('data', listener), write: (bytes) => socket.write(bytes) }),
  )
  return { link: linkOf({ rtu_over_tcp: place }, options), close }
}

export async function overTls(
  plain: PlainServer,
  server: TlsOptions,
  client: Omit<NonNullable<SiteLink['tls']>, 'host' | 'port'>,
  options: LinkOptions = {},
): Promise<Served> {
  const { place, close } = await listening(createTlsServer(server), 'secureConnection', (s) => plain.serveTcp(s))
  return { link: linkOf({ tls: { ...place, ...client } }, options), close }
}

/** A pty pair made by socat; the master has one end, the devices the other. */
export async function overPty(plain: PlainServer, folder: string, options: LinkOptions = {}): Promise<Served> {
  const [a, b] = [`${folder}/master`, `${folder}/devices`]
  const socat = spawn('socat', [`pty,rawer,link=${a}`, `pty,rawer,link=${b}`], { stdio: 'ignore' })
  const exited = once(socat, 'exit')
  for (let i = 0; i < 200 && !(existsSync(a) && existsSync(b)); i++) await new Promise((r) => setTimeout(r, 10))
  const format = { baud: 115_200, parity: 'none', stop_bits: 1 } as const
  const line = await SerialLine.open({ ...format, device: b, path: 'devices' }, clock, () => {})
  plain.serveRtu(line)
  const close = async () => {
    await line.close()
    socat.kill()
    await exited
  }
  return { link: linkOf({ rtu: { ...format, data_bits: 8, path: a } }, options), close }
}

export const open = (link: SiteLink): ModbusLink => openModbus(clock, silentLog)(link)
