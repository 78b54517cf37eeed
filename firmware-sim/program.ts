/**
 * What somebody plays into a simulated device in place of what the site says: a recording with a place, a speed and a size,
 * that can be paused and wound. A function of instants; what a device makes of it is `played.ts`, who steers it the caller's.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { PlayState } from '../domain/simulator-control.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { Recording } from '../recordings/recording.ts'
import { axisOf } from './axes.ts'
import { sampleAt } from './resample.ts'

export const SPEED_MIN = 0.1
export const SPEED_MAX = 100
/** Steers that are remembered; only those within a ring's length of now are ever asked for. */
const STRETCHES_MAX = 1000

/** Times and positions of the recording, never of the device; instants are real time, not the device's. */
export type ProgramOptions = {
  readonly recording: Recording
  /** 0.1 to 100: seconds of the recording per real second; default 1. */
  readonly speed?: number | undefined
  /** Every value times this; default 1. */
  readonly scale?: number | undefined
  /** Where to begin [s]; default 0. */
  readonly start_s?: number | undefined
  /** Again and again; default once: then a waveform is calm and a series holds its last value. */
  readonly loop?: boolean | undefined
}

/** From an instant on the position runs on (or stands) from here, until the next stretch. */
export type Stretch = { readonly from: Instant; readonly position_s: number; readonly moving: boolean }

export class Program {
  readonly recording: Recording
  readonly speed: number
  readonly scale: number
  readonly loop: boolean
  readonly length_s: number
  #stretches: Stretch[]
  #steers = 0

  /** Runs from `at`. @throws PlumblineError PLAY_REFUSED where speed, scale or start cannot be */
  constructor({ recording, speed = 1, scale = 1, start_s = 0, loop = false }: ProgramOptions, at: Instant) {
    this.recording = recording
    this.speed = speed
    this.scale = scale
    this.loop = loop
    this.length_s = lengthOf_s(recording)
    if (!(speed >= SPEED_MIN && speed <= SPEED_MAX)) refuse('speed', `${SPEED_MIN} to ${SPEED_MAX}`, speed)
    if (!Number.isFinite(scale)) refuse('scale', 'a finite number', scale)
    if (!(this.length_s > 0)) refuse('recording', 'one with values', recording.name)
    if (!(start_s >= 0 && start_s < this.length_s))
      refuse('start_s', `0 or more and less than ${this.length_s} s, the length of ${recording.name}`, start_s)
    this.#stretches = [{ from: at, position_s: start_s, moving: true }]
  }

  /** Steers so far: whoever keeps something worked out from `stretches` works it out anew when it has changed. */
  get steers(): number {
    return this.#steers
  }

  /** Oldest first; never empty. */
  get stretches(): readonly Stretch[] {
    return this.#stretches
  }

  /** A waveform stands still, a series holds its value. What was given before `at` stays. */
  pause(at: Instant): void {
    if (this.state(at) === 'playing') this.#steer(at, this.position_s(at), false)
  }

  /** From where it was paused. After its end it stays ended; `seek` goes back. */
  resume(at: Instant): void {
    if (this.state(at) === 'paused') this.#steer(at, this.position_s(at), true)
  }

  /** Goes on, or stays paused, elsewhere. @throws PlumblineError PLAY_REFUSED beyond the recording */
  seek(position_s: number, at: Instant): void {
    if (!(position_s >= 0 && position_s <= this.length_s))
      refuse('position_s', `0 to ${this.length_s} s, the length of ${this.recording.name}`, position_s)
    this.#steer(at, position_s, this.state(at) !== 'paused')
  }

  /** In the recording [s]; its length once it has ended. */
  position_s(at: Instant): number {
    return this.positionIn_s(this.stretchAt(at), at)
  }

  state(at: Instant): PlayState {
    const stretch = this.stretchAt(at)
    if (!stretch.moving) return 'paused'
    return !this.loop && this.positionIn_s(stretch, at) >= this.length_s ? 'ended' : 'playing'
  }

  /** The stretch that an instant is in; the first for instants before it. */
  stretchAt(at: Instant): Stretch {
    return this.#stretches.findLast((s) => s.from <= at) ?? this.#stretches[0]!
  }

  positionIn_s({ from, position_s, moving }: Stretch, at: Instant): number {
    const on_s = moving && at > from ? (Number(at - from) / 1e9) * this.speed : 0
    return this.wound_s(position_s + on_s)
  }

  /** A position as it is in the recording: wound back by whole rounds of a loop, else at most its end. */
  wound_s(position_s: number): number {
    return this.loop ? position_s % this.length_s : Math.min(position_s, this.length_s)
  }

  /**
   * Acceleration [m/s²] of an axis at a position in samples of the record, when one sample every `step` of them is wanted;
   * `undefined` where nothing moves: after the end, on an axis that the record has not.
   */
  motion_m_s2(axis: string, position: number, step: number): number | undefined {
    const samples = this.recording.kind === 'waveform' ? axisOf(this.recording, axis) : undefined
    if (samples === undefined || (!this.loop && position >= samples.length)) return undefined
    return sampleAt(samples, position % samples.length, step) * this.scale
  }

  /**
   * Value of the series [SI] at an instant, held from each row to the next; NaN where it says "no data".
   * @param column of the series; default its `values`
   */
  valueAt(at: Instant, column?: Float64Array): number {
    if (this.recording.kind !== 'series') return Number.NaN
    const { t } = this.recording
    const values = column ?? this.recording.values
    const i = lastNotAfter(t, t[0]! + BigInt(Math.round(this.position_s(at) * 1e9)))
    return i < 0 ? Number.NaN : values[i]! * this.scale
  }

  #steer(at: Instant, position_s: number, moving: boolean): void {
    const last = this.#stretches.at(-1)!.from
    this.#stretches.push({ from: at > last ? at : instant(last), position_s, moving })
    if (this.#stretches.length > STRETCHES_MAX) this.#stretches.shift()
    this.#steers++
  }
}

/** A series' last value stands as long as the one before it, a single one for a second. */
function lengthOf_s(recording: Recording): number {
  if (recording.kind === 'waveform') return (recording.axes[0]?.samples.length ?? 0) / recording.sample_rate_hz
  const { t } = recording
  const n = t.length
  if (n < 2) return n
  return Number(t[n - 1]! - t[0]! + (t[n - 1]! - t[n - 2]!)) / 1e9
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

function refuse(field: string, expected: string, got: unknown): never {
  throw new PlumblineError('PLAY_REFUSED', `${field}: expected ${expected}, got ${JSON.stringify(got) ?? String(got)}`)
}
