/**
 * What the writer's thread does between batches: makes rollups of hours that have come to rest and drops what is old, for a
 * few milliseconds at a time, so that a batch never waits long.
 */
import type { EventLevel, Horizons, Retention } from '../retention.ts'
import { horizonsAt } from '../retention.ts'
import { hourStart, SOURCE } from '../rollup.ts'
import type { RollupTable } from './rollup-table.ts'
import type { Sealer } from './sealer.ts'
import type { Dropped, Sweeper } from './sweep.ts'
import type { Touched, TouchedTable } from './touched-table.ts'

export type TendOrder = {
  /** A new round: hours that were at rest for `rounds` of them are rolled up. Without it work goes on. */
  readonly rounds?: number
  /** Seals hours that have come to rest. */
  readonly seal?: boolean
  /** Looks for rows that are older than they are kept. */
  readonly sweep?: { readonly now_ns: bigint; readonly retention: Retention }
}
export type Tended = {
  /** Hours rolled up and steps of sealing and dropping done since the last answer. */
  readonly done: number
  /** More to do now. */
  readonly left: number
  /** Since the start of the thread. */
  readonly dropped: Dropped
}
export type Tendable = {
  readonly touched: TouchedTable
  readonly rollups: RollupTable
  readonly sealer: Sealer
  readonly sweeper: Sweeper
}

const SLICE_MS = 15
/** So many hours are sealed before rollups and retention have their turn again: there may be years of them after a migration. */
const SEALS_MAX = 100
/** Instants so near the end of 64 bits have no whole hour around them; their rows are always read as they are. */
const FAR_NS = 2n ** 63n - 4n * 3_600_000_000_000n
const ROLLABLE = (touched: Touched): boolean => {
  const at = hourStart(touched.hour)
  return at < FAR_NS && at > -FAR_NS
}

export class Tending {
  readonly #files: readonly Tendable[]
  readonly #transaction: (work: () => void) => void
  #work: Array<() => boolean> = []
  #before: Horizons | undefined
  #events: readonly EventLevel[] = []

  constructor(files: readonly Tendable[], transaction: (work: () => void) => void) {
    this.#files = files
    this.#transaction = transaction
  }

  /** Bounded by `SLICE_MS` and one step. */
  tend({ rounds, seal = false, sweep }: TendOrder): Tended {
    if (sweep !== undefined) this.#horizons(sweep.now_ns, sweep.retention)
    if (rounds !== undefined && this.#work.length === 0) this.#work = this.#plan(rounds, seal, sweep !== undefined)
    let done = 0
    if (this.#work.length > 0)
      this.#transaction(() => {
        const until = performance.now() + SLICE_MS
        while (this.#work.length > 0) {
          if (this.#work.at(-1)!()) done++
          else this.#work.pop()
          if (performance.now() >= until) return
        }
      })
    const dropped: Dropped = { readings: 0, blocks: 0, rollups: 0 }
    for (const { sweeper } of this.#files)
      for (const key of Object.keys(dropped) as Array<keyof Dropped>) dropped[key] += sweeper.dropped[key]
    return { done, left: this.#work.length, dropped }
  }

  /** After a rollback nothing of the plan is sure; the next round plans anew. */
  forget(): void {
    this.#work = []
  }

  #horizons(now_ns: bigint, retention: Retention): void {
    const newest = this.#files.map(({ sweeper }) => sweeper.newest()).filter((t_ns) => t_ns !== undefined)
    const last = newest.length === 0 ? undefined : newest.reduce((a, b) => (b > a ? b : a))
    this.#before = horizonsAt(now_ns, last, retention)
    this.#events = retention.events
  }

  /** Steps to do, the first last: each says whether there is more of it. */
  #plan(rounds: number, seal: boolean, sweep: boolean): Array<() => boolean> {
    const steps: Array<() => boolean> = []
    const before = this.#before
    if (seal) for (const { sealer } of this.#files) steps.push(atMost(SEALS_MAX, () => sealer.step()))
    if (before !== undefined && sweep)
      for (const { sweeper } of this.#files)
        for (const due of sweeper.due(before)) steps.push(() => sweeper.step(due, before, this.#events))
    for (const file of this.#files)
      for (const touched of file.touched.quiet(rounds).filter(ROLLABLE).reverse())
        steps.push(() => this.#roll(file, touched))
    return steps
  }

  #roll({ touched, rollups, sealer, sweeper }: Tendable, mark: Touched): boolean {
    if (!touched.has(mark)) return false
    rollups.make(mark)
    touched.clear(mark)
    if (mark.kind === SOURCE.readings) sealer.rested(mark.source, mark.hour)
    if (this.#before !== undefined) sweeper.late(mark, this.#before, this.#events)
    return true
  }
}

function atMost(times: number, step: () => boolean): () => boolean {
  let left = times
  return () => step() && --left > 0
}
