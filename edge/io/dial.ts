/**
 * How each kind of link is opened: a Modbus TCP connection, one inside TLS, a serial port, RTU frames through a TCP
 * connection. Each gives a strict port; the queue, time-outs and reconnecting are left to `modbus-link.ts`.
 */
import type { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { endpointOf } from '../../domain/channel.ts'
import { type Clock, ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import type { Monotonic } from '../../domain/time.ts'
import { SerialLine, silence_ms } from '../../runtime/serial-line.ts'
import { MbapPort } from './mbap-port.ts'
import { type ByteLine, RtuPort } from './rtu-port.ts'
import { tlsFailure, tlsOptions } from './tls-line.ts'

/** TCP keeps no silence between frames: a pause in which a doubled reply still shows before the next request is sent. */
const RTU_OVER_TCP_SILENCE_MS = 2
/** More than the longest answer of Modbus TCP; what is longer comes in pieces. */
const READ_BYTES = 512
/** A device that vanished from an idle connection is noticed: first probe of TCP itself after this much. */
const KEEP_ALIVE_MS = 10_000

export interface StrictPort extends EventEmitter {
  _transactionIdWrite: number
  _transactionIdRead: number
  readonly isOpen: boolean
  onFailure: (error: ModbusError) => void
  answerTo: ((body: Buffer) => void) | undefined
  readonly failure: ModbusError | undefined
  open(callback: (error?: Error) => void): void
  close(callback: () => void): void
  write(frame: Buffer): void
  /** Unit id and PDU, framed by the port. */
  send(body: Buffer): void
  /** Resolves when the place is free to be opened anew. */
  destroy(): Promise<unknown>
  /** Only where replies bear no id. */
  readonly lastHeard?: Monotonic
  tell?(body: Buffer): void
  abandon?(): void
}

export type Transport = {
  /** The line has no ids: it must be silent this long before a request [ms], and is drained after a failed one. */
  readonly silence_ms?: number
  /** The line stays open after a failed request: a serial port, which cannot be closed from its far end. */
  readonly staysOpen: boolean
  /** Rejects with a `ModbusError`, at once when the signal is aborted. */
  readonly dial: (signal: AbortSignal) => Promise<StrictPort>
}

/** @throws PlumblineError SITE_INVALID where certificates that the site names cannot be used */
export function transportOf(link: SiteLink, clock: Clock): Transport {
  const { tcp, tls, rtu, rtu_over_tcp } = link
  if (rtu !== undefined)
    return { silence_ms: silence_ms(rtu), staysOpen: true, dial: (signal) => dialSerial(link, rtu, clock, signal) }
  if (rtu_over_tcp !== undefined)
    return {
      silence_ms: RTU_OVER_TCP_SILENCE_MS,
      staysOpen: false,
      dial: async (signal) => rtuOver(await dialTcp(link, rtu_over_tcp, signal), clock, rtu_over_tcp.echo),
    }
  if (tls !== undefined) {
    tlsOptions(link, tls)
    return { staysOpen: false, dial: async (signal) => new MbapPort(await dialTls(link, tls, signal), tlsFailure) }
  }
  return { staysOpen: false, dial: (signal) => dialMbap(link, tcp!, signal) }
}

/**
 * What comes is read into one small piece of memory for each connection: for a stream Node takes 64 KiB anew for each piece
 * that it reads, of which an answer fills 260 bytes at most.
 */
async function dialMbap(link: SiteLink, { host, port }: { host: string; port: number }, signal: AbortSignal) {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const callback = (bytes: number): boolean => {
    mbap.take(Buffer.from(buffer.subarray(0, bytes)))
    return true
  }
  const socket = connect({ host, port, ...SOCKET, onread: { buffer, callback } })
  const mbap = new MbapPort(socket)
  await settled(link, socket, 'connect', signal, codeOf)
  return mbap
}

const dialTcp = (link: SiteLink, place: { host: string; port: number }, signal: AbortSignal): Promise<Socket> =>
  settled(link, connect({ host: place.host, port: place.port, ...SOCKET }), 'connect', signal, codeOf)

async function dialTls(link: SiteLink, place: NonNullable<SiteLink['tls']>, signal: AbortSignal): Promise<Socket> {
  let options: ReturnType<typeof tlsOptions>
  try {
    options = tlsOptions(link, place)
  } catch (error) {
    throw new ModbusError('closed', `${endpointOf(link)}: ${(error as Error).message}`)
  }
  const socket = connectTls({ ...options, ...SOCKET })
  // A refused connection is not TLS's doing.
  return settled(link, socket, 'secureConnect', signal, (error) =>
    socket.connecting ? codeOf(error) : tlsFailure(error),
  )
}

const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message

function settled<S extends Socket>(
  link: SiteLink,
  socket: S,
  ready: 'connect' | 'secureConnect',
  signal: AbortSignal,
  told: (error: NodeJS.ErrnoException) => string,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const stop = () => socket.destroy()
    const give = (reason: 'timeout' | 'closed', detail: string) => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      reject(new ModbusError(reason, `${endpointOf(link)}: ${detail}`))
    }
    const refused = (error: NodeJS.ErrnoException) => give('closed', told(error))
    const ended = () => give('closed', 'connection closed')
    signal.addEventListener('abort', stop)
    socket.setTimeout(link.timeout_ms, () => give('timeout', `no connection in ${link.timeout_ms} ms`))
    socket.once('error', refused)
    socket.once('close', ended)
    socket.once(ready, () => {
      signal.removeEventListener('abort', stop)
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

function rtuOver(socket: Socket, clock: Clock, echo = false): RtuPort {
  const line: ByteLine = {
    onData: (listener) => socket.on('data', listener),
    write: (bytes) => socket.write(bytes),
    close: async () => socket.destroy(),
  }
  const port = new RtuPort(line, clock, echo)
  socket.on('error', (error) => port.lost(error.message))
  socket.on('close', () => port.lost('the device closed the connection'))
  return port
}

async function dialSerial(
  link: SiteLink,
  rtu: NonNullable<SiteLink['rtu']>,
  clock: Clock,
  signal: AbortSignal,
): Promise<RtuPort> {
  let port: RtuPort | undefined
  let lost: string | undefined
  const line = await SerialLine.open({ ...rtu, device: rtu.path, path: `${link.id}.rtu.path` }, clock, (why) => {
    lost = why
    port?.lost(why)
  }).catch((error: Error) => {
    throw new ModbusError('closed', error.message)
  })
  if (signal.aborted || lost !== undefined) {
    await line.close()
    throw new ModbusError('closed', `${rtu.path}: ${lost ?? 'the link was closed'}`)
  }
  port = new RtuPort(line, clock, rtu.echo)
  return port
}
