/**
 * The channel `natural_frequency` of an accelerometer: feeds the measure with every good sample, tells what it determined, and
 * keeps what it follows over restarts. What is determined, and when it is not, is `measures/structure/natural-frequency.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { ringScale, type Sampled } from '../domain/model.ts'
import { GOOD, type Reading, type SampleArray } from '../domain/reading.ts'
import { instant, NS_PER_S } from '../domain/time.ts'
import { type NaturalFrequencyState, NaturalFrequencyWatch } from '../measures/structure/natural-frequency.ts'
import type { PartContext } from './part.ts'

const VERTICAL = 'z'

export class FrequencyChannel {
  readonly channel: string
  readonly #watch: NaturalFrequencyWatch
  readonly #state: PartContext['state']
  readonly #key: string
  #windows = 0

  constructor({ placed, state }: PartContext, ring: Sampled) {
    const { id } = placed.device
    this.channel = channelId(id, 'natural_frequency')
    this.#key = `frequency/${id}`
    this.#state = state
    const horizontal = ring.axes.flatMap((axis, at) => (axis === VERTICAL ? [] : [at]))
    const axes = horizontal.length > 0 ? horizontal : [0]
    const saved = state.get(this.#key) as NaturalFrequencyState | undefined
    this.#watch = new NaturalFrequencyWatch(axes, ringScale(ring), ring.sample_rate_hz, saved)
  }

  push(data: SampleArray, at: number, second: number): void {
    this.#watch.push(data, at, second)
  }

  /** Samples are missing, or one is not to count. */
  gap(): void {
    this.#watch.gap()
  }

  /** One for each window in which the frequency was well determined; it stands at the end of its window. */
  readings(half_width_ns: bigint): Reading[] {
    if (this.#watch.windows === this.#windows) return []
    this.#windows = this.#watch.windows
    this.#state.set(this.#key, this.#watch.state())
    return this.#watch.take().map(({ second, frequency_hz }) => ({
      channel: this.channel,
      value: frequency_hz,
      t_ns: instant(BigInt(second) * NS_PER_S),
      half_width_ns,
      flag: GOOD,
    }))
  }
}
