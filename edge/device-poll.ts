/**
 * One device: polled on its own absolute schedule, its channels sent bad once when it fails, offline after three failed
 * polls, probed ever more rarely, and back with the first good poll. What a poll reads is the parts' business.
 */
import type { Clock, Log } from '../domain/ports.ts'
import { ModbusError } from '../domain/ports.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../domain/time.ts'
import type { Part, PartContext } from './part.ts'
import { pollPeriod_ms, timeScale } from './part.ts'
import type { DeviceLife } from './ports.ts'
import { RingPart } from './ring-part.ts'
import { ScalarPart } from './scalar-part.ts'
import { nextTick, OFFLINE_AFTER, probePause_ms } from './schedule.ts'

/** Good polls in time after which a device counts as punctual again. */
const PUNCTUAL_AFTER = 10

type Watched = { readonly part: Part; failing: boolean }

export class DevicePoll {
  readonly #clock: Clock
  readonly #log: Log
  readonly #life: DeviceLife
  readonly #device: string
  readonly #parts: readonly Watched[]
  readonly #period_ms: number
  readonly #ringDepth_ms: number | undefined
  #base: Monotonic = monotonic(0n)
  #due: Monotonic = monotonic(0n)
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #online = false
  #offline = false
  #failed = 0
  #punctual = PUNCTUAL_AFTER
  #missedSince = 0
  /** Instants of the schedule that went by while a poll was still under way. */
  missed = 0

  constructor(context: PartContext, life: DeviceLife) {
    const { model, device } = context.placed
    this.#clock = context.clock
    this.#log = context.log
    this.#life = life
    this.#device = device.id
    const parts: Part[] = []
    if ((model.points ?? []).length > 0) parts.push(new ScalarPart(context))
    if (model.ring !== undefined) parts.push(new RingPart(context, model.ring))
    this.#parts = parts.map((part) => ({ part, failing: false }))
    this.#period_ms = pollPeriod_ms(context.placed)
    if (model.ring !== undefined)
      this.#ringDepth_ms = (model.ring.depth / model.ring.sample_rate_hz / timeScale(context)) * 1000
  }

  start(phase_ms: number): void {
    this.#base = this.#after(phase_ms)
    this.#arm(this.#base)
  }

  /** No poll begins any more; resolves when the last has ended. The link must be closed meanwhile. */
  stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    return this.#running
  }

  #arm(at: Monotonic): void {
    this.#due = at
    this.#cancel = this.#clock.at(at, () => {
      this.#running = this.#poll()
    })
  }

  async #poll(): Promise<void> {
    const alive = () => this.#cameAlive()
    let good = false
    let failure: ModbusError | undefined
    /** After a time-out or a closed line the other part would only wait again. */
    let lineDown: ModbusError | undefined
    for (const watched of this.#parts) {
      const error = lineDown ?? (await watched.part.poll(alive).then(() => undefined, expected))
      if (this.#stopped) return
      if (error === undefined) {
        good = true
        watched.failing = false
        continue
      }
      watched.part.failed(error, this.#clock.now(), !watched.failing)
      watched.failing = true
      failure ??= error
      if (error.reason === 'timeout' || error.reason === 'closed') lineDown = error
    }
    if (good) this.#failed = 0
    else if (failure !== undefined) this.#countFailure(failure)
    this.#next(good)
  }

  #cameAlive(): void {
    if (this.#stopped || this.#online) return
    this.#online = true
    if (this.#offline) this.#log.info('device is back')
    this.#offline = false
    this.#life.online(this.#device)
  }

  #countFailure(error: ModbusError): void {
    this.#failed++
    if (this.#failed === 1) this.#log.warn('device gives no data', { reason: error.reason, detail: error.message })
    if (this.#failed < OFFLINE_AFTER || this.#offline) return
    this.#online = false
    this.#offline = true
    this.#log.warn('device is offline', { reason: error.reason, detail: error.message })
    this.#life.offline(this.#device, error.reason)
  }

  #next(good: boolean): void {
    const now = this.#clock.monotonic()
    if (this.#offline && !good) {
      const pause_ms = probePause_ms(this.#period_ms, this.#failed - OFFLINE_AFTER, this.#ringDepth_ms)
      this.#arm(this.#after(pause_ms))
      return
    }
    const { at, missed } = nextTick(this.#base, this.#period_ms, this.#due, now)
    // Waiting for a silent device is no lateness of ours; its polls are counted in the gap.
    if (good && this.#failed === 0) this.#countMissed(missed)
    this.#arm(at)
  }

  #countMissed(missed: number): void {
    if (missed > 0) {
      this.missed += missed
      if (this.#punctual >= PUNCTUAL_AFTER)
        this.#log.warn('polls take longer than their period', { period_ms: this.#period_ms })
      this.#missedSince += missed
      this.#punctual = 0
    } else if (++this.#punctual === PUNCTUAL_AFTER) {
      this.#log.info('polls are punctual again', { missed: this.#missedSince })
      this.#missedSince = 0
    }
  }

  #after(ms: number): Monotonic {
    return monotonic(this.#clock.monotonic() + BigInt(Math.round(ms)) * NS_PER_MS)
  }
}

/** A silent device is a state that people see; anything else is our bug and ends the process. */
function expected(error: unknown): ModbusError {
  if (error instanceof ModbusError) return error
  throw error
}
