/**
 * The real clock and the simulated one. The simulated clock advances only when no hold is out and the event loop has
 * nothing left to do, so a night passes in seconds and twice with the same result.
 */
import type { Clock } from '../domain/ports.ts'
import { type Instant, instant, type Monotonic, monotonic, NS_PER_MS } from '../domain/time.ts'

/** setTimeout counts milliseconds in 31 bits. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

export class SystemClock implements Clock {
  /** Offset of the wall clock to hrtime, measured once per call: Date has ms, hrtime has ns but no date. */
  now(): Instant {
    return instant(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n + this.#step())
  }

  /** performance.timeOrigin is fixed at start and never follows a clock step; Date does. */
  #offset_ns = 0n
  #step(): bigint {
    const before_ms = performance.now()
    const wall_ms = Date.now()
    const after_ms = performance.now()
    const known_ms = performance.timeOrigin + Number(this.#offset_ns) / 1e6
    const step_ms = wallStep_ms({ before_ms: known_ms + before_ms, wall_ms, after_ms: known_ms + after_ms })
    this.#offset_ns += BigInt(Math.round(step_ms * 1e6))
    return this.#offset_ns
  }

  monotonic(): Monotonic {
    return monotonic(process.hrtime.bigint())
  }

  at(at: Monotonic, fn: () => void): () => void {
    let timer: NodeJS.Timeout
    const arm = () => {
      const wait_ms = Number(at - process.hrtime.bigint()) / 1e6
      if (wait_ms > TIMEOUT_MAX_MS) timer = setTimeout(arm, TIMEOUT_MAX_MS)
      else timer = setTimeout(fn, Math.max(0, Math.ceil(wait_ms)))
    }
    arm()
    return () => clearTimeout(timer)
  }

  hold(): () => void {
    return () => {}
  }
}

/** Readings further apart tell of no step: whatever held them up may have done so on either side of the wall clock's. */
const HELD_UP_MS = 1
/** Without a step the wall clock lies behind the later reading by that, and by up to the millisecond that Date cuts off. */
const STEP_MIN_MS = 2

/**
 * By how much the wall clock was stepped, seen by one reading of it between two of the clock that is not; 0 = not at all, or
 * not to be told from a process that was held up. Each reading of the time looks anew, so that a step is taken over as soon
 * as one of them was made without a pause between its three parts, which last microseconds together.
 */
export function wallStep_ms({
  before_ms,
  wall_ms,
  after_ms,
}: Record<'before_ms' | 'wall_ms' | 'after_ms', number>): number {
  const drift_ms = wall_ms - after_ms
  return after_ms - before_ms > HELD_UP_MS || Math.abs(drift_ms) <= STEP_MIN_MS ? 0 : drift_ms
}

type Timer = { at: bigint; order: number; fn: () => void }

export class SimulatedClock implements Clock {
  #now: bigint
  #mono = 0n
  #order = 0
  #timers: Timer[] = []
  #holds = 0
  /** Told when the last hold goes: waiting for the disk by turning round and round takes the processor from it. */
  #waiting: Array<() => void> = []

  constructor(start: Instant) {
    this.#now = start
  }

  now(): Instant {
    return instant(this.#now)
  }

  monotonic(): Monotonic {
    return monotonic(this.#mono)
  }

  at(at: Monotonic, fn: () => void): () => void {
    const timer: Timer = { at, order: this.#order++, fn }
    this.#insert(timer)
    return () => {
      const i = this.#timers.indexOf(timer)
      if (i >= 0) this.#timers.splice(i, 1)
    }
  }

  /** Keeps timers sorted by instant, then by order of arrival. */
  #insert(timer: Timer): void {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const mid = (low + high) >> 1
      if (this.#timers[mid]!.at <= timer.at) low = mid + 1
      else high = mid
    }
    this.#timers.splice(low, 0, timer)
  }

  hold(): () => void {
    this.#holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds--
      if (this.#holds === 0) for (const go of this.#waiting.splice(0)) go()
    }
  }

  /** A step of the wall clock alone, as NTP or a person makes it. */
  stepWall(ns: bigint): void {
    this.#now += ns
  }

  /** Runs every timer due within `ns`, in order, letting pending work finish between them. */
  async advance(ns: bigint): Promise<void> {
    const end = this.#mono + ns
    for (;;) {
      await this.#settle()
      const next = this.#timers[0]
      if (next === undefined || next.at > end) break
      this.#timers.shift()
      if (next.at > this.#mono) this.#to(next.at)
      next.fn()
    }
    this.#to(end)
    await this.#settle()
  }

  #to(mono: bigint): void {
    this.#now += mono - this.#mono
    this.#mono = mono
  }

  /** Until no hold is out and one turn of the event loop has passed. */
  async #settle(): Promise<void> {
    do {
      if (this.#holds > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#holds > 0)
  }
}

/** A promise for `at`, for loops that read better with await; rejects never, resolves early when `signal` aborts. */
export function sleepUntil(clock: Clock, at: Monotonic, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      signal?.removeEventListener('abort', cancelled)
      resolve()
    }
    const cancel = clock.at(at, done)
    const cancelled = () => {
      cancel()
      resolve()
    }
    signal?.addEventListener('abort', cancelled, { once: true })
  })
}

export const afterMs = (clock: Clock, ms: number): Monotonic =>
  monotonic(clock.monotonic() + BigInt(Math.round(ms * Number(NS_PER_MS))))
