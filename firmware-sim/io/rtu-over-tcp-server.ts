/**
 * Simulated devices behind a serial device server: RTU frames, CRC and all, through a TCP connection. Many connections may
 * be open; each asks the same bus. What the devices answer is decided in `answer.ts`.
 */
import type { Socket } from 'node:net'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SimulatedDevice } from '../device.ts'
import type { Timebase } from '../timebase.ts'
import { LinkFaults } from '../wire-proxy.ts'
import { Complaints } from './complaints.ts'
import { RtuSession } from './rtu-session.ts'
import { TcpListener, type TcpPlace } from './tcp-listener.ts'

/** Serial device servers allow few clients; more than this is a client that leaks connections. */
export const CONNECTIONS_MAX = 32
/** TCP has no silence of 3.5 characters: a pause between segments that no sender makes within a frame. */
export const SILENCE_MS = 50

export type RtuOverTcpServerOptions = TcpPlace & {
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly at: Timebase
  readonly clock: Clock
  readonly log: Log
  /** What the wire does to every connection; default it is sound. */
  readonly wire?: LinkFaults
}

export class RtuOverTcpServer {
  readonly #options: RtuOverTcpServerOptions
  readonly #listener: TcpListener
  readonly #complaints: Complaints
  readonly #wire: LinkFaults

  constructor(options: RtuOverTcpServerOptions) {
    this.#options = options
    this.#complaints = new Complaints(options.log)
    this.#wire = options.wire ?? new LinkFaults(options.path, 'rtu', 0)
    this.#listener = new TcpListener(
      options,
      CONNECTIONS_MAX,
      (socket) => this.#serve(socket),
      () => this.#complain('refused a connection', `limit of ${CONNECTIONS_MAX} reached`),
    )
  }

  /** @throws PlumblineError PORT_IN_USE, SITE_INVALID */
  listen(): Promise<void> {
    return this.#listener.listen((error) => this.#options.log.error('modbus listener failed', { error }))
  }

  /** The port really listened on; 0 while it does not listen. */
  get port(): number {
    return this.#listener.port
  }

  /** What came and was no frame, or could not be answered. */
  get dropped(): number {
    return this.#complaints.counts.get('dropped what came in RTU over TCP') ?? 0
  }

  close(): Promise<void> {
    return this.#listener.close()
  }

  #serve(socket: Socket): void {
    const { devices, at, clock } = this.#options
    const session = new RtuSession({
      devices,
      at,
      clock,
      wire: this.#wire,
      silence_ms: SILENCE_MS,
      write: (bytes) => {
        if (socket.writable) socket.write(bytes)
      },
      end: () => {
        session.close()
        // What was answered before still leaves.
        socket.destroySoon()
      },
      dropped: (why) => this.#complain('dropped what came in RTU over TCP', why),
    })
    socket.on('close', () => session.close())
    // A client that asks without reading is not read from until it has taken its answers.
    socket.on('drain', () => socket.resume())
    socket.on('data', (chunk) => {
      socket.cork()
      session.data(chunk)
      socket.uncork()
      if (socket.writableNeedDrain) socket.pause()
    })
  }

  #complain(message: string, why: string): void {
    this.#complaints.tell(message, { listener: `${this.#options.host}:${this.port}`, why })
  }
}
