/** A real Mosquitto with the very files that the guide gives, for sites and edge nodes of other names, too. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { have } from '../broker/real-tools.fixture.ts'
import { deskFolder, deskUser, edgeFolder, ingestFolder, ingestUser, PASSWORD_FILE } from '../domain/data-folder.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { until } from './until.ts'

// Debian keeps servers out of the search path of users.
const PROGRAM = '/usr/sbin/mosquitto'
export const mosquittoThere = (): boolean =>
  have('Mosquitto', 'mosquitto', PROGRAM, ['--help']) &&
  have('mosquitto_passwd', 'mosquitto', 'mosquitto_passwd', ['--help'])

/** One edge node of a site whose broker is external. */
export type Tenant = { readonly site: string; readonly node: string }

const GUIDE = readFileSync(join(import.meta.dirname, '..', 'docs', 'guides', 'other-brokers.md'), 'utf8')

/** The code block that follows the first mention of `name` in the guide. */
function blockAfter(name: string): string {
  const block = /```\n([\s\S]*?)```/.exec(GUIDE.slice(GUIDE.indexOf(name)))?.[1]
  if (block === undefined) throw new Error(`other-brokers.md has no block after ${name}`)
  return block
}

export class Mosquitto {
  readonly url: string
  readonly authority: string
  readonly #port: number
  readonly #config: string
  #child: ChildProcess | undefined

  private constructor(port: number, config: string, authority: string) {
    this.#port = port
    this.#config = config
    this.authority = authority
    this.url = `mqtts://127.0.0.1:${port}`
  }

  /** Not started yet. */
  static async of(folder: string, tenants: readonly Tenant[]): Promise<Mosquitto> {
    const port = await freePort()
    const home = join(folder, `mosquitto-${port}`)
    mkdirSync(home)
    const certificates = new CertificateFiles(folder, 'mosquitto')
    await certificates.init(['127.0.0.1'], new Date())
    const place: readonly (readonly [string, string])[] = [
      ['listener 8883', `listener ${port} 127.0.0.1`],
      ['/etc/mosquitto/ca.crt', certificates.authority],
      ['/etc/mosquitto/broker.crt', certificates.broker.cert],
      ['/etc/mosquitto/broker.key', certificates.broker.key],
      ['/etc/mosquitto/passwords', join(home, 'passwords')],
      ['/etc/mosquitto/acl', join(home, 'acl')],
    ]
    let config = blockAfter('`mosquitto.conf`')
    for (const [from, to] of place) {
      if (!config.includes(from)) throw new Error(`the guide's mosquitto.conf has no ${from}`)
      config = config.replace(from, to)
    }
    const acl = blockAfter('`acl`')
    const own = ({ site, node }: Tenant) => acl.replaceAll('edge-1', node).replaceAll('demo', site)
    writeFileSync(join(home, 'acl'), tenants.map(own).join('\n'))
    const users = new Set(tenants.flatMap(({ site, node }) => [node, ingestUser(site), deskUser(site)]))
    writeFileSync(join(home, 'passwords'), [...users].map((user) => `${user}:${secretOf(user)}\n`).join(''))
    execFileSync('mosquitto_passwd', ['-U', join(home, 'passwords')])
    // Started by root, Mosquitto would become a user who may not read these files.
    writeFileSync(join(home, 'mosquitto.conf'), `${config}${process.getuid?.() === 0 ? 'user root\n' : ''}`)
    return new Mosquitto(port, join(home, 'mosquitto.conf'), certificates.authority)
  }

  async start(): Promise<void> {
    this.#child = spawn(PROGRAM, ['-c', this.#config], { stdio: 'ignore' })
    await until('Mosquitto listens', () => listens(this.#port), 10_000)
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
}

/** Puts the passwords that were set in the broker where the services of a site read them. */
export function givePasswords(data: string, { site, node }: Tenant): void {
  const folders = [
    [edgeFolder(data, site, node), node],
    [ingestFolder(data, site), ingestUser(site)],
    [deskFolder(data, site), deskUser(site)],
  ] as const
  for (const [folder, user] of folders) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, PASSWORD_FILE), `${secretOf(user)}\n`, { mode: 0o600 })
  }
}

/** Password of a user of the broker. */
export const secretOf = (user: string): string => `secret of ${user}`

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
