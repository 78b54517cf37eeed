/**
 * Whether a natural frequency has dropped: against a baseline freed from temperature by least squares, with the uncertainty of both.
 * Measuring the frequency is left to `modal.ts` and `frequency-tracker.ts`, raising an alarm to the caller.
 *
 * Temperature, occupancy and wind move a frequency by 1-5 %; a lasting drop of more than 5 % is to be looked at, more than 10 %
 * after an event is an alarm [K]. f ∝ √k: a drop of 5 % means a stiffness about 10 % less.
 */
import { fitLine, type LinearFit, predict, predictionError } from './linear-fit.ts'

export const DROP_NOTICE = 0.05
export const DROP_ALARM = 0.1
/** Pairs a baseline needs, and the range of temperature below which no slope is fitted. */
export const BASELINE_PAIRS_MIN = 10
export const BASELINE_RANGE_MIN_C = 3

export type FrequencyAt = { readonly frequency_hz: number; readonly temperature_c: number }

export type FrequencyBaseline = {
  readonly fit: LinearFit
  /** False where the temperatures were too much alike: the baseline is then a mean, and holds near them only. */
  readonly corrected: boolean
}

export type FrequencyShift = {
  /** Change of frequency as a fraction of what was expected; below 0 is a drop. */
  readonly fraction: number
  readonly expected_hz: number
  /** One standard deviation of the fraction. */
  readonly uncertainty: number
  /** The temperature lies outside the baseline's: the correction is then a guess. */
  readonly extrapolated: boolean
}

/** @returns undefined with fewer than ten measurements @throws RangeError naming one that is no number */
export function frequencyBaseline(measured: readonly FrequencyAt[]): FrequencyBaseline | undefined {
  if (measured.length < BASELINE_PAIRS_MIN) return undefined
  const frequencies = measured.map((m) => m.frequency_hz)
  const fit = fitLine(
    measured.map((m) => m.temperature_c),
    frequencies,
  )
  if (fit.max_x - fit.min_x >= BASELINE_RANGE_MIN_C) return { fit, corrected: true }
  const spread = frequencies.reduce((sum, f) => sum + (f - fit.mean_y) ** 2, 0)
  return { fit: { ...fit, slope: 0, residual: Math.sqrt(spread / (fit.count - 1)) }, corrected: false }
}

/** @param uncertainty_hz of the frequency measured, as the tracker gives it */
export function frequencyShift(baseline: FrequencyBaseline, now: FrequencyAt, uncertainty_hz = 0): FrequencyShift {
  const expected_hz = predict(baseline.fit, now.temperature_c)
  const model_hz = predictionError(baseline.fit, now.temperature_c) ?? 0
  const slack_c = baseline.corrected ? 0 : BASELINE_RANGE_MIN_C
  return {
    fraction: now.frequency_hz / expected_hz - 1,
    expected_hz,
    uncertainty: Math.hypot(model_hz, uncertainty_hz) / expected_hz,
    extrapolated: now.temperature_c < baseline.fit.min_x - slack_c || now.temperature_c > baseline.fit.max_x + slack_c,
  }
}

export type DropLevel = 'none' | 'notice' | 'alarm'

/**
 * Judges a drop: beyond a limit, and told from none by two standard deviations, in each of `needed` measurements in a row.
 * One bad spectrum is no damage, and an uncertain baseline raises nothing; a drop that stays is not overlooked.
 */
export class FrequencyDrop {
  readonly #needed: number
  #notices = 0
  #alarms = 0

  constructor(needed = 3, state?: { notices: number; alarms: number }) {
    if (!(Number.isInteger(needed) && needed >= 1)) throw new RangeError(`needed: expected 1 or more, got ${needed}`)
    this.#needed = needed
    this.#notices = state?.notices ?? 0
    this.#alarms = state?.alarms ?? 0
  }

  push(shift: FrequencyShift): DropLevel {
    const sure = -shift.fraction - 2 * shift.uncertainty
    this.#notices = -shift.fraction > DROP_NOTICE && sure > 0 ? this.#notices + 1 : 0
    this.#alarms = -shift.fraction > DROP_ALARM && sure > 0 ? this.#alarms + 1 : 0
    if (this.#alarms >= this.#needed) return 'alarm'
    return this.#notices >= this.#needed ? 'notice' : 'none'
  }

  state(): { notices: number; alarms: number } {
    return { notices: this.#notices, alarms: this.#alarms }
  }
}
