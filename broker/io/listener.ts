/**
 * A listener in front of the broker, plain, TLS or WebSocket: how many connections, how large a frame, no Nagle delay, who
 * the certificate names. What is said over a connection is left to `mqtt-server.ts`.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTls, type SecureContextOptions, TLSSocket } from 'node:tls'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import { FrameLimit } from '../frame-limit.ts'
import { RATE_LIMITS, RateLimit, type RateLimits } from '../rate-limit.ts'
import type { Refusals } from '../refusals.ts'
import { NOT_READING, Stalled } from './stalled.ts'
import { webSocketServer } from './web-sockets.ts'

export const CONNECTIONS_MAX = 256
/**
 * Connections of one address whose client is not known yet; each may take ten seconds to say who it is. Without this limit one
 * stranger holds every connection there is. All services of a site may share one address, as behind a translator of addresses.
 */
export const STRANGERS_MAX = 32
export const FRAME_MAX_BYTES = 2 ** 20
/** Before a client is known it has to say nothing but CONNECT with a will. */
const FRAME_MAX_UNKNOWN_BYTES = 64 * 1024
const BACKLOG = 512
/** For TLS, and for the request of a WebSocket. */
export const HANDSHAKE_MS = 10_000
/**
 * Bytes held for a client that does not read, beyond the kernel's: below it aedes goes on delivering to the others. With
 * `CONNECTIONS_MAX` clients at their worst this is 256 MiB.
 */
const HELD_BYTES = 2 ** 20
/** For a client that nobody waits for: room for the births of a large site at once. `stalled.ts` ends it all the same. */
const HELD_UNAWAITED_BYTES = 4 * HELD_BYTES

/** What is known of a connection before its client has said anything. */
export type Arrival = {
  readonly address: string
  /** To be called when its client has been let in; whether the others may be held up for it while it does not read. */
  readonly known: (awaited: boolean) => void
  /** Common name of a verified client certificate. */
  readonly certificate?: string
}

export type ListenerOptions = {
  readonly host: string
  readonly port: number
  /** Where the port stands in the site file, e.g. `broker.tls`. */
  readonly path: string
  readonly refusals: Refusals
  readonly clock: Clock
  /** Default `RATE_LIMITS`. */
  readonly rates?: RateLimits
  /** Default `HANDSHAKE_MS`. */
  readonly handshake_ms?: number
  readonly tls?: SecureContextOptions & { readonly clients?: 'optional' | 'required' }
  readonly webSocket?: boolean
  readonly onConnection: (connection: Duplex, arrival: Arrival) => void
}

export class Listener {
  readonly #options: ListenerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #stalled = new Stalled()
  /** Strangers by address, and what to call when the one behind an address and port is no longer one. */
  readonly #strangers = new Map<string, number>()
  readonly #unknown = new Map<string, () => void>()

  constructor(options: ListenerOptions) {
    this.#options = options
    const { refusals } = options
    this.#server = this.#makeServer()
    this.#server.maxConnections = CONNECTIONS_MAX
    this.#server.on('connection', (socket: Socket) => {
      if (!this.#meet(socket)) return
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('drop', (drop) =>
      refusals.count('too-many-connections', drop?.remoteAddress ?? 'unknown', `more than ${CONNECTIONS_MAX}`),
    )
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      refusals.count('tls', socket.remoteAddress ?? 'unknown', error.code ?? error.message),
    )
  }

  get listening(): boolean {
    return this.#server.listening
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.port
  }

