/**
 * An accelerometer whose newest samples stand in a FIFO queue (function 24): the queue as it is at an instant, and the
 * header that dates it. Reading does not clear the queue, so two reads overlap; the counter in front tells by how much.
 */
import { PlumblineError } from '../domain/errors.ts'
import { RING_HEADER_REGISTERS } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import { headerWords } from './accelerometer.ts'
import {
  type Boot,
  type DeviceIdentity,
  type Fault,
  ILLEGAL_DATA_ADDRESS,
  ILLEGAL_FUNCTION,
  type ModbusException,
  refuseFault,
  SERVER_DEVICE_BUSY,
  type SimulatedDevice,
  type Table,
} from './device.ts'
import { counterTime_ns, deviceTime_ns, instantOfDeviceTime, newestCounter } from './device-time.ts'
import { checkImperfections, driftedScale, type Imperfections, isStarting, jitter_ns, sensed } from './imperfections.ts'
import { u32Words } from './words.ts'
import { FIFO_MAX } from './writes.ts'

/**
 * Registers of the queue, oldest first: the u32 counter of its newest sample (high word first), then `depth` samples of
 * all axes as int16, the oldest first. The header has the layout of `Ring` (domain/model.ts), in holding registers.
 */
export type Fifo = {
  readonly pointer_address: number
  readonly header_address: number
  readonly axes: readonly string[]
  readonly sample_rate_hz: number
  /** Samples per axis in a full queue; with the counter at most 31 registers. */
  readonly depth: number
  /** Value of raw 32768, in the unit of the truth. */
  readonly full_scale: number
}

const COUNTER_REGISTERS = 2
const INT16 = { low: -32_768, high: 32_767 }

export type FifoDeviceOptions = DeviceIdentity & {
  readonly fifo: Fifo
  /** The truth on an axis at a device time [ns since boot], in the unit of `full_scale`. */
  readonly truth: (device_ns: bigint, axis: number) => number
  readonly imperfections: Imperfections
  /** Temperature of the case at a device time [°C]. */
  readonly temperature_c?: (device_ns: bigint) => number
}

export class FifoDevice implements SimulatedDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: DeviceIdentity['model']
  readonly fifo: Fifo
  readonly #options: FifoDeviceOptions
  readonly #time_scale: number
  readonly #rate_mhz: bigint
  #boot: Boot
  #fault: Fault = 'none'

  /** @throws PlumblineError USAGE for a queue that function 24 cannot carry or a sensor that cannot be */
  constructor(options: FifoDeviceOptions) {
    const { fifo } = options
    const registers = COUNTER_REGISTERS + fifo.depth * fifo.axes.length
    if (registers > FIFO_MAX)
      throw new PlumblineError(
        'USAGE',
        `${options.id}.fifo.depth: expected a queue of at most ${FIFO_MAX} registers (counter and samples), got ${registers}`,
      )
    this.id = options.id
    this.unit_id = options.unit_id
    this.model = options.model
    this.fifo = fifo
    this.#options = options
    this.#time_scale = driftedScale(options.time_scale, checkImperfections(options.imperfections, options.id))
    this.#rate_mhz = BigInt(Math.round(fifo.sample_rate_hz * 1000))
    this.#boot = options.boot
  }

  get boot(): Boot {
    return this.#boot
  }
  get fault(): Fault {
    return this.#fault
  }

  setFault(fault: Fault): void {
    if (fault === 'nan' || fault === 'invalid-code')
      refuseFault(this.id, fault, 'a fault that a queue of int16 can show (status, or one of the wire)')
    this.#fault = fault
  }

  restart(boot: Boot): void {
    this.#boot = boot
  }

  readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    const { header_address, axes, depth, sample_rate_hz } = this.fifo
    if (table !== 'holding') return { exception: ILLEGAL_FUNCTION }
    const from = address - header_address
    if (from < 0 || from + quantity > RING_HEADER_REGISTERS) return { exception: ILLEGAL_DATA_ADDRESS }
    const now_ns = this.#deviceTime(at)
    const newest = newestCounter(now_ns, this.#rate_mhz)
    const words = headerWords(
      { axes, depth, sample_rate_hz },
      {
        boot_id: this.#boot.id,
        newest_counter: Number(newest % 2n ** 32n),
        newest_us: counterTime_ns(newest, this.#rate_mhz) / 1000n,
        now_us: now_ns / 1000n,
        status: this.#fault === 'status' || isStarting(this.#options.imperfections, now_ns) ? 1 : 0,
      },
    )
    return Uint16Array.from(words.slice(from, from + quantity))
  }

  /** While it starts the device is busy (exception 6): it has no sample yet. */
  readFifo(address: number, at: Instant): Uint16Array | ModbusException {
    const { pointer_address, axes, depth } = this.fifo
    if (address !== pointer_address) return { exception: ILLEGAL_DATA_ADDRESS }
    const now_ns = this.#deviceTime(at)
    if (isStarting(this.#options.imperfections, now_ns)) return { exception: SERVER_DEVICE_BUSY }
    const newest = Number(newestCounter(now_ns, this.#rate_mhz))
    const words: number[] = u32Words(newest % 2 ** 32)
    for (let counter = Math.max(0, newest - depth + 1); counter <= newest; counter++)
      for (let axis = 0; axis < axes.length; axis++) words.push(this.rawSample(counter, axis) & 0xffff)
    return Uint16Array.from(words)
  }

  #deviceTime(at: Instant): bigint {
    return deviceTime_ns(this.#boot.at, at, this.#time_scale)
  }

  /** Truth for tests: counter of the newest sample at `at`. */
  newestCounter(at: Instant): number {
    return Number(newestCounter(this.#deviceTime(at), this.#rate_mhz))
  }

  /** Truth for tests: the instant at which the device's clock says that the sample is taken. */
  instantOfCounter(counter: number): Instant {
    return instantOfDeviceTime(this.#boot.at, counterTime_ns(BigInt(counter), this.#rate_mhz), this.#time_scale)
  }

  /** Raw value of this counter on one axis: the truth a jitter away from its grid instant, as the sensor gives it. */
  rawSample(counter: number, axis: number): number {
    const { imperfections, truth, temperature_c, fifo } = this.#options
    const late_ns = counterTime_ns(BigInt(counter), this.#rate_mhz) + jitter_ns(imperfections, counter)
    const taken_ns = late_ns > 0n ? late_ns : 0n
    const sample = { counter, channel: axis }
    const value = sensed(imperfections, truth(taken_ns, axis), sample, temperature_c?.(taken_ns))
    return Math.min(INT16.high, Math.max(INT16.low, Math.round((value / fifo.full_scale) * 32_768) + 0))
  }
}
