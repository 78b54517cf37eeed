/**
 * Readings of many records side by side in columns, for those that wait by the thousand: an object for each, with its two
 * wide integers, is five times the memory and all of it the garbage collector's work. A record keeps its place on the page
 * and gives its readings as any list does.
 */
import type { Flag, Reading, Reason } from './reading.ts'
import { instant } from './time.ts'

/** Readings of a record, in the order in which they came. */
export type Readings = Iterable<Reading> & { readonly length: number }

/** Readings of a page. */
const PAGE = 4096
const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -INT64_MAX

type Why = { readonly reason: Reason | undefined; readonly detail: string | undefined }

class Page {
  length = 0
  readonly channel: string[] = []
  readonly t_ns = new BigInt64Array(PAGE)
  readonly half_width_ns = new BigInt64Array(PAGE)
  /** NaN where there is none. */
  readonly value = new Float64Array(PAGE)
  readonly flag = new Uint8Array(PAGE)
  readonly why = new Map<number, Why>()

  add({ channel, t_ns, half_width_ns, value, flag, reason, detail }: Reading): void {
    const i = this.length++
    this.channel.push(channel)
    this.t_ns[i] = t_ns
    this.half_width_ns[i] = half_width_ns
    this.value[i] = value ?? Number.NaN
    this.flag[i] = flag
    if (reason !== undefined || detail !== undefined) this.why.set(i, { reason, detail })
  }
}

/** Those of one record: places [from, from + length) of the page. */
export class ReadingRun implements Readings {
  readonly page: Readonly<Page>
  readonly from: number
  readonly length: number

  constructor(page: Page, from: number) {
    this.page = page
    this.from = from
    this.length = page.length - from
  }

  *[Symbol.iterator](): Generator<Reading> {
    for (let i = 0; i < this.length; i++) yield this.at(i)
  }

  toJSON(): readonly Reading[] {
    return [...this]
  }

  at(index: number): Reading {
    const { channel, t_ns, half_width_ns, value, flag, why } = this.page
    const i = this.from + index
    return {
      channel: channel[i]!,
      value: Number.isNaN(value[i]!) ? null : value[i]!,
      t_ns: instant(t_ns[i]!),
      half_width_ns: half_width_ns[i]!,
      flag: flag[i]! as Flag,
      ...why.get(i),
    }
  }
}

/** Puts readings onto pages; a page is given up with the last record on it. */
export class ReadingPages {
  #page = new Page()

  /** What a page cannot say as it came (more than 64 bits, a value that is no number) stays a list. */
  put(readings: readonly Reading[]): Readings {
    if (readings.length === 0 || readings.length > PAGE || !readings.every(fits)) return readings
    if (this.#page.length + readings.length > PAGE) this.#page = new Page()
    const from = this.#page.length
    for (const reading of readings) this.#page.add(reading)
    return new ReadingRun(this.#page, from)
  }
}

const fits = ({ value, t_ns, half_width_ns, flag }: Reading): boolean =>
  (value === null || Number.isFinite(value)) &&
  isInt64(t_ns) &&
  isInt64(half_width_ns) &&
  Number.isInteger(flag) &&
  flag >= 0 &&
  flag < 256

const isInt64 = (ns: bigint): boolean => ns <= INT64_MAX && ns >= INT64_MIN
