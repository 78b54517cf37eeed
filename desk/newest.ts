/**
 * Newest text by topic, each given out at most once in so long: what changes faster is passed over, and the last of it is
 * never left out. Pure; instants are monotonic. As large as its topics are many.
 */
import { type Monotonic, monotonic } from '../domain/time.ts'

type Entry = { text: string; said: string | undefined; at: Monotonic | undefined }

export class Newest {
  readonly #every_ns: bigint
  readonly #entries = new Map<string, Entry>()
  /** Topics whose newest text has not been given out. */
  readonly #waiting = new Set<string>()

  constructor(every_ns: bigint) {
    this.#every_ns = every_ns
  }

  get topics(): ReadonlySet<string> {
    return new Set(this.#entries.keys())
  }
  get waiting(): number {
    return this.#waiting.size
  }

  put(topic: string, text: string): void {
    const entry = this.#entries.get(topic) ?? { text, said: undefined, at: undefined }
    this.#entries.set(topic, { ...entry, text })
    if (text === entry.said) this.#waiting.delete(topic)
    else this.#waiting.add(topic)
  }

  has(topic: string): boolean {
    return this.#entries.has(topic)
  }

  forget(topic: string): void {
    this.#entries.delete(topic)
    this.#waiting.delete(topic)
  }

  /** What may go now; counts as given out. */
  due(now: Monotonic, most: number): Array<readonly [topic: string, text: string]> {
    const due: Array<readonly [string, string]> = []
    for (const topic of this.#waiting) {
      if (due.length >= most) break
      const entry = this.#entries.get(topic)!
      if (entry.at !== undefined && now < monotonic(entry.at + this.#every_ns)) continue
      this.#waiting.delete(topic)
      entry.said = entry.text
      entry.at = now
      due.push([topic, entry.text])
    }
    return due
  }

  /** It did not get out: it goes again, at once. */
  failed(topic: string): void {
    const entry = this.#entries.get(topic)
    if (entry === undefined) return
    entry.said = undefined
    entry.at = undefined
    this.#waiting.add(topic)
  }

  /** A session ended: nothing is known to be there. */
  again(): void {
    for (const topic of this.#entries.keys()) this.failed(topic)
  }
}
