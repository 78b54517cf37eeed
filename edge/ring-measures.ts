/**
 * Every sample of a ring, the moment it is read: limits on the axes, the running PGA and PGV and limits on them, their readings
 * of each whole second, and the natural frequency. Instants come from the caller's mapping; blocks are cut by `ring-part.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { isWideSampled, MEASURES, type Measure, ringScale, type Sampled } from '../domain/model.ts'
import {
  FAIL,
  type Flag,
  GOOD,
  type Reading,
  type Reason,
  type SampleArray,
  SUSPECT,
  worstFlag,
} from '../domain/reading.ts'
import { type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { Pga } from '../measures/pga.ts'
import { Pgv, type PgvState } from '../measures/pgv.ts'
import { FrequencyChannel } from './frequency-channel.ts'
import { RingQuality, type RingQualityState } from './judging/ring-quality.ts'
import type { WatchedLimit } from './limit-watch.ts'
import type { PartContext } from './part.ts'
import { SecondReadings } from './second-readings.ts'

/** Samples as they lie in a run, and the mapping of counters to instants that their block will carry. */
export type Piece = {
  readonly counter: number
  readonly data: SampleArray
  /** Index of the first sample in `data`, and how many. */
  readonly at: number
  readonly count: number
  readonly anchor: { readonly counter: number; readonly t_ns: Instant }
  readonly rate_hz: number
}

export class RingMeasures {
  /** Channels of the measures that have a reading for each second. */
  readonly channels: readonly string[]
  readonly #context: PartContext
  readonly #axes: number
  readonly #scale: number
  readonly #pga: Pga | undefined
  readonly #pgaLimits: readonly WatchedLimit[]
  readonly #pgv: Pgv | undefined
  readonly #pgvLimits: readonly WatchedLimit[]
  readonly #frequency: FrequencyChannel | undefined
  readonly #axisLimits: ReadonlyArray<{ axis: number; limits: readonly WatchedLimit[] }>
  readonly #quality: RingQuality | undefined
  readonly #pgaSeconds: SecondReadings
  readonly #pgvSeconds: SecondReadings
  /** Second of the newest sample. */
  #now_s = Number.NEGATIVE_INFINITY
  /** Instant of the newest sample that was judged. */
  #judged_ns: Instant | undefined
  /** Newest second told. */
  told_s: number | undefined
  /** Seconds up to this one were told before a restart, and their samples are being read again. */
  #skipTo_s = Number.NEGATIVE_INFINITY

  constructor(context: PartContext, ring: Sampled) {
    const { id } = context.placed.device
    this.#context = context
    this.#axes = ring.axes.length
    this.#scale = ringScale(ring)
    const has = (measure: Measure) =>
      context.placed.model.measures?.includes(measure) === true && ring.group === MEASURES[measure].from
    const [pga, pgv] = [channelId(id, 'pga'), channelId(id, 'pgv')]
    this.channels = [...(has('pga') ? [pga] : []), ...(has('pgv') ? [pgv] : [])]
    this.#pga = has('pga') ? new Pga(this.#axes, this.#scale, ring.sample_rate_hz, isWideSampled(ring)) : undefined
    this.#pgv = has('pgv') ? new Pgv(this.#axes, this.#scale, ring.sample_rate_hz) : undefined
    this.#frequency = has('natural_frequency') ? new FrequencyChannel(context, ring) : undefined
    this.#quality = RingQuality.of(context.placed, ring, context.limits)
    this.#pgaSeconds = new SecondReadings(pga, ring.sample_rate_hz)
    this.#pgvSeconds = new SecondReadings(pgv, ring.sample_rate_hz)
    this.#pgaLimits = this.#pga === undefined ? [] : context.limits.on(pga)
    this.#pgvLimits = this.#pgv === undefined ? [] : context.limits.on(pgv)
    this.#axisLimits = ring.axes
      .map((axis, i) => ({ axis: i, limits: context.limits.on(channelId(id, `${ring.group}/${axis}`)) }))
      .filter(({ limits }) => limits.length > 0)
  }

