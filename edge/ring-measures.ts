/**
 * Every sample of a ring, the moment it is read: limits on the axes, the running PGA and limits on it, and the PGA reading
 * of each whole second. Instants come from the caller's mapping; blocks are cut by `ring-part.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { isWideSampled, MEASURES, ringScale, type Sampled } from '../domain/model.ts'
import { FAIL, type Flag, GOOD, type Reason, type SampleArray } from '../domain/reading.ts'
import { type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { Pga } from '../measures/pga.ts'
import { RingQuality, type RingQualityState } from './judging/ring-quality.ts'
import type { WatchedLimit } from './limit-watch.ts'
import type { PartContext } from './part.ts'
import { PgaSeconds } from './pga-seconds.ts'

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
  /** Channel of the PGA, where the model has it. */
  readonly pgaChannel: string | undefined
  readonly #context: PartContext
  readonly #axes: number
  readonly #scale: number
  readonly #pga: Pga | undefined
  readonly #pgaLimits: readonly WatchedLimit[]
  readonly #axisLimits: ReadonlyArray<{ axis: number; limits: readonly WatchedLimit[] }>
  readonly #quality: RingQuality | undefined
  readonly #seconds: PgaSeconds
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
    const has = context.placed.model.measures?.includes('pga') && ring.group === MEASURES.pga.from
    this.pgaChannel = has ? channelId(id, 'pga') : undefined
    this.#pga = has ? new Pga(this.#axes, this.#scale, ring.sample_rate_hz, isWideSampled(ring)) : undefined
    this.#quality = RingQuality.of(context.placed, ring, context.limits)
    this.#seconds = new PgaSeconds(this.pgaChannel ?? '', ring.sample_rate_hz)
    this.#pgaLimits = this.pgaChannel === undefined ? [] : context.limits.on(this.pgaChannel)
    this.#axisLimits = ring.axes
      .map((axis, i) => ({ axis: i, limits: context.limits.on(channelId(id, `${ring.group}/${axis}`)) }))
      .filter(({ limits }) => limits.length > 0)
  }

  /**
   * @param judge false for samples from before the durable end of the ring: they only warm up the mean
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
      if (flag === FAIL) this.#pga?.skip(second)
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
      for (const { axis, limits } of this.#axisLimits) {
        const own = this.#quality?.flagOf(axis) ?? GOOD
        this.#evaluate(limits, data[index + axis]! * this.#scale, own, anchor.t_ns, offset_ns, grace_ns)
      }
    }
  }

  /** What quality control says of a sample; its second bears the blame. */
  #flagOf({ counter, data, at, anchor }: Piece, i: number, second: number, judge: boolean, offset_ns: number): Flag {
    const quality = this.#quality!
    const index = (at + i) * this.#axes
    if (!judge) return quality.possible(data, index) ? GOOD : FAIL
    const flag = quality.push(counter + i, data, index)
    if (flag !== GOOD) this.#seconds.blame(second, flag === FAIL, quality.reason, quality.axis)
    this.#judged_ns = instant(anchor.t_ns + BigInt(offset_ns))
    quality.tell(this.#judged_ns)
    return flag
  }

  /**
   * Once a poll: PGA readings of the seconds that are complete, and what the limits must keep.
   * @param replaying samples of before a restart are still being read again
   */
  tell(half_width_ns: bigint, replaying: boolean): void {
    for (const limit of this.#pgaLimits) limit.save()
    for (const { limits } of this.#axisLimits) for (const limit of limits) limit.save()
    if (this.#judged_ns !== undefined) this.#quality?.tell(this.#judged_ns, true)
    if (this.pgaChannel === undefined) return
    const skipTo_ns = Number.isFinite(this.#skipTo_s) ? BigInt(this.#skipTo_s) * NS_PER_S : undefined
    const whole = this.#seconds
      .readings(this.#pga!.take(), this.#now_s, half_width_ns)
      .filter(({ t_ns }) => skipTo_ns === undefined || t_ns > skipTo_ns)
    if (!replaying) this.#skipTo_s = Number.NEGATIVE_INFINITY
    if (whole.length === 0) return
    const { limits, recorder, placed } = this.#context
    const readings = limits.judge(whole)
    recorder.readings(placed.device.id, { readings })
    for (const { channel, value, flag, t_ns } of readings) limits.observe(channel, value, flag, t_ns)
    this.told_s = Number(readings.at(-1)!.t_ns / NS_PER_S)
  }

  /** Samples are missing: whole seconds of them are a gap of the PGA too. */
  gap(from_ns: Instant, to_ns: Instant, reason: Reason): void {
    this.#seconds.incomplete = reason
    this.#pga?.gap()
    const first = (from_ns + NS_PER_S - 1n) / NS_PER_S
    const missing = Number(to_ns / NS_PER_S - first)
    if (this.pgaChannel === undefined || missing <= 0) return
    const span = { from_ns: instant(first * NS_PER_S), to_ns: instant((to_ns / NS_PER_S) * NS_PER_S) }
    const gap = { channels: [this.pgaChannel], ...span, expected: missing, missing, reason }
    this.#context.recorder.readings(this.#context.placed.device.id, { readings: [], gaps: [gap] })
  }

  /** The device started anew: its offset may be another. */
  reset(): void {
    this.#pga?.reset()
    this.#quality?.reset()
    this.#seconds.reset()
  }

  /** As of the newest sample; the caller asks at a border of blocks. */
  get quality(): RingQualityState | undefined {
    return this.#quality?.state()
  }

  get means(): number[] | undefined {
    return this.#pga?.means
  }

  /** Before samples are read again: in the middle of a shaking the held mean is that of before. */
  restore(
    means: readonly number[] | undefined,
    told_s: number | undefined,
    quality: RingQualityState | undefined,
  ): void {
    this.#quality?.restore(quality)
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
