/** A desk on a free port of this machine, with a store and a broker that tests can take away. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { ConnectMqtt, SeriesReader } from '../domain/ports.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { type DeskOptions, DeskService } from './service.ts'
import { at, testSite } from './testing-site.ts'

/** A broker that is never there. */
export const noBroker: ConnectMqtt = () => ({
  start: () => {},
  up: false,
  away: 'never tried',
  pendingBytes: 0,
  publish: async () => {
    throw new Error('down')
  },
  subscribe: async () => {},
  unsubscribe: async () => {},
  drop: () => {},
  stop: async () => {},
})

/** What the series of a test's desk hold as newest of each channel. */
export const STORED = 1.25

export class TestStore implements SeriesReader {
  away = false
  #there<T>(value: T): Promise<T> {
    return this.away
      ? Promise.reject(new PlumblineError('STORE_UNAVAILABLE', 'series.db: unable to open database file'))
      : Promise.resolve(value)
  }
  latest() {
    const about = { channel: 'creek/stage', half_width_ns: 0n, flag: 1 as const, exercise: true }
    return this.#there([{ ...about, value: STORED, t_ns: at(1) }])
  }
  series() {
    return this.#there([{ t_ns: at(1), min: 1, mean: 1.25, max: 1.5, count: 4, worst_flag: 3 }])
  }
  readings() {
    return this.#there([])
  }
  blocks(device: string, group: string) {
    const axes = ['x', 'y', 'z'].map((axis, i) => ({ axis, samples: Int16Array.of(i, -i) }))
    const block = { device, group, boot_id: 7, first_counter: 100, t0_ns: at(1), half_width_ns: 0n, axes }
    return this.#there([{ ...block, sample_rate_hz: 100, scale: 0.0006, unit: 'm/s²', exercise: true }])
  }
  gaps() {
    const span = { from_ns: at(1), to_ns: at(2), expected: 60, missing: 60 }
    return this.#there([{ channels: ['creek/stage'], ...span, reason: 'edge-down' as const, exercise: true }])
  }
  health() {
    const size = { bytes: 1_000_000, free_bytes: 1e9, quarantined: 0, last_backup_ns: undefined }
    const rows = { readings: 1, blocks: 1 }
    return this.#there({
      kind: 'embedded' as const,
      where: 'ingest',
      ...size,
      oldest_ns: at(1),
      newest_ns: at(1),
      rows,
    })
  }
  async close() {}
}

export type TestDesk = {
  readonly service: DeskService
  readonly store: TestStore
  readonly url: string
  readonly site: Site
  /** Lines that a person would see. */
  readonly announced: string[]
}

/** Folders and desks of one test file; `end` stops and removes them. */
export class TestDesks {
  readonly #desks: DeskService[] = []
  readonly #folders: string[] = []

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'desk-'))
    this.#folders.push(folder)
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>console</title>')
    return folder
  }

  async start(options: Partial<DeskOptions> = {}): Promise<TestDesk> {
    const dataDir = options.dataDir ?? (await this.folder())
    const clock = options.clock ?? new SystemClock()
    const store = new TestStore()
    const announced: string[] = []
    const site = options.site ?? testSite()
    const service = new DeskService({
      site,
      dataDir,
      brokerUrl: 'mqtt://127.0.0.1:1',
      clock,
      log: silentLog,
      connectMqtt: noBroker,
      password: async () => 'secret',
      series: store,
      consoleDir: dataDir,
      host: '127.0.0.1',
      port: 0,
      software: 'plumbline test',
      scryptCost: { N: 2, r: 1, p: 1 },
      announce: (line) => announced.push(line),
      ...options,
    })
    this.#desks.push(service)
    await service.start()
    return { service, store, url: `http://127.0.0.1:${service.port}`, site, announced }
  }

  async end(): Promise<void> {
    for (const desk of this.#desks.splice(0)) await desk.stop()
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true })
  }
}

export const tokenOf = (desk: TestDesk): string => /first-user\?token=(\S+)/.exec(desk.announced.join('\n'))?.[1] ?? ''

export type Reply = { status: number; body: unknown; headers: Headers }

/** A client with a cookie jar, as a browser is one. */
export class Client {
  readonly url: string
  cookie: string | undefined

  constructor(url: string, cookie?: string) {
    this.url = url
    this.cookie = cookie
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.cookie && { cookie: this.cookie }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const set = response.headers.get('set-cookie')
    if (set !== null) this.cookie = set.split(';')[0]
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }
  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.ask('GET', path, undefined, headers)
  }
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply> {
    return this.ask('POST', path, body, headers)
  }
}

/** A client signed in as the first user. */
export async function signedIn(desk: TestDesk, name = 'Mei'): Promise<Client> {
  const client = new Client(desk.url)
  await client.post('/api/v1/first-user', { token: tokenOf(desk), name, passphrase: 'a long sentence' })
  return client
}
