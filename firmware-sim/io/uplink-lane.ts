/**
 * One way of one connection to the broker, carried late or slowly but in order and whole. Bytes that wait are bounded: beyond
 * that the sender is held back, as TCP does it. When connections are cut is left to `uplink-proxy.ts`.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../../domain/ports.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import type { UplinkFaults } from '../uplink.ts'

/** Bytes that wait in one lane before its sender is held back. */
const WAITING_MAX = 256 * 1024
/** A slow line is written in tenths of a second, so that it trickles. */
const PIECES_PER_S = 10

export class UplinkLane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #clock: Clock
  readonly #faults: () => UplinkFaults
  readonly #waiting: Array<{ bytes: Uint8Array; due: Monotonic }> = []
  #bytes = 0
  /** When the last byte taken over is through. */
  #last: Monotonic
  #cancel: () => void = () => {}
  #ended = false

  constructor(from: Socket, to: Socket, clock: Clock, faults: () => UplinkFaults) {
    this.#from = from
    this.#to = to
    this.#clock = clock
    this.#faults = faults
    this.#last = clock.monotonic()
    to.on('drain', () => this.#flow())
  }

  take(chunk: Uint8Array): void {
    const { delay_ms = 0, bytes_per_s } = this.#faults()
    const now = this.#clock.monotonic()
    if (this.#waiting.length === 0 && delay_ms === 0 && bytes_per_s === undefined) {
      this.#write(chunk)
      return
    }
    const size = bytes_per_s === undefined ? chunk.length : Math.max(1, Math.floor(bytes_per_s / PIECES_PER_S))
    const earliest = now + BigInt(Math.round(delay_ms)) * NS_PER_MS
    let at = this.#last > earliest ? this.#last : earliest
    for (let i = 0; i < chunk.length; i += size) {
      const bytes = chunk.subarray(i, i + size)
      if (bytes_per_s !== undefined) at = (at + BigInt(Math.round((bytes.length / bytes_per_s) * 1e9))) as Monotonic
      this.#waiting.push({ bytes, due: monotonic(at) })
    }
    this.#last = monotonic(at)
    this.#bytes += chunk.length
    this.#flow()
    this.#arm()
  }

  /** The faults have changed: what waits is due at once, in order; the next bytes follow the new faults. */
  changed(): void {
    const now = this.#clock.monotonic()
    this.#last = now
    for (const piece of this.#waiting) piece.due = now
    this.#arm()
  }

  /** The sender has closed: what waits still leaves, then the receiver is closed. */
  end(): void {
    this.#ended = true
    if (this.#waiting.length === 0) this.#to.destroySoon()
  }

  /** No timer is left. */
  close(): void {
    this.#cancel()
    this.#waiting.length = 0
    this.#bytes = 0
  }

  #arm(): void {
    this.#cancel()
    const next = this.#waiting[0]
    if (next === undefined) return
    this.#cancel = this.#clock.at(next.due, () => this.#release())
  }

  #release(): void {
    const now = this.#clock.monotonic()
    while (this.#waiting.length > 0 && this.#waiting[0]!.due <= now) {
      const { bytes } = this.#waiting.shift()!
      this.#bytes -= bytes.length
      this.#write(bytes)
    }
    this.#flow()
    if (this.#ended && this.#waiting.length === 0) this.#to.destroySoon()
    else this.#arm()
  }

  #write(bytes: Uint8Array): void {
    if (this.#to.destroyed || this.#to.writableEnded) return
    this.#to.write(bytes)
    this.#flow()
  }

  /** Holds the sender back while this lane or the receiver is full. */
  #flow(): void {
    if (this.#bytes > WAITING_MAX || this.#to.writableNeedDrain) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }
}
