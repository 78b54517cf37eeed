/**
 * QARTOD flat line: values that stay within a tolerance for longer than this signal ever does: a stuck float, an iced
 * sensor, a gateway that repeats its last answer. By time, so that it holds for uneven series.
 */
import { FAIL, type Flag, GOOD, MISSING, SUSPECT } from '../../domain/reading.ts'
import { requireSeries } from '../water/checks.ts'
import { requireThresholds } from './flags.ts'
import { FlatRun, type FlatRunState } from './flat-run.ts'

export type FlatLine = {
  /** Flat for this long [s] is suspect, or failed. */
  readonly suspect_s?: number
  readonly fail_s?: number
  /** Flat means a range below this, in the unit of the values. 0 never flags. */
  readonly tolerance: number
  /**
   * Sampling period [s]: the times are taken down to whole periods, as ioos_qc does (3000 s of 900 s samples are 2700 s), and
   * half a period is left for jitter. Without it they stand as they are.
   */
  readonly period_s?: number
}

export type FlatLineState = FlatRunState

export function requireFlatLine({ suspect_s, fail_s, tolerance, period_s }: FlatLine): void {
  requireThresholds('flatLine', { suspect: suspect_s, fail: fail_s })
  if (!(Number.isFinite(tolerance) && tolerance >= 0))
    throw new RangeError(`flatLine.tolerance: expected 0 or more, got ${tolerance}`)
  if (period_s !== undefined && !(Number.isFinite(period_s) && period_s > 0))
    throw new RangeError(`flatLine.period_s: expected above 0, got ${period_s}`)
}

/**
 * Flags the newest value where every value of the last `suspect_s` lies within the tolerance, there are two of them at least,
 * and the channel has been heard for so long. Earlier values of the run keep their flag.
 */
export class FlatLineTest {
  readonly #test: FlatLine
  readonly #run: FlatRun

  constructor(test: FlatLine, state?: FlatLineState) {
    requireFlatLine(test)
    this.#test = test
    this.#run = new FlatRun(test.tolerance, state)
  }

  push(t_s: number, x: number): Flag {
    this.#run.push(t_s, x)
    if (!Number.isFinite(x)) return MISSING
    if (this.#flatFor(t_s, this.#test.fail_s)) return FAIL
    return this.#flatFor(t_s, this.#test.suspect_s) ? SUSPECT : GOOD
  }

  #flatFor(t_s: number, threshold_s: number | undefined): boolean {
    if (threshold_s === undefined) return false
    const { period_s } = this.#test
    // The small part keeps 2700 s / 900 s at three periods.
    const window_s = period_s === undefined ? threshold_s : Math.floor(threshold_s / period_s + 1e-9) * period_s
    return this.#run.isFlat(t_s, window_s, (period_s ?? 0) / 2)
  }

  state(): FlatLineState {
    return this.#run.state()
  }
}

/** @throws RangeError for instants that do not rise */
export function flatLine(t_s: ArrayLike<number>, values: ArrayLike<number>, test: FlatLine): Flag[] {
  requireSeries(t_s, values)
  const machine = new FlatLineTest(test)
  return Array.from(values, (x, i) => machine.push(t_s[i]!, x))
}
