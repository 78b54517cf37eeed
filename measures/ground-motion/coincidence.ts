/**
 * Several channels that trigger together: an event is what at least n of them see within a window of time, so that a
 * footstep at one sensor is none. Detecting on each channel is left to `sta-lta.ts` and `sta-lta-trigger.ts`.
 *
 * An event is confirmed by the onset that makes n different channels within `window_s`. Other channels join it while each
 * comes within `window_s` of the last that did (as a wave passes one sensor after the other). A channel counts once in it: one
 * that chatters neither makes an event nor keeps one open.
 */
import { requirePositive } from '../signal/finite.ts'

export type Onset = { readonly channel: string; readonly on_s: number }

export type CoincidenceOptions = {
  /** Different channels that must trigger. */
  readonly atLeast: number
  /** Longest time between the first and the last of them [s]: the travel time of the slowest wave across the sensors. */
  readonly window_s: number
}

export type CoincidentEvent = {
  /** First of the onsets that count [s]. */
  readonly on_s: number
  /** Onset that made them enough [s]: the soonest that an alarm can be given. */
  readonly confirmed_s: number
  /** In order of their onsets, those that came later in the same event included. */
  readonly channels: readonly string[]
}

type OpenEvent = { readonly on_s: number; readonly confirmed_s: number; readonly channels: string[]; last_s: number }

/** For a live stream. Its memory is one onset per channel. */
export class Coincidence {
  readonly #options: CoincidenceOptions
  /** Latest onset of each channel within the window. */
  #latest = new Map<string, number>()
  #event: OpenEvent | undefined

  constructor(options: CoincidenceOptions) {
    if (!(Number.isInteger(options.atLeast) && options.atLeast >= 1))
      throw new RangeError(`atLeast: expected a whole number of channels of at least 1, got ${options.atLeast}`)
    requirePositive(options.window_s, 'window_s')
    this.#options = options
  }

  /**
   * Takes an onset; one that comes late, by less than the window, still counts.
   * @param onset.on_s instant [s] from any origin
   * @returns the event in the moment it is confirmed, once per event
   */
  push({ channel, on_s }: Onset): CoincidentEvent | undefined {
    const { atLeast, window_s } = this.#options
    if (!Number.isFinite(on_s)) throw new RangeError(`on_s: expected a finite instant, got ${on_s}`)
    if (this.#event !== undefined && on_s > this.#event.last_s + window_s) this.#event = undefined
    if (this.#event !== undefined) {
      join(this.#event, channel, on_s)
      return undefined
    }
    this.#latest.set(channel, Math.max(on_s, this.#latest.get(channel) ?? on_s))
    const newest_s = Math.max(...this.#latest.values())
    for (const [other, at_s] of this.#latest) if (at_s < newest_s - window_s) this.#latest.delete(other)
    if (this.#latest.size < atLeast) return undefined
    const onsets = [...this.#latest].sort((a, b) => a[1] - b[1])
    this.#latest.clear()
    const channels = onsets.map(([name]) => name)
    this.#event = { on_s: onsets[0]![1], confirmed_s: newest_s, channels, last_s: newest_s }
    return this.event
  }

  /** The confirmed event that onsets may still join, with all that did so far. */
  get event(): CoincidentEvent | undefined {
    if (this.#event === undefined) return undefined
    const { on_s, confirmed_s, channels } = this.#event
    return { on_s, confirmed_s, channels: [...channels] }
  }
}

function join(event: OpenEvent, channel: string, on_s: number): void {
  if (event.channels.includes(channel)) return
  event.channels.push(channel)
  event.last_s = Math.max(event.last_s, on_s)
}

/** The events of a whole record, from its onsets in any order. */
export function coincidence(onsets: readonly Onset[], options: CoincidenceOptions): CoincidentEvent[] {
  const machine = new Coincidence(options)
  const events: CoincidentEvent[] = []
  for (const onset of onsets.toSorted((a, b) => a.on_s - b.on_s)) {
    if (machine.push(onset) !== undefined) events.push(machine.event!)
    else if (machine.event !== undefined) events[events.length - 1] = machine.event
  }
  return events
}
