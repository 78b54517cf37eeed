/**
 * The same filter as `filterCausal`, fed sample by sample or block by block, whose memory can be saved and restored.
 * When to start it anew after a gap is left to its owner.
 */
import { type Sos, steadyState } from './sos.ts'
import { runSections, TINY } from './sos-filter.ts'

/** Plain JSON: two memories per section. */
export type FilterState = { readonly z: readonly number[] }

const WIDTH = 5

export class StreamingFilter {
  readonly #sos: Sos
  /** b0 b1 b2 a1 a2 of each section in one array, which is twice as fast as objects. */
  readonly #c: Float64Array
  readonly #z: Float64Array

  /** @throws RangeError when a restored state belongs to another filter or holds no numbers */
  constructor(sos: Sos, state?: FilterState) {
    this.#sos = sos
    this.#c = Float64Array.from(sos.flatMap(({ b0, b1, b2, a1, a2 }) => [b0, b1, b2, a1, a2]))
    this.#z = new Float64Array(2 * sos.length)
    if (state !== undefined) this.restore(state)
  }

  /** @throws RangeError for a state that belongs to another filter or holds no numbers */
  restore(state: FilterState): void {
    if (state.z.length !== this.#z.length || !state.z.every(Number.isFinite))
      throw new RangeError(`filter state: expected ${this.#z.length} numbers, got ${JSON.stringify(state.z)}`)
    this.#z.set(state.z)
  }

  /**
   * One sample in, one out. A sample that is no finite number is a gap: the answer is NaN and the memory stays as it was,
   * so that nothing later is spoilt.
   */
  push(x: number): number {
    if (!Number.isFinite(x)) return Number.NaN
    const [c, z] = [this.#c, this.#z]
    let v = x
    for (let s = 0, k = 0; s < z.length; s += 2, k += WIDTH) {
      const y = c[k]! * v + z[s]!
      const z1 = c[k + 1]! * v - c[k + 3]! * y + z[s + 1]!
      const z2 = c[k + 2]! * v - c[k + 4]! * y
      z[s] = z1 < TINY && z1 > -TINY ? 0 : z1
      z[s + 1] = z2 < TINY && z2 > -TINY ? 0 : z2
      v = y
    }
    return v
  }

  /** A block in, as many samples out; gaps as in `push`. */
  pushBlock(x: Float64Array): Float64Array {
    const y = x.slice()
    if (x.every(Number.isFinite)) runSections(this.#sos, this.#z, y)
    else for (let i = 0; i < y.length; i++) y[i] = this.push(y[i]!)
    return y
  }

  /** As if the constant `x` had stood at the input for ever: no start-up transient of an offset. */
  settle(x: number): void {
    if (!Number.isFinite(x)) throw new RangeError(`settle: expected a finite number, got ${x}`)
    const steady = steadyState(this.#sos)
    for (let i = 0; i < steady.length; i++) this.#z[i] = steady[i]! * x
  }

  /** At rest again, as new. */
  reset(): void {
    this.#z.fill(0)
  }

  state(): FilterState {
    return { z: Array.from(this.#z) }
  }
}
