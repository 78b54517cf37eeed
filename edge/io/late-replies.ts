/**
 * On a line without request ids a reply is known by its request's shape alone: one that comes after its request was given up
 * could be taken for the next, alike. A unit answers in order, so a request that nothing else looks like tells when nothing
 * older can come: function 8, sub-function 0 (Modbus Application Protocol 1.1b3, 6.8.1) gives back the data it was sent, a
 * number never used before on the line. A unit without function 8 answers with its exception, which tells as much. Which unit
 * is asked so, and which never answers it, is kept here; waiting and asking is `modbus-link.ts`'s. Pure.
 */
const DIAGNOSTICS = 8
/** A unit answered requests, and this many times in a row not the one that tells: it ignores function 8. */
const IGNORED_MIN = 3

type Unit = {
  /** A request was given up, and nothing tells yet that its reply cannot come any more. */
  owing: boolean
  /** The last telling request had no answer: the next request goes without one. */
  unanswered: boolean
  /** How often in a row a request was answered that went without; never again once a telling request was answered. */
  ignored: number
  tells: boolean
}

export class LateReplies {
  readonly #units = new Map<number, Unit>()
  #number = 0

  /** A request to this unit was given up: its reply may still come. */
  gaveUp(unit: number): void {
    this.#of(unit).owing = true
  }

  /** @returns unit id and PDU of the request that must be answered first; undefined where none need be */
  tellingRequest(unit: number): Buffer | undefined {
    const known = this.#units.get(unit)
    if (known === undefined || !known.owing || known.unanswered || known.ignored >= IGNORED_MIN) return undefined
    this.#number = (this.#number + 1) & 0xffff
    return Buffer.of(unit, DIAGNOSTICS, 0, 0, this.#number >> 8, this.#number & 0xff)
  }

  /** The telling request was answered, by its data or by an exception. */
  told(unit: number): void {
    Object.assign(this.#of(unit), { owing: false, unanswered: false, ignored: 0, tells: true })
  }

  /** The telling request had no answer, or a wrong one. */
  notTold(unit: number): void {
    this.#of(unit).unanswered = true
  }

  /** A request proper ended. One that was sent without a telling request leaves the next to ask again. */
  ended(unit: number, answered: boolean): void {
    const known = this.#units.get(unit)
    if (known === undefined || !known.unanswered) return
    known.unanswered = false
    if (!answered || known.tells) return
    known.ignored++
    known.owing = known.ignored < IGNORED_MIN
  }

  #of(unit: number): Unit {
    const known = this.#units.get(unit)
    if (known !== undefined) return known
    const made = { owing: false, unanswered: false, ignored: 0, tells: false }
    this.#units.set(unit, made)
    return made
  }
}
