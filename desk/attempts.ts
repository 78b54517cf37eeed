/**
 * Limits attempts by key (an address, or a name): a burst, then one every so often. Nobody is ever shut out for good. Pure:
 * instants arrive as monotonic nanoseconds.
 */
import type { Monotonic } from '../domain/time.ts'

export type AttemptRate = {
  readonly burst: number
  /** After the burst one more attempt every so often. */
  readonly refill_ns: bigint
}
/** Ten, then ten a minute. */
export const BY_ADDRESS: AttemptRate = { burst: 10, refill_ns: 6_000_000_000n }
/**
 * Of one name from wherever it comes: ten, then one a minute. Browsers that this person has signed in from are counted
 * apart (`device-cookie.ts`), so that a stranger who guesses cannot keep the person out.
 */
export const BY_NAME: AttemptRate = { burst: 10, refill_ns: 60_000_000_000n }

/** Keys remembered; beyond it the one longest quiet is forgotten. */
const KEYS_MAX = 10_000

export class Attempts {
  readonly #rate: AttemptRate
  /** When the key's burst is whole again. */
  readonly #fullAt = new Map<string, bigint>()

  constructor(rate: AttemptRate = BY_ADDRESS) {
    this.#rate = rate
  }

  /** Seconds until the key may try again; 0 = now. Takes nothing. */
  wait_s(key: string, at: Monotonic): number {
    const { burst, refill_ns } = this.#rate
    const over = (this.#fullAt.get(key) ?? at) - at + refill_ns - refill_ns * BigInt(burst)
    return over > 0n ? Math.ceil(Number(over) / 1e9) : 0
  }

  /** Takes one attempt; otherwise the seconds until the next is allowed. */
  take(key: string, at: Monotonic): { allowed: true } | { allowed: false; wait_s: number } {
    const wait_s = this.wait_s(key, at)
    if (wait_s > 0) return { allowed: false, wait_s }
    const known = this.#fullAt.get(key)
    const from = known === undefined || known < at ? (at as bigint) : known
    this.#fullAt.delete(key)
    this.#fullAt.set(key, from + this.#rate.refill_ns)
    if (this.#fullAt.size > KEYS_MAX) this.#fullAt.delete(this.#fullAt.keys().next().value!)
    return { allowed: true }
  }

  /** The right answer came: what was counted against the key is forgotten. */
  forget(key: string): void {
    this.#fullAt.delete(key)
  }
}

/** Whoever has one IPv6 address has the other 2^64 of its network: they count as one. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 4).join(':')
}
