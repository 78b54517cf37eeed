/**
 * The longest run of newest values whose range is below a tolerance, kept in a few numbers whatever its length. How long a
 * run is a fault is `flat-line.ts`.
 */

/** Least or greatest values that still count, oldest first: only a slow one-way drift inside the tolerance makes many. */
const EXTREMES_MAX = 1024

/** [t_s, x]: x is the extreme of all values from the entry before up to t_s, so it counts while t_s does. */
type Extreme = [t_s: number, x: number]

export type FlatRunState = {
  /** First instant heard, with or without a value. */
  readonly since_s: number | null
  /** The newest value that is not in the run. */
  readonly broken_s: number | null
  readonly last_s: number | null
  readonly previous_s: number | null
  readonly least: Extreme[]
  readonly greatest: Extreme[]
}

const OLD = Number.NEGATIVE_INFINITY

export class FlatRun {
  readonly #tolerance: number
  #since_s: number | null
  #broken_s: number
  /** Instants of the newest value and the one before it. */
  #last_s: number
  #previous_s: number
  #least: Extreme[]
  #greatest: Extreme[]

  constructor(tolerance: number, state?: FlatRunState) {
    this.#tolerance = tolerance
    this.#since_s = state?.since_s ?? null
    this.#broken_s = state?.broken_s ?? OLD
    this.#last_s = state?.last_s ?? OLD
    this.#previous_s = state?.previous_s ?? OLD
    this.#least = state?.least.map((e) => [...e]) ?? []
    this.#greatest = state?.greatest.map((e) => [...e]) ?? []
  }

  /** NaN (or infinite) says that the channel was heard without a value. */
  push(t_s: number, x: number): void {
    this.#since_s ??= t_s
    if (!Number.isFinite(x)) return
    this.#previous_s = this.#last_s
    this.#last_s = t_s
    keep(this.#least, t_s, x, 1)
    keep(this.#greatest, t_s, x, -1)
    // A run never grows backwards again, so what broke it is forgotten.
    while (this.#greatest[0]![1] - this.#least[0]![1] >= this.#tolerance) {
      const [low, high] = [this.#least[0]!, this.#greatest[0]!]
      const until_s = Math.min(low[0], high[0])
      if (until_s >= t_s) {
        // The newest value alone is no run where the tolerance is 0.
        this.#broken_s = t_s
        return
      }
      this.#broken_s = until_s
      if (low[0] <= until_s) this.#least.shift()
      if (high[0] <= until_s) this.#greatest.shift()
    }
  }

  /** Whether all values from t − window on are in the run, two at least, and the channel has been heard since then. */
  isFlat(t_s: number, window_s: number, jitter_s: number): boolean {
    const from_s = t_s - window_s
    return (
      this.#since_s !== null &&
      this.#since_s <= from_s + jitter_s &&
      this.#broken_s < from_s - jitter_s &&
      this.#previous_s >= from_s - jitter_s
    )
  }

  state(): FlatRunState {
    const finite = (t_s: number): number | null => (t_s === OLD ? null : t_s)
    return {
      since_s: this.#since_s,
      broken_s: finite(this.#broken_s),
      last_s: finite(this.#last_s),
      previous_s: finite(this.#previous_s),
      least: this.#least.map((e) => [...e]),
      greatest: this.#greatest.map((e) => [...e]),
    }
  }
}

/** Appends to a row of least (sign 1) or greatest (sign −1) values: what a newer value outdoes can never be asked again. */
function keep(row: Extreme[], t_s: number, x: number, sign: 1 | -1): void {
  while (row.length > 0 && sign * row.at(-1)![1] >= sign * x) row.pop()
  row.push([t_s, x])
  if (row.length > EXTREMES_MAX) thin(row)
}

/**
 * Entries nearer together than a 512th of the run become one, with the value of the first and the instant of the last. Values
 * then count up to that much longer than they should: the run may end a moment early, never late.
 */
function thin(row: Extreme[]): void {
  const apart_s = (row.at(-1)![0] - row[0]![0]) / (EXTREMES_MAX / 2)
  let kept = 0
  for (let i = 0; i < row.length; kept++) {
    const [from_s, x] = row[i]!
    let until_s = from_s
    for (; i < row.length && row[i]![0] - from_s < apart_s; i++) until_s = row[i]![0]
    row[kept] = [until_s, x]
  }
  row.length = kept
}
