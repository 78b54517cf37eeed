/**
 * What a person does with the broker's clients from the command line: list, add an observer or a node of somebody else, change a password, shut a
 * client out and let it in again. The running broker takes the file anew by itself; without one it stands for the next start.
 */

import type { Site } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import { identitiesOf } from '../access.ts'
import {
  type ClientEntries,
  type ClientEntry,
  clientsPath,
  hashed,
  type MadeRole,
  newPassword,
  readClients,
  writeClients,
} from './client-file.ts'
import { passwordFolder, writePassword } from './credentials.ts'

export type ListedClient = {
  readonly user: string
  readonly kind: 'edge' | 'host' | MadeRole
  readonly state: 'ok' | 'revoked'
}

/** Without the dot, which stands in client ids of observers. */
const NODE = /^[A-Za-z0-9_-]{1,64}$/

export class ClientBook {
  readonly #data: string
  readonly #site: string
  readonly #foreign: readonly string[]
  readonly #own: ReturnType<typeof identitiesOf>

  constructor(data: string, site: Site) {
    this.#data = data
    this.#site = site.file.site
    this.#foreign = site.file.ingest.foreign
    this.#own = identitiesOf(
      site.file.site,
      site.file.nodes.map(({ id }) => id),
    )
  }

  async list(): Promise<ListedClient[]> {
    return [...(await this.#read())].map(([user, { role, revoked }]) => ({
      user,
      kind: role ?? this.#own.find((identity) => identity.user === user)?.kind ?? 'edge',
      state: revoked ? 'revoked' : 'ok',
    }))
  }

  /** Gives its password, which is kept nowhere else. @throws PlumblineError USAGE */
  async addObserver(user: string): Promise<string> {
    if (!isId(user)) throw new PlumblineError('USAGE', `expected a name of a-z, 0-9 and -, got "${user}"`)
    return this.#add(user, 'observer')
  }

  /** A Sparkplug node that the site allows as foreign. Gives its password, as above. @throws PlumblineError USAGE */
  async addNode(user: string): Promise<string> {
    if (!NODE.test(user))
      throw new PlumblineError('USAGE', `expected a node id of A-Z, a-z, 0-9, _ and -, got "${user}"`)
    if (!this.#foreign.some((one) => one === '*' || one === user))
      throw new PlumblineError('USAGE', `expected a node that stands in ingest.foreign of the site file, got "${user}"`)
    return this.#add(user, 'node')
  }

  async #add(user: string, role: MadeRole): Promise<string> {
    const clients = await this.#read()
    // Sparkplug ids of the site, also the second ones of its nodes, are client ids of others.
    if (clients.has(user) || this.#own.some(({ clientIds }) => clientIds.includes(user)))
      throw new PlumblineError('USAGE', `expected a name that no client has, got "${user}"`)
    const password = newPassword()
    await this.#set(clients, user, { ...(await hashed(password)), role })
    return password
  }

  /**
   * A new password; the old one ends. Of a client of the site it is written into the client's own folder, of one that a
   * person made it is given.
   */
  async rotate(user: string): Promise<string | undefined> {
    const clients = await this.#read()
    const { role } = this.#known(clients, user)
    const password = newPassword()
    const identity = this.#own.find((own) => own.user === user)
    // The client's file first: it reads the new password at its next try, and the old one ends with the second file.
    if (identity !== undefined) await writePassword(passwordFolder(this.#data, this.#site, identity), password)
    await this.#set(clients, user, { ...(await hashed(password)), ...(role && { role }) })
    return identity === undefined ? password : undefined
  }

  /** Its connections end at once. One that a person made is gone, a client of the site stays out until `restore`. */
  async revoke(user: string): Promise<void> {
    const clients = await this.#read()
    const entry = this.#known(clients, user)
    await this.#set(clients, user, entry.role !== undefined ? undefined : { ...entry, revoked: true })
  }

  async restore(user: string): Promise<void> {
    const clients = await this.#read()
    const { revoked: _, ...entry } = this.#known(clients, user)
    await this.#set(clients, user, entry)
  }

  async #read(): Promise<ClientEntries> {
    const clients = await readClients(clientsPath(this.#data, this.#site))
    if (clients.size === 0)
      throw new PlumblineError(
        'USAGE',
        `${clientsPath(this.#data, this.#site)}: expected the clients of a broker that was started once, got nothing`,
      )
    return clients
  }

  #known(clients: ClientEntries, user: string): ClientEntry {
    const entry = clients.get(user)
    if (entry !== undefined) return entry
    throw new PlumblineError('USAGE', `expected one of ${[...clients.keys()].join(', ')}, got "${user}"`)
  }

  #set(clients: ClientEntries, user: string, entry: ClientEntry | undefined): Promise<void> {
    const after = new Map(clients)
    if (entry === undefined) after.delete(user)
    else after.set(user, entry)
    return writeClients(clientsPath(this.#data, this.#site), after)
  }
}
