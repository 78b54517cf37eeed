/**
 * The lateral force of each storey: elastic, or bilinear with kinematic hardening. What the floors do under these forces is
 * left to `shear-building.ts`.
 *
 *   V = α k d + g,   g = (1 − α) k (d − d_p) held within ±(1 − α) V_y
 *
 * d is the drift, d_p the plastic drift, α the share of stiffness after yielding. The area that V encloses is work lost.
 */
import { HARDENING, type Storey } from './building.ts'

export class StoreySprings {
  /** Elastic stiffness now [N/m], storeys from the ground up. */
  readonly stiffness_N_m: Float64Array
  /** Stiffness at the drift looked at last [N/m]. */
  readonly tangent_N_m: Float64Array
  /** Shear at the drift looked at last [N]. */
  readonly shear_N: Float64Array
  readonly canYield: boolean
  readonly #alpha: Float64Array
  /** Largest g [N]. */
  readonly #bound: Float64Array
  /** Plastic drift [m] at the last commit. */
  readonly #plastic: Float64Array
  /** -1, 0, 1: sliding to the negative side, elastic, sliding to the positive side. */
  readonly #sliding: Int8Array

  constructor(storeys: readonly Storey[]) {
    const n = storeys.length
    this.stiffness_N_m = Float64Array.from(storeys, (s) => s.stiffness_N_m)
    this.tangent_N_m = this.stiffness_N_m.slice()
    this.shear_N = new Float64Array(n)
    this.#alpha = Float64Array.from(storeys, (s) => (s.yield === undefined ? 0 : (s.yield.hardening ?? HARDENING)))
    this.#bound = Float64Array.from(storeys, (s, i) =>
      s.yield === undefined ? Number.POSITIVE_INFINITY : (1 - this.#alpha[i]!) * s.yield.shear_N,
    )
    this.#plastic = new Float64Array(n)
    this.#sliding = new Int8Array(n)
    this.canYield = storeys.some((s) => s.yield !== undefined)
  }

  /** Shears and tangents at these drifts, from what was committed last. True where a storey changed its branch. */
  look(drift_m: Float64Array): boolean {
    let changed = false
    for (let i = 0; i < drift_m.length; i++) {
      const [alpha, bound, k] = [this.#alpha[i]!, this.#bound[i]!, this.stiffness_N_m[i]!]
      const trial = (1 - alpha) * k * (drift_m[i]! - this.#plastic[i]!)
      const sliding = trial > bound ? 1 : trial < -bound ? -1 : 0
      changed ||= sliding !== this.#sliding[i]
      this.#sliding[i] = sliding
      this.shear_N[i] = alpha * k * drift_m[i]! + (sliding === 0 ? trial : sliding * bound)
      this.tangent_N_m[i] = sliding === 0 ? k : alpha * k
    }
    return changed
  }

  /** Takes the drifts looked at last as what happened: sliding moved the plastic drift. */
  commit(drift_m: Float64Array): void {
    for (let i = 0; i < drift_m.length; i++) {
      const sliding = this.#sliding[i]!
      if (sliding === 0) continue
      const elastic = (sliding * this.#bound[i]!) / ((1 - this.#alpha[i]!) * this.stiffness_N_m[i]!)
      this.#plastic[i] = drift_m[i]! - elastic
      // On the bound itself the next look is elastic: unloading begins with the full stiffness.
      this.#sliding[i] = 0
      this.tangent_N_m[i] = this.stiffness_N_m[i]!
    }
  }

  setStiffness(storey: number, stiffness_N_m: number): void {
    this.stiffness_N_m[storey] = stiffness_N_m
    this.tangent_N_m[storey] = stiffness_N_m
  }

  /** Drift of a storey that carries no shear [m]: (1 − α) d_p. What is left when all is still. */
  residual_m(storey: number): number {
    return (1 - this.#alpha[storey]!) * this.#plastic[storey]!
  }
}
