/**
 * Muskingum routing of a flood wave through a river reach (McCarthy 1938; Chow, Maidment, Mays 1988, section 8.4 [K]).
 * O2 = C1 I2 + C2 I1 + C3 O1; used by reports and by the simulator. K, x and the inflow are the caller's.
 */
import { requireFinite, requirePositive } from './checks.ts'

export type MuskingumReach = {
  /** Travel time of the wave through the reach. */
  readonly k_s: number
  /** Weight of the inflow in the storage, 0 (reservoir) to 0.5 (pure translation). */
  readonly x: number
  /** Time step. */
  readonly dt_s: number
}

export type MuskingumCoefficients = { readonly c1: number; readonly c2: number; readonly c3: number }

/**
 * D = 2K(1−x) + dt; C1 = (dt − 2Kx)/D, C2 = (dt + 2Kx)/D, C3 = (2K(1−x) − dt)/D; their sum is 1.
 * @throws RangeError unless 2Kx <= dt <= 2K(1−x): outside it a coefficient is negative and the routed wave would dip below
 *   zero or swing; the message says which steps fit. Long reaches are cut in two or more of the same kind.
 */
export function muskingumCoefficients({ k_s, x, dt_s }: MuskingumReach): MuskingumCoefficients {
  requirePositive('k_s', k_s)
  requirePositive('dt_s', dt_s)
  if (!(x >= 0 && x <= 0.5)) throw new RangeError(`x: expected 0 to 0.5, got ${x}`)
  const [least_s, most_s] = [2 * k_s * x, 2 * k_s * (1 - x)]
  // One part in 1e9 is rounding of K·x, not a wrong step.
  if (dt_s < least_s * (1 - 1e-9) || dt_s > most_s * (1 + 1e-9))
    throw new RangeError(`dt_s: expected ${least_s} to ${most_s} s for K = ${k_s} s and x = ${x}, got ${dt_s}`)
  const d = most_s + dt_s
  return { c1: (dt_s - least_s) / d, c2: (dt_s + least_s) / d, c3: (most_s - dt_s) / d }
}

/** A reach in time: push the inflow at the end of each step, get the outflow there. */
export class Muskingum {
  readonly #c: MuskingumCoefficients
  #inflow: number | undefined
  #outflow: number | undefined

  /** @param outflow_m3_s at the first inflow; default equal to it (steady before) */
  constructor(reach: MuskingumReach, outflow_m3_s?: number) {
    this.#c = muskingumCoefficients(reach)
    this.#outflow = outflow_m3_s === undefined ? undefined : requireFinite('outflow_m3_s', outflow_m3_s)
  }

  push(inflow_m3_s: number): number {
    requireFinite('inflow_m3_s', inflow_m3_s)
    const { c1, c2, c3 } = this.#c
    this.#outflow =
      this.#inflow === undefined
        ? (this.#outflow ?? inflow_m3_s)
        : c1 * inflow_m3_s + c2 * this.#inflow + c3 * this.#outflow!
    this.#inflow = inflow_m3_s
    return this.#outflow
  }
}

/**
 * Routes a hydrograph with a value per step. Any unit of discharge.
 * @param outflow first value of the outflow; default the first inflow
 * @throws RangeError naming the index of an inflow that is no number
 */
export function routeMuskingum(inflow: ArrayLike<number>, reach: MuskingumReach, outflow?: number): Float64Array {
  const machine = new Muskingum(reach, outflow)
  return Float64Array.from({ length: inflow.length }, (_, i) => machine.push(requireFinite(`inflow[${i}]`, inflow[i]!)))
}
