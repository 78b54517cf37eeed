/**
 * `SimulatorControl` for other processes of this machine: HTTP on loopback, one POST per call, JSON in and out. Port and
 * token stand in a file that only its owner reads; who may read it may do everything that the simulator can. Beside it stands
 * a socket of the file system, for processes that share the folder but not the loopback (containers).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import type { Log } from '../../domain/ports.ts'
import { CONTROL_CALLS, type ControlCall, type SimulatorControl } from '../../domain/simulator-control.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'

export const CONTROL_FILE = 'control.json'
/** Recordings travel as base64: 48 MiB of files. */
export const PLAY_BYTES_MAX = 64 * 1024 * 1024
export const CALL_BYTES_MAX = 1024 * 1024
/** CLI, desk and some more; each call is one connection. */
const CONNECTIONS_MAX = 16
const HOST = '127.0.0.1'

/** What `control.json` holds. */
export type ControlPlace = { readonly port: number; readonly token: string; readonly pid: number }
export const CONTROL_SOCKET = 'control.sock'
/** sun_path of Linux holds 107 bytes; a folder with a longer path goes without (unix(7)). */
const SOCKET_PATH_MAX = 100

export class ControlServer {
  readonly #control: SimulatorControl
  readonly #folder: string
  readonly #log: Log
  readonly #server: Server
  readonly #local: Server
  #token = ''

  /** @param folder where `control.json` is kept; made when it is not there */
  constructor(control: SimulatorControl, folder: string, log: Log) {
    this.#control = control
    this.#folder = folder
    this.#log = log
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response)
    this.#server = createServer(serve)
    this.#local = createServer(serve)
    for (const server of [this.#server, this.#local]) server.maxConnections = CONNECTIONS_MAX
  }

  /** @throws PlumblineError DATA_READ_ONLY, DATA_FULL */
  async listen(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error) => refuseFolder(this.#folder, error))
    this.#token = randomBytes(32).toString('hex')
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, HOST, () => {
        this.#server.off('error', reject)
        this.#server.on('error', (error) => this.#log.error('simulator control failed', { error }))
        resolve()
      })
    })
    await this.#listenLocally()
    const { port } = this.#server.address() as { port: number }
    const place: ControlPlace = { port, token: this.#token, pid: process.pid }
    await writeFileDurably(this.#path, `${JSON.stringify(place)}\n`, 0o600)
  }

  /** Nobody needs it on one machine: where it cannot be, the port is there. */
  async #listenLocally(): Promise<void> {
    const path = join(this.#folder, CONTROL_SOCKET)
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) return
    await rm(path, { force: true }).catch(() => {})
    await new Promise<void>((resolve) => {
      this.#local.once('error', () => resolve())
      this.#local.listen(path, resolve)
    })
  }

  /** Ends all connections at once; the file goes unless another simulator has written its own. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const text = await readFileIfThere(this.#path).catch(() => undefined)
    if (text?.includes(this.#token)) await rm(this.#path, { force: true }).catch(() => {})
    for (const server of [this.#server, this.#local])
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }

  get #path(): string {
    return join(this.#folder, CONTROL_FILE)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!sameSecret(request.headers.authorization ?? '', `Bearer ${this.#token}`))
        return send(response, 401, { code: 'SIMULATOR_UNAVAILABLE', message: 'expected the token of control.json' })
      const call = CONTROL_CALLS.find((name) => request.url === `/${name}`)
      if (call === undefined || request.method !== 'POST')
        return send(response, 404, { code: 'USAGE', message: `expected POST /${CONTROL_CALLS.join(', /')}` })
      const args = await argsOf(request, call === 'play' ? PLAY_BYTES_MAX : CALL_BYTES_MAX)
      const result = await perform(this.#control, call, args)
      send(response, 200, { result: result ?? null })
    } catch (error) {
      this.#refuse(response, error)
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (error instanceof PlumblineError && error.fault !== 'bug') {
      const { code, message, fault } = error
      send(response, fault === 'usage' ? 400 : 503, { code, message: message.slice(code.length + 2) })
    } else {
      this.#log.error('simulator control: a call failed', { error })
      send(response, 500, { code: 'BUG', message: error instanceof Error ? error.message : String(error) })
    }
  }
}

function refuseFolder(folder: string, cause: NodeJS.ErrnoException): never {
  const known = operatingError(cause, folder)
  if (known instanceof PlumblineError) throw known
  throw new PlumblineError('DATA_READ_ONLY', `cannot make the folder ${folder} (${cause.code})`, { cause })
}

/** As digests, so that neither length nor first difference shows in the time it takes. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** @throws PlumblineError USAGE */
async function argsOf(request: IncomingMessage, bytes_max: number): Promise<readonly unknown[]> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytes_max) throw new PlumblineError('USAGE', `expected at most ${bytes_max} bytes, got more`)
    chunks.push(chunk)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new PlumblineError('USAGE', 'expected JSON, got something else', { cause })
  }
  const { args } = (body ?? {}) as { args?: unknown }
  if (!Array.isArray(args)) throw new PlumblineError('USAGE', 'expected { args: [ … ] }')
  return args
}

/** Arguments are judged by the control itself: it trusts no caller. */
function perform(control: SimulatorControl, call: ControlCall, args: readonly unknown[]): Promise<unknown> {
  // JSON has no undefined: what was left out came as null.
  const given = args.map((arg) => arg ?? undefined)
  return (control[call] as (...given: readonly unknown[]) => Promise<unknown>).apply(control, given)
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}
