/**
 * Natural frequencies and mode shapes of a shear building: K φ = ω² M φ with M diagonal, K tridiagonal. Moving it in time is
 * left to `shear-building.ts`.
 */
import { invariant } from '../../domain/errors.ts'

export type Mode = {
  /** rad/s */
  readonly omega: number
  readonly frequency_hz: number
  readonly period_s: number
  /** Floors 1…N, scaled so that φᵀ M φ = 1 and the roof moves to the positive side. */
  readonly shape: Float64Array
  /** Γ = φᵀ M 1 for the scaled shape: how strongly the ground drives it (Chopra, eq. 13.2.3). */
  readonly participation: number
}

/**
 * Modes by rising frequency. Cyclic Jacobi on M^-½ K M^-½ (Golub & Van Loan, 8.5): exact to rounding for every mode, and
 * made of + − × ÷ √ only.
 * @param mass_kg floors 1…N
 * @param stiffness_N_m storeys 1…N, storey i below floor i
 */
export function modesOf(mass_kg: ArrayLike<number>, stiffness_N_m: ArrayLike<number>): Mode[] {
  const n = mass_kg.length
  const a = symmetricMatrix(mass_kg, stiffness_N_m)
  const vectors = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  diagonalise(a, vectors)
  return a.map((row, i) => mode(row[i]!, vectors[i]!, mass_kg)).sort((one, other) => one.omega - other.omega)
}

function symmetricMatrix(mass_kg: ArrayLike<number>, stiffness_N_m: ArrayLike<number>): Float64Array[] {
  const n = mass_kg.length
  return Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n)
    row[i] = (stiffness_N_m[i]! + (stiffness_N_m[i + 1] ?? 0)) / mass_kg[i]!
    if (i > 0) row[i - 1] = -stiffness_N_m[i]! / Math.sqrt(mass_kg[i]! * mass_kg[i - 1]!)
    if (i < n - 1) row[i + 1] = -stiffness_N_m[i + 1]! / Math.sqrt(mass_kg[i]! * mass_kg[i + 1]!)
    return row
  })
}

/** Convergence is quadratic: a handful of sweeps; 60 are never reached by a symmetric matrix of numbers. */
const SWEEPS_MAX = 60

/** Turns the matrix diagonal in place and the rows of `vectors` into its eigenvectors. */
function diagonalise(a: Float64Array[], vectors: Float64Array[]): void {
  const n = a.length
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let turned = false
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) turned = rotate(a, vectors, p, q) || turned
    if (!turned) return
  }
  invariant(false, `Jacobi of ${n} storeys converges within ${SWEEPS_MAX} sweeps`)
}

/** One rotation that makes a[p][q] zero; false where it is nothing beside its diagonal. */
function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number): boolean {
  const [rowP, rowQ] = [a[p]!, a[q]!]
  const apq = rowP[q]!
  if (Math.abs(apq) <= 1e-17 * Math.sqrt(Math.abs(rowP[p]! * rowQ[q]!))) return false
  const theta = (rowQ[q]! - rowP[p]!) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < a.length; k++) {
    if (k === p || k === q) continue
    const [akp, akq] = [rowP[k]!, rowQ[k]!]
    a[k]![p] = rowP[k] = c * akp - s * akq
    a[k]![q] = rowQ[k] = s * akp + c * akq
  }
  rowP[p] = rowP[p]! - t * apq
  rowQ[q] = rowQ[q]! + t * apq
  rowP[q] = rowQ[p] = 0
  const [vp, vq] = [vectors[p]!, vectors[q]!]
  for (let k = 0; k < vp.length; k++) {
    const [x, y] = [vp[k]!, vq[k]!]
    vp[k] = c * x - s * y
    vq[k] = s * x + c * y
  }
  return true
}

function mode(omega2: number, vector: Float64Array, mass_kg: ArrayLike<number>): Mode {
  const omega = Math.sqrt(omega2)
  const sign = vector[vector.length - 1]! < 0 ? -1 : 1
  const shape = vector.map((x, i) => (sign * x) / Math.sqrt(mass_kg[i]!))
  const participation = shape.reduce((sum, x, i) => sum + x * mass_kg[i]!, 0)
  return { omega, frequency_hz: omega / (2 * Math.PI), period_s: (2 * Math.PI) / omega, shape, participation }
}
