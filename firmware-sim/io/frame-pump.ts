/**
 * One way through a wire proxy: frames out of a byte stream, judged, delivered in order and in time. Both proxies are two
 * of these; what the wire does to a frame is decided in `wire-proxy.ts`.
 */
import type { Clock } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'
import { encodeFrame, FrameReader } from '../modbus-frame.ts'
import { encodeRtu, RtuReader, replyLength, requestLength } from '../rtu-frame.ts'
import type { Delivery, Framing, Lane } from '../wire-proxy.ts'
import { afterSilence } from './silence.ts'

/** Late frames that may be outstanding on one way; what comes beyond it is lost and counted as overflow. */
export const LATE_MAX = 1024

export type FramePumpOptions = {
  readonly lane: Lane
  readonly framing: Framing
  readonly clock: Clock
  /** A pause of this length ends an RTU frame whose function does not tell its length. */
  readonly silence_ms: number
  readonly write: (bytes: Uint8Array) => void
  /** The stream is not what the framing says; nothing after it can be told apart. */
  readonly broken: (why: string) => void
}

export class FramePump {
  readonly #options: FramePumpOptions
  readonly #mbap = new FrameReader()
  readonly #rtu: RtuReader
  #late: Array<{ readonly bytes: Uint8Array; readonly due: bigint }> = []
  #cancelTimer = () => {}
  #cancelSilence = () => {}
  #open = true

  constructor(options: FramePumpOptions) {
    this.#options = options
    this.#rtu = new RtuReader(options.lane.way === 'requests' ? requestLength : replyLength)
  }

  data(chunk: Uint8Array): void {
    if (!this.#open) return
    if (this.#options.framing === 'rtu') this.#rtuData(chunk)
    else this.#mbapData(chunk)
  }

  #mbapData(chunk: Uint8Array): void {
    const { frames, fault } = this.#mbap.push(chunk)
    for (const frame of frames) this.#pass(encodeFrame(frame))
    if (fault !== undefined) this.#options.broken(fault)
  }

  /** Late frames are lost with the connection. */
  close(): void {
    this.#open = false
    this.#cancelSilence()
    this.#cancelTimer()
    this.#late = []
  }

  #rtuData(chunk: Uint8Array): void {
    this.#cancelSilence()
    for (const frame of this.#rtu.push(chunk)) this.#pass(encodeRtu(frame))
    if (!this.#rtu.waiting) return
    const { clock, silence_ms } = this.#options
    this.#cancelSilence = afterSilence(clock, silence_ms, () => {
      const end = this.#rtu.silence()
      // What is no frame is still on the wire: a proxy mends nothing.
      if (end !== undefined) this.#pass('dropped' in end ? end.bytes : encodeRtu(end))
    })
  }

  #pass(frame: Uint8Array): void {
    if (frame.length === 0) return
    for (const delivery of this.#options.lane.judge(frame)) this.#deliver(delivery)
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
      this.#arm()
    })
  }
}
