/**
 * Has the writer's thread tend the store: rollups, sealing and retention in short slices, at rest while batches are being written. What
 * was dropped is told once a day.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Retention } from '../retention.ts'
import type { Dropped } from './sweep.ts'
import type { Tended, TendOrder } from './tend-program.ts'

export type TenderOptions = {
  readonly clock: Clock
  readonly log: Log
  readonly retention: Retention
  /** A batch waits for the thread or is in it. */
  readonly busy: () => boolean
  readonly tend: (order: TendOrder) => Promise<Tended>
}

const ROUND_MS = 1000
/** Between two slices of 15 ms: the thread is at most a quarter busy with them, much less while batches come. */
const PAUSE_MS = { idle: 45, busy: 250 } as const
/** A store that is always busy is tended all the same, at least so often. */
const BUSY_ROUNDS_MAX = 5
/** Hours are rolled up once nobody has written to them for so many rounds. */
const QUIET_ROUNDS = 30
const SWEEP_ROUNDS = 60
const DAY_ROUNDS = 86_400

export class Tender {
  readonly #o: TenderOptions
  #cancel: () => void = () => {}
  #stopped = false
  #round = 0
  #busy = 0
  #failing = false
  /** What was dropped as the thread last said, and since the last log line: a new thread counts from 0. */
  #counted: Dropped = { readings: 0, blocks: 0, rollups: 0 }
  readonly #untold: Dropped = { readings: 0, blocks: 0, rollups: 0 }

  constructor(options: TenderOptions) {
    this.#o = options
    this.#after(ROUND_MS, () => this.#begin())
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #after(ms: number, work: () => Promise<void>): void {
    if (this.#stopped) return
    const { clock } = this.#o
    this.#cancel = clock.at(afterMs(clock, ms), () => void work())
  }

  async #begin(): Promise<void> {
    this.#round++
    if (this.#round % DAY_ROUNDS === 0) this.#tell()
    const { clock, retention } = this.#o
    const sweep = this.#round % SWEEP_ROUNDS === 1 ? { now_ns: clock.now(), retention } : undefined
    if (sweep === undefined && this.#o.busy() && ++this.#busy < BUSY_ROUNDS_MAX)
      return this.#after(ROUND_MS, () => this.#begin())
    this.#busy = 0
    await this.#slice({ rounds: QUIET_ROUNDS, seal: true, ...(sweep && { sweep }) })
  }

  async #slice(order: TendOrder): Promise<void> {
    const release = this.#o.clock.hold()
    try {
      const { left, dropped } = await this.#o.tend(order)
      this.#count(dropped)
      if (this.#failing) this.#o.log.info('the store is tended again')
      this.#failing = false
      if (left > 0) return this.#after(this.#o.busy() ? PAUSE_MS.busy : PAUSE_MS.idle, () => this.#slice({}))
    } catch (error) {
      if (!this.#failing && !this.#stopped) this.#fails(error as Error)
    } finally {
      release()
    }
    this.#after(ROUND_MS, () => this.#begin())
  }

  #fails(error: Error): void {
    this.#failing = true
    const code = error instanceof PlumblineError ? error.code : 'BUG'
    this.#o.log.warn('rollups and retention fail; rows are stored all the same', { code, why: error.message })
  }

  #count(dropped: Dropped): void {
    for (const key of Object.keys(dropped) as Array<keyof Dropped>)
      this.#untold[key] += dropped[key] - (dropped[key] < this.#counted[key] ? 0 : this.#counted[key])
    this.#counted = dropped
  }

  #tell(): void {
    const { readings, blocks, rollups } = this.#untold
    if (readings + blocks + rollups > 0)
      this.#o.log.info('older than kept, dropped in the last day', { ...this.#untold })
    Object.assign(this.#untold, { readings: 0, blocks: 0, rollups: 0 })
  }
}
