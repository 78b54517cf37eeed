/**
 * People who may sign in: the first one by the link that the desk prints, the others by invitations. A passphrase is only
 * ever set by the person, by a link that works once and ends. Rate limits and cookies are the routes' business.
 */
import type { UserBody, UserChangeBody, UserInviteJson, UserJson } from '../../domain/api-desk.ts'
import type { Clock } from '../../domain/ports.ts'
import {
  INVITATION_NS,
  isLastAdmin,
  nameKey,
  type PassphraseHash,
  type People,
  USERS_MAX,
  type User,
  userJson,
  userOf,
  withoutSessions,
  withUser,
} from '../people.ts'
import { newSecret, sameHash, sha256 } from '../secrets.ts'
import { HashQueue } from './hash-queue.ts'
import { hashOfNobody, hashPassphrase, passphraseMatches, SCRYPT_COST, type ScryptCost } from './passphrase.ts'
import type { PeopleFile } from './people-file.ts'
import type { SessionBook } from './session-book.ts'

/** A new session's token with whose it is, or why there is none. */
export type Entered = { readonly token: string; readonly name: string } | { readonly refused: 'wrong' | 'busy' }
/** `last-admin`: nobody could manage people any more. */
export type Refused = { readonly refused: 'unknown' | 'taken' | 'full' | 'last-admin' }

/** Who asks, as far as it matters here. */
export type Asking = {
  /** The browser is known for this name. */
  readonly known?: boolean
  /** The token of the session that the browser came with: it ends. */
  readonly former?: string | undefined
}

export class UserBook {
  readonly #file: PeopleFile
  readonly #sessions: SessionBook
  readonly #clock: Clock
  readonly #cost: ScryptCost
  readonly #nobody: PassphraseHash
  readonly #queue = new HashQueue()

  constructor(file: PeopleFile, sessions: SessionBook, clock: Clock, cost: ScryptCost = SCRYPT_COST) {
    this.#file = file
    this.#sessions = sessions
    this.#clock = clock
    this.#cost = cost
    this.#nobody = hashOfNobody(cost)
  }

  get firstUserNeeded(): boolean {
    return this.#file.people.users.length === 0
  }

  list(): UserJson[] {
    return this.#file.people.users.map((user) => this.#json(user))
  }

