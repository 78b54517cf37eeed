/**
 * What a bad wire does to the frames of one link: which are late, lost, cut short, doubled, mis-numbered, corrupted or
 * overtaken, by seed and frame number, each counted by kind. Carrying the bytes is left to `io/`.
 */
import { crc16 } from '../domain/crc16.ts'
import { PlumblineError } from '../domain/errors.ts'
import { WIRE_FAULTS, type WireFault, type WireFaults } from '../domain/wire-faults.ts'
import { mixed } from './physics/hash-noise.ts'

export { WIRE_FAULTS, type WireFault, type WireFaults }
export type Way = 'requests' | 'replies'
export type Framing = 'mbap' | 'rtu'

export type WireCounts = Readonly<Record<WireFault, number>> & {
  /** Frames that came in. */
  readonly frames: number
  /** Frames lost because too many late ones were outstanding. */
  readonly overflow: number
}
export type Delivery = { readonly bytes: Uint8Array; readonly delay_ms: number }

type Counts = { -readonly [K in keyof WireCounts]: number }
const zeros = (): Counts => ({
  ...(Object.fromEntries(WIRE_FAULTS.map((kind) => [kind, 0])) as Record<WireFault, number>),
  frames: 0,
  overflow: 0,
})

export const DELAY_MAX_MS = 600_000

/** The faults of one link, changed at any time; every connection of the link takes its lanes from here. */
export class LinkFaults {
  readonly framing: Framing
  readonly #name: string
  readonly #ownSeed: number
  readonly #counts: Record<Way, Counts> = { requests: zeros(), replies: zeros() }
  #faults: WireFaults = {}
  #sound = true
  #seed: number

  /** @param name of the link, for error messages */
  constructor(name: string, framing: Framing, seed: number) {
    this.#name = name
    this.framing = framing
    this.#ownSeed = seed
    this.#seed = seed
  }

  get faults(): WireFaults {
    return this.#faults
  }

  /** What decides, with way and number of a frame, whether it is spoilt. */
  get seed(): number {
    return this.#seed
  }

