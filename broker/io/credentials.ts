/**
 * Passwords of the broker's clients: made at the first start, kept as scrypt hashes here and in clear only in each client's
 * own folder. What a client may do once it is known is `access.ts`'s.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  brokerFolder,
  deskFolder,
  deskUser,
  edgeFolder,
  ingestFolder,
  PASSWORD_FILE,
} from '../../domain/data-folder.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import type { Identity } from '../access.ts'

export const CLIENTS_FILE = 'clients.json'
const PASSWORD_BYTES = 32
/** RFC 7914 parameters: 16 MiB and some 40 ms a try; the passwords are 256 random bits anyway. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 }
const HASH_BYTES = 32
/** A wrong password costs a thread of the pool for 40 ms; the disk needs that pool too. */
const CHECKS_AT_ONCE = 2

const derive = promisify<string, Buffer, number, typeof SCRYPT, Buffer>(scrypt)

/** Each hash keeps its parameters, so that a later version may choose others. */
type Entry = typeof SCRYPT & { readonly salt: string; readonly hash: string }
type Clients = ReadonlyMap<string, Entry>

export class Credentials {
  readonly #entries: Clients
  /** SHA-256 of the password that was verified last: a storm of reconnects costs no scrypt. */
  readonly #verified = new Map<string, Buffer>()
  #checks = 0
  readonly #waiting: (() => void)[] = []

  private constructor(clients: Clients) {
    this.#entries = clients
  }

  /**
   * Reads the hashes of `dataDir` and completes them for the identities of the site, writing passwords where none is.
   * @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT
   */
  static async open(dataDir: string, site: string, identities: readonly Identity[]): Promise<Credentials> {
    const folder = brokerFolder(dataDir, site)
    const path = join(folder, CLIENTS_FILE)
    await makeFolder(folder)
    const before = await readClients(path)
    const entry = async (identity: Identity): Promise<[string, Entry]> => [
      identity.user,
      before.get(identity.user) ?? (await hashed(await passwordOf(dataDir, site, identity))),
    ]
    const clients = new Map(await Promise.all(identities.map(entry)))
    const same = clients.size === before.size && [...clients].every(([user, entry]) => before.get(user) === entry)
    if (!same) await writeClients(path, clients)
    return new Credentials(clients)
  }

  async verify(user: string, password: Uint8Array): Promise<boolean> {
    const entry = this.#entries.get(user)
    if (entry === undefined) return false
    const digest = createHash('sha256').update(password).digest()
    const known = this.#verified.get(user)
    if (known !== undefined && timingSafeEqual(known, digest)) return true
    await this.#turn()
    try {
      const right = await matches(Buffer.from(password).toString('utf8'), entry)
      if (right) this.#verified.set(user, digest)
      return right
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

const folderOf = (dataDir: string, site: string, { kind, user }: Identity): string => {
  if (kind === 'edge') return edgeFolder(dataDir, site, user)
  return user === deskUser(site) ? deskFolder(dataDir, site) : ingestFolder(dataDir, site)
}

/** The password in the client's own folder, made now where there is none. */
async function passwordOf(dataDir: string, site: string, identity: Identity): Promise<string> {
  const folder = folderOf(dataDir, site, identity)
  const path = join(folder, PASSWORD_FILE)
  const known = (await readFileIfThere(path))?.toString('utf8').trim()
  if (known !== undefined && known !== '') return known
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  await makeFolder(folder)
  await writeFileDurably(path, password, 0o600)
  return password
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw operatingError(error, folder)
  }
}

async function hashed(password: string): Promise<Entry> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, HASH_BYTES, SCRYPT)
  return { ...SCRYPT, salt: salt.toString('base64url'), hash: hash.toString('base64url') }
}

async function matches(password: string, { salt, hash, N, r, p }: Entry): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64url')
  const got = await derive(password, Buffer.from(salt, 'base64url'), HASH_BYTES, { N, r, p })
  return expected.length === got.length && timingSafeEqual(expected, got)
}

const writeClients = (path: string, clients: Clients): Promise<void> => {
  const file = { version: 1, clients: Object.fromEntries(clients) }
  return writeFileDurably(path, `${JSON.stringify(file, null, 2)}\n`, 0o600)
}

async function readClients(path: string): Promise<Clients> {
  const bytes = await readFileIfThere(path)
  if (bytes === undefined) return new Map()
  try {
    const file = JSON.parse(bytes.toString('utf8')) as { version: unknown; clients: Record<string, unknown> }
    const entries = Object.entries(file.clients)
    if (file.version === 1 && entries.every((e): e is [string, Entry] => isEntry(e[1]))) return new Map(entries)
  } catch {
    // Said below: no JSON is only one way of not being what we wrote.
  }
  throw new PlumblineError('DATA_CORRUPT', `${path}: expected the hashes of the MQTT passwords, got something else`)
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Entry).salt === 'string' &&
  typeof (value as Entry).hash === 'string' &&
  [(value as Entry).N, (value as Entry).r, (value as Entry).p].every(Number.isSafeInteger)
