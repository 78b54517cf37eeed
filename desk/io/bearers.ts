/** Requests that bring `Authorization: Bearer …`: the desk's own token on this machine, or a token made for a program. */
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../domain/ports.ts'
import { Attempts, addressKey } from '../attempts.ts'
import { HttpError, tooMany } from '../http-error.ts'
import type { LocalAccess } from './local-access.ts'
import type { SignedIn } from './session-book.ts'
import type { TokenBook } from './token-book.ts'

export class Bearers {
  readonly #local: LocalAccess
  readonly #tokens: TokenBook
  readonly #clock: Clock
  readonly #wrong = new Attempts()

  constructor(local: LocalAccess, tokens: TokenBook, clock: Clock) {
    this.#local = local
    this.#tokens = tokens
    this.#clock = clock
  }

  /**
   * Who asks with a token; `undefined` where the request brings none. A right one is never kept waiting by wrong ones.
   * @throws HttpError 401 for a wrong one, 429 for too many of them
   */
  who(request: FastifyRequest): SignedIn | undefined {
    const [scheme, token = ''] = request.headers.authorization?.split(' ') ?? []
    if (scheme?.toLowerCase() !== 'bearer') return undefined
    const who = this.#tokens.who(token) ?? this.#local.who(token, request)
    if (who !== undefined) return who
    const attempt = this.#wrong.take(addressKey(request.ip), this.#clock.monotonic())
    if (!attempt.allowed) throw tooMany(`too many wrong tokens; wait ${attempt.wait_s} s`, attempt.wait_s)
    throw new HttpError(401, 'WRONG_CREDENTIALS', 'the token is not one of this desk: unknown, revoked or ended')
  }
}
