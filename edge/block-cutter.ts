/**
 * Cuts a run of samples into blocks on the fixed grid of the device's counter: a block begins at a multiple of its length,
 * and is shorter only at a gap. A ring that is read again is therefore cut alike, and ingest can tell what it already has.
 */
import { invariant } from '../domain/errors.ts'
import { type SampleArray, sampleArray } from '../domain/reading.ts'

export type CutBlock = { readonly first_counter: number; readonly axes: readonly SampleArray[] }

export class BlockCutter {
  readonly #length: number
  readonly #axes: number
  readonly #wide: boolean
  #buffers: SampleArray[] = []
  #first = 0
  #count = 0

  /** @param length samples per axis in a whole block @param wide samples of 32 bits */
  constructor(length: number, axes: number, wide = false) {
    this.#wide = wide
    this.#length = length
    this.#axes = axes
  }

  /** True where the next sample opens a block. */
  get empty(): boolean {
    return this.#count === 0
  }

  /** Samples that a block opened (or continued) at `counter` still takes. */
  room(counter: number): number {
    return this.#length - (counter % this.#length)
  }

  /**
   * Takes `count` samples of the interleaved `data` from sample index `at`; they may not cross a grid line.
   * @returns the block that they complete
   */
  push(counter: number, data: SampleArray, at: number, count: number): CutBlock | undefined {
    if (this.#count === 0) this.#open(counter)
    invariant(counter === this.#first + this.#count, `block continues at ${this.#first + this.#count}, not ${counter}`)
    invariant(count <= this.room(counter), `${count} samples from ${counter} stay within the grid line`)
    for (let i = 0; i < count; i++)
      for (let axis = 0; axis < this.#axes; axis++)
        this.#buffers[axis]![this.#count + i] = data[(at + i) * this.#axes + axis]!
    this.#count += count
    return (counter + count) % this.#length === 0 ? this.flush() : undefined
  }

  /** What has been taken since the last grid line, at a gap. */
  flush(): CutBlock | undefined {
    if (this.#count === 0) return undefined
    const count = this.#count
    this.#count = 0
    const axes = this.#buffers.map((buffer) => (count === buffer.length ? buffer : buffer.slice(0, count)))
    return { first_counter: this.#first, axes }
  }

  #open(counter: number): void {
    this.#first = counter
    this.#buffers = Array.from({ length: this.#axes }, () => sampleArray(this.#wide, this.room(counter)))
  }
}

/** First grid line at or after `counter`. */
export const gridAtOrAfter = (counter: number, length: number): number => Math.ceil(counter / length) * length
