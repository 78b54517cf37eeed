/**
 * The spike test for values that must be judged at once. QARTOD blames a spike when the next value is there; here a jump away
 * from the last value that was borne out is doubtful until a second value stands beside it. A real step is so doubtful for
 * one value, a spike never becomes more, and the value after a spike is not blamed for coming back.
 */
import { FAIL, type Flag, GOOD, SUSPECT } from '../../domain/reading.ts'

export type JumpThresholds = { readonly suspect?: number; readonly fail?: number }
type At = readonly [t_s: number, x: number]
export type LoneJumpState = { readonly base: At | null; readonly alone: At | null }

/** A value older than this many periods bears out nothing, and nothing is blamed for being far from it. */
const NEIGHBOUR_PERIODS = 5

export class LoneJump {
  readonly #test: JumpThresholds
  readonly #least: number
  readonly #neighbour_s: number
  /** Last value that others bear out. */
  #base: At | null
  /** The newest value, where it stands alone. */
  #alone: At | null

  /** @param period_s sampling period, in the time of the instants [s] */
  constructor(test: JumpThresholds, period_s: number, state?: LoneJumpState) {
    this.#test = test
    this.#least = Math.min(test.suspect ?? Number.POSITIVE_INFINITY, test.fail ?? Number.POSITIVE_INFINITY)
    this.#neighbour_s = NEIGHBOUR_PERIODS * period_s
    this.#base = state?.base ?? null
    this.#alone = state?.alone ?? null
  }

  push(t_s: number, x: number | null): Flag {
    if (x === null || !Number.isFinite(x)) return GOOD
    const base = this.#near(this.#base, t_s)
    const alone = this.#near(this.#alone, t_s)
    const bornOut = base === null || this.#close(base, x) || (alone !== null && this.#close(alone, x))
    if (bornOut) {
      this.#base = [t_s, x]
      this.#alone = null
      return GOOD
    }
    this.#alone = [t_s, x]
    const jump = Math.abs(x - base[1])
    return this.#test.fail !== undefined && jump > this.#test.fail ? FAIL : SUSPECT
  }

  #near(at: At | null, t_s: number): At | null {
    return at !== null && t_s >= at[0] && t_s - at[0] <= this.#neighbour_s ? at : null
  }

  #close(at: At, x: number): boolean {
    return Math.abs(x - at[1]) <= this.#least
  }

  state(): LoneJumpState {
    return { base: this.#base, alone: this.#alone }
  }
}
