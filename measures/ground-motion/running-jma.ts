/**
 * JMA intensity while it shakes: of the last 60 s, told anew every second. The intensity of a window is `jma-record.ts`'s.
 *
 * After a start or a gap the window begins anew and grows: a value comes with the first second, of what there is, and says
 * how long its window is. Across a gap nothing is filled in, for a made-up joint would shake. The window is short enough to
 * be filled again from a sensor's ring, so it has no state of its own to save.
 * Source of window and interval: the real-time use in tisayama/rsudp-rust, specs/008.
 */
import { requirePositive } from '../signal/finite.ts'
import { filteredIntensity, HOLD_S, holdSamples, type JmaResult, jmaGains } from './jma-record.ts'

export type RunningJmaOptions = {
  /** 60 s unless told. */
  readonly window_s?: number
  /** 1 s unless told. */
  readonly update_s?: number
}

export type RunningJmaResult = JmaResult & {
  /** Length of the window it was computed from [s]: less than 60 s after a start or a gap. */
  readonly window_s: number
}

export class RunningJma {
  readonly #rate: number
  readonly #size: number
  readonly #update: number
  readonly #rank: number
  readonly #rings: readonly [Float64Array, Float64Array, Float64Array]
  /** Gains of the full window: the same every second. */
  #gains: Float64Array | undefined
  #at = 0
  #count = 0
  #fresh = 0

  /** @throws RangeError for a rate not above 0, or a window or interval shorter than 0.3 s */
  constructor(sample_rate_hz: number, { window_s = 60, update_s = 1 }: RunningJmaOptions = {}) {
    requirePositive(sample_rate_hz, 'sample_rate_hz')
    if (!(update_s >= HOLD_S && window_s >= update_s && Number.isFinite(window_s)))
      throw new RangeError(`expected window_s >= update_s >= ${HOLD_S} s, got ${window_s} and ${update_s} s`)
    this.#rate = sample_rate_hz
    this.#rank = holdSamples(sample_rate_hz)
    this.#update = Math.max(this.#rank, Math.round(update_s * sample_rate_hz))
    this.#size = Math.max(this.#update, Math.round(window_s * sample_rate_hz))
    this.#rings = [new Float64Array(this.#size), new Float64Array(this.#size), new Float64Array(this.#size)]
  }

  /**
   * One sample of three components [m/s²]; a component that is no finite number is a gap.
   * @returns the intensity of the window that ends here once in every interval, else undefined
   */
  push(x: number, y: number, z: number): RunningJmaResult | undefined {
    if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
      this.gap()
      return undefined
    }
    this.#rings[0][this.#at] = x
    this.#rings[1][this.#at] = y
    this.#rings[2][this.#at] = z
    this.#at = (this.#at + 1) % this.#size
    if (this.#count < this.#size) this.#count++
    if (++this.#fresh < this.#update) return undefined
    this.#fresh = 0
    return this.#evaluate()
  }

  /** Samples are missing here: the window begins anew. */
  gap(): void {
    this.#at = 0
    this.#count = 0
    this.#fresh = 0
  }

  #evaluate(): RunningJmaResult {
    const full = this.#count === this.#size
    const axes = this.#rings.map((ring) => {
      if (!full) return ring.slice(0, this.#count)
      const window = new Float64Array(this.#size)
      window.set(ring.subarray(this.#at))
      window.set(ring.subarray(0, this.#at), this.#size - this.#at)
      return window
    })
    if (full) this.#gains ??= jmaGains(this.#size, this.#rate)
    const gains = (full ? this.#gains : undefined) ?? jmaGains(this.#count, this.#rate)
    return { ...filteredIntensity(axes, gains, this.#rank), window_s: this.#count / this.#rate }
  }
}
