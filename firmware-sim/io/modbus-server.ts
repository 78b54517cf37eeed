/**
 * A strict Modbus TCP server for simulated devices: one listener, many connections, many unit ids. It answers in the same
 * tick as the request came; what it answers is decided in `answer.ts`.
 */
import type { Socket } from 'node:net'
import type { Clock, Log } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import { answerFrame, type Reply } from '../answer.ts'
import type { SimulatedDevice } from '../device.ts'
import { FrameReader } from '../modbus-frame.ts'
import type { Timebase } from '../timebase.ts'
import { LinkFaults } from '../wire-proxy.ts'
import { Complaints } from './complaints.ts'
import { MbapWire } from './mbap-wire.ts'
import { TcpListener, type TcpPlace } from './tcp-listener.ts'

/** Field gateways allow few clients; more than this is a client that leaks connections. */
export const CONNECTIONS_MAX = 32
/** Late answers that one connection may have outstanding; a client that asks on regardless is cut off. */
export const DELAYED_MAX = 256

export type ModbusServerOptions = TcpPlace & {
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly at: Timebase
  readonly clock: Clock
  readonly log: Log
  /** What the wire does to every connection; default it is sound. */
  readonly wire?: LinkFaults
}

export class ModbusServer {
  readonly #options: ModbusServerOptions
  readonly #listener: TcpListener
  readonly #complaints: Complaints
  readonly #faults: LinkFaults

  constructor(options: ModbusServerOptions) {
    this.#options = options
    this.#complaints = new Complaints(options.log)
    this.#faults = options.wire ?? new LinkFaults(options.path, 'mbap', 0)
    this.#listener = new TcpListener(
      options,
      CONNECTIONS_MAX,
      (socket) => this.#serve(socket),
      () => this.#complain('refused a connection', `limit of ${CONNECTIONS_MAX} reached`),
    )
  }

  /** @throws PlumblineError PORT_IN_USE, or SITE_INVALID where this machine cannot listen there at all */
  listen(): Promise<void> {
    return this.#listener.listen((error) => this.#options.log.error('modbus listener failed', { error }))
  }

  /** The port really listened on; 0 while it does not listen. */
  get port(): number {
    return this.#listener.port
  }

  /** Ends all connections at once and resolves when the port is free. */
  close(): Promise<void> {
    return this.#listener.close()
  }

  #serve(socket: Socket): void {
    const { devices, at, clock } = this.#options
    const reader = new FrameReader()
    const delayed = new Set<() => void>()
    let ending = false
    /** What was answered before still leaves. */
    const end = () => {
      ending = true
      socket.destroySoon()
    }
    const wire = new MbapWire({
      faults: this.#faults,
      clock,
      heard: (frame) => {
        if (ending) return
        const reply = answerFrame(frame, devices.get(frame.unit), at())
        if (reply === 'close') end()
        else if (reply !== 'nothing' && !this.#send(wire, reply, delayed)) end()
      },
      broken: (why) => {
        if (ending) return
        this.#complain('closed a connection that does not speak Modbus TCP', why)
        end()
      },
      write: (bytes) => {
        if (!socket.destroyed && !socket.writableEnded) socket.write(bytes)
      },
    })
    socket.on('close', () => {
      wire.close()
      for (const cancel of delayed) cancel()
    })
    // A client that asks without reading is not read from until it has taken its answers.
    socket.on('drain', () => socket.resume())
    socket.on('data', (chunk) => {
      if (ending) return
      const { frames, fault } = reader.push(chunk)
      socket.cork()
      for (const frame of frames) if (!ending) wire.request(frame)
      socket.uncork()
      if (fault !== undefined && !ending) {
        this.#complain('closed a connection that does not speak Modbus TCP', fault)
        end()
      } else if (socket.writableNeedDrain) socket.pause()
    })
  }

  /** At once or late; false where the connection must end. */
  #send(wire: MbapWire, { bytes, delay_ms }: Exclude<Reply, string>, delayed: Set<() => void>): boolean {
    if (delay_ms === 0) {
      wire.reply(bytes)
      return true
    }
    if (delayed.size >= DELAYED_MAX) {
      this.#complain('closed a connection', `more than ${DELAYED_MAX} late answers outstanding`)
      return false
    }
    const { clock } = this.#options
    const cancel = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(delay_ms * 1e6))), () => {
      delayed.delete(cancel)
      wire.reply(bytes)
    })
    delayed.add(cancel)
    return true
  }

  #complain(message: string, why: string): void {
    this.#complaints.tell(message, { listener: `${this.#options.host}:${this.port}`, why })
  }
}
