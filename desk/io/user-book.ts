/**
 * People who may sign in, and their sessions, in `users.json` (mode 600) of the desk's folder. Tokens are kept as hashes
 * only: who reads the file can sign in as nobody. Rate limits and cookies are the routes' business.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock } from '../../domain/ports.ts'
import type { Role } from '../../domain/roles.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import {
  hashOfNobody,
  hashPassphrase,
  type PassphraseHash,
  passphraseMatches,
  SCRYPT_COST,
  type ScryptCost,
} from './passphrase.ts'

export type SignedIn = { readonly name: string; readonly role: Role }
type User = SignedIn & { readonly passphrase: PassphraseHash; readonly made_ns: string }
type Session = { readonly token_hash: string; readonly name: string; seen_ns: string }
type File = { version: 1; users: User[]; sessions: Session[]; first_user_token_hash: string | null }

export const USERS_FILE = 'users.json'
export const NAME_MAX = 64
export const PASSPHRASE_MIN = 8
/** Long sentences are welcome; the bound keeps hashing short. */
export const PASSPHRASE_MAX = 1024
const IDLE_NS = 12n * 3_600_000_000_000n
/** How much of a session's idle time a crash may take back: it is written no more often than this. */
const SEEN_STEP_NS = 600_000_000_000n
/** Beyond it the session longest idle ends. */
const SESSIONS_MAX = 500
/** Sign-ins that wait for their turn at the hash; each takes some 0.3 s. */
const WAITING_MAX = 16

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const sameHash = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
const newToken = (): string => randomBytes(32).toString('base64url')

export type FirstUser = { readonly token: string } | { readonly refused: 'token' | 'busy' }

export class UserBook {
  readonly #path: string
  readonly #clock: Clock
  readonly #cost: ScryptCost
  #file: File = { version: 1, users: [], sessions: [], first_user_token_hash: null }
  readonly #nobody: PassphraseHash
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(folder: string, clock: Clock, cost: ScryptCost = SCRYPT_COST) {
    this.#path = join(folder, USERS_FILE)
    this.#clock = clock
    this.#cost = cost
    this.#nobody = hashOfNobody(cost)
  }

  /** @throws PlumblineError DATA_CORRUPT */
  async load(): Promise<void> {
    const bytes = await readFileIfThere(this.#path)
    if (bytes !== undefined) this.#file = parse(bytes.toString('utf8'), this.#path)
  }

  get firstUserNeeded(): boolean {
    return this.#file.users.length === 0
  }

  /** A new one-time token, in place of any before. */
  async firstUserToken(): Promise<string> {
    const token = newToken()
    this.#file.first_user_token_hash = sha256(token)
    await this.#save()
    return token
  }

  /** Makes the first user (admin) and signs them in; the token is spent. */
  makeFirstUser(token: string, name: string, passphrase: string): Promise<FirstUser> {
    return this.#inTurn<FirstUser>({ refused: 'busy' }, async () => {
      const expected = this.#file.first_user_token_hash
      if (!this.firstUserNeeded || expected === null || !sameHash(sha256(token), expected)) return { refused: 'token' }
      const user: User = {
        name,
        role: 'admin',
        passphrase: await hashPassphrase(passphrase, this.#cost),
        made_ns: String(this.#clock.now()),
      }
      this.#file.users.push(user)
      this.#file.first_user_token_hash = null
      return { token: await this.#newSession(name) }
    })
  }

  /** A session's token; `undefined` for a wrong name or passphrase, 'busy' when too many are waiting. */
  signIn(name: string, passphrase: string): Promise<string | undefined | 'busy'> {
    return this.#inTurn<string | undefined | 'busy'>('busy', async () => {
      const user = this.#file.users.find((u) => u.name === name)
      const matches = await passphraseMatches(passphrase, user?.passphrase ?? this.#nobody)
      return user !== undefined && matches ? this.#newSession(name) : undefined
    })
  }

  /** Who the token belongs to; asking keeps the session alive. */
  who(token: string | undefined): SignedIn | undefined {
    const session = this.#find(token)
    const user = session && this.#file.users.find((u) => u.name === session.name)
    if (session === undefined || user === undefined) return undefined
    const now = this.#clock.now()
    // A clock that was set back must not make a session live longer.
    if (now - BigInt(session.seen_ns) > SEEN_STEP_NS || now < BigInt(session.seen_ns)) {
      session.seen_ns = String(now)
      this.#save().catch(() => {})
    }
    return { name: user.name, role: user.role }
  }

  async signOut(token: string | undefined): Promise<SignedIn | undefined> {
    const session = this.#find(token)
    if (session === undefined) return undefined
    const who = this.who(token)
    this.#file.sessions = this.#file.sessions.filter((s) => s !== session)
    await this.#save()
    return who
  }

  /** Resolves when nothing is left to write. */
  async close(): Promise<void> {
    await this.#turn.catch(() => {})
    await this.#saving.catch(() => {})
  }

  #find(token: string | undefined): Session | undefined {
    if (token === undefined) return undefined
    const hash = sha256(token)
    const session = this.#file.sessions.find((s) => sameHash(s.token_hash, hash))
    return session && this.#clock.now() - BigInt(session.seen_ns) <= IDLE_NS ? session : undefined
  }

  async #newSession(name: string): Promise<string> {
    const token = newToken()
    const now = this.#clock.now()
    const live = this.#file.sessions.filter((s) => now - BigInt(s.seen_ns) <= IDLE_NS)
    live.sort((a, b) => (BigInt(a.seen_ns) < BigInt(b.seen_ns) ? 1 : -1))
    this.#file.sessions = [
      { token_hash: sha256(token), name, seen_ns: String(now) },
      ...live.slice(0, SESSIONS_MAX - 1),
    ]
    await this.#save()
    return token
  }

  /** One hash at a time: each needs 32 MiB. */
  async #inTurn<T>(busy: T, work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) return busy
    this.#waiting++
    const before = this.#turn
    const mine = before.catch(() => {}).then(work)
    this.#turn = mine
    try {
      return await mine
    } finally {
      this.#waiting--
    }
  }

  #save(): Promise<void> {
    const write = () => writeFileDurably(this.#path, `${JSON.stringify(this.#file, null, 1)}\n`, 0o600)
    this.#saving = this.#saving.catch(() => {}).then(write)
    return this.#saving
  }
}

function parse(text: string, path: string): File {
  try {
    const file = JSON.parse(text) as File
    if (file.version === 1 && Array.isArray(file.users) && Array.isArray(file.sessions)) return file
  } catch {
    // Said below.
  }
  throw new PlumblineError('DATA_CORRUPT', `${path}: expected the desk's users as JSON, version 1`)
}
