/** How far a folder is, as one line that a terminal redraws; where nobody looks (a pipe, a log) it says nothing. */

export type ProgressStream = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown }

const BAR = 24
const CLEAR = '\r\x1b[K'

export class Progress {
  readonly #stream: ProgressStream
  readonly #total: number

  constructor(total: number, stream: ProgressStream) {
    this.#stream = stream
    this.#total = total
  }

  /** `done` records are finished, `name` is being worked on. */
  show(done: number, name: string): void {
    if (this.#stream.isTTY !== true) return
    const full = Math.round((BAR * done) / this.#total)
    const line = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${done}/${this.#total} ${name}`
    this.#stream.write(CLEAR + line.slice(0, Math.max(20, (this.#stream.columns ?? 80) - 1)))
  }

  /** Before anything else is printed. */
  clear(): void {
    if (this.#stream.isTTY === true) this.#stream.write(CLEAR)
  }
}
