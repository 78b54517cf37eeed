/**
 * One device: polled on its own absolute schedule, its channels sent bad once when it fails, offline after three failed
 * polls, probed ever more rarely, and back with the first good poll. What a poll reads is the parts' business.
 */
import type { Clock, Log } from '../domain/ports.ts'
import { ModbusError } from '../domain/ports.ts'
import { type Monotonic, monotonic, NS_PER_MS, secondsBetween } from '../domain/time.ts'
import type { DeviceStats } from './acquisition-stats.ts'
import { readInfo } from './device-info.ts'
import { FifoReader } from './fifo-reader.ts'
import type { KnownFunctions } from './known-functions.ts'
import type { Part, PartContext, SampleTime } from './part.ts'
import { pollPeriod_ms, timeScale } from './part.ts'
import { PollTally } from './poll-tally.ts'
import type { DeviceLife } from './ports.ts'
import { RingPart } from './ring-part.ts'
import { RingReader } from './ring-reader.ts'
import { ScalarPart } from './scalar-part.ts'
import { busyPause_ms, jittered_ms, nextTick, OFFLINE_AFTER, probePause_ms } from './schedule.ts'

/** Good polls in time after which a device counts as punctual again. */
const PUNCTUAL_AFTER = 10

/** `due`: when it is next read, where it is read more rarely than the device is polled. */
type Watched = { readonly part: Part; error: ModbusError | undefined; due: Monotonic }
/** `gave`: something was recorded; `error`: why not everything that was asked; `lacking`: why not everything that there is. */
type Outcome = {
  readonly gave: boolean
  readonly error: ModbusError | undefined
  readonly lacking: ModbusError | undefined
}

export class DevicePoll {
  readonly #context: PartContext
  readonly #clock: Clock
  readonly #log: Log
  readonly #functions: Pick<KnownFunctions, 'forget'>
  readonly #life: DeviceLife
  readonly #device: string
  readonly #parts: readonly Watched[]
  readonly #period_ms: number
  readonly #depth_ms: number | undefined
  readonly #tally: PollTally
  #base: Monotonic = monotonic(0n)
  #due: Monotonic = monotonic(0n)
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #online = false
  #offline = false
  #failed = 0
  #busy = 0
  #inPart = false
  #punctual = PUNCTUAL_AFTER
  #missedSince = 0

  constructor(context: PartContext, functions: Pick<KnownFunctions, 'forget'>, life: DeviceLife) {
    this.#functions = functions
    const { model, device } = context.placed
    this.#context = context
    this.#clock = context.clock
    this.#log = context.log
    this.#life = life
    this.#device = device.id
    this.#parts = partsOf(context).map((part) => ({ part, error: undefined, due: monotonic(0n) }))
    this.#period_ms = pollPeriod_ms(context.placed)
    this.#tally = new PollTally(device.id, context.placed.link.id)
    if (model.ring !== undefined)
      this.#depth_ms = (model.ring.depth / model.ring.sample_rate_hz / timeScale(context)) * 1000
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

  /** After `stop`: the site file has changed. `ended`: its channels are told bad, for nothing follows. */
  leave(ended: boolean): void {
    const error = new ModbusError('removed', 'the site file has changed')
    if (ended)
      for (const watched of this.#parts) watched.part.failed(error, this.#clock.now(), watched.error === undefined)
    this.#life.offline(this.#device, error.reason)
  }

  get missed(): number {
    return this.#tally.missed
  }

  sampleTime(boot_id: number, counter: number): SampleTime | undefined {
    return this.#parts.map(({ part }) => part.sampleTime?.(boot_id, counter)).find((time) => time !== undefined)
  }

  stats(): DeviceStats {
    const parts = this.#parts.map(({ part }) => part)
    return this.#tally.stats({
      online: this.#online,
      refused_points: parts.reduce((sum, part) => sum + (part.refusedPoints ?? 0), 0),
      clock: parts.map((part) => part.clockState?.()).find((state) => state !== undefined),
    })
  }

