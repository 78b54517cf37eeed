/** What goes wrong on a listener, counted: the first, the tenth, the hundredth ... of a kind is told. */
import type { Log } from '../../domain/ports.ts'

/** Kinds that are counted apart; a kind's text never comes from outside. */
const KINDS_MAX = 64

export class Complaints {
  readonly #log: Log
  readonly #counts = new Map<string, number>()

  constructor(log: Log) {
    this.#log = log
  }

  tell(message: string, fields: Record<string, unknown>): void {
    if (!this.#counts.has(message) && this.#counts.size >= KINDS_MAX) return
    const times = (this.#counts.get(message) ?? 0) + 1
    this.#counts.set(message, times)
    if (/^10*$/.test(String(times))) this.#log.warn(message, { ...fields, times })
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
