/**
 * How many questions of clients may be in the store at once, and how many may wait; whoever leaves loses the place. The store
 * answers one after the other in the end, and must not answer those who have left.
 */
import { tooMany } from '../http-error.ts'

const AT_ONCE = 4
const WAITING_MAX = 256
const RETRY_S = 5

export class ReadGate {
  readonly #waiting: Array<() => void> = []
  #inside = 0

  get inside(): number {
    return this.#inside
  }
  get waiting(): number {
    return this.#waiting.length
  }

  /** @throws HttpError 429, or the signal's reason */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#place(signal)
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside--
      else next()
    }
  }

  async #place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#inside < AT_ONCE) {
      this.#inside++
      return
    }
    if (this.#waiting.length >= WAITING_MAX)
      throw tooMany('too many questions wait for the store; ask again later', RETRY_S)
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(enter)
    })
  }
}
