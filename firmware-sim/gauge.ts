/**
 * A gauge of single values: what each register holds at an instant. It holds every recorded value until the next one, as
 * the instrument did (no interpolation); where the record has no data it says so in status word and value.
 */
import type { ScalarPoint } from '../domain/model.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { quantityOf } from '../domain/units.ts'
import type { Series } from '../recordings/recording.ts'
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
import { deviceTime_ns, instantOfDeviceTime } from './device-time.ts'
import { checkImperfections, driftedScale, type Imperfections, isStarting, jitter_ns, sensed } from './imperfections.ts'
import { offsetOfRound_ns, type Rounds } from './play.ts'
import { codeWords, pointWords, rawWords } from './words.ts'

export type GaugeOptions = DeviceIdentity & {
  readonly points: readonly ScalarPoint[]
  readonly series: Series
  /** Instant of the record at which each round starts. */
  readonly from: Instant
  /** In ns of device time. */
  readonly rounds: Rounds<bigint>
  /** In SI; it measures once per second of its own time. Default a perfect sensor. */
  readonly imperfections?: Imperfections
}

export class Gauge implements SimulatedDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: DeviceIdentity['model']
  readonly rounds: Rounds<bigint>
  readonly #points: readonly ScalarPoint[]
  readonly #series: Series
  readonly #from: Instant
  readonly #imperfections: Imperfections | undefined
  readonly #time_scale: number
  #boot: Boot
  #fault: Fault = 'none'

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: GaugeOptions) {
    const { imperfections } = options
    this.id = options.id
    this.unit_id = options.unit_id
    this.model = options.model
    this.rounds = options.rounds
    this.#points = options.points
    this.#series = options.series
    this.#from = options.from
    this.#imperfections = imperfections && checkImperfections(imperfections, options.id)
    this.#time_scale = imperfections ? driftedScale(options.time_scale, imperfections) : options.time_scale
    this.#boot = options.boot
  }

  get boot(): Boot {
    return this.#boot
  }
  get fault(): Fault {
    return this.#fault
  }

  setFault(fault: Fault): void {
    const cannot = (expected: string) => refuseFault(this.id, fault, expected)
    if (fault === 'nan' && !this.#points.some((p) => p.type === 'float32')) cannot('a model with a float32 point')
    if (fault === 'invalid-code' && !this.#points.some((p) => p.invalid_codes?.length))
      cannot('a model with invalid_codes')
    if (fault === 'status' && !this.#points.some((p) => p.status)) cannot('a model with a status word')
    this.#fault = fault
  }

  restart(boot: Boot): void {
    this.#boot = boot
  }

  readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    const words = this.#words(table, at)
    if (words.size === 0) return { exception: ILLEGAL_FUNCTION }
    const first = Math.min(...words.keys())
    const last = Math.max(...words.keys())
    if (address < first || address + quantity - 1 > last) return { exception: ILLEGAL_DATA_ADDRESS }
    // Registers between the points are reserved and read 0.
    return Uint16Array.from({ length: quantity }, (_, i) => words.get(address + i) ?? 0)
  }

  /** Every register of a table that has a meaning. */
  #words(table: Table, at: Instant): Map<number, number> {
    const words = new Map<number, number>()
    for (const point of this.#points.filter((p) => p.table === table)) {
      const value = this.valueAt(at, point)
      for (const [i, word] of this.#shownWords(point, value).entries()) words.set(point.address + i, word)
      if (point.status === undefined) continue
      const bit = Number.isNaN(value) || this.#fault === 'status' ? 1 << point.status.bit : 0
      words.set(point.status.address, (words.get(point.status.address) ?? 0) | bit)
    }
    return words
  }

  /** A fault in the value leaves the status word alone: a reader must notice either by itself. */
  #shownWords(point: ScalarPoint, value: number): number[] {
    if (this.#fault === 'nan' && point.type === 'float32') return rawWords(point, Number.NaN)
    const code = point.invalid_codes?.[0]
    if (this.#fault === 'invalid-code' && code !== undefined) return codeWords(point, code)
    return pointWords(point, value)
  }

  /** Truth for tests: what is shown at `at` [SI], NaN where the record has none or tells another quantity. */
  valueAt(at: Instant, point: ScalarPoint | undefined = this.#points[0]): number {
    if (point === undefined || quantityOf(point.unit) !== this.#series.quantity) return Number.NaN
    const imperfections = this.#imperfections
    if (imperfections === undefined) return this.#recordedAt(at)
    const device_ns = deviceTime_ns(this.#boot.at, at, this.#time_scale)
    if (isStarting(imperfections, device_ns)) return Number.NaN
    const counter = Number(device_ns / NS_PER_S)
    const truth = this.#recordedAt(addNs(at, jitter_ns(imperfections, counter)))
    return sensed(imperfections, truth, { counter, channel: this.#points.indexOf(point) })
  }

  #recordedAt(at: Instant): number {
    const i = lastNotAfter(this.#series.t, this.recordInstantAt(at))
    return i < 0 ? Number.NaN : this.#series.values[i]!
  }

  /** Truth for tests: the instant of the record that is shown at `at`. */
  recordInstantAt(at: Instant): Instant {
    const device_ns = deviceTime_ns(this.#boot.at, at, this.#time_scale)
    return instant(this.#from + offsetOfRound_ns(this.rounds, device_ns))
  }

  /** Truth for tests: when an instant of the record is shown in a round (0 first). */
  instantOfRecord(t: Instant, round = 0): Instant {
    const { lead, play, quiet } = this.rounds
    const device_ns = lead + BigInt(round) * (play + quiet) + (t - this.#from)
    return instantOfDeviceTime(this.#boot.at, device_ns, this.#time_scale)
  }
}

/** Index of the last instant not after `at`, -1 where there is none; `t` rises. */
export function lastNotAfter(t: BigInt64Array, at: bigint): number {
  let low = 0
  let high = t.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (t[mid]! <= at) low = mid + 1
    else high = mid
  }
  return low - 1
}
