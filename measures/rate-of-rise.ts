/**
 * Rate of rise of a stage: (h(t) − h(t − W)) / W over W = 15 min [m/s], the official measure behind "time to level"
 * (Taiwan WRA alert stages; `domain.md` 6). Which values are good and what time is, is left to the caller.
 *
 * Valid for stages sampled at least every few minutes. No interpolation: h(t − W) is the newest value at or before t − W, to
 * within half a sampling period for its jitter, and the difference is divided by the time that really lies between the two.
 */

export const RISE_WINDOW_S = 15 * 60
/** Values are kept this far apart at least, so that a fast poll needs no more memory than 1,800 values. */
const SPACING_S = RISE_WINDOW_S / 1800
/** How much older than t − W the value may be: two sampling periods, or a tenth of the window. */
const TOLERANCE_PERIODS = 2
const TOLERANCE_S = RISE_WINDOW_S / 10

export type StageAt = { readonly t_s: number; readonly stage_m: number }

export class RateOfRise {
  readonly #early_s: number
  readonly #late_s: number
  #history: StageAt[] = []
  /** Index of the newest value at or before t − W; -1 = none. */
  #before = -1

  /** @param period_s sampling period [s], in the same time as the instants pushed */
  constructor(period_s: number) {
    this.#early_s = Math.min(period_s / 2, RISE_WINDOW_S / 4)
    this.#late_s = Math.max(TOLERANCE_PERIODS * period_s, TOLERANCE_S)
  }

  /**
   * Takes a good value.
   * @param t_s instant [s], from any origin; one that goes back forgets what was before
   * @returns rate [m/s], or null while no value lies a window back
   */
  push(t_s: number, stage_m: number): number | null {
    const last = this.#history.at(-1)
    if (last !== undefined && t_s < last.t_s) this.clear()
    if (last === undefined || t_s - last.t_s >= SPACING_S || t_s < last.t_s) this.#history.push({ t_s, stage_m })
    const target = t_s - RISE_WINDOW_S + this.#early_s
    while ((this.#history[this.#before + 1]?.t_s ?? Number.POSITIVE_INFINITY) <= target) this.#before++
    this.#forget()
    const then = this.#history[this.#before]
    if (then === undefined || t_s - then.t_s > RISE_WINDOW_S + this.#late_s) return null
    return (stage_m - then.stage_m) / (t_s - then.t_s)
  }

  clear(): void {
    this.#history = []
    this.#before = -1
  }

  get history(): readonly StageAt[] {
    return this.#history
  }

  /** What lies before the value a window back is never asked for again; moved out in bulk. */
  #forget(): void {
    if (this.#before < 256) return
    this.#history.splice(0, this.#before)
    this.#before = 0
  }
}
