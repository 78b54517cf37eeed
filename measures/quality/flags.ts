/**
 * What all quality tests share: which values are missing, and thresholds that make sense. QARTOD flags as in
 * `domain/reading.ts`: 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing.
 *
 * Sources: U.S. IOOS QARTOD manuals; ioos_qc (Apache-2.0) for the exact borders, whose published vectors are the tests here.
 */
import { FAIL, type Flag, GOOD, SUSPECT } from '../../domain/reading.ts'

/** Two thresholds of which either may be left out. */
export type Thresholds = { readonly suspect?: number; readonly fail?: number }

/**
 * NaN is missing, and so is whatever code the source writes for "no data" (USGS: −999999). Infinity is outside every gross
 * range; to the other tests it is missing, as in ioos_qc.
 */
export const isMissing = (value: number | null | undefined, codes: readonly number[] = []): value is null | undefined =>
  value === null || value === undefined || Number.isNaN(value) || codes.includes(value)

/** Values with null, undefined and the missing codes as NaN. */
export const withoutCodes = (values: ArrayLike<number | null>, codes: readonly number[] = []): Float64Array =>
  Float64Array.from({ length: values.length }, (_, i) => (isMissing(values[i], codes) ? Number.NaN : values[i]!))

/** 4 above the fail threshold, 3 above the suspect one, else 1; a value on a threshold is on the good side of it. */
export function flagAbove(value: number, { suspect, fail }: Thresholds): Flag {
  if (fail !== undefined && value > fail) return FAIL
  return suspect !== undefined && value > suspect ? SUSPECT : GOOD
}

/** 4 below the fail threshold, 3 below the suspect one, else 1. */
export function flagBelow(value: number, { suspect, fail }: Thresholds): Flag {
  if (fail !== undefined && value < fail) return FAIL
  return suspect !== undefined && value < suspect ? SUSPECT : GOOD
}

/** @throws RangeError where a threshold is no number or below 0, or where neither is given */
export function requireThresholds(test: string, { suspect, fail }: Thresholds): void {
  if (suspect === undefined && fail === undefined)
    throw new RangeError(`${test}: expected a suspect or a fail threshold`)
  for (const [name, value] of [
    ['suspect', suspect],
    ['fail', fail],
  ] as const)
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      throw new RangeError(`${test}.${name}: expected 0 or more, got ${value}`)
}
