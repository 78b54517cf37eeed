/**
 * One stream of RTU characters, served: requests out of the stream by length and silence, answers back, late ones late.
 * Whether the stream is a serial line or a TCP connection is left to the two servers.
 */
import type { Clock } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import { answerRtu } from '../answer.ts'
import type { SimulatedDevice } from '../device.ts'
import { encodeRtu, type RtuFrame } from '../rtu-frame.ts'
import type { Timebase } from '../timebase.ts'
import type { LinkFaults } from '../wire-proxy.ts'
import { RtuEar } from './rtu-ear.ts'
import { WireWay } from './wire-way.ts'

/** Late answers that one stream may have outstanding; what is asked beyond it stays unanswered and is counted. */
export const DELAYED_MAX = 256

export type RtuSessionOptions = {
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly at: Timebase
  readonly clock: Clock
  readonly wire: LinkFaults
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
  /** What came on the line, and what the devices hear of it when the wire is bad. */
  readonly #near: RtuEar
  readonly #far: RtuEar
  readonly #requests: WireWay
  readonly #replies: WireWay
  readonly #delayed = new Set<() => void>()
  #open = true

  constructor(options: RtuSessionOptions) {
    const { clock, wire, silence_ms, dropped, write } = options
    this.#options = options
    const ear = (frame: (frame: RtuFrame) => void) => new RtuEar({ clock, silence_ms, frame, dropped })
    this.#near = ear((frame) => this.#request(frame))
    this.#far = ear((frame) => this.#answer(frame))
    this.#requests = new WireWay({ clock, lane: wire.lane('requests'), write: (bytes) => this.#far.data(bytes) })
    this.#replies = new WireWay({ clock, lane: wire.lane('replies'), write })
  }

  data(chunk: Uint8Array): void {
    if (this.#open) this.#near.data(chunk)
  }

  close(): void {
    this.#open = false
    for (const part of [this.#near, this.#far, this.#requests, this.#replies]) part.close()
    for (const cancel of this.#delayed) cancel()
    this.#delayed.clear()
  }

  #request(frame: RtuFrame): void {
    if (!this.#open) return
    if (this.#requests.sound && !this.#far.waiting) {
      this.#requests.carried()
      this.#answer(frame)
    } else this.#requests.pass(encodeRtu(frame))
  }

  #answer(frame: RtuFrame): void {
    const { devices, at, end, wireTime_ms } = this.#options
    const reply = answerRtu(frame, devices, at())
    if (reply === 'close') end()
    if (typeof reply === 'string' || !this.#open) return
    const { bytes } = reply
    const delay_ms = reply.delay_ms + (wireTime_ms?.(frame.pdu.length + 3 + bytes.length) ?? 0)
    if (delay_ms > 0) this.#later(bytes, delay_ms)
    else this.#replies.pass(bytes)
  }

  #later(bytes: Uint8Array, delay_ms: number): void {
    const { clock, dropped } = this.#options
    if (this.#delayed.size >= DELAYED_MAX) {
      dropped(`more than ${DELAYED_MAX} late answers outstanding`)
      return
    }
    const cancel = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(delay_ms * 1e6))), () => {
      this.#delayed.delete(cancel)
      this.#replies.pass(bytes)
    })
    this.#delayed.add(cancel)
  }
}
