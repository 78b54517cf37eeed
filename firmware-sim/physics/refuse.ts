/** What the physics answers to a building, a catchment or a record that cannot be: where, what was expected, what came. */
import { PlumblineError } from '../../domain/errors.ts'

/** @throws PlumblineError USAGE */
export function refuse(where: string, expected: string, got: unknown): never {
  const came = typeof got === 'number' ? String(got) : JSON.stringify(got)
  throw new PlumblineError('USAGE', `${where}: expected ${expected}, got ${came}`)
}

/** @throws PlumblineError USAGE unless the number is finite and above 0 */
export function positive(where: string, value: number): number {
  return Number.isFinite(value) && value > 0 ? value : refuse(where, 'a number above 0', value)
}

/** @throws PlumblineError USAGE unless the number lies in [low, high] */
export function within(where: string, value: number, low: number, high: number): number {
  return value >= low && value <= high ? value : refuse(where, `${low} to ${high}`, value)
}

/** @throws PlumblineError USAGE unless the number is whole and lies in [low, high] */
export function whole(where: string, value: number, low: number, high: number): number {
  return Number.isInteger(value) && value >= low && value <= high
    ? value
    : refuse(where, `a whole number from ${low} to ${high}`, value)
}

/** @throws PlumblineError USAGE naming the first value that is no number */
export function finite(where: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]!)) refuse(`${where}[${i}]`, 'a finite number', values[i])
}
