/**
 * The TCP listener in front of the broker: how many connections, how large a frame, no Nagle delay. What is said over a
 * connection is left to `mqtt-server.ts`.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { PlumblineError } from '../../domain/errors.ts'
import { FrameLimit } from '../frame-limit.ts'
import type { Refusals } from '../refusals.ts'

export const CONNECTIONS_MAX = 256
export const FRAME_MAX_BYTES = 2 ** 20
/** Before a client is known it has to say nothing but CONNECT with a will. */
const FRAME_MAX_UNKNOWN_BYTES = 64 * 1024
const BACKLOG = 512
/**
 * Bytes held for a client that does not read, beyond the kernel's: below it aedes goes on delivering to the others. With
 * `CONNECTIONS_MAX` clients at their worst this is 256 MiB.
 */
const HELD_BYTES = 2 ** 20

export type ListenerOptions = {
  readonly host: string
  readonly port: number
  readonly refusals: Refusals
  /** Takes a new connection; `known` is to be called when its client has been let in. */
  readonly onConnection: (socket: Socket, known: () => void) => void
}

export class Listener {
  readonly #options: ListenerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true, keepAlive: true, highWaterMark: HELD_BYTES }, (socket) =>
      this.#accept(socket),
    )
    this.#server.maxConnections = CONNECTIONS_MAX
    this.#server.on('drop', (drop) =>
      options.refusals.count('too-many-connections', drop?.remoteAddress ?? 'unknown', `more than ${CONNECTIONS_MAX}`),
    )
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.port
  }

  /** @throws PlumblineError PORT_IN_USE, SITE_INVALID */
  listen(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port))
      this.#server.once('error', failed)
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', failed)
        resolve()
      })
    })
  }

  /** Closes the port and every connection, also of clients that no longer read. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    return closed
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const limit = new FrameLimit(FRAME_MAX_UNKNOWN_BYTES)
    const { refusals, onConnection } = this.#options
    const client = `${socket.remoteAddress}:${socket.remotePort}`
    // aedes pulls with read(null) and gathers whole frames without a limit; a stream in between would cost every message.
    const read = socket.read
    socket.read = (size?: number): unknown => {
      const chunk: unknown = read.call(socket, size)
      if (!(chunk instanceof Uint8Array) || limit.take(chunk)) return chunk
      refusals.count('frame-too-large', client, `more than ${limit.max} bytes`)
      socket.destroy()
      return null
    }
    onConnection(socket, () => limit.raise(FRAME_MAX_BYTES))
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  const options = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new PlumblineError(
        'PORT_IN_USE',
        `${host}:${port} (MQTT) is taken by another program; move the broker with broker.port in the site file or --mqtt-port`,
        options,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PlumblineError('SITE_INVALID', `broker.host: ${host} is no address of this machine`, options)
    case 'EACCES':
      return new PlumblineError('SITE_INVALID', `broker.port: this user may not listen on port ${port}`, options)
    default:
      return error
  }
}
