/**
 * Protobuf fields into one growing buffer that is used again and again: a gateway writes thousands of small messages a
 * second, and a writer that makes objects for each of them costs more in garbage than the fields themselves
 * (https://protobuf.dev/programming-guides/encoding/). Which field holds what is `encode.ts`'s.
 */
import { PayloadError, WIRE, type Wire } from './fields.ts'

const FIRST_BYTES = 16 * 1024
/** Beyond this the buffer is given back after use: one large message must not keep its memory for years. */
const KEPT_BYTES = 256 * 1024
/** Memory of its own costs a short message more than all its fields. */
const POOL_BYTES = 8 * 1024
/** Longest varint: 64 bits in groups of seven. */
const VARINT_MAX = 10
/** Longer texts are left to the platform's own encoder. */
const SHORT_TEXT = 64

/** A 64-bit integer of either sign as its two halves, without arithmetic on bigints. */
const WIDE = new BigInt64Array(1)
const HALVES = new Uint32Array(WIDE.buffer)
/** Which half stands first in this machine's memory. */
const [LOW, HIGH] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0]

export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #view = viewOf(this.#bytes)
  #at = 0
  #pool = new Uint8Array(POOL_BYTES)
  #pooled = 0

  /** Forgets what was written. */
  restart(): this {
    if (this.#bytes.length > KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(FIRST_BYTES))
    this.#at = 0
    return this
  }

  /** What was written since `restart`: a copy; a short one shares its memory with the next ones. */
  finish(): Uint8Array {
    const length = this.#at
    if (length > POOL_BYTES / 2) return new Uint8Array(this.#bytes.subarray(0, length))
    if (length > POOL_BYTES - this.#pooled) {
      this.#pool = new Uint8Array(POOL_BYTES)
      this.#pooled = 0
    }
    const out = this.#pool.subarray(this.#pooled, this.#pooled + length)
    out.set(this.#bytes.subarray(0, length))
    this.#pooled += length
    return out
  }

  tag(no: number, wire: Wire): this {
    this.#room(VARINT_MAX)
    this.#small((no << 3) | wire)
    return this
  }

  /** @throws PayloadError where it is no whole number from 0 to 2^53 - 1 */
  unsigned(value: number): this {
    if (!(Number.isSafeInteger(value) && value >= 0))
      throw new PayloadError(`expected a whole number from 0, got ${value}`)
    this.#room(VARINT_MAX)
    let rest = value
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80
    this.#small(rest)
    return this
  }

  /** The 64 bits of it; a negative number as its two's complement. */
  wide(value: bigint): this {
    this.#room(VARINT_MAX)
    WIDE[0] = value
    let [low, high] = [HALVES[LOW]!, HALVES[HIGH]!]
    while (high > 0) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#small(low)
    return this
  }

  bool(value: boolean): this {
    this.#room(1)
    this.#bytes[this.#at++] = value ? 1 : 0
    return this
  }

  float(value: number): this {
    this.#room(4)
    this.#view.setFloat32(this.#at, value, true)
    this.#at += 4
    return this
  }

  double(value: number): this {
    this.#room(8)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
    return this
  }

  /** UTF-8 behind its length; `from`: of the text from there on. */
  text(value: string, from = 0): this {
    const length = value.length - from
    if (length > SHORT_TEXT) return this.#longText(value.slice(from))
    this.#room(1 + SHORT_TEXT)
    const start = this.#at
    this.#bytes[this.#at++] = length
    for (let i = from; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) {
        this.#at = start
        return this.#longText(value.slice(from))
      }
      this.#bytes[this.#at++] = code
    }
    return this
  }

  #longText(value: string): this {
    const length = Buffer.byteLength(value)
    this.unsigned(length)
    this.#room(length)
    this.#at += this.#bytes.write(value, this.#at)
    return this
  }

  /** Bytes behind their length. */
  bytes(value: Uint8Array): this {
    return this.unsigned(value.length).raw(value)
  }

  /** Fields that are encoded already. */
  raw(value: Uint8Array): this {
    this.#room(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
    return this
  }

  /** Where the next byte goes; what is written there stays there until `close` moves it. */
  get at(): number {
    return this.#at
  }

  /** What was written in [from, to), once more. */
  again(from: number, to: number): this {
    this.#room(to - from)
    const bytes = this.#bytes
    let at = this.#at
    for (let i = from; i < to; i++) bytes[at++] = bytes[i]!
    this.#at = at
    return this
  }

  /** Begins a message inside this one. @returns its place, for `close` */
  open(no: number): number {
    this.tag(no, WIRE.lengthDelimited)
    // Nearly every message is short enough for a length of one byte; `close` makes room where it is not.
    this.#room(1)
    return this.#at++
  }

  /** @returns whether what stands in the message was moved, to make room for a longer length */
  close(place: number): boolean {
    const length = this.#at - place - 1
    if (length < 0x80) {
      this.#bytes[place] = length
      return false
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4
    this.#room(more)
    this.#bytes.copyWithin(place + 1 + more, place + 1, this.#at)
    const end = this.#at + more
    this.#at = place
    this.#small(length)
    this.#at = end
    return true
  }

  /** Below 2^32. */
  #small(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  #room(more: number): void {
    const needed = this.#at + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#use(grown)
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length)
