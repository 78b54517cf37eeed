/**
 * The HTTP server in front of MQTT over WebSocket: which requests become a connection (MQTT 3.1.1, section 6), and what is
 * said of the others. What passes over a connection is left to `listener.ts`.
 */
import { createServer as createHttp, type ServerOptions } from 'node:http'
import { createServer as createHttps, type ServerOptions as SecureServerOptions } from 'node:https'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Refusals } from '../refusals.ts'

/** MQTT 3.1.1, 6: subprotocol `mqtt`; the path is custom. */
export const WEBSOCKET_PATH = '/mqtt'
/** Requests that take too long are looked for so often. */
const CHECK_EVERY_MS = 1_000

export type WebSocketOptions = {
  readonly server: ServerOptions & SecureServerOptions
  readonly secure: boolean
  readonly refusals: Refusals
  /** From the first byte to the end of the request [ms]. */
  readonly handshake_ms: number
  readonly messageMax_bytes: number
  readonly held_bytes: number
  readonly onConnection: (connection: Duplex, socket: Socket) => void
}

export function webSocketServer(options: WebSocketOptions): Server {
  const { refusals, handshake_ms } = options
  const http = {
    ...options.server,
    requestTimeout: handshake_ms,
    headersTimeout: handshake_ms,
    connectionsCheckingInterval: CHECK_EVERY_MS,
  }
  const server = options.secure ? createHttps(http) : createHttp(http)
  const sockets = new WebSocketServer({
    server,
    path: WEBSOCKET_PATH,
    maxPayload: options.messageMax_bytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  })
  const refuse = (socket: Duplex, what: string) => refusals.count('malformed', addressOf(socket), what)
  server.on('request', (request, response) => {
    refuse(request.socket, 'HTTP without WebSocket')
    response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end()
  })
  server.on('upgrade', (request, socket) => {
    if (request.url?.split('?')[0] !== WEBSOCKET_PATH) refuse(socket, `a path other than ${WEBSOCKET_PATH}`)
  })
  sockets.on('wsClientError', (error, socket) => {
    refuse(socket, error.message)
    socket.destroy()
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refusals.count('no-connect', addressOf(socket), 'no WebSocket')
    else if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') refuse(socket, error.message)
    socket.destroy()
  })
  sockets.on('connection', (webSocket, request) => {
    if (webSocket.protocol !== 'mqtt') {
      refuse(request.socket, 'no subprotocol mqtt')
      webSocket.close(1002)
      return
    }
    const connection = createWebSocketStream(webSocket, { highWaterMark: options.held_bytes })
    // MQTT-6.0.0-1. In front of the stream's own listener: what a text frame holds is never read.
    webSocket.prependListener('message', (_, isBinary) => {
      if (isBinary) return
      refuse(request.socket, 'a text frame')
      connection.destroy()
    })
    options.onConnection(connection, request.socket)
  })
  return server
}

const addressOf = (socket: Duplex): string => (socket as Socket).remoteAddress ?? 'unknown'