  /**
   * @param judge false for samples from before the durable end of the ring: they only warm up the mean, the filters of the
   *   PGV stand where that end is
   * @param replayed samples may have been evaluated before a restart: a limit skips those up to its last transition
   */
  take(piece: Piece, judge: boolean, replayed: boolean): void {
    const { data, at, count, anchor, rate_hz } = piece
    const base_s = Number(anchor.t_ns / NS_PER_S)
    const rest_ns = Number(anchor.t_ns % NS_PER_S)
    const k = piece.counter - anchor.counter
    // A re-read sample may have moved by the slew, far less than half a sample.
    const grace_ns = replayed ? BigInt(Math.round(0.5e9 / rate_hz)) : undefined
    let hold = this.#pgaLimits.some((limit) => limit.raised)
    for (let i = 0; i < count; i++) {
      const offset_ns = Math.round(((k + i) * 1e9) / rate_hz)
      const index = (at + i) * this.#axes
      const second = base_s + Math.floor((rest_ns + offset_ns) / 1e9)
      const flag = this.#quality === undefined ? GOOD : this.#flagOf(piece, i, second, judge, offset_ns)
      if (flag === FAIL) this.#skip(second, judge)
      else if (this.#pga !== undefined) {
        const value = this.#pga.push(data, index, second, hold)
        if (
          judge &&
          value !== undefined &&
          this.#evaluate(this.#pgaLimits, value, flag, anchor.t_ns, offset_ns, grace_ns)
        )
          hold = this.#pgaLimits.some((limit) => limit.raised)
      }
      this.#now_s = second
      if (!judge) continue
      if (flag !== FAIL) {
        const velocity = this.#pgv?.push(data, index, second)
        if (velocity !== undefined && this.#pgvLimits.length > 0) {
          const sure = this.#pgv!.settled ? flag : worstFlag(flag, SUSPECT)
          this.#evaluate(this.#pgvLimits, velocity, sure, anchor.t_ns, offset_ns, grace_ns)
        }
        this.#frequency?.push(data, index, second)
      }
      for (const { axis, limits } of this.#axisLimits) {
        const own = this.#quality?.flagOf(axis) ?? GOOD
        this.#evaluate(limits, data[index + axis]! * this.#scale, own, anchor.t_ns, offset_ns, grace_ns)
      }
    }
  }

