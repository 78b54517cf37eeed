/**
 * Watches the bytes of one MQTT connection by the beginnings of its frames (MQTT 3.1.1, 2.2 and 2.3): frames that are too
 * large are refused by their announced length, before a byte of them is gathered anywhere. Also says what aedes would let
 * pass, or end without a word: SUBSCRIBE and UNSUBSCRIBE without identifier or filter, packets that no client sends. All
 * else of a frame is left to the parser behind.
 */

export type FrameFault = 'frame-too-large' | 'malformed'

const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
/** Reserved, CONNACK, SUBACK, UNSUBACK, PINGRESP, reserved (table 2.1). */
const NEVER_OF_A_CLIENT: ReadonlySet<number> = new Set([0, 2, 9, 11, 13, 15])
/** Identifier, length of the filter, one character, and for SUBSCRIBE the QoS. */
const LEAST_BYTES: Readonly<Record<number, number>> = { [SUBSCRIBE]: 6, [UNSUBSCRIBE]: 5 }

export class FrameLimit {
  /** Bytes of a frame including its fixed header. */
  #max: number
  /** Bytes of the present frame that have not passed yet. */
  #rest = 0
  /** Within a fixed header: its bytes so far and the length they have spelled. */
  #header = 0
  #length = 0
  #type = 0
  /** Bytes of a packet identifier still to come, and whether one of them was not zero. */
  #idBytes = 0
  #idSeen = false

  constructor(max: number) {
    this.#max = max
  }

  get max(): number {
    return this.#max
  }

  /** Frames that have begun so far. */
  frames = 0

  raise(max: number): void {
    this.#max = max
  }

  /** Takes the next bytes; gives what is wrong with them, where something is. */
  take(bytes: Uint8Array): FrameFault | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#rest > 0) {
        if (this.#idBytes > 0 && !this.#identifier(bytes[at]!)) return 'malformed'
        const passed = this.#idBytes > 0 ? 1 : Math.min(this.#rest, bytes.length - at)
        if (this.#idBytes > 0) this.#idBytes--
        this.#rest -= passed
        at += passed
        continue
      }
      const fault = this.#fixedHeader(bytes[at++]!)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #fixedHeader(byte: number): FrameFault | undefined {
    this.#header++
    if (this.#header === 1) {
      this.frames++
      this.#type = byte >> 4
      return NEVER_OF_A_CLIENT.has(this.#type) ? 'malformed' : undefined
    }
    this.#length += (byte & 0x7f) * 128 ** (this.#header - 2)
    if (this.#header + this.#length > this.#max) return 'frame-too-large'
    if (byte >= 0x80) return this.#header > 4 ? 'malformed' : undefined
    const least = LEAST_BYTES[this.#type]
    if (least !== undefined) {
      if (this.#length < least) return 'malformed'
      this.#idBytes = 2
      this.#idSeen = false
    }
    this.#rest = this.#length
    this.#header = 0
    this.#length = 0
    return undefined
  }

  /** False where the second byte has come and both are zero (MQTT-2.3.1-1). */
  #identifier(byte: number): boolean {
    this.#idSeen ||= byte !== 0
    return this.#idSeen || this.#idBytes > 1
  }
}
