/**
 * Quality control of all axes of a ring: the worst flag of each sample for measures and limits, and for the sensor-fault
 * limits of the axes when an axis fails and when it no longer does. The tests of one axis are `axis-quality.ts`.
 */
import { qualityOfDevice } from '../../domain/automatic-limits.ts'
import type { PlacedDevice } from '../../domain/channel.ts'
import { channelId } from '../../domain/ids.ts'
import { ringScale, type Sampled } from '../../domain/model.ts'
import { FAIL, type Flag, GOOD, type Reason, type SampleArray, worstFlag } from '../../domain/reading.ts'
import type { Instant } from '../../domain/time.ts'
import type { Limits } from '../node-limits.ts'
import { AxisQuality, type AxisQualityState } from './axis-quality.ts'

export type RingQualityState = Readonly<Record<string, AxisQualityState>>

type Watched = {
  readonly axis: string
  readonly at: number
  readonly channel: string
  tests: AxisQuality
  flag: Flag
  failing: boolean
}

export class RingQuality {
  readonly #scale: number
  readonly #rate_hz: number
  readonly #make: (axis: string, state?: AxisQualityState) => AxisQuality
  readonly #watched: readonly Watched[]
  readonly #limits: Pick<Limits, 'observe'>
  /** Of the worst axis of the newest sample. */
  reason: Reason = 'gross-range'
  axis = ''

  /** `undefined` where no axis has a test. */
  static of(placed: PlacedDevice, ring: Sampled, limits: Pick<Limits, 'observe'>): RingQuality | undefined {
    const quality = new RingQuality(placed, ring, limits)
    return quality.#watched.length === 0 ? undefined : quality
  }

  private constructor({ device, model }: PlacedDevice, ring: Sampled, limits: Pick<Limits, 'observe'>) {
    const tests = qualityOfDevice(device, model)
    const metric = (axis: string) => `${ring.group}/${axis}`
    this.#scale = ringScale(ring)
    this.#rate_hz = ring.sample_rate_hz
    this.#limits = limits
    this.#make = (axis, state) => new AxisQuality(tests.get(metric(axis))!, ring.sample_rate_hz, state)
    this.#watched = ring.axes.flatMap((axis, at) => {
      if (!tests.has(metric(axis))) return []
      const channel = channelId(device.id, metric(axis))
      return [{ axis, at, channel, tests: this.#make(axis), flag: GOOD, failing: false }]
    })
  }

  /** Worst flag of the sample of `counter`; its axes stand in `data` from `index` on. */
  push(counter: number, data: SampleArray, index: number): Flag {
    let worst: Flag = GOOD
    for (const watched of this.#watched) {
      const { tests, axis, at } = watched
      watched.flag = tests.push(counter / this.#rate_hz, data[index + at]! * this.#scale)
      const sofar = worst
      worst = worstFlag(worst, watched.flag)
      if (worst === sofar) continue
      this.reason = tests.reason
      this.axis = axis
    }
    return worst
  }

  /** A sample that was judged before a restart and only warms up a mean: whether it can be at all. */
  possible(data: SampleArray, index: number): boolean {
    return this.#watched.every(({ tests, at }) => tests.possible(data[index + at]! * this.#scale))
  }

  /** Of the axis at `at`, of the newest sample. */
  flagOf(at: number): Flag {
    return this.#watched.find((watched) => watched.at === at)?.flag ?? GOOD
  }

  /** Tells the sensor-fault limits when an axis begins to fail, goes on failing, or no longer does. */
  tell(t_ns: Instant, always = false): void {
    for (const watched of this.#watched) {
      const failing = watched.flag === FAIL
      if (failing === watched.failing && !(always && failing)) continue
      watched.failing = failing
      // The value matters to no limit of this kind.
      this.#limits.observe(watched.channel, 0, watched.flag, t_ns)
    }
  }

  /** The device started anew: its counter tells another time. */
  reset(): void {
    this.restore(undefined)
  }

  restore(state: RingQualityState | undefined): void {
    for (const watched of this.#watched) watched.tests = this.#make(watched.axis, state?.[watched.axis])
  }

  state(): RingQualityState {
    return Object.fromEntries(this.#watched.map(({ axis, tests }) => [axis, tests.state()]))
  }
}
