/**
 * One stream of RTU characters, served: requests out of the stream by length and silence, answers back, late ones late.
 * Whether the stream is a serial line or a TCP connection is left to the two servers.
 */
import type { Clock } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import { answerRtu } from '../answer.ts'
import type { SimulatedDevice } from '../device.ts'
import { type RtuFrame, RtuReader } from '../rtu-frame.ts'
import type { Timebase } from '../timebase.ts'
import { afterSilence } from './silence.ts'

/** Late answers that one stream may have outstanding; what is asked beyond it stays unanswered and is counted. */
export const DELAYED_MAX = 256

export type RtuSessionOptions = {
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly at: Timebase
  readonly clock: Clock
  /** A pause of this length ends a frame. */
  readonly silence_ms: number
  /** Time a request and its reply take on the wire [ms]; 0 where the wire itself takes it. */
  readonly wireTime_ms?: (bytes: number) => number
  readonly write: (bytes: Uint8Array) => void
  /** A device's fault ends the connection. */
  readonly end: () => void
  readonly dropped: (why: string) => void
}

export class RtuSession {
  readonly #options: RtuSessionOptions
  readonly #reader = new RtuReader()
  readonly #delayed = new Set<() => void>()
  #cancelSilence = () => {}
  #open = true

  constructor(options: RtuSessionOptions) {
    this.#options = options
  }

  data(chunk: Uint8Array): void {
    if (!this.#open) return
    this.#cancelSilence()
    for (const frame of this.#reader.push(chunk)) this.#answer(frame)
    if (!this.#open || !this.#reader.waiting) return
    const { clock, silence_ms } = this.#options
    this.#cancelSilence = afterSilence(clock, silence_ms, () => this.#silent())
  }

  close(): void {
    this.#open = false
    this.#cancelSilence()
    for (const cancel of this.#delayed) cancel()
    this.#delayed.clear()
  }

  #silent(): void {
    const end = this.#reader.silence()
    if (end === undefined) return
    if ('dropped' in end) this.#options.dropped(end.dropped)
    else this.#answer(end)
  }

  #answer(frame: RtuFrame): void {
    const { devices, at, write, end, wireTime_ms } = this.#options
    const reply = answerRtu(frame, devices, at())
    if (reply === 'close') end()
    if (typeof reply === 'string' || !this.#open) return
    const { bytes } = reply
    const delay_ms = reply.delay_ms + (wireTime_ms?.(frame.pdu.length + 3 + bytes.length) ?? 0)
    if (delay_ms > 0) this.#later(bytes, delay_ms)
    else write(bytes)
  }

  #later(bytes: Uint8Array, delay_ms: number): void {
    const { clock, write, dropped } = this.#options
    if (this.#delayed.size >= DELAYED_MAX) {
      dropped(`more than ${DELAYED_MAX} late answers outstanding`)
      return
    }
    const cancel = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(delay_ms * 1e6))), () => {
      this.#delayed.delete(cancel)
      write(bytes)
    })
    this.#delayed.add(cancel)
  }
}