  #arm(at: Monotonic): void {
    this.#due = at
    this.#cancel = this.#clock.at(at, () => {
      this.#running = this.#poll()
    })
  }

  async #poll(): Promise<void> {
    const began = this.#clock.monotonic()
    this.#tally.begin(secondsBetween(began, this.#due))
    // A device that was silent may be another one, or ready by now.
    if (this.#offline) this.#functions.forget()
    const outcome = await this.#pollParts()
    if (this.#stopped) return
    this.#context.link.pollEnded?.()
    const now_ns = this.#clock.now()
    this.#tally.end(outcome, secondsBetween(this.#clock.monotonic(), began), now_ns)
    this.#judge(outcome)
    this.#tally.breaker(this.#offline ? 'open' : 'closed', now_ns)
    this.#next(outcome)
  }

  async #pollParts(): Promise<Outcome> {
    let gave = false
    let failure: ModbusError | undefined
    /** After a time-out or a closed line the other part would only wait again. */
    let lineDown: ModbusError | undefined
    const alive = () => {
      gave = true
      return this.#online ? undefined : this.#cameAlive()
    }
    const due = this.#parts.filter((watched) => this.#isDue(watched))
    for (const watched of due) {
      const error = lineDown ?? (await watched.part.poll(alive).then(() => undefined, expected))
      if (this.#stopped) break
      if (error === undefined) {
        watched.error = undefined
        continue
      }
      this.#partFailed(watched, error)
      failure ??= error
      if (error.reason === 'timeout' || error.reason === 'closed') lineDown = error
    }
    if (lineDown !== undefined)
      for (const watched of this.#parts) if (!due.includes(watched)) this.#partFailed(watched, lineDown)
    return { gave, error: failure, lacking: failure ?? this.#parts.find(({ error }) => error !== undefined)?.error }
  }

  #partFailed(watched: Watched, error: ModbusError): void {
    watched.part.failed(error, this.#clock.now(), watched.error === undefined)
    watched.error = error
  }

  /** On the part's own grid: at the first poll of the device at or after its instant. A probe asks for everything. */
  #isDue(watched: Watched): boolean {
    const { period_ms } = watched.part
    if (period_ms === undefined || period_ms <= this.#period_ms) return true
    const now = this.#clock.monotonic()
    if (this.#online && now < watched.due) return false
    watched.due = nextTick(this.#base, period_ms, this.#due, now).at
    return true
  }

  async #cameAlive(): Promise<void> {
    if (this.#stopped || this.#online) return
    const { link, placed } = this.#context
    const { info } = placed.model
    const said = info && (await readInfo(info, link, placed.device.unit_id, this.#log))
    if (this.#stopped) return
    this.#online = true
    if (this.#offline) this.#log.info('device is back')
    this.#offline = false
    if (said === undefined) this.#life.online(this.#device)
    else this.#life.online(this.#device, said)
  }

  #judge({ gave, error, lacking }: Outcome): void {
    if (gave !== this.#inPart || lacking === undefined) this.#tellPart(gave && lacking !== undefined, lacking)
    this.#busy = error !== undefined && isBusy(error) ? this.#busy + 1 : 0
    if (gave || error === undefined) {
      this.#failed = 0
      return
    }
    this.#failed++
    if (this.#failed === 1) this.#log.warn('device gives no data', { reason: error.reason, detail: error.message })
    // A busy device is there: it is asked again soon, and its channels are bad meanwhile.
    if (this.#failed < OFFLINE_AFTER || this.#offline || isBusy(error)) return
    this.#online = false
    this.#offline = true
    this.#log.warn('device is offline', { reason: error.reason, detail: error.message })
    this.#life.offline(this.#device, error.reason)
  }

  #tellPart(inPart: boolean, error: ModbusError | undefined): void {
    if (inPart === this.#inPart) return
    this.#inPart = inPart
    if (inPart) this.#log.warn('device gives a part only', { reason: error?.reason, detail: error?.message })
    else if (error === undefined) this.#log.info('device gives everything again')
  }

  #next({ gave, error }: Outcome): void {
    const pause_ms = this.#pause_ms(gave)
    if (pause_ms !== undefined) {
      this.#arm(this.#after(jittered_ms(pause_ms, this.#device, this.#failed + this.#busy)))
      return
    }
    const now = this.#clock.monotonic()
    const { at, missed } = nextTick(this.#base, this.#period_ms, this.#due, now)
    // Waiting for a silent device is no lateness of ours; its polls are counted in the gap.
    if (gave && error === undefined) this.#countMissed(missed)
    this.#arm(at)
  }

  /** Off the schedule: while the device is silent, or says that it is busy. */
  #pause_ms(gave: boolean): number | undefined {
    if (this.#offline && !gave) return probePause_ms(this.#period_ms, this.#failed - OFFLINE_AFTER, this.#depth_ms)
    return this.#busy > 0 ? busyPause_ms(this.#period_ms, this.#busy) : undefined
  }

  #countMissed(missed: number): void {
    if (missed > 0) {
      this.#tally.missed += missed
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

function partsOf(context: PartContext): Part[] {
  const { model } = context.placed
  const parts: Part[] = []
  if ((model.points ?? []).length > 0) parts.push(new ScalarPart(context))
  if (model.ring !== undefined) parts.push(new RingPart(context, model.ring, new RingReader(context, model.ring)))
  if (model.fifo !== undefined) parts.push(new RingPart(context, model.fifo, new FifoReader(context, model.fifo)))
  return parts
}

/** Modbus Application Protocol 1.1b3, 7: acknowledge (5) and server device busy (6): "try again later". */
const isBusy = ({ reason }: ModbusError): boolean => reason === 'exception-5' || reason === 'exception-6'

/** A silent device is a state that people see; anything else is our bug and ends the process. */
function expected(error: unknown): ModbusError {
  if (error instanceof ModbusError) return error
  throw error
}
