/**
 * The order of one edge node's messages: seq counts 0..255 over all of them, a gap may fill within the reorder time-out
 * (tck-id-operational-behavior-host-reordering-*). What to do when it does not is the host session's.
 */
import { type Monotonic, monotonic } from '../time.ts'

const MODULUS = 256

export class SequenceCheck {
  readonly #timeout_ns: bigint
  #next = 0
  #missing = new Set<number>()
  #expiresAt: Monotonic | undefined

  constructor(timeout_ns: bigint) {
    this.#timeout_ns = timeout_ns
  }

  get expiresAt(): Monotonic | undefined {
    return this.#expiresAt
  }

  /** A birth of the node: counting starts again from its seq. */
  restart(seq: number): void {
    this.#next = (seq + 1) % MODULUS
    this.giveUp()
  }

  /** Takes the seq of a message; `watch` false follows the count without starting a timer (a birth is awaited anyway). */
  take(seq: number, at: Monotonic, watch: boolean): void {
    if (seq !== this.#next && this.#missing.delete(seq)) {
      if (this.#missing.size === 0) this.giveUp()
      return
    }
    // A duplicate cannot be told from the loss of a whole round but one: it counts as a gap, which only a birth mends.
    if (watch) for (let lost = this.#next; lost !== seq; lost = (lost + 1) % MODULUS) this.#missing.add(lost)
    this.#next = (seq + 1) % MODULUS
    if (this.#missing.size > 0) this.#expiresAt ??= monotonic(at + this.#timeout_ns)
  }

  /** How many messages are missing, and since when. */
  get missing(): { readonly messages: number; readonly noticed: Monotonic } | undefined {
    if (this.#expiresAt === undefined) return undefined
    return { messages: this.#missing.size, noticed: monotonic(this.#expiresAt - this.#timeout_ns) }
  }

  /** Whether a message of this seq was the last one taken. */
  isLast(seq: number): boolean {
    return (seq + 1) % MODULUS === this.#next
  }

  /** What was missed if the time-out has passed, as a reason. */
  expired(at: Monotonic): string | undefined {
    if (this.#expiresAt === undefined || at < this.#expiresAt) return undefined
    return `${this.#missing.size} of its messages did not arrive in time`
  }

  /** No longer waits for what is missing. */
  giveUp(): void {
    this.#missing.clear()
    this.#expiresAt = undefined
  }
}
