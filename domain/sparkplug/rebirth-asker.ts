/**
 * When to ask one edge node for its births: at once, then again with back-off until a birth comes. A node that keeps losing
 * messages right after each birth is not asked faster for it: a birth is the largest payload it has.
 */
import { type Monotonic, monotonic, NS_PER_S } from '../time.ts'

const FIRST_WAIT_NS = NS_PER_S
const MOST_WAIT_NS = 30n * NS_PER_S
/** So long after the last request the back-off is forgotten. */
const FORGET_NS = 60n * NS_PER_S

export class RebirthAsker {
  #why: string | undefined
  #wait_ns = FIRST_WAIT_NS
  #askedAt: Monotonic | undefined
  #notBefore: Monotonic | undefined

  /** Why a birth is wanted; `undefined` while none is. */
  get wanted(): string | undefined {
    return this.#why
  }

  get nextAt(): Monotonic | undefined {
    return this.#why === undefined ? undefined : this.#notBefore
  }

  /** Wants a birth; true when the request is to be sent now. */
  want(why: string, at: Monotonic): boolean {
    if (this.#why !== undefined) return false
    if (this.#askedAt !== undefined && at - this.#askedAt > FORGET_NS) this.dropped()
    this.#why = why
    this.#notBefore ??= at
    return this.due(at)
  }

  /** True when the request is to be sent (again) now; counts as sent. */
  due(at: Monotonic): boolean {
    if (this.#why === undefined || this.#notBefore === undefined || at < this.#notBefore) return false
    this.#askedAt = at
    this.#notBefore = monotonic(at + this.#wait_ns)
    this.#wait_ns = this.#wait_ns * 2n > MOST_WAIT_NS ? MOST_WAIT_NS : this.#wait_ns * 2n
    return true
  }

  /** A birth came. */
  answered(): void {
    this.#why = undefined
  }

  /** The node is gone: nothing is wanted, and it starts afresh when it comes back. */
  dropped(): void {
    this.#why = undefined
    this.#wait_ns = FIRST_WAIT_NS
    this.#askedAt = undefined
    this.#notBefore = undefined
  }
}
