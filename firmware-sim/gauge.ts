/**
 * A gauge of single values: what each register holds at an instant. It holds every recorded value until the next one, as
 * the instrument did (no interpolation); where the record has no data it says so in status word and value.
 *
 * Which points a series drives is `columns.ts`; the other points hold steady (`steady.ts`).
 */
import { PlumblineError } from '../domain/errors.ts'
import type { ScalarPoint } from '../domain/model.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { quantityOf } from '../domain/units.ts'
import type { Series } from '../recordings/recording.ts'
import { valuesFor } from './columns.ts'
import { instantOfDeviceTime } from './device-time.ts'
import { jitter_ns, sensed } from './imperfections.ts'
import { offsetOfRound_ns, type Rounds } from './play.ts'
import { PointDevice, type PointDeviceOptions } from './point-device.ts'
import { lastNotAfter, type Program } from './program.ts'

export { lastNotAfter } from './program.ts'

/** Imperfections are in SI; it measures once per second of its own time. */
export type GaugeOptions = PointDeviceOptions & {
  readonly series: Series
  /** Instant of the record at which each round starts. */
  readonly from: Instant
  /** In ns of device time. */
  readonly rounds: Rounds<bigint>
}

/** Plays that are remembered: the sensor's jitter may look back over the last changes, nothing looks further. */
const PLAYS_MAX = 16

export class Gauge extends PointDevice {
  readonly rounds: Rounds<bigint>
  readonly #series: Series
  readonly #from: Instant
  /** Oldest first. */
  #plays: Array<{ readonly from: Instant; readonly program: Program | undefined }> = []

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: GaugeOptions) {
    super(options)
    this.rounds = options.rounds
    this.#series = options.series
    this.#from = options.from
  }

  play(program: Program | undefined, at: Instant): void {
    const played = program?.recording
    if (played !== undefined && !(played.kind === 'series' && this.#drives(played)))
      throw new PlumblineError(
        'PLAY_REFUSED',
        `${this.id}: expected a series of a quantity that ${this.model.id} has (${this.#quantities()}), got ` +
          `${played.name}, a ${played.kind === 'series' ? `series of ${played.quantity}` : played.kind}`,
      )
    this.#plays = [...this.#plays.slice(1 - PLAYS_MAX), { from: at, program }]
  }

  #drives(series: Series): boolean {
    return this.tables.points.some((point) => valuesFor(series, point) !== undefined)
  }

  #quantities(): string {
    return [...new Set(this.tables.points.map((p) => quantityOf(p.unit)))].join(', ')
  }

  protected driven(point: ScalarPoint, channel: number, at: Instant): number | undefined {
    const { imperfections } = this
    if (imperfections === undefined) return this.#recordedAt(at, point)
    const counter = Number(this.deviceTime_ns(at) / NS_PER_S)
    const truth = this.#recordedAt(addNs(at, jitter_ns(imperfections, counter)), point)
    return truth === undefined ? undefined : sensed(imperfections, truth, { counter, channel })
  }

  /** SI; `undefined` where what plays at `at` tells nothing of this point. */
  #recordedAt(at: Instant, point: ScalarPoint): number | undefined {
    const program = this.#plays.findLast((p) => p.from <= at)?.program
    const played = program?.recording.kind === 'series' ? valuesFor(program.recording, point) : undefined
    if (program !== undefined && played !== undefined) return program.valueAt(at, played)
    const own = valuesFor(this.#series, point)
    if (own === undefined) return undefined
    const i = lastNotAfter(this.#series.t, this.recordInstantAt(at))
    return i < 0 ? Number.NaN : own[i]!
  }

  /** Truth for tests: what a point (default the first) shows at `at` [SI], NaN where the device has no value. */
  valueAt(at: Instant, point: ScalarPoint | undefined = this.tables.points[0]): number {
    return point === undefined ? Number.NaN : this.shown(point, this.tables.points.indexOf(point), at)
  }

  /** Truth for tests: the instant of the record that is shown at `at`. */
  recordInstantAt(at: Instant): Instant {
    return instant(this.#from + offsetOfRound_ns(this.rounds, this.deviceTime_ns(at)))
  }

  /** Truth for tests: when an instant of the record is shown in a round (0 first). */
  instantOfRecord(t: Instant, round = 0): Instant {
    const { lead, play, quiet } = this.rounds
    const device_ns = lead + BigInt(round) * (play + quiet) + (t - this.#from)
    return instantOfDeviceTime(this.boot.at, device_ns, this.time_scale)
  }
}
