/**
 * `clients.json`: the hashes of the passwords of all MQTT clients, written whole by whoever changes it (the broker at its
 * start, the command `clients`) and read again by the broker when it changes. What a client may do is `access.ts`'s.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brokerFolder } from '../../domain/data-folder.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'

export const CLIENTS_FILE = 'clients.json'
const PASSWORD_BYTES = 32
/** RFC 7914 parameters: 16 MiB and some 40 ms a try; the passwords are 256 random bits anyway. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 }
const HASH_BYTES = 32

const derive = promisify<string, Buffer, number, typeof SCRYPT, Buffer>(scrypt)

/** `node`: a Sparkplug node of somebody else. */
export type MadeRole = 'observer' | 'node'
const MADE_ROLES: readonly unknown[] = ['observer', 'node'] satisfies MadeRole[]

/** Each hash keeps its parameters, so that a later version may choose others. */
export type ClientEntry = typeof SCRYPT & {
  readonly salt: string
  readonly hash: string
  /** Made by a person, beside the clients that the site names. */
  readonly role?: MadeRole
  /** A client of the site that a person has shut out; it stays in the file so that no start makes it anew. */
  readonly revoked?: true
}
export type ClientEntries = ReadonlyMap<string, ClientEntry>

export const clientsPath = (dataDir: string, site: string): string => join(brokerFolder(dataDir, site), CLIENTS_FILE)

export const newPassword = (): string => randomBytes(PASSWORD_BYTES).toString('base64url')

export async function hashed(password: string): Promise<ClientEntry> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, HASH_BYTES, SCRYPT)
  return { ...SCRYPT, salt: salt.toString('base64url'), hash: hash.toString('base64url') }
}

export async function matches(password: string, { salt, hash, N, r, p }: ClientEntry): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64url')
  const got = await derive(password, Buffer.from(salt, 'base64url'), HASH_BYTES, { N, r, p })
  return expected.length === got.length && timingSafeEqual(expected, got)
}

export const writeClients = (path: string, clients: ClientEntries): Promise<void> => {
  const file = { version: 1, clients: Object.fromEntries(clients) }
  return writeFileDurably(path, `${JSON.stringify(file, null, 2)}\n`, 0o600)
}

/** @throws PlumblineError DATA_CORRUPT, DATA_READ_ONLY */
export async function readClients(path: string): Promise<ClientEntries> {
  const bytes = await readFileIfThere(path)
  if (bytes === undefined) return new Map()
  try {
    const file = JSON.parse(bytes.toString('utf8')) as { version: unknown; clients: Record<string, unknown> }
    const entries = Object.entries(file.clients)
    if (file.version === 1 && entries.every((e): e is [string, ClientEntry] => isEntry(e[1]))) return new Map(entries)
  } catch {
    // Said below: no JSON is only one way of not being what we wrote.
  }
  throw new PlumblineError('DATA_CORRUPT', `${path}: expected the hashes of the MQTT passwords, got something else`)
}

/** Differs whenever the file was written: it is always a new one, renamed into place. */
export const stampOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ ino, mtimeMs }) => `${ino} ${mtimeMs}`,
    () => 'none',
  )

function isEntry(value: unknown): value is ClientEntry {
  if (typeof value !== 'object' || value === null) return false
  const { salt, hash, N, r, p, role, revoked } = value as ClientEntry
  return (
    typeof salt === 'string' &&
    typeof hash === 'string' &&
    [N, r, p].every(Number.isSafeInteger) &&
    (role === undefined || MADE_ROLES.includes(role)) &&
    (revoked === undefined || revoked === true)
  )
}
