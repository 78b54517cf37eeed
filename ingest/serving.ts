/**
 * Whether ingest can take what edge nodes would send again: what its STATE says. A store that is down, hangs or is too slow
 * shows in the age of the oldest record that waits; edge nodes then keep their backlog and go on sending what is new.
 */

/** Between these two nothing changes, so that STATE does not flap at the pace of a slow store. */
const LATE_S = 10
const EARLY_S = 3
/** Not more often than so, in either direction. */
const HOLD_S = 10

export type Load = {
  /** Age of the oldest record that waits [s]; 0 where none does. */
  readonly oldest_s: number
  /** Records were turned away since the last look. */
  readonly overflowed: boolean
}

export class Serving {
  #serving = true
  #changed_s = Number.NEGATIVE_INFINITY

  get serving(): boolean {
    return this.#serving
  }

  /** True where it changed. @param now_s any monotonic count */
  look({ oldest_s, overflowed }: Load, now_s: number): boolean {
    const late = oldest_s > LATE_S || overflowed
    const early = oldest_s < EARLY_S && !overflowed
    if (now_s - this.#changed_s < HOLD_S || (this.#serving ? !late : !early)) return false
    this.#serving = !this.#serving
    this.#changed_s = now_s
    return true
  }
}
