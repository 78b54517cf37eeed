/**
 * Rise of a stage over a window on series that need not be even: by difference (the official measure, any window), and by
 * Theil-Sen where single values may be wild. `../rate-of-rise.ts` is the 15 min difference as the edge streams it.
 */
import { requirePositive, requireSeries } from './checks.ts'
import { type Line, theilSen } from './theil-sen.ts'

/** The windows people ask for. */
export const RISE_WINDOWS_S = [15 * 60, 60 * 60] as const

/** How much older than t − W the value may be: two sampling periods, or a tenth of the window (as `../rate-of-rise.ts`). */
const TOLERANCE_PERIODS = 2
const TOLERANCE_SHARE = 0.1

export type RiseOptions = {
  readonly window_s: number
  /** Sampling period [s], for the jitter of polls; 0 = the instants are exact. */
  readonly period_s?: number
}

/**
 * Rate of rise at each value: (h(t) − h(t')) / (t − t'), t' the newest instant with a value at or before t − W (to within
 * half a period). Nothing is interpolated. `domain.md` 6.
 * @param t_s rising instants [s]
 * @param stage_m NaN is a missing value
 * @returns rates [m/s]; NaN where the value is missing or none lies a window back
 * @throws RangeError for instants that do not rise or an infinite stage
 */
export function rateOfRise_m_s(t_s: ArrayLike<number>, stage_m: ArrayLike<number>, options: RiseOptions): Float64Array {
  requireSeries(t_s, stage_m)
  const window_s = requirePositive('window_s', options.window_s)
  const period_s = options.period_s ?? 0
  const early_s = Math.min(period_s / 2, window_s / 4)
  const late_s = Math.max(TOLERANCE_PERIODS * period_s, TOLERANCE_SHARE * window_s)
  const out = new Float64Array(t_s.length).fill(Number.NaN)
  let next = 0
  let then = -1
  for (let i = 0; i < t_s.length; i++) {
    const stage = stage_m[i]!
    if (Number.isNaN(stage)) continue
    if (!Number.isFinite(stage)) throw new RangeError(`stage_m[${i}]: expected a finite number, got ${stage}`)
    const target_s = t_s[i]! - window_s + early_s
    for (; next < i && t_s[next]! <= target_s; next++) if (!Number.isNaN(stage_m[next]!)) then = next
    if (then < 0 || t_s[i]! - t_s[then]! > window_s + late_s) continue
    out[i] = (stage - stage_m[then]!) / (t_s[i]! - t_s[then]!)
  }
  return out
}

export type LargestRise = {
  /** Rate times window [m]: what the stage would rise in exactly one window. */
  readonly rise_m: number
  readonly rate_m_s: number
  /** Index of the value that ends the window; the first where several are equal. */
  readonly index: number
}

/** The largest rise of a series over a window, falling counted as negative; null where no window has both its ends. */
export function largestRise(
  t_s: ArrayLike<number>,
  stage_m: ArrayLike<number>,
  options: RiseOptions,
): LargestRise | null {
  const rates = rateOfRise_m_s(t_s, stage_m, options)
  let index = -1
  // 1e-12 m/s is far below any gauge: equal rises of decimal readings differ in the last bit, and the first one counts.
  for (let i = 0; i < rates.length; i++)
    if (!Number.isNaN(rates[i]!) && (index < 0 || rates[i]! > rates[index]! + 1e-12)) index = i
  return index < 0 ? null : { rise_m: rates[index]! * options.window_s, rate_m_s: rates[index]!, index }
}

/** A window holds values W / 60 apart at least, so at most 61 of them: 1,830 slopes. */
const ROBUST_SPACINGS = 60

/**
 * Rate of rise of the newest window by Theil-Sen, pushed one value at a time. Values nearer than W / 60 to the last one kept
 * are passed over and give the line as it was, so that a fast poll costs no more than a slow one.
 */
export class RobustRise {
  readonly #window_s: number
  readonly #z: number
  #t_s: number[] = []
  #stage_m: number[] = []
  #line: Line | null = null

  /** @param z quantile of the interval, see `theilSen` */
  constructor(window_s: number, z = 1.96) {
    this.#window_s = requirePositive('window_s', window_s)
    this.#z = z
  }

  /**
   * @param t_s instant [s]; one that goes back forgets what was before
   * @param stage_m a missing value (NaN) gives null
   * @returns slope and interval [m/s] of the window (t − W, t]; null while its values span less than half of it
   */
  push(t_s: number, stage_m: number): Line | null {
    if (!Number.isFinite(t_s)) throw new RangeError(`t_s: expected a finite instant, got ${t_s}`)
    const last_s = this.#t_s.at(-1) ?? Number.NEGATIVE_INFINITY
    if (t_s < last_s) this.clear()
    else if (t_s - last_s < this.#window_s / ROBUST_SPACINGS) return Number.isFinite(stage_m) ? this.#line : null
    if (!Number.isFinite(stage_m)) return null
    this.#t_s.push(t_s)
    this.#stage_m.push(stage_m)
    const old = this.#t_s.findIndex((t) => t > t_s - this.#window_s)
    this.#t_s.splice(0, old)
    this.#stage_m.splice(0, old)
    this.#line = this.#fit()
    return this.#line
  }

  clear(): void {
    this.#t_s = []
    this.#stage_m = []
    this.#line = null
  }

  #fit(): Line | null {
    const from_s = this.#t_s[0]!
    const t_s = this.#t_s.map((t) => t - from_s)
    return t_s.at(-1)! < this.#window_s / 2 ? null : theilSen(t_s, this.#stage_m, this.#z)
  }
}
