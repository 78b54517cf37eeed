/**
 * The sum of the last `size` values of a stream, without the drift of adding and taking away: each window is the end of the
 * block before plus the start of this one, both summed by themselves. What the values mean is left to the caller.
 *
 * For values of one sign the error stays below size·ε of the sum, after a day and after a strong shaking alike, where
 * a running difference would keep the rounding of the largest sum it ever had.
 */
export class WindowSum {
  readonly size: number
  /** The last `size` values, the oldest at #at. */
  readonly #values: Float64Array
  /** From #at on: sums of the block before from there to its end. */
  readonly #tail: Float64Array
  #at = 0
  #head = 0
  /** Values pushed, up to `size`: the sum is of a whole window from then on. */
  #count = 0

  constructor(size: number) {
    if (!(Number.isInteger(size) && size >= 1))
      throw new RangeError(`size: expected a whole number of at least 1, got ${size}`)
    this.size = size
    this.#values = new Float64Array(size)
    this.#tail = new Float64Array(size)
  }

  /** @returns sum of the last `size` values, of fewer while there are not as many */
  push(value: number): number {
    this.#values[this.#at++] = value
    this.#head += value
    if (this.#count < this.size) this.#count++
    if (this.#at === this.size) this.#turn()
    return this.#head + this.#tail[this.#at]!
  }

  /** The block is whole: from now on it is the one before. */
  #turn(): void {
    let sum = 0
    for (let k = this.size - 1; k >= 0; k--) {
      sum += this.#values[k]!
      this.#tail[k] = sum
    }
    this.#at = 0
    this.#head = 0
  }

  /** The value that the next one pushes out; 0 while the window is not full. */
  get oldest(): number {
    return this.#values[this.#at]!
  }

  get sum(): number {
    return this.#head + this.#tail[this.#at]!
  }

  get full(): boolean {
    return this.#count === this.size
  }

  clear(): void {
    this.#values.fill(0)
    this.#tail.fill(0)
    this.#at = 0
    this.#head = 0
    this.#count = 0
  }

  /** Plain JSON; the sums go on to the bit. */
  state(): WindowSumState {
    return { values: Array.from(this.#values), tail: Array.from(this.#tail), at: this.#at, count: this.#count }
  }

  static from({ values, tail, at, count }: WindowSumState): WindowSum {
    const window = new WindowSum(values.length)
    window.#values.set(values)
    window.#tail.set(tail)
    window.#at = at
    window.#count = count
    for (let k = 0; k < at; k++) window.#head += values[k]!
    return window
  }
}

export type WindowSumState = {
  readonly values: readonly number[]
  readonly tail: readonly number[]
  readonly at: number
  readonly count: number
}
