/**
 * The mean of the last n samples of a stream, without the drift of a sum that is only ever corrected.
 * What is done with it (an offset taken off, held during shaking) is left to its owner.
 */

export class RunningMean {
  readonly #ring: Float64Array
  #at = 0
  #count = 0
  #sum = 0
  /** Sum of what came since the ring last began at 0: takes the place of #sum each time round, so rounding never grows. */
  #lap = 0

  /** @throws RangeError unless the number of samples is whole and at least 1 */
  constructor(samples: number) {
    if (!(Number.isInteger(samples) && samples >= 1))
      throw new RangeError(`samples: expected a whole number of at least 1, got ${samples}`)
    this.#ring = new Float64Array(samples)
  }

  /** @param x finite; a gap is simply not pushed */
  push(x: number): void {
    if (this.#count === this.#ring.length) this.#sum -= this.#ring[this.#at]!
    else this.#count++
    this.#ring[this.#at] = x
    this.#sum += x
    this.#lap += x
    if (++this.#at < this.#ring.length) return
    this.#at = 0
    this.#sum = this.#lap
    this.#lap = 0
  }

  /** Samples in it, up to n. */
  get count(): number {
    return this.#count
  }

  /** Undefined before the first sample. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count
  }

  reset(): void {
    this.#at = 0
    this.#count = 0
    this.#sum = 0
    this.#lap = 0
  }
}
