/**
 * The short-term and long-term averages of x² and their ratio, sample by sample, in the three usual kinds. On and off are
 * left to `sta-lta.ts` for records and to `sta-lta-trigger.ts` for streams; both use these, so they agree to the bit.
 */
import { WindowSum, type WindowSumState } from '../signal/window-sum.ts'

/** What each kind averages is said at `classicStaLta`, `recursiveStaLta` and `delayedStaLta`. */
export type StaLtaKind = 'classic' | 'recursive' | 'delayed'

export type AveragesState =
  | { readonly kind: 'classic' | 'delayed'; readonly sta: WindowSumState; readonly lta: WindowSumState }
  | { readonly kind: 'recursive'; readonly sta: number; readonly lta: number; readonly count: number }

export interface Averages {
  /**
   * @param square x² of the next sample @param frozen leave the long-term average as it is
   * @returns STA/LTA; 0 until the long window is full, and where both are zero
   */
  push(square: number, frozen: boolean): number
  /** Forget everything: the ratio is 0 again until the long window is full. */
  clear(): void
  readonly ready: boolean
  state(): AveragesState
}

/** @throws RangeError unless nsta and nlta are whole samples with 1 <= nsta < nlta, or the state is of other windows */
export function averagesOf(kind: StaLtaKind, nsta: number, nlta: number, state?: AveragesState): Averages {
  requireWindows(nsta, nlta)
  if (state !== undefined && state.kind !== kind)
    throw new RangeError(`state: expected averages of kind ${kind}, got ${state.kind}`)
  if (kind === 'recursive') return new RecursiveAverages(nsta, nlta, state?.kind === 'recursive' ? state : undefined)
  const windows = state === undefined || state.kind === 'recursive' ? undefined : state
  const sta = windows === undefined ? new WindowSum(nsta) : WindowSum.from(windows.sta)
  const lta = windows === undefined ? new WindowSum(nlta) : WindowSum.from(windows.lta)
  if (sta.size !== nsta || lta.size !== nlta)
    throw new RangeError(`state: expected windows of ${nsta} and ${nlta} samples, got ${sta.size} and ${lta.size}`)
  return kind === 'classic' ? new ClassicAverages(sta, lta) : new DelayedAverages(sta, lta)
}

/** The largest value that the classic and the recursive ratio can come to. */
export const staLtaBound = (nsta: number, nlta: number): number => nlta / nsta

/** @throws RangeError for an on threshold that the classic and recursive ratio can never exceed: it would never trigger */
export function requireReachable(on: number, nsta: number, nlta: number): void {
  if (!(on < staLtaBound(nsta, nlta)))
    throw new RangeError(`on: expected a threshold below LTA/STA = ${staLtaBound(nsta, nlta)}, got ${on}`)
}

export function requireWindows(nsta: number, nlta: number): void {
  if (!(Number.isInteger(nsta) && Number.isInteger(nlta) && nsta >= 1 && nlta > nsta))
    throw new RangeError(`nsta, nlta: expected whole samples with 1 <= STA < LTA, got ${nsta} and ${nlta}`)
}

/** Below any square of a measured value; 0/0 is no event. */
const TINY = 1e-99
const ratioOf = (short: number, long: number): number => (short === 0 ? 0 : short / Math.max(long, TINY))

class ClassicAverages implements Averages {
  readonly #sta: WindowSum
  readonly #lta: WindowSum

  constructor(sta: WindowSum, lta: WindowSum) {
    this.#sta = sta
    this.#lta = lta
  }
  push(square: number, frozen: boolean): number {
    const short = this.#sta.push(square) / this.#sta.size
    const long = (frozen ? this.#lta.sum : this.#lta.push(square)) / this.#lta.size
    return this.#lta.full ? ratioOf(short, long) : 0
  }
  clear(): void {
    this.#sta.clear()
    this.#lta.clear()
  }
  get ready(): boolean {
    return this.#lta.full
  }
  state(): AveragesState {
    return { kind: 'classic', sta: this.#sta.state(), lta: this.#lta.state() }
  }
}

class DelayedAverages implements Averages {
  readonly #sta: WindowSum
  readonly #lta: WindowSum

  constructor(sta: WindowSum, lta: WindowSum) {
    this.#sta = sta
    this.#lta = lta
  }
  push(square: number, frozen: boolean): number {
    const oldest = this.#sta.full ? this.#sta.oldest : undefined
    const short = this.#sta.push(square) / this.#sta.size
    if (oldest !== undefined && !frozen) this.#lta.push(oldest)
    return this.#lta.full ? ratioOf(short, this.#lta.sum / this.#lta.size) : 0
  }
  clear(): void {
    this.#sta.clear()
    this.#lta.clear()
  }
  get ready(): boolean {
    return this.#lta.full
  }
  state(): AveragesState {
    return { kind: 'delayed', sta: this.#sta.state(), lta: this.#lta.state() }
  }
}

class RecursiveAverages implements Averages {
  readonly #nsta: number
  readonly #nlta: number
  #sta = 0
  #lta = 0
  /** Samples seen, up to nlta. */
  #count = 0

  constructor(nsta: number, nlta: number, state?: { sta: number; lta: number; count: number }) {
    this.#nsta = nsta
    this.#nlta = nlta
    if (state === undefined) return
    this.#sta = state.sta
    this.#lta = state.lta
    this.#count = state.count
  }
  push(square: number, frozen: boolean): number {
    // obspy starts both averages with the second sample; kept so that its published numbers are ours.
    if (this.#count > 0) {
      this.#sta = square / this.#nsta + (1 - 1 / this.#nsta) * this.#sta
      if (!frozen) this.#lta = square / this.#nlta + (1 - 1 / this.#nlta) * this.#lta
    }
    if (!this.ready) {
      this.#count++
      return 0
    }
    return ratioOf(this.#sta, this.#lta)
  }
  clear(): void {
    this.#sta = 0
    this.#lta = 0
    this.#count = 0
  }
  get ready(): boolean {
    return this.#count >= this.#nlta
  }
  state(): AveragesState {
    return { kind: 'recursive', sta: this.#sta, lta: this.#lta, count: this.#count }
  }
}
