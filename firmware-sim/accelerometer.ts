/**
 * A strong-motion accelerometer with a sample ring: what each register holds at an instant. The recording is played sample
 * for sample at its own rate, quantised as the sensor's converter does; links and faults on the wire are left to others.
 *
 * Device time counts from the device's boot (0 at boot). All registers of one request are latched at one instant.
 */
import { RING_HEADER_REGISTERS, type Ring, ringScale } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import {
  type Boot,
  type DeviceIdentity,
  type Fault,
  ILLEGAL_DATA_ADDRESS,
  ILLEGAL_FUNCTION,
  type ModbusException,
  refuseFault,
  type SimulatedDevice,
  type Table,
} from './device.ts'
import { counterTime_ns, deviceTime_ns, instantOfDeviceTime, newestCounter } from './device-time.ts'
import { checkImperfections, driftedScale, type Imperfections, isStarting, jitter_ns, sensed } from './imperfections.ts'
import { quietStep, seedOf } from './noise.ts'
import { type Rounds, sampleOfRound } from './play.ts'
import { u32Words, u64Words } from './words.ts'

/** The header's counter is a u32 and wraps (at 100 Hz after 497 days). */
const COUNTERS = 2 ** 32

/** Raw value of an acceleration [m/s²]: the nearest step, held at full scale beyond it. */
export const quantise = (value_m_s2: number, ring: Ring): number =>
  Math.min(32_767, Math.max(-32_768, Math.round(value_m_s2 / ringScale(ring)) + 0))

/** Header registers 0-17 of `Ring` (domain/model.ts) from their fields. */
export function headerWords(ring: RingShape, fields: HeaderFields): number[] {
  return [
    ...u32Words(fields.boot_id),
    ...u32Words(fields.newest_counter),
    ...u64Words(fields.newest_us),
    ...u64Words(fields.now_us),
    ...u32Words(Math.round(ring.sample_rate_hz * 1000)),
    ...u32Words(ring.depth),
    ring.axes.length,
    fields.status,
  ]
}
export type RingShape = Pick<Ring, 'sample_rate_hz' | 'depth'> & { readonly axes: readonly string[] }
export type HeaderFields = {
  readonly boot_id: number
  readonly newest_counter: number
  readonly newest_us: bigint
  readonly now_us: bigint
  readonly status: number
}

export type AccelerometerOptions = DeviceIdentity & {
  readonly ring: Ring
  /** m/s², one array per axis of the ring, in its order; exactly what is played, already cut. */
  readonly record: readonly Float64Array[]
  /** In samples. */
  readonly rounds: Rounds<number>
  /** In m/s²; default a perfect sensor. */
  readonly imperfections?: Imperfections
}

