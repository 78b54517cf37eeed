/**
 * The ring (or queue) of a device: every poll takes what is new, gives each sample its instant, lets limits and measures see it at once,
 * and records whole blocks. What the ring no longer holds becomes a counted gap. A restart goes on after the last recorded
 * block. When to poll is `device-poll.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { isWideSampled, ringScale, type Sampled } from '../domain/model.ts'
import { ModbusError } from '../domain/ports.ts'
import type { Reason } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import { quantityOf, SI_UNIT } from '../domain/units.ts'
import { MEAN_S } from '../measures/pga.ts'
import type { PgvState } from '../measures/pgv.ts'
import { BlockCutter, type CutBlock, gridAtOrAfter } from './block-cutter.ts'
import { type ClockState, CounterClock, FIRST_READS } from './counter-clock.ts'
import type { RingQualityState } from './judging/ring-quality.ts'
import type { Alive, Part, PartContext, SampleTime } from './part.ts'
import { badReadings } from './quality.ts'
import { oldestHeld, type RingHeader } from './ring.ts'
import { RingMeasures } from './ring-measures.ts'
import type { HeaderRead, Run, SampleReader } from './ring-reader.ts'

/** Samples read again after a restart so that the mean is that of before: its window, and seconds that were not told yet. */
const WARM_UP_S = MEAN_S + 3

/** Kept after every block: where to go on, and the mapping of counters to instants. */
type Saved = {
  readonly boot_id: number
  readonly next_counter: number
  readonly t_ns: string
  readonly pga_s?: number
  readonly means?: readonly number[]
  readonly quality?: RingQualityState
  readonly velocity?: PgvState
}
/** Samples up to here are gone: `from_ns` is the instant of the first of them. */
type Lost = { readonly from_ns: Instant; readonly reason: Reason }

export class RingPart implements Part {
  readonly #context: PartContext
  readonly #ring: Sampled
  readonly #device: string
  readonly #reader: SampleReader
  readonly #measures: RingMeasures
  readonly #cutter: BlockCutter
  #clock: CounterClock
  #boot: number | undefined
  /** Next counter wanted; undefined until the first samples of a device start are there. */
  #next: number | undefined
  /** What has been read of this device start ends before this counter; the first block may begin after it. */
  #end: number | undefined
  #lost: Lost | undefined
  /** The next run begins earlier, to warm up the mean. */
  #warmUp = false
  /** Samples up to this counter may have been evaluated before a restart of this node. */
  #replayedTo = -1
  /** Newest counter that must not be taken: of the last header whose status word was not 0, or of the first good one after it. */
  #invalidTo = -1
  /** The newest header said that samples are invalid. */
  #distrusted = false
  /** What the run before this left, and where this one would go on. */
  readonly #saved: Saved | undefined
  #durable: Pick<Saved, 'boot_id' | 'next_counter' | 't_ns' | 'quality' | 'velocity'> | undefined

  constructor(context: PartContext, ring: Sampled, reader: SampleReader) {
    this.#context = context
    this.#ring = ring
    this.#device = context.placed.device.id
    this.#reader = reader
    this.#measures = new RingMeasures(context, ring)
    this.#cutter = new BlockCutter(ring.block_samples, ring.axes.length, isWideSampled(ring))
    this.#clock = new CounterClock(this.#reader.rate_hz)
    this.#saved = context.state.get(this.#key) as Saved | undefined
  }

