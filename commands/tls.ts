/** `tls`: a certificate authority of the site's own, and the certificates of broker, desk and the broker's clients. */
import { hostname } from 'node:os'
import type { Site } from '../domain/channel.ts'
import { deskUser, edgeUser, ingestUser } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { CertificateFiles, type Listed } from '../runtime/certificate-files.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

const FLAGS = { site: 'text', data: 'text', name: 'texts' } as const
/** A certificate that ends sooner is said to need a new one. */
const SOON_DAYS = 30
const DAY_MS = 86_400_000

export const tls: Command = {
  name: 'tls',
  summary: "certificates for MQTT over TLS and for https, by the site's own authority",
  usage: './plumbline tls init|desk|client USER|list --site … [--data …] [--name HOST …]',
  run: async (args) => {
    const { flags, words } = readFlags(tls, args, FLAGS, { min: 1, max: 2 })
    if (flags.site === undefined) throw new PlumblineError('USAGE', `--site is missing; usage: ${tls.usage}`)
    const site = await readSite(flags.site)
    const files = new CertificateFiles(flags.data ?? './data', site.file.site)
    const [verb, user] = words
    const now = new Date()
    if (verb === 'init' && user === undefined) print(await files.init(namesOf(site, flags.name), now), now)
    else if (verb === 'desk' && user === undefined) print(await files.initDesk(deskNames(site, flags.name), now), now)
    else if (verb === 'client' && user !== undefined) print([await files.client(known(site, user), now)], now)
    else if (verb === 'list' && user === undefined) print(await files.list(), now)
    else throw new PlumblineError('USAGE', `expected init, desk, client USER or list; usage: ${tls.usage}`)
    return 0
  },
}

/** Names given, else those by which the broker can be reached from here. */
function namesOf(site: Site, given: readonly string[]): string[] {
  if (given.length > 0) return [...given]
  const { host, tls } = site.file.broker
  const listening = [tls?.host ?? host, host].filter((name) => !EVERY_ADDRESS.has(name))
  return [...new Set([...listening, ...HERE()])]
}

/** The same of the desk, with the name that people are given. */
function deskNames(site: Site, given: readonly string[]): string[] {
  if (given.length > 0) return [...given]
  const { host, public_url } = site.file.desk
  const named = public_url === undefined ? [] : [new URL(public_url).hostname]
  return [...new Set([...named, ...(EVERY_ADDRESS.has(host) ? [] : [host]), ...HERE()])]
}
const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])
const HERE = () => [hostname(), 'localhost', '127.0.0.1', '::1']

/** A certificate for a name that the broker would never let in is a mistake. */
function known(site: Site, user: string): string {
  const { site: id, nodes } = site.file
  const users = [...nodes.map((node) => edgeUser(node.id)), ingestUser(id), deskUser(id)]
  if (users.includes(user)) return user
  throw new PlumblineError('USAGE', `expected a client of the site (${users.join(', ')}), got "${user}"`)
}

function print(listed: readonly Listed[], now: Date): void {
  for (const { path, subject, names, until } of listed) {
    const days = Math.floor((until.getTime() - now.getTime()) / DAY_MS)
    const ends = days < 0 ? 'HAS ENDED' : days < SOON_DAYS ? `ends in ${days} days: make a new one` : `${days} days`
    process.stdout.write(
      `${path}\n  ${subject}; until ${until.toISOString().slice(0, 10)} (${ends})${names && `\n  ${names}`}\n`,
    )
  }
  if (listed.length === 0) process.stdout.write('no certificates yet; run tls init\n')
}
