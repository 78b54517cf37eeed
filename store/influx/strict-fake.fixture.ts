/**
 * A strict InfluxDB 2.x or 3.x on a free port, for what cannot be had here for real: its status codes, bodies, limits and
 * partial writes are those of the sources named in the guide docs/guides/influxdb.md ("What was tried"). It forgives
 * nothing: an unknown path, precision or question is an error.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { answerInfluxQl, parseInfluxQl } from './fake-influxql.fixture.ts'
import { type Point, parseLine, splitLines } from './fake-lines.fixture.ts'
import { FakeDatabase } from './fake-points.fixture.ts'

export type FakeOptions = {
  readonly version: 'v2' | 'v3'
  /** Asked for on every request where it is given. */
  readonly token?: string
  /** The token may write and read, but make nothing. */
  readonly mayCreate?: boolean
  /** 3.x answers a write with its next WAL flush; 1 s unless given. */
  readonly walFlush_ms?: number
  /** 2.x before virtual mappings: a bucket is found by InfluxQL only with a DBRP mapping of its own. */
  readonly mappings?: 'virtual' | 'explicit'
  readonly port?: number
}
export type StrictFake = {
  readonly url: string
  readonly org: string
  readonly databases: Map<string, FakeDatabase>
  /** Of every request: method and path, with the query string of writes. */
  readonly asked: string[]
  /** Stands in for the next answers to writes; `undefined` gives the real one. */
  meddle:
    | ((request: IncomingMessage) => { status: number; headers?: Record<string, string>; body: string } | undefined)
    | undefined
  /** Every write is answered so much later. */
  delay_ms: number
  end(): Promise<void>
}

/** influxdb3/src/commands/serve.rs: `--max-http-request-size`. */
const V3_BODY_MAX = 10 * 1024 * 1024
const ORG = { id: '0a1b2c3d4e5f6071', name: 'works' }
type Reply = { status: number; body?: string; headers?: Record<string, string> }