  /** A new one-time token, in place of any before. */
  firstUserToken(): Promise<string> {
    const token = newSecret()
    return this.#file.change((people) => ({
      people: { ...people, first_user_token_hash: sha256(token) },
      answer: token,
    }))
  }

  /** Makes the first user (admin) and signs them in; the token is spent. */
  makeFirstUser(token: string, name: string, passphrase: string): Promise<Entered> {
    return this.#hashed(passphrase, (people, hash) => {
      const expected = people.first_user_token_hash
      if (people.users.length > 0 || expected === null || !sameHash(sha256(token), expected)) return undefined
      const user = this.#newUser({ name, role: 'admin' }, 'first-user link')
      return { people: { ...people, first_user_token_hash: null }, user: { ...user, passphrase: hash } }
    })
  }

  /** A person whom a link lets in. */
  invite(body: UserBody, by: string): Promise<UserInviteJson | Refused> {
    return this.#file.change<UserInviteJson | Refused>((people) => {
      if (userOf(people, body.name) !== undefined) return { answer: { refused: 'taken' } }
      if (people.users.length >= USERS_MAX) return { answer: { refused: 'full' } }
      const { user, token } = this.#invited(this.#newUser(body, by))
      return { people: withUser(people, user), answer: this.#inviteJson(user, token) }
    })
  }

  /** Takes up an invitation: sets the passphrase and signs in. The link is spent. */
  acceptInvitation(token: string, passphrase: string, asking: Asking = {}): Promise<Entered> {
    return this.#hashed(
      passphrase,
      (people, hash) => {
        const token_hash = sha256(token)
        const now = this.#clock.now()
        const user = people.users.find(
          ({ invitation, disabled }) =>
            invitation !== null &&
            !disabled &&
            sameHash(invitation.token_hash, token_hash) &&
            now < BigInt(invitation.expires_ns),
        )
        if (user === undefined) return undefined
        return { people: withoutSessions(people, user.name), user: { ...user, invitation: null, passphrase: hash } }
      },
      asking,
    )
  }

  /** A wrong name, a wrong passphrase, a disabled user and one who has none yet look and take the same. */
  signIn(name: string, passphrase: string, { known = false, former }: Asking = {}): Promise<Entered> {
    return this.#queue.run<Entered>(known, { refused: 'busy' }, async () => {
      const against = userOf(this.#file.people, name)?.passphrase ?? this.#nobody
      const matches = await passphraseMatches(passphrase, against)
      return this.#file.change<Entered>((people) => {
        const user = userOf(people, name)
        // The passphrase may have been changed while it was compared.
        if (!matches || user === undefined || user.disabled || user.passphrase?.hash !== against.hash)
          return { answer: { refused: 'wrong' } }
        return this.#entered(people, user, former)
      })
    })
  }

  /** One's own passphrase: the old one is asked for, and every other session of the person ends. */
  changePassphrase(name: string, passphrase: string, next: string): Promise<Entered> {
    return this.#queue.run<Entered>(true, { refused: 'busy' }, async () => {
      const against = userOf(this.#file.people, name)?.passphrase ?? this.#nobody
      const matches = await passphraseMatches(passphrase, against)
      const hash = matches ? await hashPassphrase(next, this.#cost) : undefined
      return this.#file.change<Entered>((people) => {
        const user = userOf(people, name)
        if (hash === undefined || user === undefined || user.passphrase?.hash !== against.hash)
          return { answer: { refused: 'wrong' } }
        return this.#entered(withoutSessions(people, user.name), { ...user, passphrase: hash }, undefined)
      })
    })
  }

  /**
   * Role, disabled or a new link; every session of the person ends. `own`: the person changes their own entry and goes on,
   * under a new token.
   */
  change(name: string, body: UserChangeBody, own = false, mayResetLast = false): Promise<Changed | Refused> {
    return this.#file.change<Changed | Refused>((people) => {
      const user = userOf(people, name)
      if (user === undefined) return { answer: { refused: 'unknown' } }
      const { role = user.role, disabled = user.disabled, reset = false } = body
      const loses = role !== 'admin' || disabled || (reset && !mayResetLast)
      if (loses && isLastAdmin(people, name)) return { answer: { refused: 'last-admin' } }
      const plain: User = { ...user, role, disabled }
      const { user: next, token } = reset ? this.#invited({ ...plain, passphrase: null }) : { user: plain }
      const changed = withoutSessions(withUser(people, next), user.name)
      const link = token === undefined ? null : this.#inviteJson(next, token)
      if (!own || reset || disabled)
        return { people: changed, answer: { user: this.#json(next), link, session: undefined } }
      const { people: opened, token: session } = this.#sessions.opened(changed, user.name, undefined)
      return { people: opened, answer: { user: this.#json(next), link, session } }
    })
  }

  /** Who was removed. */
  remove(name: string): Promise<UserJson | Refused> {
    return this.#file.change<UserJson | Refused>((people) => {
      const user = userOf(people, name)
      if (user === undefined) return { answer: { refused: 'unknown' } }
      if (isLastAdmin(people, name)) return { answer: { refused: 'last-admin' } }
      const users = people.users.filter((other) => other !== user)
      return { people: { ...withoutSessions(people, user.name), users }, answer: this.#json(user) }
    })
  }

  get deviceKey(): string {
    return this.#file.people.device_key
  }

  /** Resolves when nobody waits for an answer any more. */
  close(): Promise<void> {
    return this.#queue.close()
  }

  /** Hashes a new passphrase for whoever `find` finds, and signs them in. A link that is no good costs no hash. */
  #hashed(
    passphrase: string,
    find: (people: People, hash: PassphraseHash) => { people: People; user: User } | undefined,
    { former }: Asking = {},
  ): Promise<Entered> {
    if (find(this.#file.people, this.#nobody) === undefined) return Promise.resolve({ refused: 'wrong' })
    return this.#queue.run<Entered>(false, { refused: 'busy' }, async () => {
      const hash = await hashPassphrase(passphrase, this.#cost)
      return this.#file.change<Entered>((people) => {
        const found = find(people, hash)
        return found === undefined ? { answer: { refused: 'wrong' } } : this.#entered(found.people, found.user, former)
      })
    })
  }

  #entered(people: People, user: User, former: string | undefined): { people: People; answer: Entered } {
    const opened = this.#sessions.opened(withUser(people, user), user.name, former)
    return { people: opened.people, answer: { token: opened.token, name: user.name } }
  }

  #newUser({ name, role }: UserBody, made_by: string): User {
    const made_ns = String(this.#clock.now())
    const nothing = { passphrase: null, invitation: null, last_ns: null }
    return { name, role, disabled: false, made_ns, made_by, ...nothing }
  }

  #invited(user: User): { user: User; token: string } {
    const token = newSecret()
    const expires_ns = String(this.#clock.now() + INVITATION_NS)
    return { user: { ...user, invitation: { token_hash: sha256(token), expires_ns } }, token }
  }

  #inviteJson(user: User, token: string): UserInviteJson {
    return { user: this.#json(user), token, expires_ns: user.invitation!.expires_ns }
  }

  #json(user: User): UserJson {
    return userJson(user, this.#file.seen_ns(`user ${user.name}`, user.last_ns)?.toString() ?? null)
  }
}

export type Changed = {
  readonly user: UserJson
  /** The new link, where one was asked for. */
  readonly link: UserInviteJson | null
  /** The new token of a person who changed their own entry. */
  readonly session: string | undefined
}

/** Whether the text may be the name of a person at all; machines have names of their own in the journal. */
export function isPersonName(text: string, machines: readonly string[]): boolean {
  const key = nameKey(text)
  if (key === '' || /\p{C}/u.test(text) || /[/\\]/.test(text)) return false
  return !key.includes(':') && !machines.some((machine) => nameKey(machine) === key)
}
