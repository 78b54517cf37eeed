/**
 * QARTOD spike test: a value that its neighbours before and after do not support. It needs the next value, so the newest one
 * is always "not evaluated" (2) at first and judged one sample later; as stream that is a provisional flag which is revised.
 */
import { type Flag, MISSING, NOT_EVALUATED } from '../../domain/reading.ts'
import { requireSeries } from '../water/checks.ts'
import { flagAbove, requireThresholds, type Thresholds } from './flags.ts'

export type Spike = Thresholds & {
  /**
   * `differential` (default): the smaller of |x − before| and |x − after|, only where the series turns at x. It blames the
   * spike alone. `average`: |x − (before + after) / 2|, the older form, which blames the neighbours of a spike too.
   */
  readonly method?: 'differential' | 'average'
  /** A neighbour further away than this supports nothing [s]; default: any. Without it an hour's gap makes a spike of a tide. */
  readonly neighbour_max_s?: number
}

export function requireSpike(test: Spike): void {
  requireThresholds('spike', test)
  if (test.neighbour_max_s !== undefined && !(test.neighbour_max_s > 0))
    throw new RangeError(`spike.neighbour_max_s: expected above 0, got ${test.neighbour_max_s}`)
}

/** How much x stands out, in the unit of the values. */
function height(before: number, x: number, after: number, method: Spike['method']): number {
  if (method === 'average') return Math.abs(x - (before + after) / 2)
  const [rise, fall] = [x - before, x - after]
  return rise * fall > 0 ? Math.min(Math.abs(rise), Math.abs(fall)) : 0
}

type At = { readonly t_s: number; readonly x: number }

function flagOf(before: At | null, now: At, after: At | null, test: Spike): Flag {
  if (!Number.isFinite(now.x)) return MISSING
  const far_s = test.neighbour_max_s ?? Number.POSITIVE_INFINITY
  if (before === null || after === null || now.t_s - before.t_s > far_s || after.t_s - now.t_s > far_s)
    return NOT_EVALUATED
  if (!Number.isFinite(before.x) || !Number.isFinite(after.x)) return NOT_EVALUATED
  return flagAbove(height(before.x, now.x, after.x, test.method), test)
}

/**
 * Flags of a series: 2 at both ends and beside missing values (ioos_qc), 9 where missing.
 * @throws RangeError for instants that do not rise
 */
export function spike(t_s: ArrayLike<number>, values: ArrayLike<number>, test: Spike): Flag[] {
  requireSpike(test)
  requireSeries(t_s, values)
  const at = (i: number): At | null => (i < 0 || i >= values.length ? null : { t_s: t_s[i]!, x: values[i]! })
  return Array.from(values, (_, i) => flagOf(at(i - 1), at(i)!, at(i + 1), test))
}

export type SpikeState = {
  readonly before: [number, number | null] | null
  readonly last: [number, number | null] | null
}

/** The same, one sample at a time: each push gives the final flag of the sample before. */
export class SpikeTest {
  readonly #test: Spike
  #before: At | null = null
  #last: At | null = null

  constructor(test: Spike, state?: SpikeState) {
    requireSpike(test)
    this.#test = test
    const revive = (at: [number, number | null] | null | undefined): At | null =>
      at ? { t_s: at[0], x: at[1] ?? Number.NaN } : null
    this.#before = revive(state?.before)
    this.#last = revive(state?.last)
  }

  /** @returns `now`: 2, or 9 where missing; `before`: the final flag of the sample before, null for the first */
  push(t_s: number, x: number): { readonly now: Flag; readonly before: Flag | null } {
    const now = { t_s, x }
    const before = this.#last === null ? null : flagOf(this.#before, this.#last, now, this.#test)
    this.#before = this.#last
    this.#last = now
    return { now: Number.isFinite(x) ? NOT_EVALUATED : MISSING, before }
  }

  state(): SpikeState {
    const plain = (at: At | null): [number, number | null] | null =>
      at === null ? null : [at.t_s, Number.isFinite(at.x) ? at.x : null]
    return { before: plain(this.#before), last: plain(this.#last) }
  }
}
