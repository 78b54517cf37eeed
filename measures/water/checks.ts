/**
 * What every measure of a series asks of its input: finite settings, instants that rise, as many values as instants.
 * Which values are good is `measures/quality/`; here NaN is a missing value and everything else is taken as it is.
 */

/** @throws RangeError naming the argument */
export function requireFinite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`${name}: expected a finite number, got ${value}`)
  return value
}

/** @throws RangeError naming the argument */
export function requirePositive(name: string, value: number): number {
  if (!(Number.isFinite(value) && value > 0)) throw new RangeError(`${name}: expected a number above 0, got ${value}`)
  return value
}

/** @throws RangeError naming the first index where instants do not rise or the lengths differ */
export function requireSeries(t_s: ArrayLike<number>, values: ArrayLike<number>): void {
  if (t_s.length !== values.length)
    throw new RangeError(`series: expected as many values as instants (${t_s.length}), got ${values.length}`)
  for (let i = 0; i < t_s.length; i++) {
    if (!Number.isFinite(t_s[i]!)) throw new RangeError(`t_s[${i}]: expected a finite instant, got ${t_s[i]}`)
    if (i > 0 && t_s[i]! <= t_s[i - 1]!)
      throw new RangeError(`t_s[${i}]: expected an instant after ${t_s[i - 1]}, got ${t_s[i]}`)
  }
}
