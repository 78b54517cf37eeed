/** Bytes one after the other, as a chunk is written and read; numbers little-endian. */

export class ByteWriter {
  readonly #parts: Uint8Array[] = []

  u8(value: number): void {
    this.#parts.push(Uint8Array.of(value))
  }

  u32(value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.#parts.push(bytes)
  }

  f64(value: number): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.#parts.push(bytes)
  }

  i64(value: bigint): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, value, true)
    this.#parts.push(bytes)
  }

  bytes(value: Uint8Array): void {
    this.#parts.push(value)
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value)
    this.u32(bytes.length)
    this.bytes(bytes)
  }

  result(): Uint8Array {
    const out = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }
}

/** Reading beyond the end throws RangeError. */
export class ByteReader {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true)
  }

  bytes(length: number): Uint8Array {
    const from = this.#advance(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes(this.u32()))
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  #advance(length: number): number {
    const from = this.#at
    if (from + length > this.#bytes.length) throw new RangeError('the chunk ends early')
    this.#at = from + length
    return from
  }
}
