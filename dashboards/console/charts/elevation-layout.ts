/**
 * Where the floors of a structure stand in its elevation: true to height, but never closer than their labels need. Pure;
 * the building screen draws it.
 */
export type ElevationLayout = {
  /** Middle of each slab from the top of the picture, in the order given. */
  readonly y: readonly number[]
  readonly height: number
  /** Of the ground, height 0; null where no floor lies below it. */
  readonly ground_y: number | null
}

export const SLAB = 22
const MARGIN = 20
/** A label and a little air. */
const LEAST_STEP = 30
const WANTED = 260

/** @param heights_m highest first */
export function elevationLayout(heights_m: readonly number[]): ElevationLayout {
  const total_m = (heights_m[0] ?? 0) - (heights_m.at(-1) ?? 0)
  const perMetre = total_m > 0 ? WANTED / total_m : 0
  const y: number[] = []
  heights_m.forEach((h, i) => {
    if (i === 0) y.push(MARGIN)
    else y.push(y[i - 1]! + Math.max(LEAST_STEP, (heights_m[i - 1]! - h) * perMetre))
  })
  const below = heights_m.findIndex((h) => h < 0)
  return { y, height: (y.at(-1) ?? 0) + 2 * MARGIN, ground_y: below < 0 ? null : groundOf(heights_m, y, below) }
}

/** Between the lowest floor at or above the ground and the one below it, as the heights are. */
function groundOf(heights_m: readonly number[], y: readonly number[], below: number): number {
  if (below === 0) return 0
  const [upper_m, lower_m] = [heights_m[below - 1]!, heights_m[below]!]
  return y[below - 1]! + ((y[below]! - y[below - 1]!) * upper_m) / (upper_m - lower_m)
}
