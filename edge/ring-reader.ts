/**
 * Reads a ring over the link: header with its instant, and runs of samples, of which nothing is given that the device may
 * have overwritten meanwhile. What becomes of the samples is `ring-part.ts`.
 */
import { isWideSampled, type RegisterTable, RING_HEADER_REGISTERS, type Ring, type Sampled } from '../domain/model.ts'
import { ModbusError } from '../domain/ports.ts'
import { type SampleArray, sampleArray } from '../domain/reading.ts'
import { instant, secondsBetween } from '../domain/time.ts'
import type { Estimate } from './counter-clock.ts'
import { midpoint, type PartContext, timeScale } from './part.ts'
import { decodeHeader, judgeHeader, planSampleReads, type RingHeader, type SampleRead, samplesFrom } from './ring.ts'

export type HeaderRead = {
  readonly header: RingHeader
  /** When the newest sample was taken; undefined where the counter came without the device's time. */
  readonly estimate: Estimate | undefined
  readonly received: bigint
}
/** Samples of all axes, interleaved, from counter `first` on without a hole. */
export type Run = {
  readonly first: number
  readonly count: number
  readonly data: SampleArray
  /** Why there are fewer than were asked. */
  readonly error: ModbusError | undefined
}

/** How samples are fetched, from a ring or from a queue. */
export interface SampleReader {
  /** Samples per second of the node's clock. */
  readonly rate_hz: number
  /**
   * @param dated the device's own time is needed too
   * @throws ModbusError; `bad-reply` where the header is not that of the model
   */
  header(dated: boolean): Promise<HeaderRead>
  /** The counters from `from` on that are still held. */
  samples(read: HeaderRead, from: number): Promise<Run>
}

/** Samples that may be overwritten while they are read: the one the device is just writing, and one for the rounding of time. */
const WRITING = 2

export class RingReader implements SampleReader {
  readonly #context: PartContext
  readonly #ring: Ring
  /** Samples per second of the node's clock. */
  readonly rate_hz: number

  constructor(context: PartContext, ring: Ring) {
    this.#context = context
    this.#ring = ring
    this.rate_hz = ring.sample_rate_hz * timeScale(context)
  }

  header(): Promise<HeaderRead> {
    return readHeader(this.#context, this.#ring.table, this.#ring.header_address, this.#ring)
  }

  /**
   * The counters [from, header.newest]. Where reading them took so long that some may have been overwritten, the run begins
   * later; where the line failed on the way, it ends earlier and says why.
   */
  async samples({ header, received }: HeaderRead, from: number): Promise<Run> {
    const plan = planSampleReads(this.#ring, from, header.newest, this.#context.placed.model.max_registers)
    const { data, count, error } = await this.#readAll(plan, header.newest - from + 1)
    const passed = secondsBetween(this.#context.clock.monotonic() as never, received as never) * this.rate_hz
    let newest = header.newest + Math.ceil(passed)
    if (newest - from >= header.depth / 2 && error === undefined) {
      const after = (await this.header()).header
      if (after.boot_id !== header.boot_id) return { first: from, count: 0, data, error: undefined }
      newest = after.newest
    }
    const lost = Math.min(count, Math.max(0, newest - header.depth + WRITING - from))
    const axes = this.#ring.axes.length
    return { first: from + lost, count: count - lost, data: data.subarray(lost * axes, count * axes), error }
  }

  async #readAll(
    plan: readonly SampleRead[],
    most: number,
  ): Promise<{ data: SampleArray; count: number; error?: ModbusError }> {
    const { link, placed } = this.#context
    const axes = this.#ring.axes.length
    const data = sampleArray(isWideSampled(this.#ring), most * axes)
    let count = 0
    for (const { address, quantity, count: samples } of plan) {
      try {
        const reply = await link.readRegisters(placed.device.unit_id, this.#ring.table, address, quantity)
        data.set(samplesFrom(reply.registers, this.#ring), count * axes)
      } catch (error) {
        if (!(error instanceof ModbusError)) throw error
        return { data, count, error }
      }
      count += samples
    }
    return { data, count }
  }
}

/** Reads and judges the header of a ring or a queue. */
export async function readHeader(
  context: PartContext,
  table: RegisterTable,
  address: number,
  sampled: Sampled,
): Promise<HeaderRead> {
  const { link, clock, placed } = context
  const reply = await link.readRegisters(placed.device.unit_id, table, address, RING_HEADER_REGISTERS)
  const header = decodeHeader(reply.registers)
  const wrong = judgeHeader(header, sampled)
  if (wrong !== undefined) throw new ModbusError('bad-reply', wrong)
  const { t_ns, half_width_ns } = midpoint(clock, reply)
  const age_ns = BigInt(Math.round((Number(header.now_us - header.newest_us) * 1e3) / timeScale(context)))
  const estimate: Estimate = { counter: header.newest, t_ns: instant(t_ns - age_ns), half_width_ns }
  return { header, estimate, received: reply.received }
}
