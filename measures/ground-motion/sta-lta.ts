/**
 * Characteristic functions of a whole record for detecting an event (short-term over long-term average) and the on and off
 * indices they give. The same on a live stream, with its LTA frozen, is `sta-lta-trigger.ts`; several channels `coincidence.ts`.
 *
 * Sources: Withers et al. (1998), Trnkoczy (2012, NMSOP IS 8.1), the definitions and test values of obspy (signal/trigger).
 * All take samples of any unit with their mean removed (an offset raises both averages and hides the event) and give a
 * value per sample, without unit. Usual: STA 0.5-1 s, LTA 10-60 s, on 3-5, off 1-1.5, after a 1-20 Hz band-pass [K].
 */
import { requireFinite } from '../signal/finite.ts'
import { WindowSum } from '../signal/window-sum.ts'
import { averagesOf, requireWindows, type StaLtaKind } from './sta-lta-averages.ts'

export { Coincidence, coincidence } from './coincidence.ts'
export { requireReachable, type StaLtaKind, staLtaBound } from './sta-lta-averages.ts'
export { StaLtaTrigger } from './sta-lta-trigger.ts'

/** Index of the first and of the last sample of a trigger. */
export type OnOff = readonly [on: number, off: number]

/**
 * Classic: mean of x² over the last `nsta` samples / the same over the last `nlta`; 0 before there are `nlta`.
 * The long window holds the short one, so the ratio cannot exceed nlta/nsta (`requireReachable`). 0 where all is zero.
 * @param nsta, nlta window lengths [samples], nsta < nlta
 */
export function classicStaLta(x: Float64Array, nsta: number, nlta: number): Float64Array {
  return ratios('classic', x, nsta, nlta)
}

/**
 * Recursive (Evans and Allen): sta += (x² − sta)/nsta, lta likewise; 0 for the first `nlta` samples. Needs two numbers of
 * memory, decays exponentially. Like obspy's, it starts with the second sample. The ratio stays below nlta/nsta as well.
 */
export function recursiveStaLta(x: Float64Array, nsta: number, nlta: number): Float64Array {
  return ratios('recursive', x, nsta, nlta)
}

/**
 * Delayed: mean of x² over the last `nsta` samples / the mean over the `nlta` samples before them; 0 before there are
 * nsta + nlta. Its ratio has no bound. (The definition; obspy's routine sums without letting old samples go.)
 */
export function delayedStaLta(x: Float64Array, nsta: number, nlta: number): Float64Array {
  return ratios('delayed', x, nsta, nlta)
}

function ratios(kind: StaLtaKind, x: Float64Array, nsta: number, nlta: number): Float64Array {
  const averages = averagesOf(kind, nsta, nlta)
  requireFinite(x)
  const cf = new Float64Array(x.length)
  for (let k = 0; k < x.length; k++) cf[k] = averages.push(x[k]! * x[k]!, false)
  return cf
}

/**
 * Carl Johnson's: η = star − ratio·ltar − |sta − lta| − quiet [unit of x], an event where η > 0; −1 for the first `nlta`.
 * sta = mean of x, lta = mean of sta, star = mean of |x − lta|, ltar = mean of star, over the samples before each.
 * @param ratio, quiet larger is less sensitive; `quiet` in the unit of x
 */
export function carlStaTrig(x: Float64Array, nsta: number, nlta: number, ratio: number, quiet: number): Float64Array {
  requireWindows(nsta, nlta)
  requireFinite(x)
  const sta = meanBefore(x, nsta)
  const late = meanBefore(sta, nlta)
  const lta = late.map((_, k) => (k === 0 ? 0 : late[k - 1]!))
  const star = meanBefore(
    x.map((value, k) => Math.abs(value - lta[k]!)),
    nsta,
  )
  const ltar = meanBefore(star, nlta)
  return star.map((value, k) => (k < nlta ? -1 : value - ratio * ltar[k]! - Math.abs(sta[k]! - lta[k]!) - quiet))
}

/**
 * On: the function comes to `on` or above from below it; off: the last sample at `off` or above, or on + maxLength, if that
 * is sooner. A function still above `off` at the end is off at the last sample.
 * @param maxLength longest trigger [samples]; after it the function must come up to `on` anew
 * @throws RangeError on `off` above `on`, and on a value that is NaN
 */
export function triggerOnset(cf: Float64Array, on: number, off: number, maxLength = Number.POSITIVE_INFINITY): OnOff[] {
  if (!(off <= on)) throw new RangeError(`off: expected a threshold at or below on (${on}), got ${off}`)
  if (!(maxLength >= 1)) throw new RangeError(`maxLength: expected 1 sample or more, got ${maxLength}`)
  const triggers: OnOff[] = []
  let since: number | undefined
  for (let k = 0; k < cf.length; k++) {
    const value = cf[k]!
    if (Number.isNaN(value)) throw new RangeError(`cf[${k}]: expected a number, got NaN`)
    if (since !== undefined && (value < off || k - since > maxLength)) {
      triggers.push([since, k - 1])
      since = undefined
    }
    const rises = value >= on && !(k > 0 && cf[k - 1]! >= on)
    if (since === undefined && rises) since = k
  }
  if (since !== undefined) triggers.push([since, cf.length - 1])
  return triggers
}

/** Mean over the `size` samples before each; 0 where there are not as many. */
function meanBefore(x: Float64Array, size: number): Float64Array {
  const window = new WindowSum(size)
  const out = new Float64Array(x.length)
  for (let k = 0; k + 1 < x.length; k++) {
    const sum = window.push(x[k]!)
    if (window.full) out[k + 1] = sum / size
  }
  return out
}
