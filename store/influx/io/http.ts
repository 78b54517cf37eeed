/**
 * HTTP to an InfluxDB through the official client's transport, and nothing else of that client: its own batching waits for
 * less than it seems to and forgets what fails (research: storage-dashboards.md 2). What came wrong becomes a `Refused`
 * (these lines, never again) or a STORE_UNAVAILABLE (later, the same again).
 */
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB, setLogger } from '@influxdata/influxdb-client'
import { PlumblineError } from '../../../domain/errors.ts'
import { type Answer, answersOf } from '../results.ts'
import { type Dialect, dialectOf, type InfluxSettings } from '../settings.ts'

/** The client's own log would repeat every failure that is told here. */
setLogger({ error: () => {}, warn: () => {} })

const TIMEOUT_MS = { ping: 5_000, write: 15_000, query: 60_000 }
const SOCKETS = 4
/** A connection that the server had closed meanwhile: the request never began. */
const STALE = ['ECONNRESET', 'EPIPE']
const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]']
/** A `/query` answer larger than this is not taken into memory. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024

/** The server will never take these lines. */
export class Refused extends Error {
  readonly tooLarge: boolean
  constructor(reason: string, tooLarge: boolean) {
    super(reason)
    this.tooLarge = tooLarge
  }
}

/** Where the server is, who we are, and what is wrong with that. */
export class Http {
  readonly #settings: InfluxSettings
  readonly #agent: HttpAgent
  readonly #gzipThreshold: number | undefined
  #client: Promise<InfluxDB> | undefined
  readonly #closing = new AbortController()
  /** How long the server asked us to stay away, once. */
  retryAfter_s = 0

  constructor(settings: InfluxSettings) {
    this.#settings = settings
    const { protocol, hostname } = new URL(settings.url)
    this.#agent = new (protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: SOCKETS })
    this.#gzipThreshold = LOOPBACK.includes(hostname) ? undefined : 1_000
  }

  get url(): string {
    return this.#settings.url
  }

