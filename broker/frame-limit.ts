/**
 * Watches the bytes of one MQTT connection for frames that are too large, by their fixed headers alone (MQTT 3.1.1, 2.2).
 * A frame is refused by its announced length, before a byte of it is gathered anywhere.
 */

export class FrameLimit {
  /** Bytes of a frame including its fixed header. */
  #max: number
  /** Bytes of the present frame that have not passed yet. */
  #rest = 0
  /** Within a fixed header: its bytes so far and the length they have spelled. */
  #header = 0
  #length = 0

  constructor(max: number) {
    this.#max = max
  }

  get max(): number {
    return this.#max
  }

  raise(max: number): void {
    this.#max = max
  }

  /** Takes the next bytes; false once a frame is too large. */
  take(bytes: Uint8Array): boolean {
    let at = 0
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const passed = Math.min(this.#rest, bytes.length - at)
        this.#rest -= passed
        at += passed
        continue
      }
      const byte = bytes[at++]!
      this.#header++
      if (this.#header === 1) continue
      this.#length += (byte & 0x7f) * 128 ** (this.#header - 2)
      if (this.#header + this.#length > this.#max) return false
      if (byte < 0x80) {
        this.#rest = this.#length
        this.#header = 0
        this.#length = 0
      } else if (this.#header > 4) {
        // A fifth length byte is malformed; the parser of the broker says so.
        return false
      }
    }
    return true
  }
}
