/**
 * Finds connections whose client has stopped reading: what is held for it is full and does not drain. aedes waits for
 * such a client before it goes on with the others, so that it has to go before a second has passed.
 */
import type { Duplex } from 'node:stream'

/**
 * Looks are counted, not time: a process that was held up itself for a second sees one look, and no client is cut off for
 * it. Sockets live in real time, also where the site's clock is a simulated one.
 */
const LOOK_EVERY_MS = 100
const LOOKS_MAX = 7
/** Message of the error by which such a connection ends; aedes' own for the same. */
export const NOT_READING = 'drain timeout'

export class Stalled {
  /** Looks in a row that found a connection full; it is forgotten whenever it has drained. */
  readonly #looks = new Map<Duplex, number>()
  #timer: NodeJS.Timeout | undefined

  watch(connection: Duplex): void {
    this.#looks.set(connection, 0)
    connection.on('drain', () => {
      if (this.#looks.has(connection)) this.#looks.set(connection, 0)
    })
    connection.once('close', () => {
      this.#looks.delete(connection)
      if (this.#looks.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    })
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  #look(): void {
    for (const [connection, looks] of this.#looks) {
      if (!connection.writableNeedDrain) continue
      if (looks < LOOKS_MAX) this.#looks.set(connection, looks + 1)
      else connection.destroy(new Error(NOT_READING))
    }
  }
}
