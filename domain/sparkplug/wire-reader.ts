/**
 * Protobuf fields out of bytes, in place: a message inside another is read by the same reader up to its end, and a text
 * that was read before is not made again (https://protobuf.dev/programming-guides/encoding/). Never reads beyond the end;
 * which field holds what is `decode.ts`'s.
 */
import { WIRE, type Wire } from './fields.ts'

/** Texts up to this long are remembered: names of metrics and properties, and the id of an outbox, come again with every message. */
const KNOWN_LENGTH_MAX = 40
const KNOWN_TEXTS = 4096
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** By a hash of their bytes; another text with the same hash takes the place. */
const known: (string | undefined)[] = new Array(KNOWN_TEXTS).fill(undefined)

const WIDE = new BigUint64Array(1)
const HALVES = new Uint32Array(WIDE.buffer)
const [LOW, HIGH] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0]

export class WireReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #end: number
  /** Of the field whose `tag` was read. */
  no = 0
  wire: Wire = WIRE.varint
  /** The halves of the varint that was read last. */
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.length
  }

  /** Goes on to the next field of the present message: `no` and `wire`. False at its end. @throws RangeError */
  next(): boolean {
    if (this.#at >= this.#end) return false
    this.#varint()
    const tag = this.#low
    this.no = tag >>> 3
    this.wire = (tag & 7) as Wire
    if (this.#high !== 0 || this.no === 0 || this.wire > WIRE.bit32) throw new RangeError(`tag ${tag} is of no field`)
    return true
  }

  /** The lower 32 bits: a negative number may come with 64. */
  uint32(): number {
    this.#varint()
    return this.#low
  }

  /** Exact up to 2^53. */
  uint64(): number {
    this.#varint()
    return this.#high * 0x1_0000_0000 + this.#low
  }

  wide(): bigint {
    this.#varint()
    HALVES[LOW] = this.#low
    HALVES[HIGH] = this.#high
    return WIDE[0]!
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  float(): number {
    return this.#view.getFloat32(this.#skipped(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#skipped(8), true)
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint32()
    const from = this.#skipped(length)
    return this.#bytes.subarray(from, from + length)
  }

  /** @throws RangeError where it is not UTF-8 */
  text(): string {
    const length = this.uint32()
    const from = this.#skipped(length)
    if (length > KNOWN_LENGTH_MAX) return decoded(this.#bytes.subarray(from, from + length))
    let hash = length
    for (let i = from; i < from + length; i++) hash = (Math.imul(hash, 31) + this.#bytes[i]!) | 0
    const place = (hash ^ (hash >>> 15)) & (KNOWN_TEXTS - 1)
    const before = known[place]
    if (before !== undefined && this.#says(before, from, length)) return before
    const text = decoded(this.#bytes.subarray(from, from + length))
    // Only where one character is one byte can it be compared byte by byte.
    if (text.length === length) known[place] = text
    return text
  }

  #says(text: string, from: number, length: number): boolean {
    if (text.length !== length) return false
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== this.#bytes[from + i]) return false
    return true
  }

  /** Where the next byte stands, among all that the reader was given. */
  get at(): number {
    return this.#at
  }

  /** Passes over what comes next if it repeats the bytes [from, to), read before as a field of this very place in a message. */
  repeats(from: number, to: number): boolean {
    const length = to - from
    const at = this.#at
    if (length > this.#end - at) return false
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) if (bytes[from + i] !== bytes[at + i]) return false
    this.#at = at + length
    return true
  }

  /** Goes into the message that begins here. @returns the end of the one around it, for `leave` */
  enter(): number {
    const length = this.uint32()
    const from = this.#at
    const outer = this.#end
    this.#end = this.#skipped(length) + length
    this.#at = from
    return outer
  }

  leave(outer: number): void {
    this.#at = this.#end
    this.#end = outer
  }

  /** Passes over a field of this wire type, groups with all that they hold. */
  skip(wire: Wire, no: number): void {
    if (wire === WIRE.varint) this.#varint()
    else if (wire === WIRE.bit64) this.#skipped(8)
    else if (wire === WIRE.bit32) this.#skipped(4)
    else if (wire === WIRE.lengthDelimited) this.#skipped(this.uint32())
    else if (wire === WIRE.startGroup) this.#skipGroup(no)
    else throw new RangeError(`a group ${no} ends that did not begin`)
  }

  /** A loop, not a recursion: groups may be nested as deep as the sender likes. */
  #skipGroup(no: number): void {
    const open = [no]
    while (open.length > 0) {
      if (!this.next()) throw new RangeError(`a group ${open.at(-1)} does not end`)
      if (this.wire === WIRE.startGroup) open.push(this.no)
      else if (this.wire !== WIRE.endGroup) this.skip(this.wire, this.no)
      else if (open.pop() !== this.no) throw new RangeError(`a group ${this.no} ends that did not begin`)
    }
  }

  /** @returns where the bytes stand that are passed over. @throws RangeError beyond the end of the message */
  #skipped(length: number): number {
    const from = this.#at
    if (length > this.#end - from) throw new RangeError(`${length} bytes are announced, ${this.#end - from} are left`)
    this.#at = from + length
    return from
  }

  #varint(): void {
    let [low, high] = [0, 0]
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new RangeError('ends within a number')
      const byte = this.#bytes[this.#at++]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw new RangeError('a number of more than ten bytes')
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new RangeError('a text that is not UTF-8')
  }
}
