/**
 * Fewer samples of a stream of several axes without aliases: a linear-phase low-pass (windowed sinc) of which only every
 * M-th output is computed. Which rate is wanted, and what is done with it, are left to its owner.
 *
 * Cut-off (−6 dB) at the new Nyquist, Hann window of 8 M + 1 taps: what lies beyond 1.4 times the new Nyquist, and would appear
 * below 0.6 times it, is down by 44 dB or more.
 */

const TAPS_PER_STEP = 8

export class Decimator {
  readonly #step: number
  readonly #axes: number
  readonly #taps: Float64Array
  /** The newest samples of each axis, written twice so that they always stand in one run. */
  readonly #lines: readonly Float64Array[]
  readonly #out: Float64Array
  #at = 0
  #filled = 0
  #phase = 0

  /** @param step samples that become one, 1 or more @throws RangeError for another */
  constructor(axes: number, step: number) {
    if (!(Number.isInteger(step) && step >= 1))
      throw new RangeError(`step: expected a whole number of at least 1, got ${step}`)
    this.#step = step
    this.#axes = axes
    this.#taps = lowPass(step)
    this.#lines = Array.from({ length: axes }, () => new Float64Array(2 * this.#taps.length))
    this.#out = new Float64Array(axes)
  }

  /**
   * One sample: `axes` values of `data` at the indexes `at + offsets[a]`.
   * @returns filtered values of all axes where one is due, in an array that the next call writes again
   */
  push(data: ArrayLike<number>, at: number, offsets: readonly number[]): Float64Array | undefined {
    const length = this.#taps.length
    for (let a = 0; a < this.#axes; a++) {
      const line = this.#lines[a]!
      const value = data[at + offsets[a]!]!
      line[this.#at] = value
      line[this.#at + length] = value
    }
    this.#at = this.#at + 1 === length ? 0 : this.#at + 1
    if (this.#filled < length) this.#filled++
    if (++this.#phase < this.#step) return undefined
    this.#phase = 0
    if (this.#filled < length) return undefined
    for (let a = 0; a < this.#axes; a++) {
      const line = this.#lines[a]!
      let sum = 0
      for (let k = 0; k < length; k++) sum += this.#taps[k]! * line[this.#at + k]!
      this.#out[a] = sum
    }
    return this.#out
  }

  /** Samples are missing: nothing comes out before the filter is full again. */
  gap(): void {
    this.#filled = 0
    this.#phase = 0
  }
}

/** Symmetric, of gain 1 at 0 Hz; a single 1 where nothing is taken away. */
function lowPass(step: number): Float64Array {
  if (step === 1) return Float64Array.of(1)
  const half = (TAPS_PER_STEP * step) / 2
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = (i - half) / step
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    return sinc * Math.cos((Math.PI * (i - half)) / (2 * (half + 1))) ** 2
  })
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
}
