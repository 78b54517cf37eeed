/** The rain that a catchment gets: a design storm of a total depth, or any row of depths. Where it goes is `catchment.ts`. */
import { uniformAt } from './hash-noise.ts'
import { power } from './portable-math.ts'
import { positive, refuse, within } from './refuse.ts'

/** Depth of rain in each step. */
export type Storm = { readonly step_s: number; readonly rain_mm: Float64Array }

export type DesignStorm = {
  readonly total_mm: number
  readonly duration_h: number
  readonly step_s: number
  /** Where the peak stands, 0 to 1 of the duration; default 0.5. */
  readonly peak?: number
  /** n of intensity ∝ duration^−n, 0 (even) to 0.9 (sharp); default 0.6 [K]. */
  readonly exponent?: number
  /** Changes every step by up to ± this share, the total stays; default 0 (the smooth design storm). */
  readonly unevenness?: number
  readonly seed?: number
}

const STEPS_MAX = 20_000

/**
 * Alternating block method (Chow, Maidment, Mays 1988, section 14.4 [K]): the depths of the most intense 1, 2, 3 … steps
 * follow P(d) = total (d / duration)^(1−n); their differences stand around the peak, alternately after and before it.
 * @throws PlumblineError USAGE
 */
export function designStorm(options: DesignStorm): Storm {
  const { peak = 0.5, exponent = 0.6, unevenness = 0, seed = 0 } = options
  const step_s = positive('step_s', options.step_s)
  const total_mm = positive('total_mm', options.total_mm)
  const steps = Math.round((positive('duration_h', options.duration_h) * 3600) / step_s)
  if (steps < 1 || steps > STEPS_MAX) refuse('duration_h', `1 to ${STEPS_MAX} steps of ${step_s} s`, options.duration_h)
  within('peak', peak, 0, 1)
  within('exponent', exponent, 0, 0.9)
  within('unevenness', unevenness, 0, 1)
  const depth = (count: number) => power(count / steps, 1 - exponent)
  const rain_mm = new Float64Array(steps)
  const middle = Math.min(steps - 1, Math.floor(peak * steps))
  let [before, after] = [middle - 1, middle]
  for (let rank = 0; rank < steps; rank++) {
    const right = before < 0 || (after < steps && rank % 2 === 0)
    const at = right ? after++ : before--
    rain_mm[at] = (depth(rank + 1) - depth(rank)) * (1 + unevenness * (2 * uniformAt(seed, at) - 1))
  }
  const sum = rain_mm.reduce((total, mm) => total + mm, 0)
  return { step_s, rain_mm: rain_mm.map((mm) => (mm * total_mm) / sum) }
}
