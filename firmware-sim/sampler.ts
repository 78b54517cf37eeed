/**
 * Evenly spaced samples of a moving sensor, by counter since boot: what plays, as the sensor gives it, in steps of its
 * converter. Where the samples stand in registers is `accelerometer.ts` (a ring) and `fifo-device.ts` (a queue).
 */
import { PlumblineError } from '../domain/errors.ts'
import { fullScaleSteps, ringScale, type Sampled, sampleWords } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import { type Fault, ILLEGAL_DATA_ADDRESS, type ModbusException, type Table } from './device.ts'
import { counterTime_ns, deviceTime_ns, instantOfDeviceTime, newestCounter } from './device-time.ts'
import { isStarting, jitter_ns, sensed } from './imperfections.ts'
import { quietStep, seedOf } from './noise.ts'
import { type Rounds, sampleOfRound } from './play.ts'
import { type Grid, PlayedSamples } from './played.ts'
import { PointDevice, type PointDeviceOptions } from './point-device.ts'
import type { Program } from './program.ts'
import { u32Words, u64Words } from './words.ts'

/** The header's counter is a u32 and wraps (at 100 Hz after 497 days). */
export const COUNTERS = 2 ** 32

/** Raw value of an acceleration [m/s²]: the nearest step, held at full scale beyond it. */
export const quantise = (value_m_s2: number, sampled: Pick<Sampled, 'unit' | 'full_scale' | 'bits'>): number =>
  steps(value_m_s2, ringScale(sampled), fullScaleSteps(sampled))

/** A sample that the record marks as missing reads 0. */
const steps = (value_m_s2: number, step_m_s2: number, full: number): number =>
  Math.min(full - 1, Math.max(-full, Math.round(value_m_s2 / step_m_s2))) || 0

const swapped = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

/** Registers of a raw sample in the order of the model. */
export function sampleWordsOf(raw: number, sampled: Pick<Sampled, 'bits' | 'order'>): number[] {
  if (sampleWords(sampled) === 1) return [raw & 0xffff]
  const [high, low] = u32Words(raw)
  const order = sampled.order ?? 'ABCD'
  const words = order === 'ABCD' || order === 'BADC' ? [high, low] : [low, high]
  return order === 'BADC' || order === 'DCBA' ? words.map(swapped) : words
}

/** Header registers 0-17 of `Ring` (domain/model.ts) from their fields. */
export function headerWords(sampled: SampledShape, fields: HeaderFields): number[] {
  return [
    ...u32Words(fields.boot_id),
    ...u32Words(fields.newest_counter),
    ...u64Words(fields.newest_us),
    ...u64Words(fields.now_us),
    ...u32Words(Math.round(sampled.sample_rate_hz * 1000)),
    ...u32Words(sampled.depth),
    sampled.axes.length,
    fields.status,
  ]
}
export type SampledShape = Pick<Sampled, 'sample_rate_hz' | 'depth'> & { readonly axes: readonly string[] }
export type HeaderFields = {
  readonly boot_id: number
  readonly newest_counter: number
  readonly newest_us: bigint
  readonly now_us: bigint
  readonly status: number
}

/** Imperfections are in m/s². */
export type SamplerOptions = PointDeviceOptions & {
  readonly sampled: Sampled
  /** m/s², one array per axis, in the model's order; exactly what is played, already cut. */
  readonly record: readonly Float64Array[]
  /** In samples. */
  readonly rounds: Rounds<number>
  /** Temperature of the case at a device time [°C]. */
  readonly temperature_c?: ((device_ns: bigint) => number) | undefined
}

