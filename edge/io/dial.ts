/**
 * How each kind of link is opened: a Modbus TCP connection, a serial port, RTU frames through a TCP connection. Each gives
 * a strict port for modbus-serial; the queue, time-outs and reconnecting are left to `modbus-link.ts`.
 */
import type { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { endpointOf } from '../../domain/channel.ts'
import { type Clock, ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import type { Monotonic } from '../../domain/time.ts'
import { SerialLine, silence_ms } from '../../runtime/serial-line.ts'
import { MbapPort } from './mbap-port.ts'
import { type ByteLine, RtuPort } from './rtu-port.ts'

/** TCP keeps no silence between frames: a pause in which a doubled reply still shows before the next request is sent. */
const RTU_OVER_TCP_SILENCE_MS = 2

export interface StrictPort extends EventEmitter {
  _transactionIdWrite: number
  _transactionIdRead: number
  readonly isOpen: boolean
  onFailure: (error: ModbusError) => void
  open(callback: (error?: Error) => void): void
  close(callback: () => void): void
  write(frame: Buffer): void
  /** Resolves when the place is free to be opened anew. */
  destroy(): Promise<unknown>
  /** Only where replies bear no id. */
  readonly lastHeard?: Monotonic
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

export function transportOf(link: SiteLink, clock: Clock): Transport {
  const { tcp, rtu, rtu_over_tcp } = link
  if (rtu !== undefined)
    return { silence_ms: silence_ms(rtu), staysOpen: true, dial: (signal) => dialSerial(link, rtu, clock, signal) }
  if (rtu_over_tcp !== undefined)
    return {
      silence_ms: RTU_OVER_TCP_SILENCE_MS,
      staysOpen: false,
      dial: async (signal) => rtuOver(await dialTcp(link, rtu_over_tcp, signal), clock),
    }
  return { staysOpen: false, dial: async (signal) => new MbapPort(await dialTcp(link, tcp!, signal)) }
}

function dialTcp(link: SiteLink, place: { host: string; port: number }, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: place.host, port: place.port, noDelay: true })
    const stop = () => socket.destroy()
    const give = (reason: 'timeout' | 'closed', detail: string) => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      reject(new ModbusError(reason, `${endpointOf(link)}: ${detail}`))
    }
    signal.addEventListener('abort', stop)
    socket.setTimeout(link.timeout_ms, () => give('timeout', `no connection in ${link.timeout_ms} ms`))
    socket.once('error', (error: NodeJS.ErrnoException) => give('closed', error.code ?? error.message))
    socket.once('close', () => give('closed', 'connection closed'))
    socket.once('connect', () => {
      signal.removeEventListener('abort', stop)
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

function rtuOver(socket: Socket, clock: Clock): RtuPort {
  const line: ByteLine = {
    onData: (listener) => socket.on('data', listener),
    write: (bytes) => socket.write(bytes),
    close: async () => socket.destroy(),
  }
  const port = new RtuPort(line, clock)
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
  port = new RtuPort(line, clock)
  return port
}
