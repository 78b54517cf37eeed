/**
 * Arrivals that wait for the store, in order, within a stated limit. When it is full, the newest are not taken: nobody has
 * acknowledged them, so the edge node still has them and sends them again.
 */
import { ReadingPages } from '../domain/reading-page.ts'
import type { Monotonic } from '../domain/time.ts'
import type { Arrival } from './arrival.ts'

export type WaitingLimits = { readonly records: number; readonly bytes: number }
/** Fifty devices give a block and a poll a second: 8,192 records are 80 s of them; the bytes bound longer blocks. */
export const WAITING_MAX: WaitingLimits = { records: 8192, bytes: 16 * 1024 * 1024 }
/** What one transaction takes; it is also worth starting without more ado. */
export const BATCH_MAX: WaitingLimits = { records: 2048, bytes: 4 * 1024 * 1024 }

type Entry = { arrival: Arrival; readonly since: Monotonic }

export class Waiting {
  readonly #limits: WaitingLimits
  readonly #batch: WaitingLimits
  readonly #entries: Entry[] = []
  readonly #pages = new ReadingPages()
  #bytes = 0

  constructor(limits: WaitingLimits = WAITING_MAX, batch: WaitingLimits = BATCH_MAX) {
    this.#limits = limits
    this.#batch = batch
  }

  get records(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Since when the oldest waits. */
  get since(): Monotonic | undefined {
    return this.#entries[0]?.since
  }

  /** Whether a whole batch waits. */
  get batchReady(): boolean {
    return this.#entries.length >= this.#batch.records || this.#bytes >= this.#batch.bytes
  }

  /** False where there is no room; one larger than all room is taken while nothing else waits. */
  offer(arrival: Arrival, at: Monotonic): boolean {
    const full = this.#entries.length >= this.#limits.records || this.#bytes + arrival.bytes > this.#limits.bytes
    if (full && this.#entries.length > 0) return false
    this.#entries.push({ arrival: this.#onPage(arrival), since: at })
    this.#bytes += arrival.bytes
    return true
  }

  /** Its readings in columns: nothing of what they were decoded into stays. */
  #onPage(arrival: Arrival): Arrival {
    if (!('record' in arrival)) return arrival
    const readings = this.#pages.put(arrival.record.readings)
    return { ...arrival, record: { ...arrival.record, readings } }
  }

  /** The oldest, at most `records` of them; they stay until `drop`. */
  head(records: number = this.#batch.records): Arrival[] {
    const out: Arrival[] = []
    let bytes = 0
    for (const { arrival } of this.#entries) {
      bytes += arrival.bytes
      if (out.length > 0 && (out.length >= records || bytes > this.#batch.bytes)) break
      out.push(arrival)
    }
    return out
  }

  drop(records: number): void {
    for (const { arrival } of this.#entries.splice(0, records)) this.#bytes -= arrival.bytes
  }

  /** Puts another in the place of the oldest. */
  replaceFirst(arrival: Arrival): void {
    const first = this.#entries[0]
    if (first === undefined) return
    this.#bytes += arrival.bytes - first.arrival.bytes
    first.arrival = arrival
  }
}
