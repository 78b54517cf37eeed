/**
 * Conceptual reservoirs for runoff and detention: linear S = K Q, solved exactly, and non-linear S = k Q^m, solved implicitly.
 * The inflow is constant within a step. `domain.md` 6.
 */
import { requireFinite, requirePositive } from './checks.ts'

/**
 * Outflow after a step: Q(t+dt) = I + (Q − I) e^(−dt/K), exact for constant inflow. Any unit of discharge.
 * @param k_s storage constant [s]
 * @throws RangeError for K or dt not above 0
 */
export function linearReservoirStep(outflow: number, inflow: number, k_s: number, dt_s: number): number {
  const share = Math.exp(-requirePositive('dt_s', dt_s) / requirePositive('k_s', k_s))
  return requireFinite('inflow', inflow) + (requireFinite('outflow', outflow) - inflow) * share
}

/** Outflow at the end of each step of a row of inflows. */
export function routeLinearReservoir(inflow: ArrayLike<number>, k_s: number, dt_s: number, outflow = 0): Float64Array {
  let q = outflow
  return Float64Array.from({ length: inflow.length }, (_, i) => {
    q = linearReservoirStep(q, requireFinite(`inflow[${i}]`, inflow[i]!), k_s, dt_s)
    return q
  })
}

export type NonlinearReservoir = {
  /** S [m³] = k Q^m with Q in m³/s; for m = 1 it is the storage constant in seconds. */
  readonly k: number
  readonly m: number
}

export const storage_m3 = ({ k, m }: NonlinearReservoir, outflow_m3_s: number): number => k * outflow_m3_s ** m

/** γ of the two-stage, second-order, L-stable SDIRK method (Alexander 1977): 1 − 1/√2. */
const GAMMA = 1 - Math.SQRT1_2

/**
 * Outflow [m³/s] after a step of dS/dt = I − Q, S = k Q^m. Implicit, so any step is stable and the outflow is never negative;
 * second order in dt. The water balance closes to rounding: S2 − S1 = dt (I − mean outflow), mean outflow as returned.
 */
export function nonlinearReservoirStep(
  outflow_m3_s: number,
  inflow_m3_s: number,
  reservoir: NonlinearReservoir,
  dt_s: number,
): { readonly outflow_m3_s: number; readonly mean_outflow_m3_s: number } {
  requirePositive('k', reservoir.k)
  requirePositive('m', reservoir.m)
  requirePositive('dt_s', dt_s)
  if (!(requireFinite('outflow_m3_s', outflow_m3_s) >= 0 && requireFinite('inflow_m3_s', inflow_m3_s) >= 0))
    throw new RangeError(`reservoir: expected flows of 0 or more, got ${outflow_m3_s} and ${inflow_m3_s}`)
  const before_m3 = storage_m3(reservoir, outflow_m3_s)
  const h_s = GAMMA * dt_s
  const middle = solve(reservoir, h_s, before_m3 + h_s * inflow_m3_s)
  // Storage of the second stage before its own implicit part. Below zero only for steps far longer than k: the basin is empty.
  const carried_m3 = before_m3 + (1 - GAMMA) * dt_s * (inflow_m3_s - middle) + h_s * inflow_m3_s
  const after = carried_m3 > 0 ? solve(reservoir, h_s, carried_m3) : 0
  const stored_m3 = storage_m3(reservoir, after) - before_m3
  return { outflow_m3_s: after, mean_outflow_m3_s: inflow_m3_s - stored_m3 / dt_s }
}

/**
 * The root of k Q^m + h Q = R for R >= 0: it lies in [0, min(R/h, (R/k)^(1/m))] and is alone there, since the left side rises.
 * Newton, falling back to halving where it would leave the bracket.
 */
function solve({ k, m }: NonlinearReservoir, h_s: number, right: number): number {
  if (right <= 0) return 0
  let low = 0
  let high = Math.min(right / h_s, (right / k) ** (1 / m))
  let q = high
  // Halving alone needs 64 turns for every bit of a double; Newton usually 5.
  for (let turn = 0; turn < 128; turn++) {
    const excess = k * q ** m + h_s * q - right
    if (excess > 0) high = q
    else low = q
    const newton = q - excess / (k * m * q ** (m - 1) + h_s)
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - q) <= 1e-15 * q || next === low || next === high) return next
    q = next
  }
  return q
}

/** Outflow at the end of each step [m³/s]. */
export function routeNonlinearReservoir(
  inflow_m3_s: ArrayLike<number>,
  reservoir: NonlinearReservoir,
  dt_s: number,
  outflow_m3_s = 0,
): Float64Array {
  let q = outflow_m3_s
  return Float64Array.from({ length: inflow_m3_s.length }, (_, i) => {
    const inflow = requireFinite(`inflow_m3_s[${i}]`, inflow_m3_s[i]!)
    q = nonlinearReservoirStep(q, inflow, reservoir, dt_s).outflow_m3_s
    return q
  })
}
