/**
 * What all simulated devices have in common: identity, boot, one fault at a time, and the points of their register map. What
 * the points show and what else stands in the registers is each device's own.
 */
import type { ScalarPoint } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import {
  type Boot,
  type DeviceIdentity,
  type Fault,
  isException,
  type ModbusException,
  type PlayableDevice,
  refuseFault,
  type SimulatedDevice,
  type Table,
} from './device.ts'
import { deviceTime_ns } from './device-time.ts'
import { checkImperfections, driftedScale, type Imperfections, isStarting } from './imperfections.ts'
import { PointTables } from './point-tables.ts'
import type { Program } from './program.ts'
import { restlessValue, steadyValue } from './steady.ts'

export type PointDeviceOptions = DeviceIdentity & {
  /** Default a perfect sensor. */
  readonly imperfections?: Imperfections | undefined
}

export abstract class PointDevice implements PlayableDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: DeviceIdentity['model']
  /** Only where the map has something to write, so that a device without refuses the function itself. */
  readonly writeRegisters?: SimulatedDevice['writeRegisters']
  readonly readBits?: SimulatedDevice['readBits']
  readonly writeCoils?: SimulatedDevice['writeCoils']
  protected readonly tables: PointTables
  protected readonly imperfections: Imperfections | undefined
  /** Device seconds per real second, as told and as the clock really runs. */
  protected readonly told_scale: number
  protected readonly time_scale: number
  readonly #steady: readonly number[]
  #boot: Boot
  #fault: Fault = 'none'

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: PointDeviceOptions) {
    const { id, model, imperfections, time_scale } = options
    this.id = id
    this.unit_id = options.unit_id
    this.model = model
    this.tables = new PointTables(model, id)
    this.imperfections = imperfections && checkImperfections(imperfections, id)
    this.told_scale = time_scale
    this.time_scale = imperfections ? driftedScale(time_scale, imperfections) : time_scale
    this.#steady = this.tables.points.map(steadyValue)
    this.#boot = options.boot
    const { tables } = this
    if (tables.has('coil', 'discrete'))
      this.readBits = (table, address, quantity, at) => {
        const bits = tables.read(table, address, quantity, this.#fault, this.#shownAt(at))
        return isException(bits) ? bits : Uint8Array.from(bits)
      }
    if (tables.canWrite('holding'))
      this.writeRegisters = (address, values, at) => tables.write('holding', address, values, this.#shownAt(at))
    if (tables.canWrite('coil'))
      this.writeCoils = (address, bits, at) => tables.write('coil', address, bits, this.#shownAt(at))
  }

  get boot(): Boot {
    return this.#boot
  }
  get fault(): Fault {
    return this.#fault
  }

  setFault(fault: Fault): void {
    const needed = this.cannotShow(fault)
    if (needed !== undefined) refuseFault(this.id, fault, needed)
    this.#fault = fault
  }

  restart(boot: Boot): void {
    this.#boot = boot
    this.tables.forget()
  }

  readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    return this.tables.read(table, address, quantity, this.#fault, this.#shownAt(at))
  }

  abstract play(program: Program | undefined, at: Instant): void

  /** What a device with this fault would need to have; `undefined` where it can show it. */
  protected cannotShow(fault: Fault): string | undefined {
    return this.tables.cannotShow(fault)
  }

  /** SI value that drives a point at an instant, before the sensor; `undefined` = nothing drives it, it holds steady. */
  protected abstract driven(point: ScalarPoint, channel: number, at: Instant): number | undefined

  /** Truth for tests: what a point shows at `at` [SI], NaN where the device has no value. */
  protected shown(point: ScalarPoint, channel: number, at: Instant): number {
    const { imperfections } = this
    const value = this.driven(point, channel, at)
    if (imperfections === undefined) return value ?? this.#steady[channel]!
    const device_ns = this.deviceTime_ns(at)
    if (isStarting(imperfections, device_ns)) return Number.NaN
    if (value !== undefined) return value
    return restlessValue(point, imperfections.seed, { counter: Number(device_ns / 1_000_000_000n), channel })
  }

  protected deviceTime_ns(at: Instant): bigint {
    return deviceTime_ns(this.#boot.at, at, this.time_scale)
  }

  #shownAt(at: Instant): (point: ScalarPoint, channel: number) => number {
    return (point, channel) => this.shown(point, channel, at)
  }
}
