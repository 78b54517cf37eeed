/**
 * QARTOD gross range: what the sensor cannot give is failed, what this place has never seen is suspect. The one test that
 * needs no neighbour, so it is also the first that a channel asks.
 */
import { FAIL, type Flag, GOOD, MISSING, SUSPECT } from '../../domain/reading.ts'

/** Both ends belong to the span. */
export type Span = readonly [low: number, high: number]
export type GrossRange = { readonly fail: Span; readonly suspect?: Span }

/** @throws RangeError for a span the wrong way round or a suspect span that reaches beyond the fail span */
export function requireGrossRange({ fail, suspect }: GrossRange): void {
  if (!(fail[0] <= fail[1])) throw new RangeError(`grossRange.fail: expected low to high, got ${fail.join(' to ')}`)
  if (suspect === undefined) return
  if (!(suspect[0] <= suspect[1] && suspect[0] >= fail[0] && suspect[1] <= fail[1]))
    throw new RangeError(`grossRange.suspect: expected within ${fail.join(' to ')}, got ${suspect.join(' to ')}`)
}

const within = (value: number, [low, high]: Span): boolean => value >= low && value <= high

/** 4 outside `fail`, 3 outside `suspect`, else 1; 9 for NaN. Infinity is a value, and outside. */
export function grossRangeFlag(value: number, range: GrossRange): Flag {
  if (Number.isNaN(value)) return MISSING
  if (!within(value, range.fail)) return FAIL
  return range.suspect === undefined || within(value, range.suspect) ? GOOD : SUSPECT
}

export function grossRange(values: ArrayLike<number>, range: GrossRange): Flag[] {
  requireGrossRange(range)
  return Array.from(values, (value) => grossRangeFlag(value, range))
}
