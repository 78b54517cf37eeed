/**
 * Tilt of a building: from gravity on an accelerometer's axes, its daily mean, and freed from temperature. Which value raises an
 * alarm is the caller's; the daily mean is meant for it, not single readings, for the sun alone tilts a building every day.
 *
 * Small angles are quoted as a ratio (1/500 = 2 mm per metre) or in degrees: angle = atan(ratio). Angles are rad inside.
 */
import { fitLine, type LinearFit, predictionError } from './linear-fit.ts'

export const degrees = (angle_rad: number): number => (angle_rad * 180) / Math.PI
export const radians = (angle_deg: number): number => (angle_deg * Math.PI) / 180
/** 1/500 → 0.0019999973 rad = 0.11459°. */
export const tiltOfRatio = (ratio: number): number => Math.atan(ratio)

/** Angular distortion at which something is known to happen; Skempton and MacDonald (1956), Bjerrum (1963) [K]. */
export const TILT_LIMITS: ReadonlyArray<{ readonly ratio: number; readonly meaning: string }> = [
  { ratio: 1 / 750, meaning: 'difficulties with machinery sensitive to settlement' },
  { ratio: 1 / 600, meaning: 'danger for frames with diagonals' },
  { ratio: 1 / 500, meaning: 'safe limit for buildings where cracking is not permissible' },
  { ratio: 1 / 300, meaning: 'first cracking of panel walls' },
  { ratio: 1 / 250, meaning: 'tilting of high, rigid buildings may become visible' },
  { ratio: 1 / 150, meaning: 'structural damage of general buildings is to be feared' },
]

/**
 * Tilt about two axes from what a still accelerometer feels of gravity: positive where x (or y) points above the horizontal.
 * @param x, y, z mean acceleration over a quiet second or more [m/s²], z up
 * @returns rad; undefined unless the length is gravity within 2 % (it moves, or an axis is broken) or z points down
 */
export function tiltFromGravity(x: number, y: number, z: number): { x_rad: number; y_rad: number } | undefined {
  const length = Math.hypot(x, y, z)
  if (!(Math.abs(length / 9.80665 - 1) < 0.02 && z > 0)) return undefined
  return { x_rad: Math.atan2(x, Math.hypot(y, z)), y_rad: Math.atan2(y, Math.hypot(x, z)) }
}

export type TiltDay = {
  /** Days since 1970-01-01 in the local time given. */
  readonly day: number
  readonly tilt_rad: number
  readonly readings: number
  /** Hours of the day with a reading, of 24: a mean of few hours holds the sun's part. */
  readonly hours: number
}

type OpenDay = { readonly day: number; readonly sums: number[]; readonly counts: number[] }

/** Daily means, each hour with the same weight, so that a burst of readings does not lean the day to its hour. */
export class DailyTilt {
  readonly #offset_s: number
  #open: OpenDay | undefined
  #late = 0

  /** @param utc_offset_s local time less UTC: a day is the sun's; 28,800 in Taiwan */
  constructor(utc_offset_s = 0, open?: OpenDay) {
    this.#offset_s = utc_offset_s
    this.#open = open === undefined ? undefined : { ...open, sums: [...open.sums], counts: [...open.counts] }
  }

  /**
   * Takes a good reading.
   * @param t_s UTC seconds since 1970 @param tilt_rad angle
   * @returns the day that the first reading of a later one completes
   */
  push(t_s: number, tilt_rad: number): TiltDay | undefined {
    if (!(Number.isFinite(t_s) && Number.isFinite(tilt_rad)))
      throw new RangeError(`t_s, tilt_rad: expected finite numbers, got ${t_s} and ${tilt_rad}`)
    const local_s = t_s + this.#offset_s
    const day = Math.floor(local_s / 86_400)
    const done = this.#open !== undefined && day > this.#open.day ? meanOf(this.#open) : undefined
    if (this.#open === undefined || day > this.#open.day)
      this.#open = { day, sums: new Array(24).fill(0), counts: new Array(24).fill(0) }
    if (day < this.#open.day) {
      this.#late++
      return done
    }
    const hour = Math.floor((local_s - day * 86_400) / 3600)
    this.#open.sums[hour]! += tilt_rad
    this.#open.counts[hour]!++
    return done
  }

  /** The day so far. */
  get today(): TiltDay | undefined {
    return this.#open === undefined ? undefined : meanOf(this.#open)
  }
  /** Readings of a day already complete: not counted to any. */
  get late(): number {
    return this.#late
  }
  /** Plain JSON for a restart. */
  state(): OpenDay | undefined {
    return this.#open && structuredClone(this.#open)
  }
}

function meanOf({ day, sums, counts }: OpenDay): TiltDay {
  const means = sums.flatMap((sum, hour) => (counts[hour]! > 0 ? [sum / counts[hour]!] : []))
  const readings = counts.reduce((total, n) => total + n, 0)
  return { day, tilt_rad: means.reduce((sum, m) => sum + m, 0) / means.length, readings, hours: means.length }
}

/** Pairs of a quiet time that a compensation needs, and the range of temperature they must cover. */
export const TILT_PAIRS_MIN = 24
export const TILT_RANGE_MIN_C = 3

/**
 * How tilt follows temperature, by least squares over a time known to be quiet (some days at least).
 * @returns undefined where there are too few pairs or too little change of temperature to tell
 */
export function fitTiltTemperature(
  tilt_rad: readonly number[],
  temperature_c: readonly number[],
): LinearFit | undefined {
  if (tilt_rad.length < TILT_PAIRS_MIN) return undefined
  const fit = fitLine(temperature_c, tilt_rad)
  return fit.max_x - fit.min_x < TILT_RANGE_MIN_C ? undefined : fit
}

/**
 * Tilt less what temperature explains: tilt − slope·(T − mean T) [rad], the quiet time's mean temperature being the reference.
 * `extrapolated` says that T lies outside what the fit has seen; `error_rad` is one standard deviation of a reading.
 */
export function compensateTilt(fit: LinearFit, tilt_rad: number, temperature_c: number) {
  return {
    tilt_rad: tilt_rad - fit.slope * (temperature_c - fit.mean_x),
    error_rad: predictionError(fit, temperature_c),
    extrapolated: temperature_c < fit.min_x || temperature_c > fit.max_x,
  }
}
