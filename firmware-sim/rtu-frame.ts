/**
 * Modbus RTU on the wire: frames into bytes, bytes into frames by length and by silence. Source: Modbus over Serial
 * Line 1.02, 2.5.1. When the line was silent is told by `io/`, which has the clock.
 */
import { crc16 } from '../domain/crc16.ts'

/** Unit id, PDU of 1 to 253 bytes, CRC (2.5.1.1). */
export const RTU_FRAME_MIN = 4
export const RTU_FRAME_MAX = 256

export type RtuFrame = { readonly unit: number; readonly pdu: Uint8Array }

/** Unit id, PDU, CRC low byte first. */
export function encodeRtu({ unit, pdu }: RtuFrame): Uint8Array {
  const out = new Uint8Array(pdu.length + 3)
  out[0] = unit
  out.set(pdu, 1)
  const crc = crc16(out.subarray(0, -2))
  out[out.length - 2] = crc & 0xff
  out[out.length - 1] = crc >>> 8
  return out
}

/** The frame with every bit of its CRC inverted. */
export function withWrongCrc(bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes)
  for (const i of [out.length - 2, out.length - 1]) out[i]! ^= 0xff
  return out
}

export function decodeRtu(bytes: Uint8Array): RtuFrame | undefined {
  const n = bytes.length
  if (n < RTU_FRAME_MIN || n > RTU_FRAME_MAX) return undefined
  if (crc16(bytes.subarray(0, n - 2)) !== (bytes[n - 2]! | (bytes[n - 1]! << 8))) return undefined
  return { unit: bytes[0]!, pdu: bytes.slice(1, n - 2) }
}

/** Length of a whole request frame as far as its first bytes tell; `undefined` where more bytes or silence must tell. */
export function requestLength(bytes: Uint8Array): number | undefined {
  switch (bytes[1]) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return 8
    case 15:
    case 16:
      return bytes.length > 6 ? 9 + bytes[6]! : undefined
    case 22:
      return 10
    case 23:
      return bytes.length > 10 ? 13 + bytes[10]! : undefined
    case 24:
      return 6
    case 43:
      return bytes[2] === 14 ? 7 : undefined
    default:
      return undefined
  }
}

/** The same for a reply. */
export function replyLength(bytes: Uint8Array): number | undefined {
  const fc = bytes[1]
  if (fc === undefined) return undefined
  if (fc & 0x80) return 5
  switch (fc) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 23:
      return bytes.length > 2 ? 5 + bytes[2]! : undefined
    case 5:
    case 6:
    case 15:
    case 16:
      return 8
    case 22:
      return 10
    case 24:
      return bytes.length > 3 ? 6 + ((bytes[2]! << 8) | bytes[3]!) : undefined
    default:
      return undefined
  }
}

/** Bytes between two silences that are no frame, and why; what overran the limit is not kept. */
export type NoFrame = { readonly dropped: string; readonly bytes: Uint8Array }

/**
 * Frames out of the characters of a line. A frame whose length its function tells is complete with its last character, so
 * that nobody waits for a silence that is not needed; everything else ends with the silence. Holds at most one frame.
 */
export class RtuReader {
  readonly #lengthOf: (bytes: Uint8Array) => number | undefined
  #rest = new Uint8Array(0)
  /** More came without a silence than a frame can be: what follows, up to the silence, belongs to no frame. */
  #overrun = false

  constructor(lengthOf: (bytes: Uint8Array) => number | undefined = requestLength) {
    this.#lengthOf = lengthOf
  }

  /** Whether `silence()` has something to judge. */
  get waiting(): boolean {
    return this.#overrun || this.#rest.length > 0
  }

  push(chunk: Uint8Array): RtuFrame[] {
    const frames: RtuFrame[] = []
    if (this.#overrun) return frames
    const bytes = new Uint8Array(this.#rest.length + chunk.length)
    bytes.set(this.#rest)
    bytes.set(chunk, this.#rest.length)
    let at = 0
    for (;;) {
      const left = bytes.subarray(at)
      const length = this.#lengthOf(left)
      if (length === undefined || left.length < length) break
      const frame = decodeRtu(left.subarray(0, length))
      // Not the frame it looked like: noise before it, or a reply of another device on the bus.
      if (frame === undefined) break
      frames.push(frame)
      at += length
    }
    this.#rest = bytes.slice(at)
    if (this.#rest.length > RTU_FRAME_MAX) {
      this.#overrun = true
      this.#rest = new Uint8Array(0)
    }
    return frames
  }

  /** The line was silent for 3.5 characters: what is held was a frame, or is dropped and named. */
  silence(): RtuFrame | NoFrame | undefined {
    const held = this.#rest
    const overrun = this.#overrun
    this.#rest = new Uint8Array(0)
    this.#overrun = false
    if (overrun) return { dropped: `more than ${RTU_FRAME_MAX} bytes without a silence`, bytes: held }
    const n = held.length
    if (n === 0) return undefined
    if (n < RTU_FRAME_MIN) return { dropped: `${n} bytes, fewer than the ${RTU_FRAME_MIN} of a frame`, bytes: held }
    return decodeRtu(held) ?? { dropped: `wrong CRC over ${n} bytes`, bytes: held }
  }
}
