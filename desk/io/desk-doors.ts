/**
 * Where the desk is reached: its port with the certificate that is renewed, the command line's own way in, the port of those
 * who watch it, and the link by which the first user is made.
 */
import type { SecureContextOptions, Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { PlumblineError } from '../../domain/errors.ts'
import { MetricsServer } from '../../runtime/metrics-server.ts'
import { TlsFiles } from '../../runtime/tls-files.ts'
import { doorsOf, isPrivate } from '../access.ts'
import type { DeskOptions } from '../desk-options.ts'
import { deskChecks, deskPage } from '../routes/health.ts'
import type { DeskContext } from './desk-context.ts'
import { buildHttp, listen } from './http-server.ts'
import type { PeopleDesk } from './people-desk.ts'

export class DeskDoors {
  readonly #o: DeskOptions
  readonly #people: PeopleDesk
  readonly #certificate: TlsFiles | undefined
  #http: FastifyInstance | undefined
  #metrics: MetricsServer | undefined
  #port = 0

  constructor(options: DeskOptions, people: PeopleDesk) {
    this.#o = options
    this.#people = people
    this.#certificate = options.tls && new TlsFiles(options.tls, options.clock, options.log)
  }

  /** 0 before `open()`. */
  get port(): number {
    return this.#port
  }

  /**
   * Beyond loopback there must be somebody who can sign in, made where nobody else can reach the link.
   * @throws PlumblineError USAGE
   */
  refuseUnguarded(): void {
    const { host, site } = this.#o
    if (isPrivate(doorsOf(host, site)) || !this.#people.users.firstUserNeeded) return
    throw new PlumblineError(
      'USAGE',
      `desk.host ${host} is reached from other machines and nobody can sign in yet: start once with desk.host 127.0.0.1, ` +
        'without desk.proxy and desk.public_url, and make the first user by the link that is printed',
    )
  }

  async open(context: DeskContext): Promise<void> {
    const { host, port, consoleDir, patience } = this.#o
    const tls = await this.#certificate?.load()
    this.#http = await buildHttp(context, consoleDir, tls, patience)
    this.#port = await listen(this.#http, host, port)
    await this.#watched(context)
    await this.#people.local.open(host, this.#port, tls?.cert?.toString())
    this.#certificate?.watch((renewed) => this.#renew(renewed))
  }

  /** The door of the site file for whoever watches; `/metrics` of the API asks for a session where there are real sensors. */
  async #watched(desk: DeskContext): Promise<void> {
    const { metrics } = this.#o.site.file.desk
    if (metrics === undefined) return
    const [page, checks] = [() => deskPage(desk), () => deskChecks(desk)]
    this.#metrics = new MetricsServer({ ...metrics, page, checks, data: this.#o.dataDir })
    await this.#metrics.start()
  }

  /** Lines that are open keep the certificate they were made with. */
  #renew(renewed: SecureContextOptions): void {
    ;(this.#http?.server as TlsServer | undefined)?.setSecureContext(renewed)
    this.#people.local.open(this.#o.host, this.#port, renewed.cert?.toString()).catch((error: Error) => {
      this.#o.log.error('the command line cannot be told of the renewed certificate', { what: error.message })
    })
  }

  async announceFirstUser(): Promise<void> {
    if (!this.#people.users.firstUserNeeded) return
    const announce = this.#o.announce ?? ((line: string) => this.#o.log.info(line))
    const host = this.#o.host.includes(':') ? `[${this.#o.host}]` : this.#o.host
    const token = await this.#people.users.firstUserToken()
    const scheme = this.#certificate === undefined ? 'http' : 'https'
    announce(`Make the first user here: ${scheme}://${host}:${this.#port}/#/first-user?token=${token}`)
  }

  /** Nobody watches any more, and no certificate is renewed. */
  async unwatch(): Promise<void> {
    this.#certificate?.stop()
    await this.#metrics?.stop()
  }

  async close(): Promise<void> {
    await this.#http?.close()
  }
}