export async function startStrictFake(options: FakeOptions): Promise<StrictFake> {
  const fake = new Fake(options)
  const server = createServer((request, response) => void fake.serve(request, response))
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    end: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

class Fake {
  readonly org = ORG.name
  readonly databases = new Map<string, FakeDatabase>()
  readonly asked: string[] = []
  meddle: StrictFake['meddle']
  delay_ms = 0
  readonly #o: FakeOptions
  readonly #mapped = new Set<string>()
  #flush: Promise<void> | undefined

  constructor(options: FakeOptions) {
    this.#o = options
  }

  get #v2(): boolean {
    return this.#o.version === 'v2'
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url!, 'http://fake')
    const isWrite = url.pathname === '/write'
    this.asked.push(`${request.method} ${isWrite ? request.url : url.pathname}`)
    if (isWrite && this.delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, this.delay_ms))
    const { status, body, headers } =
      (isWrite ? this.meddle?.(request) : undefined) ?? (await this.#answer(request, url, Buffer.concat(chunks)))
    const version = this.#v2 ? 'v2.7.12' : '3.10.1'
    response.writeHead(status, {
      'X-Influxdb-Version': version,
      'X-Influxdb-Build': this.#v2 ? 'OSS' : 'Core',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    })
    response.end(body)
  }

  async #answer(request: IncomingMessage, url: URL, raw: Buffer): Promise<Reply> {
    const route = `${request.method} ${url.pathname}`
    if (this.#v2 && route === 'GET /ping') return { status: 204 }
    if (!this.#knows(request.headers.authorization, url.pathname)) return this.#unknown()
    if (!this.#v2 && route === 'GET /ping')
      return { status: 200, body: JSON.stringify({ version: '3.10.1', revision: 'fake', process_id: randomUUID() }) }
    if (route === 'POST /write') return this.#write(url.searchParams, request.headers['content-encoding'], raw)
    if (route === 'POST /query') return this.#query(new URLSearchParams(raw.toString()))
    if (this.#v2 && url.pathname.startsWith('/api/v2/')) return this.#api2(route, url.searchParams, raw)
    if (!this.#v2 && route === 'POST /api/v3/configure/database') return this.#create3(raw)
    return this.#said(404, 'not found', 'path not found')
  }

  /** v1 paths of 2.x take no Bearer; 3.x takes both words. */
  #knows(authorization: string | undefined, path: string): boolean {
    const { token } = this.#o
    if (token === undefined) return true
    const bearer = !this.#v2 || path.startsWith('/api/')
    return authorization === `Token ${token}` || (bearer && authorization === `Bearer ${token}`)
  }

  #unknown(): Reply {
    return this.#v2
      ? { status: 401, body: '{"code":"unauthorized","message":"unauthorized access"}' }
      : { status: 401, body: '{"error": "the request was not authenticated"}' }
  }

  #said(status: number, code: string, message: string): Reply {
    return { status, body: JSON.stringify(this.#v2 ? { code, message } : { error: message }) }
  }

  async #write(params: URLSearchParams, encoding: string | undefined, raw: Buffer): Promise<Reply> {
    const precisions = this.#v2 ? ['ns', 'us', 'ms', 's'] : ['ns', 'n', 'us', 'u', 'ms', 's']
    if (!precisions.includes(params.get('precision') ?? 'ns'))
      return this.#said(400, 'invalid', 'invalid precision; valid precision units are ns, us, ms, and s')
    if (params.get('precision') !== 'ns') return this.#said(400, 'invalid', 'the fake reads ns only')
    const body = encoding === 'gzip' ? gunzipSync(raw) : raw
    if (!this.#v2 && (raw.length > V3_BODY_MAX || body.length > V3_BODY_MAX))
      return this.#said(413, '', `max request size (${V3_BODY_MAX} bytes) exceeded`)
    const name = nameOf(params.get('db') ?? '', params.get('rp') ?? '')
    if (!this.#v2 && !this.databases.has(name)) this.databases.set(name, new FakeDatabase('table', 0))
    const database = this.#find(name)
    if (database === undefined) return this.#said(404, 'not found', 'no dbrp mapping found')
    const lines = splitLines(body.toString('utf8'))
    return this.#v2 ? this.#write2(database, lines) : this.#write3(database, lines)
  }

  /** A line that cannot be read: nothing is written. A type of another kind, or too old: the good ones are. */
  #write2(database: FakeDatabase, lines: readonly string[]): Reply {
    const points: Point[] = []
    const unreadable: string[] = []
    for (const line of lines)
      try {
        points.push(parseLine(line))
      } catch (error) {
        unreadable.push(`unable to parse '${line}': ${(error as Error).message}`)
      }
    if (unreadable.length > 0) return this.#said(400, 'invalid', unreadable.join('\n'))
    const said: string[] = []
    let conflicts = 0
    let old = 0
    for (const point of points) {
      const conflict = database.conflict(point)
      if (point.t_ns < oldestOf(database)) old++
      else if (conflict === undefined) database.write(point)
      else if (conflicts++ === 0)
        said.push(
          `field type conflict: input field "${conflict.field}" on measurement "${point.measurement}" is type ${conflict.is}, already exists as type ${conflict.was}`,
        )
    }
    if (old > 0) said.push(`dropped ${old} points outside retention policy of duration ${database.keep_s}s`)
    if (said.length === 0) return { status: 204 }
    const why = `failure writing points to database: partial write: ${said.join('; ')} dropped=${conflicts + old}`
    return this.#said(422, 'unprocessable entity', why)
  }

  /** All or nothing; what is right is answered with the flush of the WAL. */
  async #write3(database: FakeDatabase, lines: readonly string[]): Promise<Reply> {
    const points: Point[] = []
    const trial = new FakeDatabase('table', 0)
    for (const [i, line] of lines.entries()) {
      const refused = (error_message: string): Reply => {
        const data = { original_line: line.slice(0, 25), line_number: i + 1, error_message }
        return { status: 400, body: JSON.stringify({ error: 'parsing failed for write_lp endpoint', data }) }
      }
      let point: Point
      try {
        point = parseLine(line)
      } catch (error) {
        return refused((error as Error).message)
      }
      const conflict = database.conflict(point) ?? trial.conflict(point)
      if (conflict !== undefined)
        return refused(
          `invalid column type for column '${conflict.field}', expected iox::column_type::field::${conflict.was}, got iox::column_type::field::${conflict.is}`,
        )
      trial.write(point)
      points.push(point)
    }
    await this.#flushed()
    for (const point of points) database.write(point)
    return { status: 204 }
  }

  #flushed(): Promise<void> {
    this.#flush ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#flush = undefined
        resolve()
      }, this.#o.walFlush_ms ?? 1_000)
    })
    return this.#flush
  }

  #query(params: URLSearchParams): Reply {
    const db = params.get('db') ?? ''
    try {
      const results = parseInfluxQl(params.get('q') ?? '').map((statement, id) => {
        const database = this.#find(nameOf(db, statement.policy))
        if (database === undefined) return JSON.stringify({ statement_id: id, error: `database not found: ${db}` })
        return answerInfluxQl(id, database, statement, this.#v2 ? -(2n ** 63n) : oldestOf(database))
      })
      if (params.get('chunked') !== 'true') return { status: 200, body: `{"results":[${results.join(',')}]}` }
      return { status: 200, body: results.map((one) => `{"results":[${one}]}\n`).join('') }
    } catch (error) {
      return this.#said(400, 'invalid', (error as Error).message)
    }
  }

  #find(name: string): FakeDatabase | undefined {
    if (this.#o.mappings === 'explicit' && !this.#mapped.has(name)) return undefined
    return this.databases.get(name)
  }

  #api2(route: string, params: URLSearchParams, raw: Buffer): Reply {
    const json = () => JSON.parse(raw.toString()) as Record<string, never>
    if (route === 'GET /api/v2/orgs') {
      const org = params.get('org')
      if (org !== null && org !== ORG.name) return this.#said(404, 'not found', `organization name "${org}" not found`)
      return { status: 200, body: JSON.stringify({ orgs: [ORG] }) }
    }
    if (route === 'GET /api/v2/buckets') {
      const name = params.get('name') ?? ''
      const buckets = this.databases.has(name) ? [{ id: idOf(name), name, orgID: ORG.id }] : []
      return { status: 200, body: JSON.stringify({ buckets }) }
    }
    if (this.#o.mayCreate === false) return this.#said(403, 'forbidden', 'insufficient permissions for write')
    if (route === 'POST /api/v2/buckets') {
      const { orgID, name, retentionRules } = json() as unknown as {
        orgID: string
        name: string
        retentionRules: Array<{ type: string; everySeconds: number }>
      }
      if (orgID !== ORG.id) return this.#said(404, 'not found', 'organization not found')
      if (this.databases.has(name)) return this.#said(422, 'conflict', `bucket with name ${name} already exists`)
      const seconds = retentionRules[0]?.everySeconds ?? 0
      if (seconds !== 0 && seconds < 3_600)
        return this.#said(400, 'invalid', 'expiration seconds must be greater than or equal to one hour')
      this.databases.set(name, new FakeDatabase('shard', seconds))
      return { status: 201, body: JSON.stringify({ id: idOf(name), orgID, name }) }
    }
    if (route === 'POST /api/v2/dbrps') {
      const { bucketID, database, retention_policy } = json() as unknown as Record<string, string>
      const name = nameOf(database!, retention_policy!)
      if (bucketID !== idOf(name)) return this.#said(404, 'not found', 'bucket not found')
      this.#mapped.add(name)
      return { status: 201, body: raw.toString() }
    }
    return this.#said(404, 'not found', 'path not found')
  }

  #create3(raw: Buffer): Reply {
    if (this.#o.mayCreate === false) return this.#said(403, '', 'the request was not authorized')
    const { db, retention_period } = JSON.parse(raw.toString()) as { db: string; retention_period?: string }
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9_-]+)?$/.test(db)) return this.#said(400, '', 'invalid database name')
    if (this.databases.has(db)) return this.#said(409, '', 'attempted to create a resource that already exists')
    const days = retention_period === undefined ? 0 : Number(/^(\d+)d$/.exec(retention_period)?.[1] ?? Number.NaN)
    if (Number.isNaN(days)) return this.#said(400, '', 'invalid retention period')
    this.databases.set(db, new FakeDatabase('table', days * 86_400))
    return { status: 200, body: '' }
  }
}

const nameOf = (db: string, rp: string): string =>
  rp === '' || rp === 'autogen' || rp === 'default' ? db : `${db}/${rp}`
const idOf = (name: string): string => Buffer.from(name).toString('hex').slice(0, 16).padEnd(16, '0')
const oldestOf = ({ keep_s }: FakeDatabase): bigint =>
  keep_s === 0 ? -(2n ** 63n) : BigInt(Date.now() - keep_s * 1_000) * 1_000_000n
