/**
 * How many lines a process may write: a fault that repeats itself a thousand times a second must fill neither the disk nor the
 * eyes of the person on call. Pure: it is shown the time and says whether a line goes out.
 */

/**
 * A bad minute may write so many lines at once (each of a thousand devices down and up again, twice over); then so many a
 * second. At 300 bytes a line, which is usual, that is 1.5 MB, then 26 MB a day; at the longest (`log-line.ts`) 20 MB, then 354 MB.
 */
export const LINES_BURST = 5000
export const LINES_PER_S = 1

export class LogBudget {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #at_s: number | undefined
  #withheld = 0

  constructor(burst = LINES_BURST, perSecond = LINES_PER_S) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** @param now_s of a monotonic clock */
  allows(now_s: number): boolean {
    const passed_s = Math.max(0, now_s - (this.#at_s ?? now_s))
    this.#at_s = now_s
    this.#left = Math.min(this.#burst, this.#left + passed_s * this.#perSecond)
    if (this.#left < 1) {
      this.#withheld++
      return false
    }
    this.#left--
    return true
  }

  /** How many lines were withheld since the last that went out; told once. */
  withheld(): number {
    const count = this.#withheld
    this.#withheld = 0
    return count
  }
}
