/**
 * Limits sign-in attempts by address: a burst, then one every so often. Pure: instants arrive as monotonic nanoseconds.
 */
import type { Monotonic } from '../domain/time.ts'

export const ATTEMPTS_BURST = 10
/** One more attempt every 6 s: ten a minute. */
const REFILL_NS = 6_000_000_000n
/** Addresses remembered; beyond it the one longest quiet is forgotten. */
const ADDRESSES_MAX = 1000

export class Attempts {
  /** When the address' burst is whole again. */
  readonly #fullAt = new Map<string, bigint>()

  /** Seconds until the address may try again; 0 = now. Takes nothing. */
  wait_s(address: string, at: Monotonic): number {
    const over = (this.#fullAt.get(address) ?? at) - at + REFILL_NS - REFILL_NS * BigInt(ATTEMPTS_BURST)
    return over > 0n ? Math.ceil(Number(over) / 1e9) : 0
  }

  /** Takes one attempt; otherwise the seconds until the next is allowed. */
  take(address: string, at: Monotonic): { allowed: true } | { allowed: false; wait_s: number } {
    const known = this.#fullAt.get(address)
    const from = known === undefined || known < at ? (at as bigint) : known
    const spent = from - at + REFILL_NS
    const over = spent - REFILL_NS * BigInt(ATTEMPTS_BURST)
    if (over > 0n) return { allowed: false, wait_s: Math.ceil(Number(over) / 1e9) }
    this.#fullAt.delete(address)
    this.#fullAt.set(address, from + REFILL_NS)
    if (this.#fullAt.size > ADDRESSES_MAX) this.#fullAt.delete(this.#fullAt.keys().next().value!)
    return { allowed: true }
  }
}