  /**
   * Replaces all faults at once; `{}` mends the wire.
   * @param seed of a scenario: another one spoils other frames of each link; without it the link's own decides
   * @throws PlumblineError USAGE, and nothing has changed
   */
  setFaults(faults: WireFaults, seed?: number): void {
    checkFaults(faults, this.#name)
    this.#seed = seed === undefined ? this.#ownSeed : mixed(this.#ownSeed ^ mixed(seed))
    this.#faults = faults
    this.#sound = WIRE_FAULTS.every((kind) => faults[kind] === undefined)
  }

  /** No fault is set: nothing is drawn for any frame. */
  get sound(): boolean {
    return this.#sound
  }

  get counts(): Readonly<Record<Way, WireCounts>> {
    return { requests: { ...this.#counts.requests }, replies: { ...this.#counts.replies } }
  }

  /** One way of one connection. */
  lane(way: Way): Lane {
    return new Lane(this, way, this.#counts[way])
  }
}

export class Lane {
  readonly way: Way
  readonly #link: LinkFaults
  readonly #counts: Counts
  #held: Delivery | undefined

  constructor(link: LinkFaults, way: Way, counts: Counts) {
    this.#link = link
    this.way = way
    this.#counts = counts
  }

  /** Every frame passes as it comes, but for one that is held. */
  get sound(): boolean {
    return this.#link.sound && this.#held === undefined
  }

  /** A frame that was carried while the wire is sound, without asking `judge`. */
  carried(): void {
    this.#counts.frames++
  }

  /** What leaves, in this order, for a frame that came: nothing, the frame, or more. */
  judge(frame: Uint8Array): Delivery[] {
    const { faults, framing } = this.#link
    const n = this.#counts.frames++
    if (this.#link.sound && this.#held === undefined) return [{ bytes: frame, delay_ms: 0 }]
    const unit = frame[framing === 'mbap' ? 6 : 0]
    const meant =
      (faults.way ?? this.way) === this.way && (faults.units === undefined || faults.units.includes(unit ?? -1))
    const out = meant ? this.#spoiled(frame, n) : [{ bytes: frame, delay_ms: 0 }]
    if (out.length === 0) return out
    if (this.#held !== undefined) out.push(this.#held)
    else if (meant && this.#happens('reorder', n, faults.reorder)) {
      // Two copies of a doubled frame: the second is overtaken.
      this.#held = out.pop()
      return out
    }
    this.#held = undefined
    return out
  }

  /** A frame that could not be carried although no fault says so. */
  overflow(): void {
    this.#counts.overflow++
  }

  #spoiled(frame: Uint8Array, n: number): Delivery[] {
    const { faults, framing } = this.#link
    if (this.#happens('drop', n, faults.drop)) return []
    let bytes = frame
    if (this.#happens('misnumber', n, faults.misnumber)) bytes = misnumbered(bytes, framing, this.#draw(n, 20))
    if (this.#happens('corrupt', n, faults.corrupt)) bytes = flipped(bytes, this.#draw(n, 21))
    if (this.#happens('truncate', n, faults.truncate))
      bytes = bytes.subarray(0, 1 + Math.floor(this.#draw(n, 22) * (bytes.length - 1)))
    const { delay } = faults
    const late = delay !== undefined && this.#happens('delay', n, delay.chance ?? 1)
    const delivery = { bytes, delay_ms: late ? delay.ms + (delay.jitter_ms ?? 0) * this.#draw(n, 23) : 0 }
    return this.#happens('duplicate', n, faults.duplicate) ? [delivery, delivery] : [delivery]
  }

  #happens(kind: WireFault, n: number, chance = 0): boolean {
    const yes = this.#draw(n, WIRE_FAULTS.indexOf(kind)) < chance
    if (yes) this.#counts[kind]++
    return yes
  }

  /** Uniform in [0, 1), a function of seed, way, frame number and what is drawn for. */
  #draw(n: number, salt: number): number {
    const key = mixed(this.#link.seed ^ mixed(salt + (this.way === 'requests' ? 101 : 202)))
    return mixed(key ^ mixed(n)) / 2 ** 32
  }
}

function flipped(bytes: Uint8Array, draw: number): Uint8Array {
  const out = Uint8Array.from(bytes)
  const bit = Math.floor(draw * out.length * 8)
  out[bit >> 3]! ^= 1 << (bit & 7)
  return out
}

function misnumbered(bytes: Uint8Array, framing: Framing, draw: number): Uint8Array {
  const out = Uint8Array.from(bytes)
  if (framing === 'mbap') {
    // The low byte of the transaction id, or the unit id.
    const at = draw < 0.5 ? 1 : 6
    out[at] = (out[at]! + 1) & 0xff
    return out
  }
  out[0] = (out[0]! % 247) + 1
  const crc = crc16(out.subarray(0, -2))
  out[out.length - 2] = crc & 0xff
  out[out.length - 1] = crc >>> 8
  return out
}

function checkFaults(faults: WireFaults, link: string): void {
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw new PlumblineError('USAGE', `wire faults of ${link}: ${field}: expected ${expected}, got ${shown(got)}`)
  }
  const number = (field: string, value: unknown, max: number) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) refuse(field, `a number from 0 to ${max}`, value)
  }
  if (typeof faults !== 'object' || faults === null || Array.isArray(faults)) refuse('faults', 'an object', faults)
  for (const [field, value] of Object.entries(faults)) {
    if (value === undefined) continue
    if (field === 'way') {
      if (value !== 'requests' && value !== 'replies') refuse(field, 'requests or replies', value)
    } else if (field === 'units') {
      if (!Array.isArray(value) || !value.every((u) => Number.isInteger(u) && u >= 0 && u <= 255))
        refuse(field, 'unit ids from 0 to 255', value)
    } else if (field === 'delay') checkDelay(value, number, refuse)
    else if ((WIRE_FAULTS as readonly string[]).includes(field)) number(field, value, 1)
    else refuse(field, `one of ${WIRE_FAULTS.join(', ')}, way, units`, value)
  }
}

function checkDelay(
  value: unknown,
  number: (field: string, value: unknown, max: number) => void,
  refuse: (field: string, expected: string, got: unknown) => never,
): void {
  const given_ms = typeof value === 'object' && value !== null && 'ms' in value
  if (!given_ms) refuse('delay', '{ ms: … }', value)
  for (const [key, given] of Object.entries(value as object)) {
    if (given === undefined) continue
    if (key === 'chance') number('delay.chance', given, 1)
    else if (key === 'ms' || key === 'jitter_ms') number(`delay.${key}`, given, DELAY_MAX_MS)
    else refuse(`delay.${key}`, 'chance, ms or jitter_ms', given)
  }
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
