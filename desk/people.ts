/**
 * People, their sessions and the tokens of programs as one value, and the rules about them. Pure: what is kept on disk and
 * when is `io/people-file.ts`'s. Secrets stand here as hashes only: who reads the value can sign in as nobody.
 */
import type { TokenJson, UserJson } from '../domain/api-desk.ts'
import { ROLES, type Role } from '../domain/roles.ts'

export type PassphraseHash = {
  readonly salt: string
  readonly hash: string
  readonly N: number
  readonly r: number
  readonly p: number
}
/** A link by which the person, once, sets the passphrase. */
export type Invitation = { readonly token_hash: string; readonly expires_ns: string }
export type User = {
  readonly name: string
  readonly role: Role
  readonly disabled: boolean
  readonly made_ns: string
  readonly made_by: string
  /** Null until the invitation is taken up. */
  readonly passphrase: PassphraseHash | null
  readonly invitation: Invitation | null
  readonly last_ns: string | null
}
export type Session = {
  readonly token_hash: string
  readonly name: string
  readonly made_ns: string
  readonly seen_ns: string
}
export type ApiToken = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly secret_hash: string
  readonly made_ns: string
  readonly made_by: string
  readonly last_ns: string | null
  readonly expires_ns: string | null
}
export type People = {
  readonly version: 2
  readonly users: readonly User[]
  readonly sessions: readonly Session[]
  readonly tokens: readonly ApiToken[]
  readonly first_user_token_hash: string | null
  /** Signs what marks a browser as known (`device-cookie.ts`). */
  readonly device_key: string
}

export const NAME_MAX = 64
export const PASSPHRASE_MIN = 8
/** Long sentences are welcome; the bound keeps hashing short. */
export const PASSPHRASE_MAX = 1024
export const USERS_MAX = 500
export const TOKENS_MAX = 200
/** Beyond it the session longest idle ends. */
export const SESSIONS_MAX = 500
const HOUR_NS = 3_600_000_000_000n
export const INVITATION_NS = 72n * HOUR_NS

/** Session limits, from the site file. */
export type SessionLimits = { readonly idle_ns: bigint; readonly longest_ns: bigint }
export const SESSION_LIMITS: SessionLimits = { idle_ns: 12n * HOUR_NS, longest_ns: 168n * HOUR_NS }

/** Names that differ only in case or in width are one: nobody shall be mistaken for another. */
export const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

export const userOf = (people: People, name: string): User | undefined => {
  const key = nameKey(name)
  return people.users.find((user) => nameKey(user.name) === key)
}

const signsIn = (user: User): boolean => !user.disabled && user.passphrase !== null

/** Without this person nobody could manage people any more. */
export function isLastAdmin(people: People, name: string): boolean {
  const admins = people.users.filter((user) => user.role === 'admin' && signsIn(user))
  return admins.length === 1 && nameKey(admins[0]!.name) === nameKey(name)
}

/** A clock that was set back must not make a session live longer. */
export const sessionLives = (session: Session, seen_ns: bigint, now: bigint, limits: SessionLimits): boolean =>
  now - seen_ns <= limits.idle_ns && now - BigInt(session.made_ns) <= limits.longest_ns

export const withUser = (people: People, user: User): People => ({
  ...people,
  users: people.users.some(({ name }) => name === user.name)
    ? people.users.map((other) => (other.name === user.name ? user : other))
    : [...people.users, user],
})

export const withoutSessions = (people: People, name: string): People => ({
  ...people,
  sessions: people.sessions.filter((session) => session.name !== name),
})

export const userJson = (user: User, last_ns: string | null = user.last_ns): UserJson => ({
  name: user.name,
  role: user.role,
  made_ns: user.made_ns,
  last_ns,
  disabled: user.disabled,
  invited_until_ns: user.invitation?.expires_ns ?? null,
})

export const tokenJson = (token: ApiToken, last_ns: string | null = token.last_ns): TokenJson => {
  const { id, name, role, made_ns, made_by, expires_ns } = token
  return { id, name, role, made_ns, made_by, last_ns, expires_ns }
}

export const nobodyYet = (device_key: string): People => ({
  version: 2,
  users: [],
  sessions: [],
  tokens: [],
  first_user_token_hash: null,
  device_key,
})

/**
 * What stands in the file: version 2, or version 1 of a desk that knew no other users than the first.
 * `undefined` where it is neither.
 */
export function readPeople(text: string, device_key: string): { people: People; from: 1 | 2 } | undefined {
  let file: Record<string, unknown>
  try {
    file = JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
  const { users, sessions, tokens } = file
  if (!isRows(users) || !isRows(sessions)) return undefined
  if (file.version === 2) {
    const whole = isRows(tokens) && typeof file.device_key === 'string' && users.every(isUser)
    return whole ? { people: file as unknown as People, from: 2 } : undefined
  }
  return file.version === 1 ? { people: fromVersion1(file, users, sessions, device_key), from: 1 } : undefined
}

type Row = Record<string, unknown>
const isRows = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null)
const isUser = (row: Row): boolean => typeof row.name === 'string' && ROLES.includes(row.role as Role)

/** Version 1 called everybody admin, and a session had only the time at which it was last seen. */
function fromVersion1(file: Row, users: Row[], sessions: Row[], device_key: string): People {
  return {
    ...nobodyYet(device_key),
    users: users.map((user) => ({
      name: String(user.name),
      role: ROLES.includes(user.role as Role) ? (user.role as Role) : 'operator',
      disabled: false,
      made_ns: String(user.made_ns),
      made_by: 'first-user link',
      passphrase: user.passphrase as PassphraseHash,
      invitation: null,
      last_ns: null,
    })),
    sessions: sessions.map((session) => ({
      token_hash: String(session.token_hash),
      name: String(session.name),
      made_ns: String(session.seen_ns),
      seen_ns: String(session.seen_ns),
    })),
    first_user_token_hash: typeof file.first_user_token_hash === 'string' ? file.first_user_token_hash : null,
  }
}
