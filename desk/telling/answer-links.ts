/**
 * Links that acknowledge: a token of 256 bits each, known to the message alone. What is kept is its hash, in the journal, with
 * when it expires; after a restart an old link still counts, and a message that is sent again brings a new one.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { type Instant, secondsToNs } from '../../domain/time.ts'
import type { Delivery } from './incident.ts'

export const ANSWER_PATH = '/answer/'
const TOKEN = /^[A-Za-z0-9_-]{43}$/

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export type Answerable = { readonly delivery: Delivery } | { readonly refused: 'unknown' | 'expired' | 'used' }

export class AnswerLinks {
  readonly #public_url: string | undefined
  readonly #notices: Pick<SiteNotices, 'answer_link_h'>
  /** Of messages that are not sent yet. */
  readonly #tokens = new Map<string, string>()

  /** @param public_url how people reach the desk; without it there are no links */
  constructor(notices: Pick<SiteNotices, 'answer_link_h'>, public_url: string | undefined) {
    this.#notices = notices
    this.#public_url = public_url
  }

  /** What is journalled of a new token; nothing where people cannot reach the desk. */
  renew(delivery: string, now: Instant): Pick<Delivery, 'answer_sha256' | 'answer_until_ns'> {
    if (this.#public_url === undefined) return {}
    const token = randomBytes(32).toString('base64url')
    this.#tokens.set(delivery, token)
    const until_ns = now + secondsToNs(this.#notices.answer_link_h * 3600)
    return { answer_sha256: hashOf(token), answer_until_ns: String(until_ns) }
  }

  linkOf(delivery: string): string | undefined {
    const token = this.#tokens.get(delivery)
    return token === undefined || this.#public_url === undefined
      ? undefined
      : `${this.#public_url}${ANSWER_PATH}${token}`
  }

  /** The message went out, or never will. */
  forget(delivery: string): void {
    this.#tokens.delete(delivery)
  }

  /** The delivery that a token belongs to. Hashes are compared: how long that takes tells nothing of a token. */
  find(token: string, deliveries: Iterable<Delivery>, now: Instant): Answerable {
    if (!TOKEN.test(token)) return { refused: 'unknown' }
    const hash = hashOf(token)
    for (const delivery of deliveries) {
      if (delivery.answer_sha256 !== hash) continue
      if (delivery.answered) return { refused: 'used' }
      return now < BigInt(delivery.answer_until_ns ?? '0') ? { delivery } : { refused: 'expired' }
    }
    return { refused: 'unknown' }
  }
}
