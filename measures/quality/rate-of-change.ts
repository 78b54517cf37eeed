/**
 * QARTOD rate of change: a value reached faster than this water or structure can move. Both flanks of a spike are suspect;
 * which value is to blame is for `spike.ts`.
 */
import { type Flag, GOOD, MISSING } from '../../domain/reading.ts'
import { requireSeries } from '../water/checks.ts'
import { flagAbove, requireThresholds, type Thresholds } from './flags.ts'

/** Thresholds in the unit of the values per second. ioos_qc knows only `suspect`. */
export type RateOfChange = Thresholds

export type RateOfChangeState = { readonly last: [t_s: number, x: number] | null }

/**
 * |x − last| / (t − last t), with the last value that was there, however long ago: a jump across a gap is judged by the time
 * it had. The first value is good (ioos_qc).
 */
export class RateOfChangeTest {
  readonly #test: RateOfChange
  #last: [t_s: number, x: number] | null

  constructor(test: RateOfChange, state?: RateOfChangeState) {
    requireThresholds('rateOfChange', test)
    this.#test = test
    this.#last = state?.last ?? null
  }

  push(t_s: number, x: number): Flag {
    if (!Number.isFinite(x)) return MISSING
    const last = this.#last
    this.#last = [t_s, x]
    return last === null ? GOOD : flagAbove(Math.abs(x - last[1]) / (t_s - last[0]), this.#test)
  }

  state(): RateOfChangeState {
    return { last: this.#last }
  }
}

/** @throws RangeError for instants that do not rise */
export function rateOfChange(t_s: ArrayLike<number>, values: ArrayLike<number>, test: RateOfChange): Flag[] {
  requireSeries(t_s, values)
  const machine = new RateOfChangeTest(test)
  return Array.from(values, (x, i) => machine.push(t_s[i]!, x))
}
