/**
 * Rate of any channel over a window: (x(t) - x(t - W)) / W, with the newest value at or before t - W and divided by the time
 * that really lies between the two. Suspect values are rated but not remembered: they would be blamed W later.
 */

/** Values of the history lie this share of the window apart at least, so it holds about 75 at most. */
const SPACING = 1 / 60
/** How much older than t - W a value may be, as a share of the window. */
const LATE = 0.2

export type RateHistory = ReadonlyArray<readonly [t_s: number, x: number]>

export class WindowRate {
  readonly #window_s: number
  readonly #early_s: number
  #history: Array<readonly [t_s: number, x: number]>

  /** @param period_s sampling period [s], in the same time as the instants: half of it is left for jitter */
  constructor(window_s: number, period_s: number, history: RateHistory = []) {
    this.#window_s = window_s
    this.#early_s = Math.min(period_s / 2, window_s / 4)
    this.#history = [...history]
  }

  /**
   * @param trusted false for a suspect value
   * @returns per second, or null while no value lies a window back
   */
  push(t_s: number, x: number, trusted: boolean): number | null {
    if (t_s < (this.#history.at(-1)?.[0] ?? t_s)) this.#history = []
    const target = t_s - this.#window_s + this.#early_s
    while ((this.#history[1]?.[0] ?? Number.POSITIVE_INFINITY) <= target) this.#history.shift()
    const last = this.#history.at(-1)
    const then = this.#history[0]
    if (trusted && (last === undefined || t_s - last[0] >= this.#window_s * SPACING)) this.#history.push([t_s, x])
    if (then === undefined || then[0] > target || t_s - then[0] > this.#window_s * (1 + LATE) + 2 * this.#early_s)
      return null
    return (x - then[1]) / (t_s - then[0])
  }

  get history(): RateHistory {
    return this.#history
  }
}

/**
 * Time in which a rising value reaches a target if it goes on as now [s]: 0 at or above it, infinite where it does not rise.
 * Not a forecast.
 */
export function timeToReach_s(value: number, target: number, rate: number | null): number | null {
  if (value >= target) return 0
  if (rate === null) return null
  return rate > 0 ? (target - value) / rate : Number.POSITIVE_INFINITY
}
