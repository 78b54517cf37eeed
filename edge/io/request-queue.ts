/**
 * What waits for a link: writes before reads, each in the order of asking, and a unit that must be left alone for a while
 * does not keep the others waiting.
 */
import { type Clock, ModbusError } from '../../domain/ports.ts'
import type { Monotonic } from '../../domain/time.ts'

/** Requests that may wait; a device has at most one, and a bus at most 247 devices. */
export const WAITING_MAX = 256

export type Job = {
  readonly unit: number
  readonly write: boolean
  readonly run: () => Promise<void>
  readonly reject: (error: unknown) => void
}

export class RequestQueue {
  readonly #clock: Clock
  #writes: Job[] = []
  #reads: Job[] = []
  /** Units whose late reply may still come, and until when. */
  readonly #drained = new Map<number, Monotonic>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get empty(): boolean {
    return this.#writes.length + this.#reads.length === 0
  }

  /** @throws ModbusError where too many wait */
  add(job: Job): void {
    if (this.#writes.length + this.#reads.length >= WAITING_MAX)
      throw new ModbusError('timeout', `more than ${WAITING_MAX} requests wait on the link`)
    if (job.write) this.#writes.push(job)
    else this.#reads.push(job)
  }

  leaveAlone(unit: number, until: Monotonic): void {
    this.#drained.set(unit, until)
  }

  /** The next request that may be sent now, or when the first will be; undefined where nothing waits. */
  take(): Job | Monotonic | undefined {
    if (this.#drained.size === 0) return this.#writes.shift() ?? this.#reads.shift()
    const now = this.#clock.monotonic()
    for (const [unit, until] of this.#drained) if (until <= now) this.#drained.delete(unit)
    for (const jobs of [this.#writes, this.#reads]) {
      const at = jobs.findIndex(({ unit }) => !this.#drained.has(unit))
      if (at >= 0) return jobs.splice(at, 1)[0]!
    }
    return [...this.#writes, ...this.#reads]
      .map(({ unit }) => this.#drained.get(unit)!)
      .reduce<Monotonic | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined)
  }

  /** Rejects all that waits. */
  refuse(error: ModbusError): void {
    for (const { reject } of [...this.#writes.splice(0), ...this.#reads.splice(0)]) reject(error)
  }
}
