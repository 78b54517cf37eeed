/** Tests only: a broker of the site `yard` with the nodes `north` and `south` on free ports, in a folder of its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { ClientBook } from './io/client-book.ts'
import { type BrokerOptions, BrokerService } from './service.ts'

const site = {
  file: { site: 'yard', nodes: [{ id: 'north' }, { id: 'south' }], ingest: { foreign: ['plant'] } },
} as unknown as Site

const FOLDER: Record<string, string[]> = {
  north: ['edge', 'north'],
  south: ['edge', 'south'],
  'yard-ingest': ['ingest'],
  'yard-desk': ['desk'],
}

export class BrokerFixture {
  readonly data: string
  readonly broker: BrokerService
  readonly #passwords = new Map<string, string>()

  private constructor(data: string, broker: BrokerService) {
    this.data = data
    this.broker = broker
  }

  /** With the WebSocket listener and the observer `eye`; `secure` adds the TLS listener. @param under where its folder is @param foreign nodes of others */
  static async start(
    more: Partial<BrokerOptions> = {},
    secure = false,
    under = tmpdir(),
    foreign: readonly string[] = [],
  ): Promise<BrokerFixture> {
    const data = await mkdtemp(join(under, 'plumbline-broker-'))
    const certificates = new CertificateFiles(data, 'yard')
    if (secure) await certificates.init(['127.0.0.1'], new Date())
    const broker = new BrokerService({
      site,
      dataDir: data,
      host: '127.0.0.1',
      port: 0,
      websocket: { host: '127.0.0.1', port: 0, secure: false },
      ...(secure && { tls: { host: '127.0.0.1', port: 0, ...certificates.broker } }),
      log: silentLog,
      clock: new SystemClock(),
      ...more,
    })
    const made = new BrokerFixture(data, broker)
    // The first start makes the passwords, the second knows the observer from its first connection on.
    await broker.start()
    made.#passwords.set('eye', await made.book.addObserver('eye'))
    for (const node of foreign) made.#passwords.set(node, await made.book.addNode(node))
    await broker.stop()
    await broker.start()
    for (const [user, folder] of Object.entries(FOLDER))
      made.#passwords.set(user, await readFile(join(data, 'yard', ...folder, 'mqtt-password'), 'utf8'))
    return made
  }

  /** Path of the authority's certificate. */
  get authority(): string {
    return new CertificateFiles(this.data, 'yard').authority
  }

  /** The clients as a person changes them, beside the running broker. */
  get book(): ClientBook {
    return new ClientBook(this.data, site)
  }

  get port(): number {
    return this.broker.port
  }

  password(user: string): string {
    return this.#passwords.get(user) ?? 'none'
  }

  refused(reason: string): number {
    return this.broker.refusals.get(reason) ?? 0
  }

  async stop(): Promise<void> {
    await this.broker.stop()
    await rm(this.data, { recursive: true, force: true })
  }
}
