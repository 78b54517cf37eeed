/**
 * Who may read the desk's folder may act on this machine: a token in `local.json` (mode 600), made anew at every start and
 * removed at stop, with which the command line signs in. What the person may do then is an operator's.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { LOCAL_FILE, type LocalDesk } from '../../domain/data-folder.ts'
import type { Clock } from '../../domain/ports.ts'
import { writeFileDurably } from '../../runtime/atomic-file.ts'
import { Attempts } from '../attempts.ts'
import { badRequest, HttpError, tooMany } from '../http-error.ts'
import { NAME_MAX, type SignedIn } from './user-book.ts'

export const LOCAL_PREFIX = 'local:'
const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

export class LocalAccess {
  readonly #path: string
  readonly #clock: Clock
  readonly #attempts = new Attempts()
  readonly #token = randomBytes(32).toString('base64url')
  readonly #hash = sha256(this.#token)
  #open = false

  constructor(folder: string, clock: Clock) {
    this.#path = join(folder, LOCAL_FILE)
    this.#clock = clock
  }

  async open(host: string, port: number): Promise<void> {
    const desk: LocalDesk = { port, host: ANY_ADDRESS[host] ?? host, token: this.#token }
    await writeFileDurably(this.#path, `${JSON.stringify(desk)}\n`, 0o600)
    this.#open = true
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await rm(this.#path, { force: true })
  }

  /**
   * Who asks with a token; `undefined` where the request brings none.
   * @throws HttpError 401 for a wrong one, 429 for too many of them, 400 for a name that is none
   */
  who(request: FastifyRequest): SignedIn | undefined {
    const [scheme, token] = request.headers.authorization?.split(' ') ?? []
    if (scheme?.toLowerCase() !== 'bearer') return undefined
    const at = this.#clock.monotonic()
    const wait_s = this.#attempts.wait_s(request.ip, at)
    if (wait_s > 0) throw tooMany(`too many attempts; wait ${wait_s} s`, wait_s)
    const { remoteAddress, localAddress } = request.socket
    if (!this.#open || remoteAddress !== localAddress || !timingSafeEqual(sha256(token ?? ''), this.#hash)) {
      this.#attempts.take(request.ip, at)
      throw new HttpError(401, 'WRONG_CREDENTIALS', 'the token is not that of this desk')
    }
    return { name: `${LOCAL_PREFIX}${actor(request.headers['x-plumbline-actor'])}`, role: 'operator' }
  }
}

/** Percent-encoded, because a header holds no other letters than those of Latin. */
function actor(header: string | string[] | undefined): string {
  let name = ''
  try {
    name = decodeURIComponent(String(header ?? ''))
      .trim()
      .normalize('NFC')
  } catch {
    // Said below.
  }
  if (name === '' || name.length > NAME_MAX || /\p{C}/u.test(name))
    throw badRequest(`x-plumbline-actor: expected the name of who asks, percent-encoded, got ${JSON.stringify(header)}`)
  return name
}
