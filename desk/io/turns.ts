/** Work that is done one after the other, whoever asks for it; what fails keeps nothing after it from being done. */
import type { Clock } from '../../domain/ports.ts'

export class Turns {
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Does it when everything before is done; a simulated clock stands still meanwhile. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const release = this.#clock.hold()
    const mine = this.#last.catch(() => {}).then(work)
    this.#last = mine
    try {
      return await mine
    } finally {
      release()
    }
  }

  /** Resolves when everything that was asked for by now is over, done or failed. */
  last(): Promise<unknown> {
    return this.#last.catch(() => {})
  }
}
