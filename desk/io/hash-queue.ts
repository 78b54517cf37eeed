/**
 * One passphrase at a time: each needs 32 MiB and some 0.3 s. Whoever the desk knows (a browser with its device cookie)
 * goes first and has places of its own, so that a crowd of strangers keeps nobody waiting for ever.
 */

/** Waiting sign-ins of strangers, and as many of people who are known. */
const WAITING_MAX = 16

export class HashQueue {
  readonly #waiting = { known: [] as Array<() => Promise<void>>, strangers: [] as Array<() => Promise<void>> }
  #running: Promise<void> | undefined

  /** `busy` where too many wait already. */
  run<T>(known: boolean, busy: T, work: () => Promise<T>): Promise<T> {
    const queue = known ? this.#waiting.known : this.#waiting.strangers
    if (queue.length >= WAITING_MAX) return Promise.resolve(busy)
    const done = new Promise<T>((resolve, reject) => {
      queue.push(() => work().then(resolve, reject))
    })
    this.#running ??= this.#work()
    return done
  }

  /** Resolves when nothing waits. */
  async close(): Promise<void> {
    await this.#running
  }

  async #work(): Promise<void> {
    // The turn in which a request arrives is not the one that hashes for it: those beside it are queued too.
    await Promise.resolve()
    for (;;) {
      const next = this.#waiting.known.shift() ?? this.#waiting.strangers.shift()
      if (next === undefined) {
        this.#running = undefined
        return
      }
      await next()
    }
  }
}