  /** @throws PlumblineError STORE_UNAVAILABLE also where the answer is not an InfluxDB's. */
  async dialect(): Promise<Dialect> {
    let version: string | undefined
    await this.#request('/ping', '', 'GET', TIMEOUT_MS.ping, (headers) => {
      version = String(headers['x-influxdb-version'] ?? '')
    })
    const dialect = dialectOf(version)
    if (dialect !== undefined) return dialect
    const got = version ? `version "${version}"` : 'no version'
    throw unavailable(`${this.url} does not say that it is an InfluxDB 1.x to 3.x (${got} in X-Influxdb-Version)`)
  }

  /** @throws Refused or PlumblineError STORE_UNAVAILABLE. */
  async write(path: string, body: string): Promise<void> {
    let status = 0
    await this.#request(path, body, 'POST', TIMEOUT_MS.write, (_, code) => {
      status = code ?? 0
    })
    if (status === 204) return
    // 201 is a partial success, which the client takes for a whole one: halving finds what was left out.
    if (status === 201) throw new Refused(`${this.url} took a part of it`, false)
    throw unavailable(`${this.url} answered ${status} to a write, expected 204`)
  }

  /** Rows of every statement. @throws PlumblineError STORE_UNAVAILABLE. */
  async query(database: string, statements: readonly string[]): Promise<Answer[]> {
    const body = new URLSearchParams({ db: database, q: statements.join(';\n') }).toString()
    let text: string
    try {
      text = await this.#request('/query', body, 'POST', TIMEOUT_MS.query)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw unavailable(`${this.url} does not answer: ${error.message}`, error)
    }
    try {
      return answersOf(text)
    } catch (error) {
      throw unavailable(`${this.url}, database ${database}: ${(error as Error).message}`, error)
    }
  }

  /** Whether it was made now; false where it is there. @throws PlumblineError STORE_UNAVAILABLE. */
  async createV3Database(name: string): Promise<boolean> {
    try {
      await this.#request('/api/v3/configure/database', JSON.stringify({ db: name }), 'POST', TIMEOUT_MS.query)
      return true
    } catch (error) {
      if (error instanceof Refused) throw unavailable(`${this.url}: ${error.message}`, error)
      if (((error as Error).cause as { statusCode?: number } | undefined)?.statusCode === 409) return false
      throw error
    }
  }

  /** Ends what is under way; nothing can be asked any more. */
  close(): void {
    this.#closing.abort()
    this.#agent.destroy()
  }

  async #request(
    path: string,
    body: string,
    method: 'GET' | 'POST',
    timeout_ms: number,
    started?: (headers: Record<string, unknown>, status?: number) => void,
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(path, body, method, timeout_ms, started)
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? ''
        if (attempt === 1 && STALE.includes(code) && !this.#closing.signal.aborted) continue
        throw this.#coded(error, timeout_ms)
      }
    }
  }

  async #send(
    path: string,
    body: string,
    method: 'GET' | 'POST',
    timeout_ms: number,
    started?: (headers: Record<string, unknown>, status?: number) => void,
  ): Promise<string> {
    this.#client ??= this.#connect()
    const { transport } = (await this.#client) as unknown as { transport: InfluxTransport }
    // The client's own time-out leaves the socket open; an aborted request closes it.
    const signal = AbortSignal.any([AbortSignal.timeout(timeout_ms), this.#closing.signal])
    const type = TYPE[path] ?? 'text/plain; charset=utf-8'
    const options = {
      method,
      headers: { 'content-type': type },
      signal,
      ...(path.startsWith('/write') ? { gzipThreshold: this.#gzipThreshold } : {}),
    }
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = []
      let size = 0
      transport.send(path, body, options, {
        responseStarted: (headers, status) => started?.(headers, status),
        next: (chunk) => {
          size += chunk.length
          if (size > ANSWER_BYTES_MAX) reject(new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`))
          else chunks.push(chunk)
        },
        error: reject,
        complete: () => resolve(Buffer.concat(chunks).toString('utf8')),
      })
    })
  }

  async #connect(): Promise<InfluxDB> {
    try {
      const authorization = await this.#authorization()
      return new InfluxDB({
        url: this.url,
        timeout: TIMEOUT_MS.query,
        transportOptions: { agent: this.#agent },
        headers: authorization === undefined ? {} : { authorization },
      })
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }

  async #authorization(): Promise<string | undefined> {
    const { user, password_file, token_file } = this.#settings
    if (token_file !== undefined) return `Token ${await secret(token_file)}`
    if (user === undefined) return undefined
    const password = password_file === undefined ? '' : await secret(password_file)
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }

  #coded(error: unknown, timeout_ms: number): Error {
    if (error instanceof PlumblineError || error instanceof Refused) return error
    if (!(error instanceof HttpError)) {
      const { name, message, code } = error as NodeJS.ErrnoException
      if (this.#closing.signal.aborted) return unavailable(`${this.url}: closed`, error)
      const aborted = name === 'AbortError' || code === 'ABORT_ERR'
      return unavailable(`${this.url}: ${aborted ? `no answer within ${timeout_ms} ms` : message || code}`, error)
    }
    const { statusCode } = error
    const said = saidBy(error)
    if (statusCode === 413) return new Refused(said, true)
    if (statusCode === 400 || statusCode === 422) return new Refused(said, false)
    // Secrets may have been changed since: they are read again.
    if (statusCode === 401 || statusCode === 403) this.#client = undefined
    const header = Number((error as { headers?: Record<string, unknown> }).headers?.['retry-after'])
    if (header > 0) this.retryAfter_s = Math.min(header, 300)
    const todo = TODO[statusCode] ?? ''
    return unavailable(`${this.url} answered ${statusCode}: ${said}${todo}`, error)
  }
}

const TODO: Readonly<Record<number, string>> = {
  401: ' (check user, password_file or token_file under store.influx in the site file)',
  403: ' (the user or token under store.influx needs leave to read and write)',
}

const TYPE: Readonly<Record<string, string>> = {
  '/query': 'application/x-www-form-urlencoded',
  '/api/v3/configure/database': 'application/json',
}

type InfluxTransport = {
  send(
    path: string,
    body: string,
    options: { method: string; headers?: Record<string, string>; signal?: AbortSignal; gzipThreshold?: number },
    callbacks: {
      responseStarted(headers: Record<string, unknown>, status?: number): void
      next(chunk: Uint8Array): void
      error(error: Error): void
      complete(): void
    },
  ): void
}

/** 1.x says {error}, 2.x {code, message}, 3.x {error, data: [{error_message, original_line}]}. */
function saidBy({ body, statusMessage }: HttpError): string {
  try {
    const { error, message, data } = JSON.parse(body ?? '') as {
      error?: string
      message?: string
      data?: Array<{ error_message?: string }>
    }
    const lines = Array.isArray(data) ? data.map((one) => one.error_message).filter(Boolean) : []
    return [error ?? message ?? body, ...lines.slice(0, 3)].join('; ')
  } catch {
    return (body || statusMessage || 'no reason').slice(0, 500)
  }
}

async function secret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw unavailable(`cannot read ${path} (${code}), named under store.influx in the site file`, error)
  }
}

export const unavailable = (detail: string, cause?: unknown): PlumblineError =>
  new PlumblineError('STORE_UNAVAILABLE', detail, { cause })
