/**
 * The wire between the socket of a Modbus TCP connection and the devices: requests on their way in, replies on their way
 * out. While it is sound frames pass as they are; what it does when it is bad is decided in `wire-proxy.ts`.
 */
import type { Clock } from '../../domain/ports.ts'
import { encodeFrame, type Frame, FrameReader } from '../modbus-frame.ts'
import type { LinkFaults } from '../wire-proxy.ts'
import { WireWay } from './wire-way.ts'

export type MbapWireOptions = {
  readonly faults: LinkFaults
  readonly clock: Clock
  /** A request reached the devices. */
  readonly heard: (frame: Frame) => void
  /** What reached the devices is no Modbus TCP any more: they end the connection. */
  readonly broken: (why: string) => void
  readonly write: (bytes: Uint8Array) => void
}

export class MbapWire {
  readonly #options: MbapWireOptions
  readonly #requests: WireWay
  readonly #replies: WireWay
  readonly #far = new FrameReader()
  /** Bytes of an incomplete frame at the devices' end. */
  #held = 0

  constructor(options: MbapWireOptions) {
    const { faults, clock, write } = options
    this.#options = options
    this.#requests = new WireWay({ lane: faults.lane('requests'), clock, write: (bytes) => this.#hear(bytes) })
    this.#replies = new WireWay({ lane: faults.lane('replies'), clock, write })
  }

  request(frame: Frame): void {
    if (this.#requests.sound && this.#held === 0) {
      this.#requests.carried()
      this.#options.heard(frame)
    } else this.#requests.pass(encodeFrame(frame))
  }

  reply(bytes: Uint8Array): void {
    this.#replies.pass(bytes)
  }

  /** Late frames are lost with the connection. */
  close(): void {
    this.#requests.close()
    this.#replies.close()
  }

  #hear(bytes: Uint8Array): void {
    const { heard, broken } = this.#options
    const { frames, fault } = this.#far.push(bytes)
    this.#held += bytes.length
    for (const frame of frames) {
      this.#held -= encodeFrame(frame).length
      heard(frame)
    }
    if (fault !== undefined) broken(fault)
  }
}
