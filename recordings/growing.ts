/** Numbers whose count is not known beforehand, at 8 bytes each: an array of boxed numbers of a day would not fit. */
export class Growing {
  length = 0
  #numbers = new Float64Array(1024)

  push(value: number): void {
    if (this.length === this.#numbers.length) {
      const wider = new Float64Array(2 * this.length)
      wider.set(this.#numbers)
      this.#numbers = wider
    }
    this.#numbers[this.length++] = value
  }

  /** A view: valid until the next push. */
  get numbers(): Float64Array {
    return this.#numbers.subarray(0, this.length)
  }
}
