/**
 * One way through a wire proxy: frames out of a byte stream, and on through the wire. Both proxies are two of these; what
 * the wire does to a frame is decided in `wire-proxy.ts`.
 */
import type { Clock } from '../../domain/ports.ts'
import { encodeFrame, FrameReader } from '../modbus-frame.ts'
import { encodeRtu, RtuReader, replyLength, requestLength } from '../rtu-frame.ts'
import type { Framing, Lane } from '../wire-proxy.ts'
import { afterSilence } from './silence.ts'
import { WireWay } from './wire-way.ts'

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
  readonly #way: WireWay
  readonly #mbap = new FrameReader()
  readonly #rtu: RtuReader
  #cancelSilence = () => {}
  #open = true

  constructor(options: FramePumpOptions) {
    this.#options = options
    this.#way = new WireWay(options)
    this.#rtu = new RtuReader(options.lane.way === 'requests' ? requestLength : replyLength)
  }

  data(chunk: Uint8Array): void {
    if (!this.#open) return
    if (this.#options.framing === 'rtu') this.#rtuData(chunk)
    else this.#mbapData(chunk)
  }

  /** Late frames are lost with the connection. */
  close(): void {
    this.#open = false
    this.#cancelSilence()
    this.#way.close()
  }

  #mbapData(chunk: Uint8Array): void {
    const { frames, fault } = this.#mbap.push(chunk)
    for (const frame of frames) this.#pass(encodeFrame(frame))
    if (fault !== undefined) this.#options.broken(fault)
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
    if (frame.length > 0) this.#way.pass(frame)
  }
}
