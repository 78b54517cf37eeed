/**
 * An accelerometer whose newest samples stand in a FIFO queue (function 24): the queue as it is at an instant, and the
 * header that dates it. Reading does not clear the queue, so two reads overlap; the counter in front tells by how much.
 */
import { PlumblineError } from '../domain/errors.ts'
import {
  FIFO_COUNTER_REGISTERS,
  FIFO_REGISTERS_MAX,
  type Fifo,
  RING_HEADER_REGISTERS,
  sampleWords,
} from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import { ILLEGAL_DATA_ADDRESS, type ModbusException, SERVER_DEVICE_BUSY, type Table } from './device.ts'
import { COUNTERS, Sampler, type SamplerOptions, sampleWordsOf } from './sampler.ts'
import { u32Words } from './words.ts'

/** Layout of queue and header: `Fifo` in domain/model.ts. */
export type FifoDeviceOptions = Omit<SamplerOptions, 'sampled'> & { readonly fifo: Fifo }

export class FifoDevice extends Sampler {
  readonly fifo: Fifo

  /** @throws PlumblineError USAGE for a queue that function 24 cannot carry or a sensor that cannot be */
  constructor(options: FifoDeviceOptions) {
    const { fifo } = options
    const registers = FIFO_COUNTER_REGISTERS + fifo.depth * fifo.axes.length * sampleWords(fifo)
    if (registers > FIFO_REGISTERS_MAX)
      throw new PlumblineError(
        'USAGE',
        `${options.id}.fifo.depth: expected a queue of at most ${FIFO_REGISTERS_MAX} registers (counter and samples), got ${registers}`,
      )
    super({ ...options, sampled: fifo })
    this.fifo = fifo
  }

  override readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    if (table !== 'holding') return super.readRegisters(table, address, quantity, at)
    const from = address - this.fifo.header_address
    return from >= 0 && from + quantity <= RING_HEADER_REGISTERS
      ? this.header(from, quantity, at)
      : this.beside(table, address, quantity, at)
  }

  /** While it starts the device is busy (exception 6): it has no sample yet. */
  readFifo(address: number, at: Instant): Uint16Array | ModbusException {
    const { pointer_address, axes, depth } = this.fifo
    if (address !== pointer_address) return { exception: ILLEGAL_DATA_ADDRESS }
    if (this.isStarting(this.deviceTime_ns(at))) return { exception: SERVER_DEVICE_BUSY }
    const newest = this.newestCounter(at)
    const words: number[] = u32Words(newest % COUNTERS)
    for (let counter = Math.max(0, newest - depth + 1); counter <= newest; counter++)
      for (let axis = 0; axis < axes.length; axis++)
        words.push(...sampleWordsOf(this.rawSample(counter, axis), this.fifo))
    return Uint16Array.from(words)
  }
}
