/**
 * Who may read the desk's folder may act on this machine: a token in `local.json` (mode 600), made anew at every start and
 * removed at stop, with which the command line signs in. Its role is admin, because who can write that folder could make
 * anybody an admin; the journal names the user of the operating system.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { LOCAL_FILE, type LocalDesk } from '../../domain/data-folder.ts'
import { writeFileDurably } from '../../runtime/atomic-file.ts'
import { badRequest } from '../http-error.ts'
import { NAME_MAX } from '../people.ts'
import { newSecret, sameHash, sha256 } from '../secrets.ts'
import type { SignedIn } from './session-book.ts'

export const LOCAL_PREFIX = 'local:'
const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

export class LocalAccess {
  readonly #path: string
  readonly #token = newSecret()
  readonly #hash = sha256(this.#token)
  #open = false

  constructor(folder: string) {
    this.#path = join(folder, LOCAL_FILE)
  }

  /** `certificate`: where the desk speaks TLS, the one that its programs shall see. */
  async open(host: string, port: number, certificate?: string): Promise<void> {
    const desk: LocalDesk = {
      port,
      host: ANY_ADDRESS[host] ?? host,
      token: this.#token,
      ...(certificate && { certificate }),
    }
    await writeFileDurably(this.#path, `${JSON.stringify(desk)}\n`, 0o600)
    this.#open = true
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await rm(this.#path, { force: true })
  }

  /** Who asks with the token; `undefined` where it is another, or comes from elsewhere. @throws HttpError 400 */
  who(token: string, request: FastifyRequest): SignedIn | undefined {
    const { remoteAddress, localAddress } = request.socket
    if (!this.#open || remoteAddress !== localAddress || !sameHash(sha256(token), this.#hash)) return undefined
    return { name: `${LOCAL_PREFIX}${actor(request.headers['x-plumbline-actor'])}`, role: 'admin' }
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
