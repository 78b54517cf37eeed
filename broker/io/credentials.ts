/**
 * Passwords of the broker's clients: made at the first start, kept as scrypt hashes here and in clear only in each client's
 * own folder, and taken anew when a person has changed them. What a client may do once it is known is `access.ts`'s.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  brokerFolder,
  deskFolder,
  deskUser,
  edgeFolder,
  ingestFolder,
  PASSWORD_FILE,
} from '../../domain/data-folder.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import type { Identity } from '../access.ts'
import {
  type ClientEntries,
  type ClientEntry,
  clientsPath,
  hashed,
  type MadeRole,
  matches,
  newPassword,
  readClients,
  stampOf,
  writeClients,
} from './client-file.ts'

export { CLIENTS_FILE } from './client-file.ts'

/** A wrong password costs a thread of the pool for 40 ms; the disk needs that pool too. */
const CHECKS_AT_ONCE = 2

export class Credentials {
  readonly #path: string
  #entries: ClientEntries
  #stamp: string
  /** SHA-256 of the password that was verified last: a storm of reconnects costs no scrypt. */
  readonly #verified = new Map<string, Buffer>()
  #checks = 0
  readonly #waiting: (() => void)[] = []

  private constructor(path: string, entries: ClientEntries, stamp: string) {
    this.#path = path
    this.#entries = entries
    this.#stamp = stamp
  }

  /**
   * Reads the hashes of `dataDir` and completes them for the identities of the site, writing passwords where none is.
   * Clients that a person made stay; a client that left the site is removed.
   * @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT
   */
  static async open(dataDir: string, site: string, identities: readonly Identity[]): Promise<Credentials> {
    const path = clientsPath(dataDir, site)
    await makeFolder(brokerFolder(dataDir, site))
    const before = await readClients(path)
    // Whom a person made before the site took the name is another client: the site's own has its password in its folder.
    const known = (user: string) => (before.get(user)?.role === undefined ? before.get(user) : undefined)
    const entry = async (identity: Identity): Promise<[string, ClientEntry]> => [
      identity.user,
      known(identity.user) ?? (await hashed(await passwordOf(dataDir, site, identity))),
    ]
    const own = await Promise.all(identities.map(entry))
    const made = [...before].filter(([user, { role }]) => role !== undefined && !own.some(([name]) => name === user))
    const clients = new Map([...own, ...made])
    const same = clients.size === before.size && [...clients].every(([user, entry]) => before.get(user) === entry)
    if (!same) await writeClients(path, clients)
    return new Credentials(path, clients, await stampOf(path))
  }

  /** What a client is that a person made. */
  madeRole(user: string): MadeRole | undefined {
    return this.#entries.get(user)?.role
  }

  /**
   * Takes the file anew where it was changed; gives the users whose password no longer holds.
   * @throws PlumblineError DATA_CORRUPT, and everything stays as it was
   */
  async refresh(): Promise<string[]> {
    const stamp = await stampOf(this.#path)
    if (stamp === this.#stamp) return []
    this.#stamp = stamp
    const after = await readClients(this.#path)
    const changed = [...this.#entries].filter(([user, { hash, revoked }]) => {
      const now = after.get(user)
      return now?.hash !== hash || now.revoked !== revoked
    })
    this.#entries = after
    for (const [user] of changed) this.#verified.delete(user)
    return changed.map(([user]) => user)
  }

  async verify(user: string, password: Uint8Array): Promise<boolean> {
    const entry = this.#entries.get(user)
    if (entry === undefined || entry.revoked) return false
    const digest = createHash('sha256').update(password).digest()
    const known = this.#verified.get(user)
    if (known !== undefined && timingSafeEqual(known, digest)) return true
    await this.#turn()
    try {
      const right = await matches(Buffer.from(password).toString('utf8'), entry)
      // The file may have been taken anew meanwhile: then the old password no longer counts.
      if (!right || this.#entries.get(user)?.hash !== entry.hash) return false
      this.#verified.set(user, digest)
      return true
    } finally {
      this.#checks--
      this.#waiting.shift()?.()
    }
  }

  /** Waits for one of the few checks at once; the broker's connection limit bounds the queue. */
  async #turn(): Promise<void> {
    if (this.#checks >= CHECKS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#checks++
  }
}

export const passwordFolder = (dataDir: string, site: string, { kind, user }: Identity): string => {
  if (kind === 'edge') return edgeFolder(dataDir, site, user)
  return user === deskUser(site) ? deskFolder(dataDir, site) : ingestFolder(dataDir, site)
}

/** The password in the client's own folder, made now where there is none. */
async function passwordOf(dataDir: string, site: string, identity: Identity): Promise<string> {
  const folder = passwordFolder(dataDir, site, identity)
  const known = (await readFileIfThere(join(folder, PASSWORD_FILE)))?.toString('utf8').trim()
  if (known !== undefined && known !== '') return known
  const password = newPassword()
  await writePassword(folder, password)
  return password
}

export async function writePassword(folder: string, password: string): Promise<void> {
  await makeFolder(folder)
  await writeFileDurably(join(folder, PASSWORD_FILE), password, 0o600)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw operatingError(error, folder)
  }
}
