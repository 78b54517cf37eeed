/**
 * What is known now of each channel, and how fast a stage has risen over the last ten minutes: the range from which the time to
 * the next level is told. Pure; readings are handed in as they come.
 */
import type { ReadingJson } from '../../domain/api.ts'
import { channelsOf, devicesOf, type Site, timeScaleOf } from '../../domain/channel.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Known } from './message.ts'

const SPAN_NS = 600_000_000_000n
/** Rates kept of one channel: one each five seconds. */
const STEP_NS = 5_000_000_000n
/** What is older is not known now. */
const OLD_NS = 120_000_000_000n
const RATE = 'rate_of_rise'

type Rate = { readonly t_ns: bigint; readonly value: number }

export class RateMemory {
  readonly #units: ReadonlyMap<string, string>
  readonly #scale: ReadonlyMap<string, number>
  readonly #newest = new Map<string, ReadingJson>()
  readonly #rates = new Map<string, Rate[]>()

  constructor(site: Site) {
    this.#units = new Map(channelsOf(site).map(({ id, unit }) => [id, unit]))
    this.#scale = new Map(devicesOf(site).map(({ device }) => [device.id, timeScaleOf(device)]))
  }

  observe(readings: readonly ReadingJson[]): void {
    for (const reading of readings) {
      this.#newest.set(reading.channel, reading)
      if (splitChannel(reading.channel).metric === RATE) this.#rate(reading)
    }
  }

  #rate({ channel, value, t_ns }: ReadingJson): void {
    const t = BigInt(t_ns)
    if (value === null) {
      // A gap in what is known: nothing is told of the time to a level until it is known again for a while.
      this.#rates.delete(channel)
      return
    }
    const known = this.#rates.get(channel) ?? []
    const last = known.at(-1)
    const kept = known.filter((rate) => t - rate.t_ns < SPAN_NS && rate.t_ns <= t)
    if (last === undefined || t - last.t_ns >= STEP_NS || last.t_ns > t) kept.push({ t_ns: t, value })
    this.#rates.set(channel, kept)
  }

  /** `undefined` where there is no good value that is recent. */
  known(channel: string, now: Instant): Known | undefined {
    const reading = this.#newest.get(channel)
    if (reading === undefined || reading.value === null || reading.flag >= 4 || reading.flag === 3) return undefined
    if (now - BigInt(reading.t_ns) > OLD_NS) return undefined
    const { device } = splitChannel(channel)
    // The shadow of a drill measures what its real device does.
    const real = splitShadow(device)?.id ?? device
    const newest = this.#newest.get(channelId(device, RATE))
    const rates = (this.#rates.get(channelId(device, RATE)) ?? []).map(({ value }) => value)
    const unit = this.#units.get(channelId(real, splitChannel(channel).metric)) ?? ''
    const isStage = splitChannel(channel).metric !== RATE && unit === 'm'
    const rate =
      !isStage || rates.length === 0 || newest?.value == null
        ? null
        : {
            least: Math.min(newest.value, ...rates),
            greatest: Math.max(newest.value, ...rates),
            newest: newest.value,
          }
    return { value: reading.value, t_ns: reading.t_ns, unit, rate, time_scale: this.#scale.get(real) ?? 1 }
  }
}
