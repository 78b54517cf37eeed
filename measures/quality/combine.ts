/** The flag of a value from the flags of its tests: the worst counts, in the order 4 > 3 > 1 > 2 > 9 (`worstFlag`). */
import { type Flag, MISSING, worstFlag } from '../../domain/reading.ts'

/** Flags of every test in turn; 9 for none. */
export const combineFlags = (flags: readonly Flag[]): Flag => flags.reduce<Flag>(worstFlag, MISSING)

/** @throws RangeError for tests of different lengths */
export function combineSeries(tests: ReadonlyArray<readonly Flag[]>): Flag[] {
  const length = tests[0]?.length ?? 0
  tests.forEach((flags, i) => {
    if (flags.length !== length) throw new RangeError(`tests[${i}]: expected ${length} flags, got ${flags.length}`)
  })
  return Array.from({ length }, (_, i) => combineFlags(tests.map((flags) => flags[i]!)))
}

/** How many values carry each flag; only those that occur. */
export function countFlags(flags: readonly Flag[]): Partial<Record<Flag, number>> {
  const counts: Partial<Record<Flag, number>> = {}
  for (const flag of flags) counts[flag] = (counts[flag] ?? 0) + 1
  return counts
}
