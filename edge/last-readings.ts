/**
 * The newest reading of each channel, in columns. A reading that was kept as an object lives from one poll to the next: too
 * short for the old objects of a heap, long enough to be copied by every collection of the young ones, thousands of times a
 * second.
 */
import type { Flag, Reading, Reason } from '../domain/reading.ts'
import type { Instant } from '../domain/time.ts'

/** In place of a flag: nothing was read yet. */
const NEVER = 0
type Why = { readonly reason: Reason | undefined; readonly detail: string | undefined }

export class LastReadings {
  readonly #at = new Map<string, number>()
  /** By place. */
  readonly #names: readonly string[]
  /** Where the newest was put: the channels of a device come in the order of their places. */
  #newest = -1
  readonly #values: Float64Array
  /** 1 where there is no value. */
  readonly #empty: Uint8Array
  readonly #t_ns: BigInt64Array
  readonly #half_width_ns: BigInt64Array
  readonly #flags: Uint8Array
  /** Only of readings that say why they are not good. */
  readonly #why: Array<Why | undefined>

  constructor(channels: Iterable<string>) {
    for (const channel of channels) if (!this.#at.has(channel)) this.#at.set(channel, this.#at.size)
    this.#names = [...this.#at.keys()]
    const count = this.#names.length
    this.#values = new Float64Array(count)
    this.#empty = new Uint8Array(count)
    this.#t_ns = new BigInt64Array(count)
    this.#half_width_ns = new BigInt64Array(count)
    this.#flags = new Uint8Array(count).fill(NEVER)
    this.#why = new Array<Why | undefined>(count).fill(undefined)
  }

  get channels(): Iterable<string> {
    return this.#names
  }

  /** A channel that has no place, or a reading older than the one known, changes nothing. */
  set(reading: Reading): void {
    const at = this.#placeOf(reading.channel)
    if (at === undefined || (this.#flags[at] !== NEVER && this.#t_ns[at]! > reading.t_ns)) return
    const { value, reason, detail } = reading
    this.#values[at] = value ?? 0
    this.#empty[at] = value === null ? 1 : 0
    this.#t_ns[at] = reading.t_ns
    this.#half_width_ns[at] = reading.half_width_ns
    this.#flags[at] = reading.flag
    const why = reason === undefined && detail === undefined ? undefined : { reason, detail }
    if (why !== this.#why[at]) this.#why[at] = why
  }

  #placeOf(channel: string): number | undefined {
    const next = this.#newest + 1
    const at = this.#names[next] === channel ? next : this.#at.get(channel)
    this.#newest = at ?? -1
    return at
  }

  get(channel: string): Reading | undefined {
    const at = this.#at.get(channel)
    if (at === undefined || this.#flags[at] === NEVER) return undefined
    const { reason, detail } = this.#why[at] ?? {}
    return {
      channel,
      value: this.#empty[at] === 1 ? null : this.#values[at]!,
      t_ns: this.#t_ns[at]! as Instant,
      half_width_ns: this.#half_width_ns[at]!,
      flag: this.#flags[at] as Flag,
      ...(reason !== undefined && { reason }),
      ...(detail !== undefined && { detail }),
    }
  }

  /** @param correct gives the instant that counts for one that was kept */
  restamp(correct: (t_ns: Instant) => Instant): void {
    for (let at = 0; at < this.#t_ns.length; at++)
      if (this.#flags[at] !== NEVER) this.#t_ns[at] = correct(this.#t_ns[at]! as Instant)
  }
}
