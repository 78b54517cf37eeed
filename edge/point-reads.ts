/**
 * The reads of a device's points, and what its refusals teach: a read refused for its addresses is divided until only the
 * bad registers are left out, a function that the device does not know is left alone for a while. Pure; asking is
 * `scalar-part.ts`'s. What was learned lasts until a restart or a change of the site.
 */
import type { ModbusError } from '../domain/ports.ts'
import { addNs, type Instant } from '../domain/time.ts'
import { divide, type PlannedRead } from './read-plan.ts'

/** Requests by which one poll may find out which registers are bad; what is left is found out by the next. */
export const DIVIDE_MAX = 64
/** What was refused is asked again this much later: a device that was set up meanwhile is noticed. */
export const ASK_AGAIN_NS = 600_000_000_000n

/** Modbus Application Protocol 1.1b3, 7: illegal function; illegal address, illegal value (of a quantity, here). */
const ILLEGAL_FUNCTION = 'exception-1'
const ILLEGAL_ADDRESSES: readonly string[] = ['exception-2', 'exception-3']

export type Refused = { readonly read: PlannedRead; readonly error: ModbusError }
type LeftOut = Refused & { readonly again_ns: Instant }

export class PointReads {
  #reads: readonly PlannedRead[]
  #leftOut: readonly LeftOut[] = []

  constructor(reads: readonly PlannedRead[]) {
    this.#reads = reads
  }

  /** What this poll asks; reads left out whose time has come are among them. */
  due(now: () => Instant): readonly PlannedRead[] {
    if (this.#leftOut.length === 0) return this.#reads
    const now_ns = now()
    const again = this.#leftOut.filter(({ again_ns }) => now_ns >= again_ns)
    if (again.length === 0) return this.#reads
    this.#leftOut = this.#leftOut.filter((left) => !again.includes(left))
    this.#reads = [...this.#reads, ...again.map(({ read }) => read)]
    return this.#reads
  }

  /** What is not asked, and why. */
  get leftOut(): readonly Refused[] {
    return this.#leftOut
  }

  get refusedPoints(): number {
    return this.#leftOut.reduce((sum, { read }) => sum + read.points.length, 0)
  }

  /**
   * A poll in which something answered: the reads that were divided are replaced by their parts, those refused for good are
   * left out. A refusal of any other kind (busy, failed) teaches nothing.
   * @param asked reads of `due`, each with the parts that it was asked in at last: one where it was not divided
   * @returns what is left out from now on
   */
  learn(
    asked: ReadonlyMap<PlannedRead, readonly PlannedRead[]>,
    refused: readonly Refused[],
    now_ns: Instant,
  ): LeftOut[] {
    const out = refused
      .filter(({ read, error }) => isLasting(error) && partsAfter(read, error) === undefined)
      .map((refusal) => ({ ...refusal, again_ns: addNs(now_ns, ASK_AGAIN_NS) }))
    const reads = new Set(out.map(({ read }) => read))
    this.#reads = this.#reads.flatMap((read) => asked.get(read) ?? [read]).filter((read) => !reads.has(read))
    this.#leftOut = [...this.#leftOut, ...out]
    return out
  }
}

/** The two parts in which a refused read is asked at once again; `undefined` where dividing cannot help. */
export const partsAfter = (read: PlannedRead, error: ModbusError): readonly PlannedRead[] | undefined =>
  ILLEGAL_ADDRESSES.includes(error.reason) ? divide(read) : undefined

const isLasting = ({ reason }: ModbusError): boolean =>
  reason === ILLEGAL_FUNCTION || ILLEGAL_ADDRESSES.includes(reason)
