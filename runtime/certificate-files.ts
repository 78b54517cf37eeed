/** The site's authority and its certificates as files: keys for the owner alone. Making them is `certificates.ts`'s. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tlsFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { readFileIfThere, writeFileDurably } from './atomic-file.ts'
import { describeCertificate, type Issued, issueClient, issueServer, makeAuthority } from './certificates.ts'
import { operatingError } from './file-errors.ts'

const AUTHORITY = 'ca'
const BROKER = 'broker'
const DESK = 'desk'
const CLIENTS = 'clients'

export type Listed = { readonly path: string; readonly subject: string; readonly names: string; readonly until: Date }

export class CertificateFiles {
  readonly folder: string
  readonly #site: string

  constructor(data: string, site: string) {
    this.folder = tlsFolder(data, site)
    this.#site = site
  }

  /** Paths of the broker's own certificate and key. */
  get broker(): { readonly cert: string; readonly key: string } {
    return this.#paths(BROKER)
  }
  /** The same of the desk. */
  get desk(): { readonly cert: string; readonly key: string } {
    return this.#paths(DESK)
  }
  get authority(): string {
    return this.#paths(AUTHORITY).cert
  }

  /** Paths of a client's certificate and key. */
  of(user: string): { readonly cert: string; readonly key: string } {
    return this.#paths(join(CLIENTS, user))
  }

  /** Makes the authority where there is none, and a new certificate for the broker. */
  init(names: readonly string[], now: Date): Promise<Listed[]> {
    return this.#server(BROKER, names, now)
  }

  /** The same, for the desk: console and API over https. */
  initDesk(names: readonly string[], now: Date): Promise<Listed[]> {
    return this.#server(DESK, names, now)
  }

  async #server(which: string, names: readonly string[], now: Date): Promise<Listed[]> {
    await makeFolder(this.folder)
    const authority = (await this.#read(AUTHORITY)) ?? (await this.#makeAuthority(now))
    await this.#write(which, await issueServer(authority, names, now))
    return this.list()
  }

  /** A new certificate for a client; an older one stays good until it ends. @throws PlumblineError TLS_INVALID */
  async client(user: string, now: Date): Promise<Listed> {
    const authority = await this.#read(AUTHORITY)
    if (authority === undefined)
      throw new PlumblineError('TLS_INVALID', `${this.authority}: expected an authority, got none; run tls init first`)
    await makeFolder(join(this.folder, CLIENTS))
    await this.#write(join(CLIENTS, user), await issueClient(authority, user, now))
    return this.#listed(join(CLIENTS, user))
  }

  async list(): Promise<Listed[]> {
    const names = await readdir(join(this.folder, CLIENTS)).catch(() => [])
    const clients = names.filter((name) => name.endsWith('.crt')).map((name) => join(CLIENTS, name.slice(0, -4)))
    const known = [AUTHORITY, BROKER, DESK, ...clients.sort()]
    const there = await Promise.all(known.map((name) => readFileIfThere(this.#paths(name).cert)))
    return Promise.all(known.filter((_, i) => there[i] !== undefined).map((name) => this.#listed(name)))
  }

  async #makeAuthority(now: Date): Promise<Issued> {
    const made = await makeAuthority(`Plumbline ${this.#site}`, now)
    await this.#write(AUTHORITY, made)
    return made
  }

  #paths(name: string): { cert: string; key: string } {
    return { cert: join(this.folder, `${name}.crt`), key: join(this.folder, `${name}.key`) }
  }

  async #read(name: string): Promise<Issued | undefined> {
    const { cert, key } = this.#paths(name)
    const [certificate, secret] = await Promise.all([readFileIfThere(cert), readFileIfThere(key)])
    if (certificate === undefined && secret === undefined) return undefined
    if (certificate === undefined || secret === undefined)
      throw new PlumblineError(
        'TLS_INVALID',
        `${certificate === undefined ? cert : key}: expected it beside ${certificate === undefined ? key : cert}, got nothing`,
      )
    return { certificate: certificate.toString(), key: secret.toString() }
  }

  /** The key first: a certificate without its key would be taken for a whole pair that was lost. */
  async #write(name: string, { certificate, key }: Issued): Promise<void> {
    const paths = this.#paths(name)
    await writeFileDurably(paths.key, key, 0o600)
    await writeFileDurably(paths.cert, certificate)
  }

  async #listed(name: string): Promise<Listed> {
    const { cert: path } = this.#paths(name)
    const text = (await readFileIfThere(path))?.toString() ?? ''
    try {
      const { subject, names, until } = describeCertificate(text)
      return { path, subject, names, until }
    } catch (error) {
      throw new PlumblineError('TLS_INVALID', `${path}: expected a certificate (PEM)`, { cause: error })
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error) => {
    throw operatingError(error, folder)
  })
}
