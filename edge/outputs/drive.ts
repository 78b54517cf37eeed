/**
 * One local output and its device: keeps what is written the same as what is wanted, reads every write back, tries again when
 * it fails, and watches the button that silences. When the output is on is `output.ts`; all of it needs no uplink.
 */
import { outputLimitId, silencedLimitId } from '../../domain/automatic-limits.ts'
import type { PlacedDevice } from '../../domain/channel.ts'
import type { Limit } from '../../domain/condition.ts'
import { type Clock, type Log, ModbusError, type ModbusLink } from '../../domain/ports.ts'
import type { SiteOutput } from '../../domain/site-limit.ts'
import { type Instant, type Monotonic, monotonic, NS_PER_MS, NS_PER_S } from '../../domain/time.ts'
import type { EdgeState, Recorder } from '../ports.ts'
import {
  type Cause,
  causesOf,
  endOf,
  type OutputState,
  restoreOutput,
  ruleOf,
  saveOutput,
  stepOutput,
} from './output.ts'
import { OwnCondition } from './own-condition.ts'
import { coilPlan, holds, readBit, type WritePlan, writeConfirmed, writePlan } from './write-plan.ts'

/** A confirmed output is looked at again after so long: a device that started anew has forgotten it. */
const CHECK_NS = 10n * NS_PER_S
/** Pause after the first failure, doubled with each further one. */
const RETRY_NS = 500n * NS_PER_MS
const RETRY_MAX_NS = 30n * NS_PER_S
/** One lost frame is no failure; two attempts in a row are. */
const FAILED_AFTER = 2
/** Causes are looked at this often at least, for those that time alone brings (desk offline). */
const LOOK_NS = NS_PER_S

/** `link` throws a ModbusError where there is none at the moment. */
export type OutputDevice = { readonly placed: PlacedDevice; readonly link: () => ModbusLink }
export type DriveOptions = {
  readonly output: SiteOutput
  readonly limits: readonly Limit[]
  readonly driven: OutputDevice
  readonly button: OutputDevice | undefined
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Recorder
  readonly state: EdgeState
  readonly stateOf: (limitId: string) => Cause | undefined
  readonly deskOfflineSince: () => Instant | null
}

export class Drive {
  readonly #options: DriveOptions
  readonly #simulated: boolean
  readonly #failed: OwnCondition
  readonly #silenced: OwnCondition
  #state: OutputState
  #silence = false
  /** What the desk asks for, each until its end; a restart forgets it, a cause of the node's own stands. */
  readonly #asked = new Map<string, Monotonic>()
  /** Confirmed by the device; undefined = not known. */
  #held: boolean | undefined
  #checkAt: Monotonic = monotonic(0n)
  #retryAt: Monotonic = monotonic(0n)
  #attempts = 0
  /** Last look at the button since the output came on; undefined = not yet. */
  #pressed: boolean | undefined
  #buttonLost = false
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #busy = false
  #again = false
  #stopped = false

  constructor(options: DriveOptions) {
    const { output, limits, driven, recorder, state } = options
    this.#options = options
    this.#simulated = driven.placed.device.simulated !== undefined
    const own = (id: string) => new OwnCondition(limits.find((l) => l.id === id)!, this.#simulated, recorder)
    this.#failed = own(outputLimitId(output.id))
    this.#silenced = own(silencedLimitId(output.id))
    this.#state = restoreOutput(state.get(this.#key))
  }

  get #key(): string {
    return `output/${this.#options.output.id}`
  }
  /** What is wanted now. */
  get on(): boolean {
    return this.#state.since_ns !== null
  }
  get failing(): boolean {
    return this.#failed.raised
  }

  start(): void {
    this.look()
  }