  #skip(second: number, judge: boolean): void {
    this.#pga?.skip(second)
    if (!judge) return
    this.#pgv?.skip(second)
    this.#frequency?.gap()
  }

  /** What quality control says of a sample; its second bears the blame. */
  #flagOf({ counter, data, at, anchor }: Piece, i: number, second: number, judge: boolean, offset_ns: number): Flag {
    const quality = this.#quality!
    const index = (at + i) * this.#axes
    if (!judge) return quality.possible(data, index) ? GOOD : FAIL
    const flag = quality.push(counter + i, data, index)
    if (flag !== GOOD)
      for (const seconds of [this.#pgaSeconds, this.#pgvSeconds])
        seconds.blame(second, flag === FAIL, quality.reason, quality.axis)
    this.#judged_ns = instant(anchor.t_ns + BigInt(offset_ns))
    quality.tell(this.#judged_ns)
    return flag
  }

  /**
   * Once a poll: readings of the seconds that are complete, and what the limits must keep.
   * @param replaying samples of before a restart are still being read again
   */
  tell(half_width_ns: bigint, replaying: boolean): void {
    for (const limit of this.#pgaLimits) limit.save()
    for (const limit of this.#pgvLimits) limit.save()
    for (const { limits } of this.#axisLimits) for (const limit of limits) limit.save()
    if (this.#judged_ns !== undefined) this.#quality?.tell(this.#judged_ns, true)
    const whole = this.#untold(this.#whole(half_width_ns))
    if (!replaying) this.#skipTo_s = Number.NEGATIVE_INFINITY
    const slow = this.#frequency?.readings(half_width_ns) ?? []
    if (whole.length + slow.length === 0) return
    const { limits, recorder, placed } = this.#context
    const readings = limits.judge([...whole, ...slow])
    recorder.readings(placed.device.id, { readings })
    for (const { channel, value, flag, t_ns } of readings) {
      if (channel === this.#frequency?.channel) limits.evaluate(channel, value, flag, t_ns)
      else {
        limits.observe(channel, value, flag, t_ns)
        this.told_s = Math.max(this.told_s ?? Number.NEGATIVE_INFINITY, Number(t_ns / NS_PER_S))
      }
    }
  }

  #untold(whole: readonly Reading[]): readonly Reading[] {
    if (whole.length === 0 || !Number.isFinite(this.#skipTo_s)) return whole
    const skipTo_ns = BigInt(this.#skipTo_s) * NS_PER_S
    return whole.filter(({ t_ns }) => t_ns > skipTo_ns)
  }

  /** Readings of the seconds that have become whole. */
  #whole(half_width_ns: bigint): Reading[] {
    const out: Reading[] = []
    if (this.#pga !== undefined) {
      const seconds = this.#pga.take().map(({ pga_m_s2, ...second }) => ({ ...second, value: pga_m_s2 }))
      out.push(...this.#pgaSeconds.readings(seconds, this.#now_s, half_width_ns))
    }
    if (this.#pgv !== undefined) {
      const seconds = this.#pgv.take().map(({ peak, ...second }) => ({ ...second, value: peak }))
      out.push(...this.#pgvSeconds.readings(seconds, this.#now_s, half_width_ns))
    }
    return out
  }

  /** Samples are missing: whole seconds of them are a gap of PGA and PGV too. */
  gap(from_ns: Instant, to_ns: Instant, reason: Reason): void {
    for (const seconds of [this.#pgaSeconds, this.#pgvSeconds]) seconds.incomplete = reason
    this.#pga?.gap()
    this.#pgv?.gap()
    this.#frequency?.gap()
    const first = (from_ns + NS_PER_S - 1n) / NS_PER_S
    const missing = Number(to_ns / NS_PER_S - first)
    if (this.channels.length === 0 || missing <= 0) return
    const span = { from_ns: instant(first * NS_PER_S), to_ns: instant((to_ns / NS_PER_S) * NS_PER_S) }
    const gap = { channels: this.channels, ...span, expected: missing, missing, reason }
    this.#context.recorder.readings(this.#context.placed.device.id, { readings: [], gaps: [gap] })
  }

  /** The device started anew: its offset may be another. */
  reset(): void {
    this.#pga?.reset()
    this.#pgv?.reset()
    this.#frequency?.gap()
    this.#quality?.reset()
    for (const seconds of [this.#pgaSeconds, this.#pgvSeconds]) seconds.reset()
  }

  /** As of the newest sample; the caller asks at a border of blocks. */
  get quality(): RingQualityState | undefined {
    return this.#quality?.state()
  }

  get means(): number[] | undefined {
    return this.#pga?.means
  }

  /** As of the newest sample; the caller asks at a border of blocks. */
  get velocity(): PgvState | undefined {
    return this.#pgv?.state()
  }

  /** Before samples are read again: in the middle of a shaking the held mean is that of before. */
  restore(
    means: readonly number[] | undefined,
    told_s: number | undefined,
    quality: RingQualityState | undefined,
    velocity: PgvState | undefined,
  ): void {
    this.#quality?.restore(quality)
    if (velocity !== undefined) this.#pgv?.restore(velocity)
    if (this.#pga !== undefined && this.#pgaLimits.some((limit) => limit.raised)) this.#pga.means = means
    this.told_s = told_s
    if (told_s !== undefined) this.#skipTo_s = told_s
  }

  /** @returns whether any limit looked at the sample */
  #evaluate(
    limits: readonly WatchedLimit[],
    value: number,
    flag: Flag,
    from_ns: Instant,
    offset_ns: number,
    grace_ns: bigint | undefined,
  ): boolean {
    let looked = false
    for (const limit of limits) {
      if (limit.quiet(value)) continue
      const t_ns = instant(from_ns + BigInt(offset_ns))
      if (grace_ns !== undefined && limit.told_ns !== undefined && t_ns <= limit.told_ns + grace_ns) continue
      limit.evaluate(value, flag, t_ns)
      looked = true
    }
    return looked
  }
}
