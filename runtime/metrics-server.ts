/**
 * The door by which a service is watched: `GET /metrics` for Prometheus, `GET /livez` (the process answers) and `GET /readyz`
 * (it can do its work, or what it lacks). The page is `prometheus.ts`'s, what stands on it the service's.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PlumblineError } from '../domain/errors.ts'
import { type Checks, readinessOf } from './health.ts'
import { processStats, renderProcess } from './process-metrics.ts'
import { CONTENT_TYPE } from './prometheus.ts'

export type MetricsServerOptions = {
  readonly host: string
  readonly port: number
  /** `undefined` while there is nothing to tell. */
  readonly page: () => string | undefined
  /** What it needs, for `/readyz`. */
  readonly checks: () => Checks
  /** A folder of it: how much room its disk has stands on the page. */
  readonly data?: string
}

type Answer = { status: number; body: string; type?: string }
const PATHS: ReadonlySet<string> = new Set(['/metrics', '/livez', '/readyz'])
const REQUEST_MS = 5000
const CONNECTIONS_MAX = 16

export class MetricsServer {
  readonly #options: MetricsServerOptions
  readonly #server: Server

  constructor(options: MetricsServerOptions) {
    this.#options = options
    this.#server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
      const { status, body, type = 'text/plain; charset=utf-8' } = this.#answer(request.method, request.url)
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(request.method === 'HEAD' ? undefined : body)
    })
    this.#server.maxConnections = CONNECTIONS_MAX
  }

  #answer(method: string | undefined, url: string | undefined): Answer {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'GET only\n' }
    const path = (url ?? '').split('?')[0] ?? ''
    if (!PATHS.has(path)) return { status: 404, body: `${[...PATHS].join(', ')}\n` }
    const page = this.#options.page()
    if (page === undefined) return { status: 503, body: 'not started\n' }
    if (path === '/livez') return { status: 200, body: 'ok\n' }
    if (path === '/metrics')
      return { status: 200, body: page + renderProcess(processStats(this.#options.data)), type: CONTENT_TYPE }
    const readiness = readinessOf(this.#options.checks())
    return { status: readiness.ready ? 200 : 503, body: `${JSON.stringify(readiness)}\n`, type: 'application/json' }
  }

  /** @throws PlumblineError PORT_IN_USE, USAGE */
  start(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const code = error.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'USAGE'
        reject(new PlumblineError(code, `metrics at ${host}:${port}: ${error.message}`))
      })
      this.#server.listen(port, host, resolve)
    })
  }

  /** The port it listens on, also where 0 was asked for. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