  /** What is on stays on: a stop of this node is no all-clear. Resolves when no write of it is under way. */
  stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    return this.#running
  }

  /** From the desk; who and why is audited by the caller. */
  silence(): void {
    this.#silence = true
    this.look()
  }

  /** From the desk, once for each id; as with a limit, the mode says how long it sounds. */
  sound(id: string, for_ns: bigint): void {
    const { clock } = this.#options
    this.#asked.set(id, monotonic(clock.monotonic() + for_ns))
    this.look()
  }

  get device(): string {
    return this.#options.driven.placed.device.id
  }

  /** Its device was heard: no further pause, and whatever it holds is looked at again. */
  retry(): void {
    this.#retryAt = monotonic(0n)
    this.#checkAt = monotonic(0n)
    this.look()
  }

  /** Something may have changed: a limit, the desk, the time. */
  look(): void {
    if (this.#stopped) return
    this.#step(this.#silence)
    if (this.#busy) {
      this.#again = true
      return
    }
    this.#busy = true
    this.#running = this.#work().finally(() => {
      this.#busy = false
      if (this.#again && !this.#stopped) {
        this.#again = false
        this.look()
      } else this.#arm()
    })
  }

  #step(silence: boolean): void {
    const { output, clock, state, stateOf, deskOfflineSince, log } = this.#options
    const now = clock.now()
    const was = this.#state
    const context = { stateOf, deskOfflineSince: deskOfflineSince(), now, simulated: this.#simulated }
    this.#silence = false
    const causes = [...causesOf(output.when, context), ...this.#askedNow()]
    this.#state = stepOutput(ruleOf(output), was, now, causes, silence)
    if (JSON.stringify(saveOutput(was)) !== JSON.stringify(saveOutput(this.#state)))
      state.set(this.#key, saveOutput(this.#state))
    if (this.on !== (was.since_ns !== null))
      log.warn(this.on ? 'output goes on' : 'output goes off', { output: output.id, causes: this.#state.causes })
    if (!this.on) this.#pressed = undefined
    if (!this.#state.silenced && this.#silenced.raised) this.#silenced.set(false, now)
  }

  #askedNow(): string[] {
    const now = this.#options.clock.monotonic()
    for (const [id, end] of this.#asked) if (end <= now) this.#asked.delete(id)
    return [...this.#asked.keys()].map((id) => `asked#${id}`)
  }

  async #work(): Promise<void> {
    if (this.on) await this.#lookAtButton()
    if (!this.#stopped) await this.#drive()
  }

  async #drive(): Promise<void> {
    const { clock, driven } = this.#options
    const now = clock.monotonic()
    const wanted = this.on
    if (now < this.#retryAt || (this.#held === wanted && now < this.#checkAt)) return
    const unitId = driven.placed.device.unit_id
    try {
      const plan = this.#plan(wanted)
      const link = driven.link()
      if (this.#held !== wanted || !(await holds(link, unitId, plan))) {
        this.#held = undefined
        await writeConfirmed(link, unitId, plan)
      }
      this.#confirmed(wanted)
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error
      if (!this.#stopped) this.#couldNot(error)
    } finally {
      letGo(driven)
    }
  }

  #confirmed(held: boolean): void {
    const { clock, log, output } = this.#options
    this.#held = held
    this.#attempts = 0
    this.#retryAt = monotonic(0n)
    this.#checkAt = monotonic(clock.monotonic() + CHECK_NS)
    if (this.#failed.set(false, clock.now())) log.info('output can be driven again', { output: output.id, on: held })
  }

  #couldNot(error: ModbusError): void {
    const { clock, log, output } = this.#options
    this.#held = undefined
    const pause = RETRY_NS << BigInt(Math.min(this.#attempts, 10))
    this.#attempts++
    this.#retryAt = monotonic(clock.monotonic() + (pause > RETRY_MAX_NS ? RETRY_MAX_NS : pause))
    if (this.#attempts < FAILED_AFTER) return
    if (this.#failed.set(true, clock.now()))
      log.error('output cannot be driven', {
        output: output.id,
        reason: error.reason,
        detail: error.message,
        on: this.on,
      })
  }

  /** A press is a step from 0 to 1 while the output is on: a button that hangs silences nothing for ever. */
  async #lookAtButton(): Promise<void> {
    const { button, output, clock, log } = this.#options
    if (button === undefined) return
    const { silence } = output
    const { device, model } = button.placed
    const at = silence!.coil ?? model.points!.find((p) => p.metric === silence!.point)!
    try {
      const pressed = await readBit(button.link(), device.unit_id, at)
      const press = pressed && this.#pressed === false
      this.#pressed = pressed
      if (this.#buttonLost) log.info('the button is heard again', { output: output.id })
      this.#buttonLost = false
      if (!press || this.#stopped || !this.on) return
      this.#step(true)
      this.#silenced.set(true, clock.now())
      log.warn('output silenced at the panel', { output: output.id })
      if (!this.#state.silenced) this.#silenced.set(false, clock.now())
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error
      if (!this.#buttonLost && !this.#stopped)
        log.warn('the button gives no answer', { output: output.id, reason: error.reason })
      this.#buttonLost = true
    } finally {
      letGo(button)
    }
  }

  #plan(on: boolean): WritePlan {
    const { output, driven } = this.#options
    const value = on ? output.on_value : output.off_value
    const { coil, point } = output.drives
    if (coil !== undefined) return coilPlan(coil, value)
    const plan = writePlan(driven.placed.model.points!.find((p) => p.metric === point)!, value)
    if (plan === undefined) throw new ModbusError('bad-reply', `${value} cannot be written to ${point}`)
    return plan
  }

  #arm(): void {
    if (this.#stopped) return
    const { clock, output, button } = this.#options
    const now = clock.monotonic()
    const times = [now + LOOK_NS]
    if (this.on && button !== undefined) times.push(now + BigInt(output.poll_ms) * NS_PER_MS)
    const end_ns = endOf(ruleOf(output), this.#state)
    if (end_ns !== undefined) times.push(now + positive(end_ns - clock.now()))
    if (this.#retryAt > now) times.push(this.#retryAt)
    this.#cancel()
    this.#cancel = clock.at(monotonic(times.reduce((a, b) => (b < a ? b : a))), () => this.look())
  }
}

/** A device that serves one master at a time is left to the others, where the site asks for it. */
function letGo({ link }: OutputDevice): void {
  try {
    link().pollEnded?.()
  } catch (error) {
    if (!(error instanceof ModbusError)) throw error
  }
}

const positive = (ns: bigint): bigint => (ns > 0n ? ns : 0n)
