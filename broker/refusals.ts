/** Counts what the broker refuses, by reason, and says each new case once. */
import type { Log } from '../domain/ports.ts'

export type RefusalReason =
  | 'password'
  | 'client-id'
  | 'persistent-session'
  | 'will'
  | 'publish'
  | 'retain'
  | 'subscribe'
  | 'frame-too-large'
  | 'too-many-connections'
  | 'no-connect'
  | 'malformed'
  | 'not-reading'

/** Cases said so far, at most; further ones are only counted. */
const SAID_MAX = 1000

export class Refusals {
  readonly counts = new Map<RefusalReason, number>()
  readonly #log: Log
  readonly #said = new Set<string>()

  constructor(log: Log) {
    this.#log = log
  }

  /** `who` and `what` are told once together, however often it comes again. */
  count(reason: RefusalReason, who: string, what: string): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    const key = `${reason} ${who} ${what}`
    if (this.#said.has(key) || this.#said.size >= SAID_MAX) return
    this.#said.add(key)
    this.#log.warn('refused', { reason, client: who, what })
  }
}
