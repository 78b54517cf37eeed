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
import { type Named, saidIn } from '../refusals.ts'
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
  readonly named: readonly Named[]
  constructor(reason: string, named: readonly Named[] = []) {
    super(reason)
    this.named = named
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

  /** @throws PlumblineError STORE_UNAVAILABLE; INFLUX_CONFIG where the answer is not an InfluxDB's. */
  async dialect(): Promise<Dialect> {
    let version: string | undefined
    const text = await this.#request('/ping', '', 'GET', TIMEOUT_MS.ping, (headers) => {
      version = String(headers['x-influxdb-version'] ?? '')
    })
    version ||= versionIn(text)
    const dialect = dialectOf(version)
    if (dialect !== undefined) return dialect
    const got = version ? `version "${version}"` : 'no version'
    throw new PlumblineError(
      'INFLUX_CONFIG',
      `${this.url} does not say that it is an InfluxDB 1.x to 3.x (${got} in X-Influxdb-Version)`,
    )
  }

  /** @throws Refused or PlumblineError STORE_UNAVAILABLE. */
  async write(path: string, body: string): Promise<void> {
    let status = 0
    await this.#request(path, body, 'POST', TIMEOUT_MS.write, (_, code) => {
      status = code ?? 0
    })
    if (status === 204) return
    // 201 is a partial success, which the client takes for a whole one: halving finds what was left out.
    if (status === 201) throw new Refused(`${this.url} took a part of it`)
    throw unavailable(`${this.url} answered ${status} to a write, expected 204`)
  }

  /** Rows of every statement. @throws PlumblineError STORE_UNAVAILABLE, or the signal's reason where that aborts. */
  async query(database: string, statements: readonly string[], signal?: AbortSignal): Promise<Answer[]> {
    const body = new URLSearchParams({ db: database, q: statements.join(';\n'), chunked: 'true' }).toString()
    let text: string
    try {
      text = await this.#request('/query', body, 'POST', TIMEOUT_MS.query, undefined, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof Refused)) throw error
      throw unavailable(`${this.url} does not answer: ${error.message}`, error.cause)
    }
    try {
      return answersOf(text)
    } catch (error) {
      throw unavailable(`${this.url}, database ${database}: ${(error as Error).message}`, error)
    }
  }

  /** A call of the HTTP API of 2.x or 3.x. @throws PlumblineError STORE_UNAVAILABLE or INFLUX_CONFIG; its cause has the status. */
  async call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    try {
      const text = await this.#request(path, body === undefined ? '' : JSON.stringify(body), method, TIMEOUT_MS.query)
      return (text === '' ? undefined : JSON.parse(text)) as T
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw unavailable(`${this.url}${path}: ${error.message}`, error.cause)
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
    signal?: AbortSignal,
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(path, body, method, timeout_ms, started, signal)
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
    given?: AbortSignal,
  ): Promise<string> {
    this.#client ??= this.#connect()
    const { transport } = (await this.#client) as unknown as { transport: InfluxTransport }
    // The client's own time-out leaves the socket open; an aborted request closes it.
    const ends = [AbortSignal.timeout(timeout_ms), this.#closing.signal, ...(given === undefined ? [] : [given])]
    const signal = AbortSignal.any(ends)
    const type = path.startsWith('/api/') ? 'application/json' : (TYPE[path] ?? 'text/plain; charset=utf-8')
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
    const { why, named } = saidIn(error.body, error.statusMessage ?? '')
    if ([400, 413, 422].includes(statusCode)) {
      const refused = new Refused(why, statusCode === 413 ? [] : named)
      refused.cause = error
      return refused
    }
    // Secrets may have been changed since: they are read again.
    if (statusCode === 401 || statusCode === 403) this.#client = undefined
    const header = Number((error as { headers?: Record<string, unknown> }).headers?.['retry-after'])
    if (header > 0) this.retryAfter_s = Math.min(header, 300)
    const todo = TODO[statusCode] ?? (BROKEN_SHARD.test(why) ? SHARD_TODO : '')
    const code = statusCode in TODO ? 'INFLUX_CONFIG' : 'STORE_UNAVAILABLE'
    return new PlumblineError(code, `${this.url} answered ${statusCode}: ${why}${todo}`, { cause: error })
  }
}

const TODO: Readonly<Record<number, string>> = {
  401: ' (check user, password_file or token_file under store.influx in the site file)',
  403: ' (the user or token under store.influx needs leave to read and write)',
}

/** The index of a shard that a kill left half made; the server says so for ever. */
const BROKEN_SHARD = /\[shard \d+\] (unexpected end of JSON input|invalid character)/
const SHARD_TODO = ' (the server cannot open this shard; docs/guides/influxdb.md says how to mend it)'

const TYPE: Readonly<Record<string, string>> = {
  '/query': 'application/x-www-form-urlencoded',
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

/** 3.x says it in the body too. */
function versionIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { version?: string } | null)?.version
  } catch {
    return undefined
  }
}

async function secret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new PlumblineError(
      'INFLUX_CONFIG',
      `cannot read ${path} (${code}), named under store.influx in the site file`,
      {
        cause: error,
      },
    )
  }
}

export const unavailable = (detail: string, cause?: unknown): PlumblineError =>
  new PlumblineError('STORE_UNAVAILABLE', detail, { cause })
