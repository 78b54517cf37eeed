/** The real clock with timers that run faster than real ones: for tests that wait for periods of seconds, whatever they are. */
import { type Monotonic, monotonic } from '../domain/time.ts'
import { SystemClock } from './clock.ts'

export class QuickClock extends SystemClock {
  readonly #times: bigint
  readonly #begun = super.monotonic()

  /** @param times as fast */
  constructor(times: number) {
    super()
    this.#times = BigInt(times)
  }

  override monotonic(): Monotonic {
    return monotonic(this.#begun + (super.monotonic() - this.#begun) * this.#times)
  }

  override at(at: Monotonic, fn: () => void): () => void {
    return super.at(monotonic(this.#begun + (at - this.#begun) / this.#times), fn)
  }
}
