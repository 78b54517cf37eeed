/** A TCP listener that ends all its connections when it closes. What is said on a connection is left to the caller. */
import { createServer, type Server, type Socket } from 'node:net'
import { PlumblineError } from '../../domain/errors.ts'

export type TcpPlace = {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Where the port stands in the site file, for a person who must move it. */
  readonly path: string
}

export class TcpListener {
  readonly #place: TcpPlace
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** @param refused a connection beyond `connections_max` came */
  constructor(place: TcpPlace, connections_max: number, serve: (socket: Socket) => void, refused: () => void) {
    this.#place = place
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#sockets.add(socket)
      // A client that goes away is its own business; 'close' follows.
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      serve(socket)
    })
    this.#server.maxConnections = connections_max
    this.#server.on('drop', refused)
  }

  /** @throws PlumblineError PORT_IN_USE, or SITE_INVALID where this machine cannot listen there at all */
  listen(failedLater: (error: Error) => void): Promise<void> {
    const { host, port, path } = this.#place
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(refusal(error, `${host}:${port}`, path))
      this.#server.once('error', failed)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed)
        this.#server.on('error', failedLater)
        resolve()
      })
    })
  }

  /** The port really listened on; 0 while it does not listen. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Ends all connections at once and keeps listening. */
  endConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Ends all connections at once and resolves when the port is free. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.endConnections()
    })
  }
}

function refusal(error: NodeJS.ErrnoException, at: string, path: string): PlumblineError {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE')
    return new PlumblineError('PORT_IN_USE', `${at} (${path}) is already in use; simulated devices need it`, cause)
  const expected = 'an address and port on which this machine can listen'
  return new PlumblineError('SITE_INVALID', `${path}: expected ${expected}, got ${at} (${error.code})`, cause)
}
