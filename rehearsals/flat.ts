/**
 * Whether a figure that was looked at again and again stayed flat: the first quarter is left to warming up, then the median of
 * the second is compared with that of the last. Pure.
 */
export type Course = {
  /** Medians of the second and of the last quarter, and the most that was ever seen. */
  readonly before: number
  readonly after: number
  readonly most: number
}

/** @param seen in order of time; at least eight, so that a quarter has two */
export function courseOf(seen: readonly number[]): Course {
  if (seen.length < 8) throw new RangeError(`expected at least 8 looks, got ${seen.length}`)
  const quarter = Math.floor(seen.length / 4)
  return {
    before: median(seen.slice(quarter, 2 * quarter)),
    after: median(seen.slice(-quarter)),
    most: seen.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY),
  }
}

/** @param share of growth that is noise, and `least`, below which no growth counts, in the figure's unit */
export const isFlat = ({ before, after }: Course, share: number, least: number): boolean =>
  after - before <= Math.max(least, share * before)

export const courseInWords = ({ before, after, most }: Course, digits = 0): string =>
  `${before.toFixed(digits)} > ${after.toFixed(digits)} (most ${most.toFixed(digits)})`

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)]!
}
