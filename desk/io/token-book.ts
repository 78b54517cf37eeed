/**
 * Tokens of programs: a role, a name for the journal, and perhaps an end. The secret is shown once; only its hash is kept.
 */
import { randomBytes } from 'node:crypto'
import type { TokenBody, TokenJson, TokenMadeJson } from '../../domain/api-desk.ts'
import type { Clock } from '../../domain/ports.ts'
import { type ApiToken, nameKey, TOKENS_MAX, tokenJson } from '../people.ts'
import { newSecret, sameHash, sha256 } from '../secrets.ts'
import type { PeopleFile } from './people-file.ts'
import type { SignedIn } from './session-book.ts'

/** Opens every secret, so that it is known for what it is where it should not be, e.g. in a repository. */
export const TOKEN_PREFIX = 'plumbline_'
/** Opens the name of a token in the journal. */
export const TOKEN_ACTOR = 'token:'
const SECRET = /^plumbline_([0-9a-f]{12})_([\w-]{43})$/

export class TokenBook {
  readonly #file: PeopleFile
  readonly #clock: Clock

  constructor(file: PeopleFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  list(): TokenJson[] {
    return this.#file.people.tokens.map((token) => tokenJson(token, this.#last(token)))
  }

  /** `undefined` where there are too many, or one of this name is there. */
  make({ name, role, expires_ns = null }: TokenBody, by: string): Promise<TokenMadeJson | undefined> {
    return this.#file.change((people) => {
      const taken = people.tokens.some((token) => nameKey(token.name) === nameKey(name))
      if (taken || people.tokens.length >= TOKENS_MAX) return { answer: undefined }
      const id = randomBytes(6).toString('hex')
      const secret = `${TOKEN_PREFIX}${id}_${newSecret()}`
      const made_ns = String(this.#clock.now())
      const known = { id, name, role, made_ns, made_by: by, last_ns: null, expires_ns }
      const token: ApiToken = { ...known, secret_hash: sha256(secret) }
      return { people: { ...people, tokens: [...people.tokens, token] }, answer: { token: tokenJson(token), secret } }
    })
  }

  /** What was revoked; `undefined` where there is none of this id. */
  revoke(id: string): Promise<TokenJson | undefined> {
    return this.#file.change((people) => {
      const token = people.tokens.find((t) => t.id === id)
      if (token === undefined) return { answer: undefined }
      const tokens = people.tokens.filter((t) => t !== token)
      return { people: { ...people, tokens }, answer: tokenJson(token, this.#last(token)) }
    })
  }

  /** What the secret may do; `undefined` where it is unknown or has ended. */
  who(secret: string): SignedIn | undefined {
    const id = SECRET.exec(secret)?.[1]
    const token = this.#file.people.tokens.find((t) => t.id === id)
    if (token === undefined || !sameHash(token.secret_hash, sha256(secret))) return undefined
    const now = this.#clock.now()
    if (token.expires_ns !== null && now >= BigInt(token.expires_ns)) return undefined
    this.#file.see(token.id, now)
    return { name: `${TOKEN_ACTOR}${token.name}`, role: token.role }
  }

  #last(token: ApiToken): string | null {
    return this.#file.seen_ns(token.id, token.last_ns)?.toString() ?? null
  }
}
