/**
 * How long the units of one link are waited for. A unit that did not answer may not cost its neighbours their turn each time
 * it is tried: it gets what its own answers took, or those of the link where it never gave one, with a margin; and now and
 * then the whole time-out, so that a unit which became slow comes back too. Pure.
 */

/** An event loop may be busy for this long. */
const SHORT_MIN_MS = 20
/** Every so many tries of a silent unit one has the whole time-out. */
const WHOLE_EVERY = 8

/** Smoothed duration of answers and its deviation, and from them a time-out, as RFC 6298, 2.2 to 2.4. */
class Answers {
  #mean_ms: number | undefined
  #deviation_ms = 0

  add(took_ms: number): void {
    if (this.#mean_ms === undefined) {
      this.#mean_ms = took_ms
      this.#deviation_ms = took_ms / 2
      return
    }
    this.#deviation_ms += (Math.abs(this.#mean_ms - took_ms) - this.#deviation_ms) / 4
    this.#mean_ms += (took_ms - this.#mean_ms) / 8
  }

  get enough_ms(): number | undefined {
    return this.#mean_ms === undefined ? undefined : this.#mean_ms + 4 * this.#deviation_ms
  }
}

type Unit = { readonly answers: Answers; silent: number }

export class UnitPatience {
  readonly #timeout_ms: number
  readonly #units = new Map<number, Unit>()
  readonly #link = new Answers()

  constructor(timeout_ms: number) {
    this.#timeout_ms = timeout_ms
  }

  /** Time-out of the next request to a unit [ms]; the whole one where nobody else is on the link. */
  timeoutFor_ms(unit: number): number {
    const { answers, silent } = this.#of(unit)
    const enough_ms = answers.enough_ms ?? this.#link.enough_ms
    if (enough_ms === undefined || this.#units.size < 2 || silent % WHOLE_EVERY === 0) return this.#timeout_ms
    return Math.min(this.#timeout_ms, Math.max(SHORT_MIN_MS, Math.ceil(enough_ms)))
  }

  /** An exception is an answer too. */
  answered(unit: number, took_ms: number): void {
    const of = this.#of(unit)
    of.silent = 0
    of.answers.add(took_ms)
    this.#link.add(took_ms)
  }

  silent(unit: number): void {
    this.#of(unit).silent++
  }

  #of(unit: number): Unit {
    const known = this.#units.get(unit)
    if (known !== undefined) return known
    const made = { answers: new Answers(), silent: 0 }
    this.#units.set(unit, made)
    return made
  }
}
