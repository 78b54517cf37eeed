/**
 * Two ways of the whole line over TLS: with certificates by the site's own authority, as an operator makes them at the
 * command line. Broker, ingest, desk and edge are real processes; what they say in their logs is told.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { deskUser, edgeUser, ingestUser } from '../domain/data-folder.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { type Line, startLine } from './line.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import { bothDevices, siteFileText, siteOf } from './site.ts'

const PARTS = ['broker', 'ingest', 'desk', 'edge'] as const
type Part = (typeof PARTS)[number]

export class TlsLine {
  readonly data: string
  readonly site: Site
  readonly files: CertificateFiles
  readonly #args: readonly string[]
  readonly #services: ReadonlyMap<Part, ServiceProcess>
  #simulation: Line | undefined

  private constructor(data: string, site: Site, path: string) {
    this.data = data
    this.site = site
    this.#args = ['--site', path, '--data', data]
    this.files = new CertificateFiles(data, site.file.site)
    const words = (part: Part) => (part === 'edge' ? [part, '--node', 'n1'] : [part])
    this.#services = new Map(PARTS.map((part) => [part, new ServiceProcess([...words(part), ...this.#args])]))
  }

  /** Nothing runs and no certificate is there yet. @param broker more of its part of the site file */
  static async of(data: string, { broker = {}, node = {} }: { broker?: object; node?: object } = {}): Promise<TlsLine> {
    const ports = {
      accelerometer: await freePort(),
      gauge: await freePort(),
      mqtt: await freePort(),
      desk: await freePort(),
    }
    const client_ca_file = join(data, 'rehearsal', 'tls', 'ca.crt')
    const tls = { port: await freePort(), use: true, client_ca_file }
    const plain = bothDevices(ports, { yonago: { lead_s: 1 } })
    const nodes = plain.nodes.map((each) => ({ ...each, ...node }))
    const file = { ...plain, nodes, broker: { port: ports.mqtt, tls, ...broker } }
    const path = join(data, 'site.yaml')
    writeFileSync(path, siteFileText(file))
    return new TlsLine(data, await siteOf(file), path)
  }

  /** `./plumbline …` of this site. */
  command(...words: string[]): ReturnType<typeof runCommand> {
    return runCommand([...words, ...this.#args], {}, 60_000)
  }

  /** `./plumbline tls …` */
  async tls(...words: string[]): Promise<void> {
    const { code, stderr } = await this.command('tls', ...words)
    if (code !== 0) throw new Error(stderr)
  }

  /** The site's authority, the broker's certificate, and one for every client. */
  async certify(): Promise<void> {
    await this.tls('init')
    const { site } = this.site.file
    for (const user of [edgeUser('n1'), ingestUser(site), deskUser(site)]) await this.tls('client', user)
  }

  async simulate(): Promise<Line> {
    this.#simulation ??= await startLine(this.site, this.data, ['sim'])
    return this.#simulation
  }

  part(part: Part): ServiceProcess {
    return this.#services.get(part)!
  }

  logOf(part: Part): string {
    return this.part(part).output.stderr
  }

  async end(): Promise<void> {
    for (const service of this.#services.values()) await service.kill()
    await this.#simulation?.stop()
  }
}
