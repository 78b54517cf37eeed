/**
 * Reads samples from a queue (function 24), which holds few and is not cleared by reading: what two reads have in common is
 * known by the counter in front. The header dates the samples, and is read about once a second. What becomes of the samples
 * is `ring-part.ts`.
 */
import { FIFO_COUNTER_REGISTERS, type Fifo } from '../domain/model.ts'
import { ModbusError, type ModbusReply } from '../domain/ports.ts'
import type { SampleArray } from '../domain/reading.ts'
import { secondsBetween } from '../domain/time.ts'
import { type PartContext, timeScale } from './part.ts'
import { registersOfSample, samplesFrom } from './ring.ts'
import { type HeaderRead, type Run, readHeader, type SampleReader } from './ring-reader.ts'

/** How long a header stands for those that come after it [s of the node's clock]. */
const HEADER_S = 1

type Queue = { readonly newest: number; readonly data: SampleArray; readonly received: ModbusReply['received'] }

export class FifoReader implements SampleReader {
  readonly #context: PartContext
  readonly #fifo: Fifo
  readonly rate_hz: number
  #header: HeaderRead | undefined
  /** Read in place of a header; its samples are those of this poll. */
  #queue: Queue | undefined

  constructor(context: PartContext, fifo: Fifo) {
    this.#context = context
    this.#fifo = fifo
    this.rate_hz = fifo.sample_rate_hz * timeScale(context)
  }

  async header(dated: boolean): Promise<HeaderRead> {
    this.#queue = undefined
    const last = this.#header
    if (!dated && last !== undefined && this.#stands(last)) {
      const queue = await this.#read()
      // A counter that went back is one of another start: only a header says which.
      if (queue.newest >= last.header.newest) {
        this.#queue = queue
        return { header: { ...last.header, newest: queue.newest }, estimate: undefined, received: queue.received }
      }
    }
    this.#header = undefined
    this.#header = await readHeader(this.#context, 'holding', this.#fifo.header_address, this.#fifo)
    return this.#header
  }

  async samples({ header }: HeaderRead, from: number): Promise<Run> {
    const { newest, data } = this.#queue ?? (await this.#read())
    const axes = this.#fifo.axes.length
    const held = data.length / axes
    // Fewer than the header had: the device started anew between the two.
    if (newest < header.newest) return { first: from, count: 0, data, error: undefined }
    const first = newest - held + 1
    const known = Math.min(held, Math.max(0, from - first))
    return { first: first + known, count: held - known, data: data.subarray(known * axes), error: undefined }
  }

  /**
   * A device that started anew counts from 0: as long as its counter is further on than a start could have come since the
   * header, it shows.
   */
  #stands({ header, received }: HeaderRead): boolean {
    const age_s = secondsBetween(this.#context.clock.monotonic(), received as ModbusReply['received'])
    return age_s < HEADER_S && header.newest > 2 * HEADER_S * this.rate_hz
  }

  async #read(): Promise<Queue> {
    const { link, placed } = this.#context
    const { pointer_address, axes, depth } = this.#fifo
    const { registers, received } = await link.readFifo(placed.device.unit_id, pointer_address)
    const values = registers.length - FIFO_COUNTER_REGISTERS
    const each = registersOfSample(this.#fifo)
    if (values < 0 || values % each !== 0 || values > depth * each)
      throw new ModbusError(
        'bad-reply',
        `queue ${pointer_address}: expected a counter and up to ${depth} samples of ${axes.length} axes, got ${registers.length} registers`,
      )
    const newest = registers[0]! * 0x1_0000 + registers[1]!
    return { newest, data: samplesFrom(registers.subarray(FIFO_COUNTER_REGISTERS), this.#fifo), received }
  }
}
