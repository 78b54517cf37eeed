/**
 * The simulator as a drill needs it: plays one, is asked whether it still does, and is told that it is over until it has
 * heard so. What follows from its answers is `drill-desk.ts`'s.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { ShadowPlace, SimulatorControl } from '../../domain/simulator-control.ts'
import { type Monotonic, NS_PER_S } from '../../domain/time.ts'
import type { Drill } from '../drill.ts'

const ASK_EVERY_NS = 5n * NS_PER_S
/** Beyond it a simulator that does not answer keeps its shadows; the next drill clears them away. */
const STOP_TRIES_MAX = 120

export type Played = {
  readonly places: readonly ShadowPlace[]
  readonly scenario: string | null
  readonly seed: number | null
}

export class DrillPlayer {
  readonly #simulator: SimulatorControl | undefined
  readonly #clock: Clock
  readonly #log: Log
  #asked: Monotonic | undefined
  /** A drill that is over and that the simulator could not be told to end. */
  #leftOver: { readonly id: string; tries: number } | undefined

  constructor(simulator: SimulatorControl | undefined, clock: Clock, log: Log) {
    this.#simulator = simulator
    this.#clock = clock
    this.#log = log
  }

  /** True while the simulator has not heard of the end of a drill. */
  get busy(): boolean {
    return this.#leftOver !== undefined
  }

  /** @throws PlumblineError SIMULATOR_UNAVAILABLE */
  need(): SimulatorControl {
    if (this.#simulator !== undefined) return this.#simulator
    throw new PlumblineError('SIMULATOR_UNAVAILABLE', 'this desk was given no simulator')
  }

  /** Plays, and says where the shadows answer. Rejects with what the simulator says. */
  async play({ id, shadows, request = {} }: Drill): Promise<Played> {
    const simulator = this.need()
    const before = await simulator.status()
    // One drill at a time, and this desk has no other: what still stands there was left behind.
    if (before.drill !== null) await simulator.stopDrill(before.drill)
    const places = await simulator.startDrill({ drill: id, scenario: request, shadows })
    const { scenario } = await simulator.status()
    return { places, scenario: scenario?.name ?? null, seed: scenario?.seed ?? null }
  }

  /** Id of the drill that it plays; `undefined` where it was asked a moment ago. Rejects while it gives no answer. */
  async playing(): Promise<string | null | undefined> {
    if (!this.#due()) return undefined
    return (await this.#simulator?.status())?.drill ?? null
  }

  /** Why it could not be told, if it could not; then `clear` tells it later. */
  async stop(id: string): Promise<string | undefined> {
    try {
      await this.#simulator?.stopDrill(id)
      return undefined
    } catch (error) {
      this.#leftOver = { id, tries: 0 }
      return (error as Error).message
    }
  }

  /** Tells it again of a drill that is over. */
  async clear(): Promise<void> {
    const left = this.#leftOver
    if (left === undefined || !this.#due()) return
    try {
      await this.#simulator?.stopDrill(left.id)
      this.#leftOver = undefined
    } catch (error) {
      if (++left.tries < STOP_TRIES_MAX) return
      this.#leftOver = undefined
      this.#log.error('the simulator could not be told that a drill is over', { drill: left.id, why: String(error) })
    }
  }

  #due(): boolean {
    const at = this.#clock.monotonic()
    if (this.#asked !== undefined && at - this.#asked < ASK_EVERY_NS) return false
    this.#asked = at
    return true
  }
}
