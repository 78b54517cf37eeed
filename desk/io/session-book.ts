/**
 * Who is signed in: sessions by the hash of the token that the browser holds. Each sign-in gives a new token; a session ends
 * when it was idle too long, was open too long, or when anything about its person changed.
 */
import type { Clock } from '../../domain/ports.ts'
import type { Role } from '../../domain/roles.ts'
import {
  type People,
  SESSION_LIMITS,
  SESSIONS_MAX,
  type Session,
  type SessionLimits,
  sessionLives,
  userOf,
} from '../people.ts'
import { newSecret, sameHash, sha256 } from '../secrets.ts'
import type { PeopleFile } from './people-file.ts'

export type SignedIn = { readonly name: string; readonly role: Role }

export class SessionBook {
  readonly #file: PeopleFile
  readonly #clock: Clock
  readonly #limits: SessionLimits

  constructor(file: PeopleFile, clock: Clock, limits: SessionLimits = SESSION_LIMITS) {
    this.#file = file
    this.#clock = clock
    this.#limits = limits
  }

  /** Who the token belongs to; asking keeps the session alive. */
  who(token: string | undefined): SignedIn | undefined {
    const session = this.#find(token)
    const user = session && userOf(this.#file.people, session.name)
    if (session === undefined || user === undefined || user.disabled) return undefined
    const now = this.#clock.now()
    this.#file.see(session.token_hash, now)
    this.#file.see(`user ${user.name}`, now)
    return { name: user.name, role: user.role }
  }

  /** `people` with a new session; the one of `former`, if there is one, ends: a token never lives on over a sign-in. */
  opened(people: People, name: string, former: string | undefined): { people: People; token: string } {
    const token = newSecret()
    const now = this.#clock.now()
    const formerHash = former === undefined ? undefined : sha256(former)
    const live = people.sessions
      .filter((session) => session.token_hash !== formerHash && this.#lives(session, now))
      .sort((a, b) => (this.#seen(a) < this.#seen(b) ? 1 : -1))
      .slice(0, SESSIONS_MAX - 1)
    const session: Session = { token_hash: sha256(token), name, made_ns: String(now), seen_ns: String(now) }
    return { people: { ...people, sessions: [session, ...live] }, token }
  }

  /** Ends the session; who it was. */
  async signOut(token: string | undefined): Promise<SignedIn | undefined> {
    const session = this.#find(token)
    if (session === undefined) return undefined
    const who = this.who(token)
    await this.#file.change((people) => ({
      people: { ...people, sessions: people.sessions.filter((s) => s.token_hash !== session.token_hash) },
      answer: undefined,
    }))
    return who
  }

  #find(token: string | undefined): Session | undefined {
    if (token === undefined) return undefined
    const hash = sha256(token)
    const session = this.#file.people.sessions.find((s) => sameHash(s.token_hash, hash))
    return session && this.#lives(session, this.#clock.now()) ? session : undefined
  }

  #seen(session: Session): bigint {
    return this.#file.seen_ns(session.token_hash, session.seen_ns) ?? 0n
  }

  #lives(session: Session, now: bigint): boolean {
    return sessionLives(session, this.#seen(session), now, this.#limits)
  }
}
