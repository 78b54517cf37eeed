/** Solving and multiplying symmetric tridiagonal matrices, as storeys on top of one another give them. */

/** Symmetric: `off[i]` couples row i with row i + 1; the last entry of `off` is not used. */
export type Tridiagonal = { readonly diagonal: Float64Array; readonly off: Float64Array }

export const tridiagonal = (n: number): Tridiagonal => ({ diagonal: new Float64Array(n), off: new Float64Array(n) })

/** Storeys of stiffness k as a matrix: k_i + k_{i+1} on the diagonal, −k_{i+1} beside it (Chopra, sec. 9.2.2). */
export function storeysToMatrix(k: Float64Array, out: Tridiagonal): Tridiagonal {
  const n = k.length
  for (let i = 0; i < n; i++) {
    const above = i + 1 < n ? k[i + 1]! : 0
    out.diagonal[i] = k[i]! + above
    out.off[i] = -above
  }
  return out
}

/** Row i of A x. */
export function rowTimes({ diagonal, off }: Tridiagonal, x: Float64Array, i: number): number {
  let sum = diagonal[i]! * x[i]!
  if (i > 0) sum += off[i - 1]! * x[i - 1]!
  if (i + 1 < x.length) sum += off[i]! * x[i + 1]!
  return sum
}

/**
 * Solves A x = b in place of b by Thomas's algorithm, without pivoting: for positive definite A only.
 * @param work n values, overwritten
 */
export function solveTridiagonal({ diagonal, off }: Tridiagonal, b: Float64Array, work: Float64Array): void {
  const n = b.length
  let pivot = diagonal[0]!
  b[0] = b[0]! / pivot
  for (let i = 1; i < n; i++) {
    const coupling = off[i - 1]!
    work[i] = coupling / pivot
    pivot = diagonal[i]! - coupling * work[i]!
    b[i] = (b[i]! - coupling * b[i - 1]!) / pivot
  }
  for (let i = n - 2; i >= 0; i--) b[i] = b[i]! - work[i + 1]! * b[i + 1]!
}