export abstract class Sampler extends PointDevice {
  readonly rounds: Rounds<number>
  readonly sampled: Sampled
  readonly #step_m_s2: number
  readonly #full: number
  readonly #rate_mhz: bigint
  readonly #seed: number
  /** m/s², one array per axis. */
  readonly #record: readonly Float64Array[]
  readonly #temperature_c: SamplerOptions['temperature_c']
  readonly #played = new PlayedSamples()
  readonly #grid: Grid

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: SamplerOptions) {
    super(options)
    const { sampled, record } = options
    this.rounds = options.rounds
    this.sampled = sampled
    this.#step_m_s2 = ringScale(sampled)
    this.#full = fullScaleSteps(sampled)
    this.#rate_mhz = BigInt(Math.round(sampled.sample_rate_hz * 1000))
    this.#seed = seedOf(options.id)
    this.#record = record
    this.#temperature_c = options.temperature_c
    this.#grid = {
      rate_hz: sampled.sample_rate_hz * this.told_scale,
      bootAt: () => this.boot.at,
      firstAfter: (at) => (at < this.boot.at ? 0 : this.newestCounter(at) + 1),
    }
  }

  override restart(boot: Parameters<PointDevice['restart']>[0]): void {
    super.restart(boot)
    this.#played.renumber()
  }

  /** An axis that the record has not stands still, as all do after the end and while the program is paused. */
  play(program: Program | undefined, at: Instant): void {
    if (program !== undefined && program.recording.kind !== 'waveform')
      throw new PlumblineError(
        'PLAY_REFUSED',
        `${this.id}: expected a waveform for ${this.model.id}, which holds samples, got ${program.recording.name}, a series`,
      )
    this.#played.add(program, at, this.newestCounter(at) - this.sampled.depth, this.#grid)
  }

  protected driven(): undefined {
    return undefined
  }

  protected override cannotShow(fault: Fault): string | undefined {
    // The header has a status word of its own.
    if (fault === 'status') return undefined
    return super.cannotShow(fault) === undefined
      ? undefined
      : `a fault that a ${this.model.ring ? 'ring' : 'queue'} of integers can show (status, or one of the wire)`
  }

  /** A register of the samples' table that is none of theirs: perhaps a point's, else refused with 2. */
  protected beside(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    return this.tables.has(table)
      ? super.readRegisters(table, address, quantity, at)
      : { exception: ILLEGAL_DATA_ADDRESS }
  }

  /** `quantity` registers of the header from its register `from` on. */
  protected header(from: number, quantity: number, at: Instant): Uint16Array {
    const now_ns = this.deviceTime_ns(at)
    const newest = newestCounter(now_ns, this.#rate_mhz)
    const words = headerWords(this.sampled, {
      boot_id: this.boot.id,
      newest_counter: Number(newest % BigInt(COUNTERS)),
      newest_us: counterTime_ns(newest, this.#rate_mhz) / 1000n,
      now_us: now_ns / 1000n,
      status: this.fault === 'status' || this.isStarting(now_ns) ? 1 : 0,
    })
    return Uint16Array.from(words.slice(from, from + quantity))
  }

  /** Truth for tests: counter of the newest sample at `at` (samples since boot, never wrapped). */
  newestCounter(at: Instant): number {
    return Number(newestCounter(deviceTime_ns(this.boot.at, at, this.time_scale), this.#rate_mhz))
  }

  /** Truth for tests: the instant at which the sample of this counter is taken. */
  instantOfCounter(counter: number): Instant {
    return instantOfDeviceTime(this.boot.at, counterTime_ns(BigInt(counter), this.#rate_mhz), this.time_scale)
  }

  /** Truth for tests: counter that carries sample `k` of the cut record in a round (0 first). */
  counterOfRecord(k: number, round = 0): number {
    return this.rounds.lead + round * (this.rounds.play + this.rounds.quiet) + k
  }

  /** Truth for tests: raw value of this counter on one axis; 0 while the sensor starts. */
  rawSample(counter: number, axis: number): number {
    const { imperfections } = this
    if (imperfections !== undefined) return this.#sensedStep(imperfections, counter, axis)
    const played = this.#played.at(counter, this.sampled.axes[axis]!, this.#grid)
    if (played !== 'site') {
      const { motion_m_s2 } = played
      return motion_m_s2 === undefined
        ? quietStep(this.#seed, counter, axis)
        : steps(motion_m_s2, this.#step_m_s2, this.#full)
    }
    const own = sampleOfRound(this.rounds, counter)
    return own === undefined
      ? quietStep(this.#seed, counter, axis)
      : steps(this.#record[axis]![own.k]!, this.#step_m_s2, this.#full)
  }

  #sensedStep(imperfections: NonNullable<PointDevice['imperfections']>, counter: number, axis: number): number {
    const device_ns = counterTime_ns(BigInt(counter), this.#rate_mhz)
    if (this.isStarting(device_ns)) return 0
    // Between two samples of the record the motion is taken as straight: all that the record tells.
    const late = (Number(jitter_ns(imperfections, counter)) * this.sampled.sample_rate_hz) / 1e9
    const before = counter + Math.floor(late)
    const part = late - Math.floor(late)
    const here = this.#motion_m_s2(before, axis)
    const truth = part === 0 ? here : here + part * (this.#motion_m_s2(before + 1, axis) - here)
    const value = sensed(imperfections, truth, { counter, channel: axis }, this.#temperature_c?.(device_ns))
    return steps(value, this.#step_m_s2, this.#full)
  }

  #motion_m_s2(counter: number, axis: number): number {
    const at = Math.max(0, counter)
    const still = () => quietStep(this.#seed, at, axis) * this.#step_m_s2
    const played = this.#played.at(at, this.sampled.axes[axis]!, this.#grid)
    if (played !== 'site') return played.motion_m_s2 ?? still()
    const own = sampleOfRound(this.rounds, at)
    return own === undefined ? still() : this.#record[axis]![own.k]!
  }

  protected isStarting(device_ns: bigint): boolean {
    return this.imperfections !== undefined && isStarting(this.imperfections, device_ns)
  }
}
