/**
 * How fast one connection may send: a bucket of bytes and one of frames, each filled evenly. Who is too fast is not read
 * for a while, so that TCP slows it down; nothing of it is lost.
 */

export type Rate = { readonly per_s: number; readonly burst: number }
export type RateLimits = { readonly bytes: Rate; readonly frames: Rate }

/** Some three times what the fastest publisher of the benchmark row `blocks` sends; a burst of two seconds. */
export const RATE_LIMITS: RateLimits = {
  bytes: { per_s: 32 * 2 ** 20, burst: 64 * 2 ** 20 },
  frames: { per_s: 20_000, burst: 40_000 },
}

class Bucket {
  readonly #rate: Rate
  #level: number
  #at_ms: number

  constructor(rate: Rate, now_ms: number) {
    this.#rate = rate
    this.#level = rate.burst
    this.#at_ms = now_ms
  }

  /** May go below nothing: what came has come, and is waited for afterwards. */
  take(amount: number, now_ms: number): void {
    const filled = this.#level + ((now_ms - this.#at_ms) / 1000) * this.#rate.per_s
    this.#level = Math.min(this.#rate.burst, filled) - amount
    this.#at_ms = now_ms
  }

  /** Until it holds something again. */
  get wait_ms(): number {
    return this.#level > 0 ? 0 : ((1 - this.#level) / this.#rate.per_s) * 1000
  }
}

export class RateLimit {
  readonly #bytes: Bucket
  readonly #frames: Bucket

  constructor(limits: RateLimits, now_ms: number) {
    this.#bytes = new Bucket(limits.bytes, now_ms)
    this.#frames = new Bucket(limits.frames, now_ms)
  }

  /** What was read; gives how long to read nothing more [ms], 0 = go on. */
  take(bytes: number, frames: number, now_ms: number): number {
    this.#bytes.take(bytes, now_ms)
    this.#frames.take(frames, now_ms)
    return Math.max(this.#bytes.wait_ms, this.#frames.wait_ms)
  }
}