  async poll(alive: Alive): Promise<void> {
    const read = await this.#observe()
    if (read.header.boot_id !== this.#boot) this.#begin(read)
    if (this.#end !== undefined && read.header.newest < this.#end - 1)
      throw new ModbusError(
        'bad-reply',
        `the counter went back from ${this.#end - 1} to ${read.header.newest} though the device did not restart`,
      )
    if (read.header.status !== 0) this.#invalid(read.header)
    // When it became valid again nobody knows; until the header that says so nothing is taken.
    if (this.#distrusted) this.#invalidTo = read.header.newest
    this.#distrusted = false
    for (let i = 1; i < FIRST_READS && !this.#clock.settled; i++) await this.#observe()
    if (!this.#clock.settled) return await alive()
    const run = await this.#reader.samples(read, this.#from(read.header))
    if (run.error !== undefined && run.count === 0) throw run.error
    await alive()
    this.#take(run)
    const replaying = this.#next !== undefined && this.#next <= this.#replayedTo
    this.#measures.tell(this.#clock.halfWidthAt(read.header.newest), replaying)
    if (!replaying) this.#replayedTo = -1
    this.#save()
    if (run.error !== undefined) throw run.error
  }

  failed(error: ModbusError, t_ns: Instant, first: boolean): void {
    const { channels } = this.#measures
    if (first && channels.length > 0)
      this.#context.recorder.readings(this.#device, { readings: badReadings(channels, error, t_ns) })
  }

  clockState(): ClockState | undefined {
    return this.#clock.state()
  }

  sampleTime(boot_id: number, counter: number): SampleTime | undefined {
    if (boot_id !== this.#boot || !this.#clock.settled || this.#end === undefined || counter >= this.#end)
      return undefined
    return { t_ns: this.#clock.timeOf(counter), half_width_ns: this.#clock.halfWidthAt(counter) }
  }

  get #key(): string {
    return `ring/${this.#device}`
  }

  async #observe(): Promise<HeaderRead> {
    const read = await this.#reader.header(this.#boot === undefined || !this.#clock.settled)
    // Another start has another time line; it gets its own clock in #begin.
    if (read.header.boot_id === this.#boot && read.estimate !== undefined) this.#clock.observe(read.estimate)
    return read
  }

  /** First header of this node's start, or of the device's: go on, or begin after what is gone. */
  #begin({ header, estimate }: HeaderRead): void {
    const saved = this.#boot === undefined ? this.#saved : undefined
    if (this.#next !== undefined) {
      this.#flush()
      this.#lost = { from_ns: this.#clock.timeOf(this.#next), reason: 'device-restart' }
      this.#context.log.warn('device started anew', { boot_id: header.boot_id, before: this.#boot })
    } else if (saved !== undefined && saved.boot_id !== header.boot_id)
      this.#lost = { from_ns: instant(BigInt(saved.t_ns)), reason: 'device-restart' }
    this.#boot = header.boot_id
    this.#next = undefined
    this.#end = undefined
    this.#invalidTo = -1
    this.#distrusted = false
    this.#clock = new CounterClock(this.#reader.rate_hz)
    if (estimate !== undefined) this.#clock.observe(estimate)
    this.#measures.reset()
    if (saved?.boot_id !== header.boot_id) return
    this.#next = saved.next_counter
    this.#end = saved.next_counter
    this.#warmUp = true
    this.#replayedTo = header.newest
    this.#clock.restore(saved.next_counter, instant(BigInt(saved.t_ns)))
    this.#measures.restore(saved.means, saved.pga_s, saved.quality, saved.velocity)
  }

  /** The device says that its samples are not to be trusted: they become a gap once it says that they are again. */
  #invalid(header: RingHeader): never {
    this.#invalidTo = header.newest
    this.#distrusted = true
    throw new ModbusError('status', `status word of the ring is ${header.status}`)
  }

  /** First counter to be read: the next wanted one that is still held; before it what warms up the mean. */
  #from(header: RingHeader): number {
    const oldest = oldestHeld(header)
    if (this.#next === undefined) return Math.max(oldest, this.#invalidTo + 1)
    const warmUp = this.#warmUp ? Math.ceil(WARM_UP_S * this.#ring.sample_rate_hz) : 0
    return Math.max(oldest, this.#invalidTo + 1, this.#next - warmUp)
  }

  #take(run: Run): void {
    if (run.count === 0) return
    const next = this.#openAt(run.first)
    const end = run.first + run.count
    this.#next = next
    this.#end = end
    this.#warmUp = false
    this.#measure(run, run.first, Math.min(next, end) - run.first)
    for (let counter = next; counter < end; ) {
      if (this.#cutter.empty) this.#startBlock(counter)
      const count = Math.min(end - counter, this.#cutter.room(counter))
      this.#measure(run, counter, count)
      const block = this.#cutter.push(counter, run.data, counter - run.first, count)
      counter += count
      this.#next = counter
      if (block !== undefined) this.#record(block)
    }
  }

  /** Where blocks go on with a run that begins at `first`; what lies between is a gap. */
  #openAt(first: number): number {
    const { sample_rate_hz, block_samples } = this.#ring
    if (this.#next === undefined) {
      const lost = this.#lost
      this.#lost = undefined
      if (lost === undefined) return gridAtOrAfter(first, block_samples)
      const to_ns = this.#clock.timeOf(first)
      const missing = Math.round((Number(to_ns - lost.from_ns) / 1e9) * this.#reader.rate_hz)
      this.#gap(lost.from_ns, to_ns, missing, lost.reason)
      return first
    }
    if (first <= this.#next) return this.#next
    const reason: Reason = this.#invalidTo >= this.#next ? 'status' : this.#replayedTo >= 0 ? 'edge-down' : 'overrun'
    this.#flush()
    const from_ns = this.#clock.timeOf(this.#next)
    this.#clock.letGo()
    this.#gap(from_ns, this.#clock.timeOf(first), first - this.#next, reason)
    this.#context.log.warn('samples are missing', { reason, missing: first - this.#next, of_hz: sample_rate_hz })
    return first
  }

  #gap(from_ns: Instant, to_ns: Instant, missing: number, reason: Reason): void {
    if (missing <= 0) return
    const end_ns = to_ns < from_ns ? from_ns : to_ns
    const channels = this.#ring.axes.map((axis) => channelId(this.#device, `${this.#ring.group}/${axis}`))
    this.#context.recorder.blockGap(this.#device, {
      channels,
      from_ns,
      to_ns: end_ns,
      expected: missing,
      missing,
      reason,
    })
    this.#measures.gap(from_ns, end_ns, reason)
  }

  #startBlock(counter: number): void {
    const stepped_ns = this.#clock.startBlock(counter)
    if (stepped_ns !== 0n)
      this.#context.log.warn('sample times follow a step of the clock', { step_ms: Number(stepped_ns / 1_000_000n) })
  }

  #measure(run: Run, counter: number, count: number): void {
    if (count <= 0) return
    const anchor = { counter: this.#next!, t_ns: this.#clock.timeOf(this.#next!) }
    const piece = {
      counter,
      data: run.data,
      at: counter - run.first,
      count,
      anchor: this.#clock.anchor ?? anchor,
      rate_hz: this.#reader.rate_hz,
    }
    this.#measures.take(piece, counter >= this.#next!, counter <= this.#replayedTo)
  }

  #flush(): void {
    const block = this.#cutter.flush()
    if (block !== undefined) this.#record(block)
  }

  #record({ first_counter, axes }: CutBlock): void {
    const ring = this.#ring
    this.#context.recorder.block({
      device: this.#device,
      group: ring.group,
      boot_id: this.#boot!,
      first_counter,
      t0_ns: this.#clock.timeOf(first_counter),
      half_width_ns: this.#clock.halfWidthAt(first_counter),
      sample_rate_hz: this.#reader.rate_hz,
      scale: ringScale(ring),
      unit: SI_UNIT[quantityOf(ring.unit)!],
      axes: axes.map((samples, i) => ({ axis: ring.axes[i]!, samples })),
    })
    const next_counter = first_counter + axes[0]!.length
    const { quality, velocity } = this.#measures
    const t_ns = String(this.#clock.timeOf(next_counter))
    this.#durable = {
      boot_id: this.#boot!,
      next_counter,
      t_ns,
      ...(quality && { quality }),
      ...(velocity && { velocity }),
    }
    this.#save()
  }

  #save(): void {
    if (this.#durable === undefined) return
    const { told_s, means } = this.#measures
    this.#context.state.set(this.#key, { ...this.#durable, pga_s: told_s, means } satisfies Saved)
  }
}
