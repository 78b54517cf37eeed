/**
 * The last live events as text, for clients that lost the line and come back with the id of the last one they saw. Bounded by
 * number and bytes; what is too old is not there, and the client begins with a snapshot. Pure.
 */

/** A minute of a busy site. */
const EVENTS_MAX = 2000
const BYTES_MAX = 4 * 1024 * 1024

export class EventRing {
  /** Opens every id: after a restart the numbers begin anew, and an old id must not fit by accident. */
  readonly #epoch: string
  #texts: Buffer[] = []
  #bytes = 0
  /** Number of the event that stands first in the ring. */
  #first = 1

  constructor(epoch: string) {
    this.#epoch = epoch
  }

  /** Id of the newest event. */
  get id(): string {
    return this.#idOf(this.#first + this.#texts.length - 1)
  }

  /** Takes the next event; its bytes with the id in front. */
  add(text: string): Buffer {
    const bytes = Buffer.from(`id: ${this.#idOf(this.#first + this.#texts.length)}\n${text}`)
    this.#texts.push(bytes)
    this.#bytes += bytes.length
    while (this.#texts.length > EVENTS_MAX || this.#bytes > BYTES_MAX) {
      this.#bytes -= this.#texts.shift()!.length
      this.#first++
    }
    return bytes
  }

  /** Nothing before the next event can be gone on from. */
  forget(): void {
    this.#first += this.#texts.length + 1
    this.#texts = []
    this.#bytes = 0
  }

  /** What came after the event of this id; `undefined` where that cannot be told. */
  after(id: string): Buffer[] | undefined {
    const [epoch, digits = '', ...rest] = id.split('-')
    if (epoch !== this.#epoch || rest.length > 0 || !/^\d{1,15}$/.test(digits)) return undefined
    const from = Number(digits) + 1 - this.#first
    return from < 0 || from > this.#texts.length ? undefined : this.#texts.slice(from)
  }

  #idOf(n: number): string {
    return `${this.#epoch}-${n}`
  }
}
