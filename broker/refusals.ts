/** Counts what the broker refuses, by reason, says each new case once and repeats as a sum, once a minute. */
import type { Log } from '../domain/ports.ts'

export type RefusalReason =
  | 'password'
  | 'client-id'
  | 'certificate'
  | 'tls'
  | 'persistent-session'
  | 'keep-alive'
  | 'will'
  | 'publish'
  | 'retain'
  | 'subscribe'
  | 'too-many-subscriptions'
  | 'frame-too-large'
  | 'too-many-connections'
  | 'too-many-strangers'
  | 'too-fast'
  | 'no-connect'
  | 'malformed'
  | 'not-reading'

/** Cases said so far, at most; further ones are only counted. */
const SAID_MAX = 1000
/** Names and topics come from strangers, up to 64 KiB each. */
const TEXT_MAX = 200

const short = (text: string): string => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text)

export class Refusals {
  readonly counts = new Map<RefusalReason, number>()
  readonly #log: Log
  readonly #said = new Set<string>()
  /** Refusals since the last sum that had no line of their own. */
  readonly #repeats = new Map<RefusalReason, number>()

  constructor(log: Log) {
    this.#log = log
  }

  /** `who` and `what` are told once together, however often it comes again. */
  count(reason: RefusalReason, who: string, what: string): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    const [client, shortly] = [short(who), short(what)]
    const key = `${reason} ${client} ${shortly}`
    if (this.#said.has(key) || this.#said.size >= SAID_MAX) {
      this.#repeats.set(reason, (this.#repeats.get(reason) ?? 0) + 1)
      return
    }
    this.#said.add(key)
    this.#log.warn('refused', { reason, client, what: shortly })
  }

  /** To be called once a minute; says nothing where nothing came again. */
  sumUp(): void {
    if (this.#repeats.size === 0) return
    this.#log.warn('refused again', Object.fromEntries(this.#repeats))
    this.#repeats.clear()
  }
}