export class Accelerometer implements SimulatedDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: DeviceIdentity['model']
  readonly ring: Ring
  readonly rounds: Rounds<number>
  readonly #time_scale: number
  readonly #rate_mhz: bigint
  readonly #seed: number
  readonly #imperfections: Imperfections | undefined
  /** m/s², one array per axis. */
  readonly #record: readonly Float64Array[]
  /** Quantised record, one array per axis: what a perfect sensor reads. */
  readonly #steps: readonly Int16Array[]
  #boot: Boot
  #fault: Fault = 'none'

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: AccelerometerOptions) {
    const { imperfections } = options
    this.id = options.id
    this.unit_id = options.unit_id
    this.model = options.model
    this.ring = options.ring
    this.rounds = options.rounds
    this.#imperfections = imperfections && checkImperfections(imperfections, options.id)
    this.#time_scale = imperfections ? driftedScale(options.time_scale, imperfections) : options.time_scale
    this.#record = options.record
    this.#rate_mhz = BigInt(Math.round(options.ring.sample_rate_hz * 1000))
    this.#seed = seedOf(options.id)
    this.#steps = options.record.map((axis) => Int16Array.from(axis, (value) => quantise(value, options.ring)))
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
      refuseFault(this.id, fault, 'a fault that a ring of int16 can show (status, or one of the wire)')
    this.#fault = fault
  }

  restart(boot: Boot): void {
    this.#boot = boot
  }

  readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    const { ring } = this
    if (table !== ring.table) return { exception: ILLEGAL_FUNCTION }
    const end = address + quantity
    if (address >= ring.header_address && end <= ring.header_address + RING_HEADER_REGISTERS)
      return Uint16Array.from(this.#header(at).slice(address - ring.header_address, end - ring.header_address))
    if (address >= ring.samples_address && end <= ring.samples_address + ring.depth * ring.axes.length)
      return this.#samples(address - ring.samples_address, quantity, this.newestCounter(at))
    return { exception: ILLEGAL_DATA_ADDRESS }
  }

  #header(at: Instant): number[] {
    const now_ns = deviceTime_ns(this.#boot.at, at, this.#time_scale)
    const newest = newestCounter(now_ns, this.#rate_mhz)
    return headerWords(this.ring, {
      boot_id: this.#boot.id,
      newest_counter: Number(newest % BigInt(COUNTERS)),
      newest_us: counterTime_ns(newest, this.#rate_mhz) / 1000n,
      now_us: now_ns / 1000n,
      status: this.#fault === 'status' || this.#isStarting(now_ns) ? 1 : 0,
    })
  }

  #samples(offset: number, quantity: number, newest: number): Uint16Array {
    const axes = this.ring.axes.length
    const out = new Uint16Array(quantity)
    for (let i = 0; i < quantity; i++) {
      const slot = Math.floor((offset + i) / axes)
      const counter = counterInSlot(slot, newest, this.ring.depth)
      out[i] = counter === undefined ? 0 : this.rawSample(counter, (offset + i) % axes)
    }
    return out
  }

  /** Truth for tests: counter of the newest sample at `at` (samples since boot, never wrapped). */
  newestCounter(at: Instant): number {
    return Number(newestCounter(deviceTime_ns(this.#boot.at, at, this.#time_scale), this.#rate_mhz))
  }

  /** Truth for tests: the instant at which the sample of this counter is taken. */
  instantOfCounter(counter: number): Instant {
    return instantOfDeviceTime(this.#boot.at, counterTime_ns(BigInt(counter), this.#rate_mhz), this.#time_scale)
  }

  /** Truth for tests: raw value of this counter on one axis; 0 while the sensor starts. */
  rawSample(counter: number, axis: number): number {
    const imperfections = this.#imperfections
    if (imperfections !== undefined) return this.#sensedStep(imperfections, counter, axis)
    const played = sampleOfRound(this.rounds, counter)
    return played === undefined ? quietStep(this.#seed, counter, axis) : this.#steps[axis]![played.k]!
  }

  #sensedStep(imperfections: Imperfections, counter: number, axis: number): number {
    if (this.#isStarting(counterTime_ns(BigInt(counter), this.#rate_mhz))) return 0
    // Between two samples of the record the motion is taken as straight: all that the record tells.
    const late = (Number(jitter_ns(imperfections, counter)) * this.ring.sample_rate_hz) / 1e9
    const before = counter + Math.floor(late)
    const part = late - Math.floor(late)
    const here = this.#motion_m_s2(before, axis)
    const truth = part === 0 ? here : here + part * (this.#motion_m_s2(before + 1, axis) - here)
    return quantise(sensed(imperfections, truth, { counter, channel: axis }), this.ring)
  }

  #motion_m_s2(counter: number, axis: number): number {
    const at = Math.max(0, counter)
    const played = sampleOfRound(this.rounds, at)
    return played === undefined
      ? quietStep(this.#seed, at, axis) * ringScale(this.ring)
      : this.#record[axis]![played.k]!
  }

  #isStarting(device_ns: bigint): boolean {
    return this.#imperfections !== undefined && isStarting(this.#imperfections, device_ns)
  }

  /** Truth for tests: counter that carries sample `k` of the cut record in a round (0 first). */
  counterOfRecord(k: number, round = 0): number {
    return this.rounds.lead + round * (this.rounds.play + this.rounds.quiet) + k
  }
}

/** The newest counter not above `newest` that stands in a slot; `undefined` where nothing was ever written. */
export function counterInSlot(slot: number, newest: number, depth: number): number | undefined {
  const shown = newest % COUNTERS
  const back = (from: number): number => from - ((((from - slot) % depth) + depth) % depth)
  const here = back(shown)
  if (here >= 0) return newest - shown + here
  return newest < COUNTERS ? undefined : newest - shown - COUNTERS + back(COUNTERS - 1)
}
