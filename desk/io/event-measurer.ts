/**
 * Measures each ground-motion event once it is over and its waveforms have come in, without anybody having to open it: one at a
 * look, the newest first, and none while the ground still shakes, so that no alarm waits for a figure. What was measured is
 * kept by `event-desk.ts`; a kill in between measures again.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { GroundMotion } from '../ground-motion.ts'

const LOOK_MS = 15_000
/** One that fails so often is left until somebody opens it, or the desk starts anew: the others have their turn. */
const TRIES_MAX = 3

export interface Measurable {
  /** Something shakes, or did a moment ago. */
  readonly shaking: boolean
  /** Events to be measured now, the newest first. */
  due(): readonly GroundMotion[]
  measureAnew(event: GroundMotion): Promise<unknown>
}

export type EventMeasurerOptions = {
  readonly events: Measurable
  readonly storeAway: () => string | undefined
  readonly clock: Clock
  readonly log: Log
}

export class EventMeasurer {
  readonly #o: EventMeasurerOptions
  readonly #failed = new Map<string, number>()
  #stopped = false
  #cancel: () => void = () => {}
  #working: Promise<void> | undefined

  constructor(options: EventMeasurerOptions) {
    this.#o = options
  }

  start(): void {
    if (this.#stopped) return
    const { clock } = this.#o
    this.#cancel = clock.at(afterMs(clock, LOOK_MS), () => {
      this.#working = this.#look().finally(() => {
        this.#working = undefined
        this.start()
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  async #look(): Promise<void> {
    const { events, storeAway, clock, log } = this.#o
    if (events.shaking || storeAway() !== undefined) return
    const next = events.due().find(({ id }) => (this.#failed.get(id) ?? 0) < TRIES_MAX)
    if (next === undefined) return
    const release = clock.hold()
    try {
      await events.measureAnew(next)
      this.#failed.delete(next.id)
    } catch (cause) {
      // That the store has just gone says nothing of the event.
      if (storeAway() !== undefined) return
      const tries = (this.#failed.get(next.id) ?? 0) + 1
      this.#failed.set(next.id, tries)
      if (tries === TRIES_MAX)
        log.error(new PlumblineError('BUG', `event ${next.id} cannot be measured`).message, { cause })
    } finally {
      release()
    }
  }
}