  /** @throws PlumblineError PORT_IN_USE, SITE_INVALID */
  listen(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, this.#options))
      this.#server.once('error', failed)
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', failed)
        resolve()
      })
    })
  }

  /** Connections that stand keep the certificate they were made with. */
  renew(options: SecureContextOptions): void {
    ;(this.#server as Partial<{ setSecureContext(options: SecureContextOptions): void }>).setSecureContext?.(options)
  }

  /** Closes the port and every connection, also of clients that no longer read. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    return closed
  }

  #makeServer(): Server {
    const { tls, webSocket, handshake_ms = HANDSHAKE_MS } = this.#options
    const socket = { noDelay: true, keepAlive: true, highWaterMark: HELD_BYTES }
    const { clients, ...context } = tls ?? {}
    const secure = {
      ...context,
      ...(clients && { requestCert: true, rejectUnauthorized: clients === 'required' }),
      handshakeTimeout: handshake_ms,
    }
    if (webSocket)
      return webSocketServer({
        server: { ...socket, ...(tls && secure) },
        secure: tls !== undefined,
        refusals: this.#options.refusals,
        handshake_ms,
        messageMax_bytes: FRAME_MAX_BYTES,
        held_bytes: HELD_BYTES,
        onConnection: (connection, under) => this.#accept(connection, under),
      })
    const accept = (connection: Socket) => this.#accept(connection, connection)
    return tls ? createTls({ ...socket, ...secure }, accept) : createServer(socket, accept)
  }

  /** Before the TLS or WebSocket handshake: that takes its time, too. */
  #meet(socket: Socket): boolean {
    const address = socket.remoteAddress ?? 'unknown'
    const strangers = this.#strangers.get(address) ?? 0
    if (strangers >= STRANGERS_MAX) {
      this.#options.refusals.count(
        'too-many-strangers',
        address,
        `more than ${STRANGERS_MAX} that have not said who they are`,
      )
      socket.destroy()
      return false
    }
    this.#strangers.set(address, strangers + 1)
    const peer = peerOf(socket)
    const known = () => {
      if (!this.#unknown.delete(peer)) return
      const left = (this.#strangers.get(address) ?? 1) - 1
      if (left > 0) this.#strangers.set(address, left)
      else this.#strangers.delete(address)
    }
    this.#unknown.set(peer, known)
    socket.once('close', known)
    return true
  }

  #accept(connection: Duplex, socket: Socket): void {
    const { refusals, onConnection, clock, rates = RATE_LIMITS } = this.#options
    const limit = new FrameLimit(FRAME_MAX_UNKNOWN_BYTES)
    const now_ms = () => Number(clock.monotonic()) / 1e6
    const rate = new RateLimit(rates, now_ms())
    const client = peerOf(socket)
    let waiting = false
    const waitFor = (wait_ms: number) => {
      waiting = true
      refusals.count('too-fast', client, 'is slowed down')
      const cancel = clock.at(afterMs(clock, wait_ms), () => {
        waiting = false
        connection.off('close', cancel)
        connection.emit('readable')
      })
      connection.once('close', cancel)
    }
    // aedes pulls with read(null) and gathers whole frames without a limit; a stream in between would cost every message.
    const read = connection.read
    connection.read = (size?: number): unknown => {
      if (waiting) return null
      const chunk: unknown = read.call(connection, size)
      if (!(chunk instanceof Uint8Array)) return chunk
      const before = limit.frames
      const fault = limit.take(chunk)
      if (fault !== undefined) {
        refusals.count(fault, client, fault === 'malformed' ? 'no MQTT frame' : `more than ${limit.max} bytes`)
        connection.destroy()
        return null
      }
      const wait_ms = rate.take(chunk.length, limit.frames - before, now_ms())
      if (wait_ms > 0) waitFor(wait_ms)
      return chunk
    }
    this.#stalled.watch(connection)
    const certificate = commonName(socket)
    onConnection(connection, {
      address: client,
      known: (awaited) => {
        limit.raise(FRAME_MAX_BYTES)
        this.#unknown.get(client)?.()
        if (!awaited) neverWaitFor(connection)
      },
      ...(certificate !== undefined && { certificate }),
    })
  }
}

/** The same for a TCP connection and what TLS makes of it. */
const peerOf = (socket: Socket): string => `${socket.remoteAddress}:${socket.remotePort}`

/** aedes waits where `write` says false. */
function neverWaitFor(connection: Duplex): void {
  const write = connection.write as (...args: unknown[]) => boolean
  connection.write = (...args: unknown[]): boolean => {
    if (connection.destroyed) return true
    write.apply(connection, args)
    if (connection.writableLength > HELD_UNAWAITED_BYTES) connection.destroy(new Error(NOT_READING))
    return true
  }
}

/** Of a certificate that an authority of ours has signed; any other counts as none. */
function commonName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : undefined
}

function listenError(error: NodeJS.ErrnoException, { host, port, path }: ListenerOptions): unknown {
  const options = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new PlumblineError(
        'PORT_IN_USE',
        `${host}:${port} (MQTT) is taken by another program; move the broker with ${path}.port in the site file${path === 'broker' ? ' or --mqtt-port' : ''}`,
        options,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PlumblineError('SITE_INVALID', `${path}.host: ${host} is no address of this machine`, options)
    case 'EACCES':
      return new PlumblineError('SITE_INVALID', `${path}.port: this user may not listen on port ${port}`, options)
    default:
      return error
  }
}
