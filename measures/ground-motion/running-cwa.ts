/**
 * Taiwan's intensity while it shakes: the filters of `cwa.ts` run on the stream all the time, so that a motion meets them
 * settled. When to take the peaks (every second, every event) and what to do with the class are left to the owner.
 *
 * PGA: each component less its mean of the last 10 s (held on request, as in `measures/pga.ts`), low-passed at 10 Hz.
 * PGV: high-pass at 0.075 Hz and trapezoid in one filter (`velocity-filter.ts`).
 */
import { M_S2_PER_GAL } from '../../domain/units.ts'
import { type FilterState, StreamingFilter } from '../signal/butterworth.ts'
import { RunningMean } from '../signal/running-mean.ts'
import { CM_S_PER_M_S, type CwaClass, cwaClass, cwaFilters } from './cwa.ts'
import { SETTLING_S, velocityFilter } from './velocity-filter.ts'

/** Mean of the last 10 s; no value before 1 s of it. */
const MEAN_S = 10
const MEAN_LEAST_S = 1
const AXES = 3

/** Plain JSON, for a restart in the middle of a shaking. */
export type RunningCwaState = {
  readonly low: readonly FilterState[]
  readonly velocity: readonly FilterState[]
  readonly means: readonly number[]
  readonly settled_samples: number
}

export type CwaPeaks = {
  readonly class: CwaClass
  readonly pga_gal: number
  readonly pgv_cm_s: number
  /** False within 30 s after a start or gap: PGV may then be too large. */
  readonly settled: boolean
}

type Axis = { readonly mean: RunningMean; readonly low: StreamingFilter; readonly velocity: StreamingFilter }

export class RunningCwa {
  readonly #axes: readonly Axis[]
  readonly #least: number
  readonly #settling: number
  #means: Float64Array | undefined
  #running = 0
  #pga2 = 0
  #pgv2 = 0
  #evaluated = false
  #settled = true

  /** @throws RangeError at 20 Hz and below, or for a state of another shape */
  constructor(sample_rate_hz: number, state?: RunningCwaState) {
    const { low } = cwaFilters(sample_rate_hz)
    const velocity = velocityFilter(sample_rate_hz)
    this.#least = Math.max(1, Math.round(MEAN_LEAST_S * sample_rate_hz))
    this.#settling = Math.round(SETTLING_S * sample_rate_hz)
    this.#axes = Array.from({ length: AXES }, (_, a) => ({
      mean: new RunningMean(Math.round(MEAN_S * sample_rate_hz)),
      low: new StreamingFilter(low, state?.low[a]),
      velocity: new StreamingFilter(velocity, state?.velocity[a]),
    }))
    if (state === undefined) return
    if (state.means.length !== AXES || !state.means.every(Number.isFinite))
      throw new RangeError(`state: expected ${AXES} means, got ${JSON.stringify(state.means)}`)
    this.#means = Float64Array.from(state.means)
    this.#running = Math.max(0, Math.trunc(state.settled_samples))
  }

  /**
   * One sample of three components [m/s²]; a component that is no finite number is a gap.
   * @param hold keep the mean as it is: while a limit is exceeded the motion must not become its own baseline
   */
  push(x: number, y: number, z: number, hold = false): void {
    if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
      this.gap()
      return
    }
    const [ax, ay, az] = this.#axes as [Axis, Axis, Axis]
    const means = this.#meansNow(hold)
    ax.mean.push(x)
    ay.mean.push(y)
    az.mean.push(z)
    if (means === undefined) return
    const [lx, ly, lz] = [ax.low.push(x - means[0]!), ay.low.push(y - means[1]!), az.low.push(z - means[2]!)]
    const [vx, vy, vz] = [ax.velocity.push(x), ay.velocity.push(y), az.velocity.push(z)]
    this.#pga2 = Math.max(this.#pga2, lx * lx + ly * ly + lz * lz)
    this.#pgv2 = Math.max(this.#pgv2, vx * vx + vy * vy + vz * vz)
    this.#evaluated = true
    if (this.#running++ < this.#settling) this.#settled = false
  }

  /** Peaks and class since the last call; undefined where no sample could be evaluated, which is not the same as quiet. */
  take(): CwaPeaks | undefined {
    if (!this.#evaluated) return undefined
    const pga_gal = Math.sqrt(this.#pga2) / M_S2_PER_GAL
    const pgv_cm_s = Math.sqrt(this.#pgv2) * CM_S_PER_M_S
    const peaks = { class: cwaClass(pga_gal, pgv_cm_s), pga_gal, pgv_cm_s, settled: this.#settled }
    this.#pga2 = 0
    this.#pgv2 = 0
    this.#evaluated = false
    this.#settled = true
    return peaks
  }

  /** Samples are missing here: the filters begin anew from the sensor's offset as it was. */
  gap(): void {
    if (this.#means !== undefined) this.#settle(this.#means)
  }

  /** Undefined before there is a second of samples. */
  state(): RunningCwaState | undefined {
    if (this.#means === undefined) return undefined
    return {
      low: this.#axes.map((axis) => axis.low.state()),
      velocity: this.#axes.map((axis) => axis.velocity.state()),
      means: Array.from(this.#means),
      settled_samples: Math.min(this.#running, this.#settling),
    }
  }

  #meansNow(hold: boolean): Float64Array | undefined {
    const first = this.#means === undefined
    if (this.#axes[0]!.mean.count < this.#least || (hold && !first)) return this.#means
    this.#means ??= new Float64Array(AXES)
    for (let a = 0; a < AXES; a++) this.#means[a] = this.#axes[a]!.mean.mean!
    if (first) this.#settle(this.#means)
    return this.#means
  }

  #settle(means: Float64Array): void {
    for (const [a, axis] of this.#axes.entries()) {
      axis.low.reset()
      axis.velocity.settle(means[a]!)
    }
    this.#running = 0
  }
}
