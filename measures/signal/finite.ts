/**
 * What every measure of samples asks before it computes: a NaN or an infinite sample would spoil all that follows in silence,
 * so it is refused here with its place. Gaps and what to do about them are left to the caller.
 */

/** @throws RangeError for no samples, or naming the index of the first that is no number */
export function requireFinite(x: ArrayLike<number>, name = 'x'): void {
  if (x.length === 0) throw new RangeError(`${name}: expected at least one sample, got none`)
  for (let i = 0; i < x.length; i++)
    if (!Number.isFinite(x[i]!)) throw new RangeError(`${name}[${i}]: expected a finite number, got ${x[i]}`)
}

/** @throws RangeError naming the argument unless it is a finite number above 0 */
export function requirePositive(value: number, name: string): void {
  if (!(Number.isFinite(value) && value > 0)) throw new RangeError(`${name}: expected a number above 0, got ${value}`)
}

/**
 * @param count axes wanted; any number from one on unless told
 * @throws RangeError unless there are that many axes of one length, or naming the axis and index of a sample that is no number
 */
export function requireAxes(axes: readonly Float64Array[], count?: number): void {
  if (axes.length === 0 || (count !== undefined && axes.length !== count))
    throw new RangeError(`axes: expected ${count ?? 'at least one'}, got ${axes.length}`)
  for (const [k, axis] of axes.entries()) {
    if (axis.length !== axes[0]!.length)
      throw new RangeError(`axes[${k}]: expected ${axes[0]!.length} samples as on axes[0], got ${axis.length}`)
    requireFinite(axis, `axes[${k}]`)
  }
}
