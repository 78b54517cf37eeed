/**
 * Quantities that limits judge beside the value itself: a rate, a time to level, an age, a difference. Each takes the
 * readings of its channels, gives what `condition.ts` judges, and says what of it must survive a restart. Pure; all times
 * are in seconds of device time from an origin of the caller's.
 */
import type { Limit, LimitKind } from '../../domain/condition.ts'
import { FAIL, type Flag, GOOD, SUSPECT } from '../../domain/reading.ts'
import { type RateHistory, timeToReach_s, WindowRate } from './window-rate.ts'

export type Seen = {
  readonly channel: string
  readonly value: number | null
  readonly flag: Flag
  readonly t_s: number
}
export type Judged = { readonly value: number; readonly flag: Flag }

export interface Signal {
  /** What follows from a reading; null = nothing can be said. */
  push(seen: Seen): Judged | null
  /** What follows from time alone. */
  at?(t_s: number): Judged | null
  /** JSON that survives a restart. */
  saved?(): unknown
}

const isHeard = (seen: Seen): seen is Seen & { value: number } =>
  seen.value !== null && Number.isFinite(seen.value) && (seen.flag === GOOD || seen.flag === SUSPECT)

/** rising_faster_than and reaching. */
class RateSignal implements Signal {
  readonly #rate: WindowRate
  readonly #target: number | undefined

  constructor(limit: Limit, period_s: number, saved: unknown) {
    this.#rate = new WindowRate(limit.parameters?.window_s ?? 900, period_s, (saved as RateHistory | undefined) ?? [])
    this.#target = limit.kind === 'reaching' ? limit.parameters?.target : undefined
  }

  push(seen: Seen): Judged | null {
    if (!isHeard(seen)) return null
    const rate = this.#rate.push(seen.t_s, seen.value, seen.flag === GOOD)
    const value = this.#target === undefined ? rate : timeToReach_s(seen.value, this.#target, rate)
    return value === null ? null : { value, flag: seen.flag }
  }

  saved(): unknown {
    return this.#rate.history
  }
}

/** A clock that moves by more than this between two looks was set, or the machine slept [s of the node]. */
const STEP_S = 60
/** Every new age is a durable write: one that only waits for its next poll is kept in steps, and a restart may make it less by one [s of the node]. */
const KEPT_S = 5

/** stale_s: how long ago the last good value was. Time in which this node was down, or its clock was set, is not the sensor's. */
class AgeSignal implements Signal {
  readonly #before_s: number
  readonly #step_s: number
  readonly #kept_s: number
  readonly #period_s: number
  #since_s = 0
  #now_s: number | undefined

  /** @param saved age at the end of the run before [s] */
  constructor(saved: unknown, scale: number, period_s: number) {
    this.#before_s = (saved as number | undefined) ?? 0
    this.#step_s = STEP_S * scale
    this.#kept_s = KEPT_S * scale
    this.#period_s = period_s
  }

  push(seen: Seen): Judged | null {
    this.#advance(seen.t_s)
    if (isHeard(seen)) this.#since_s = Math.max(this.#since_s, seen.t_s)
    return { value: this.#age_s, flag: GOOD }
  }

  at(t_s: number): Judged {
    this.#advance(t_s)
    return { value: this.#age_s, flag: GOOD }
  }

  saved(): number {
    return this.#age_s > this.#period_s ? this.#age_s : Math.floor(this.#age_s / this.#kept_s) * this.#kept_s
  }

  get #age_s(): number {
    return this.#now_s === undefined ? this.#before_s : Math.max(0, this.#now_s - this.#since_s)
  }

  #advance(t_s: number): void {
    if (this.#now_s === undefined) this.#since_s = t_s - this.#before_s
    const moved_s = t_s - (this.#now_s ?? t_s)
    const stepped = Math.abs(moved_s) > this.#step_s
    if (stepped) this.#since_s += moved_s
    if (this.#now_s === undefined || stepped || moved_s > 0) this.#now_s = t_s
  }
}

/** failed_s: how long every value that came has been failed. A channel that is silent is another matter (stale_s). */
class FailureSignal implements Signal {
  #since_s: number | null

  constructor(saved: unknown) {
    this.#since_s = (saved as number | null | undefined) ?? null
  }

  push({ flag, value, t_s }: Seen): Judged | null {
    if (flag === FAIL) {
      this.#since_s = Math.min(this.#since_s ?? t_s, t_s)
      return { value: t_s - this.#since_s, flag: FAIL }
    }
    if (value === null) return null
    this.#since_s = null
    // Below every limit, also one of 0 s.
    return { value: -1, flag: GOOD }
  }

  saved(): unknown {
    return this.#since_s
  }
}

/** differs_from: |a - b| of values that lie close enough in time; of one channel alone nothing can be said. */
class DifferenceSignal implements Signal {
  readonly #pair_s: number
  readonly #last = new Map<string, { value: number; flag: Flag; t_s: number }>()

  constructor(pair_s: number) {
    this.#pair_s = pair_s
  }

  push(seen: Seen): Judged | null {
    if (!isHeard(seen)) {
      this.#last.delete(seen.channel)
      return null
    }
    const { channel, value, flag, t_s } = seen
    this.#last.set(channel, { value, flag, t_s })
    const other = [...this.#last].find(([name]) => name !== channel)?.[1]
    if (other === undefined || Math.abs(t_s - other.t_s) > this.#pair_s) return null
    return { value: Math.abs(value - other.value), flag: flag === SUSPECT ? SUSPECT : other.flag }
  }
}

export type SignalContext = {
  /** Longest poll period of the channels [s]. */
  readonly period_s: number
  /** Device seconds per second of the node. */
  readonly scale: number
  readonly saved: unknown
}

/** The kinds that judge a signal; the others judge the value itself, or what other limits say. */
export const SIGNAL_KINDS: readonly string[] = [
  'rising_faster_than',
  'reaching',
  'stale_s',
  'failed_s',
  'differs_from',
] satisfies LimitKind[]

export function signalOf(limit: Limit, { period_s, scale, saved }: SignalContext): Signal | undefined {
  switch (limit.kind as LimitKind) {
    case 'rising_faster_than':
    case 'reaching':
      return new RateSignal(limit, period_s, saved)
    case 'stale_s':
      return new AgeSignal(saved, scale, period_s)
    case 'failed_s':
      return new FailureSignal(saved)
    case 'differs_from':
      return new DifferenceSignal(limit.parameters?.pair_s ?? 2 * period_s)
    default:
      return undefined
  }
}
