/**
 * One way of one connection through a wire that may be bad: frames judged, then delivered in order and in time. What the
 * wire does to a frame is decided in `wire-proxy.ts`; what a frame is, and where it goes, is the caller's.
 */
import type { Clock } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import type { Delivery, Lane } from '../wire-proxy.ts'

/** Late frames that may be outstanding on one way; what comes beyond it is lost and counted as overflow. */
export const LATE_MAX = 1024

export type WireWayOptions = {
  readonly lane: Lane
  readonly clock: Clock
  readonly write: (bytes: Uint8Array) => void
}

export class WireWay {
  readonly #options: WireWayOptions
  #late: Array<{ readonly bytes: Uint8Array; readonly due: bigint }> = []
  #cancelTimer = () => {}
  #open = true

  constructor(options: WireWayOptions) {
    this.#options = options
  }

  /** Nothing happens to a frame that comes now: it may be handled at once, if it is told by `carried`. */
  get sound(): boolean {
    return this.#late.length === 0 && this.#options.lane.sound
  }

  carried(): void {
    this.#options.lane.carried()
  }

  pass(frame: Uint8Array): void {
    if (!this.#open) return
    for (const delivery of this.#options.lane.judge(frame)) this.#deliver(delivery)
  }

  /** Late frames are lost with the connection. */
  close(): void {
    this.#open = false
    this.#cancelTimer()
    this.#late = []
  }

  /** Delays keep the order: a frame is due no sooner than the one before it. */
  #deliver({ bytes, delay_ms }: Delivery): void {
    const { clock, write, lane } = this.#options
    const now = clock.monotonic()
    const asked = now + BigInt(Math.round(delay_ms * 1e6))
    const last = this.#late.at(-1)?.due ?? now
    const due = asked > last ? asked : last
    if (this.#late.length === 0 && due <= now) write(bytes)
    else if (this.#late.length >= LATE_MAX) lane.overflow()
    else {
      this.#late.push({ bytes, due })
      if (this.#late.length === 1) this.#arm()
    }
  }

  /** One timer, for the first: timers of equal instants may fire in any order. */
  #arm(): void {
    const { clock, write } = this.#options
    const first = this.#late[0]
    if (first === undefined) return
    this.#cancelTimer = clock.at(monotonic(first.due), () => {
      const now = clock.monotonic()
      const due = this.#late.findIndex((frame) => frame.due > now)
      for (const { bytes } of this.#late.splice(0, due < 0 ? this.#late.length : due)) write(bytes)
      if (this.#open) this.#arm()
    })
  }
}
