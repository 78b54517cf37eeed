/**
 * Readings of many records side by side in columns, for those that wait by the thousand: an object for each, with its two
 * wide integers, is five times the memory and all of it the garbage collector's work. A record keeps its place on the page
 * and gives its readings as any list does.
 */
import { isInt64 } from './int64.ts'
import type { Flag, Reading, Reason } from './reading.ts'
import { type Instant, instant } from './time.ts'

/** Readings of a record, in the order in which they came. */
export type Readings = Iterable<Reading> & { readonly length: number }

/** Readings of a page. */
const PAGE = 4096

export type Why = { readonly reason: Reason | undefined; readonly detail: string | undefined }

/** What readings hold beside their channel, by place. */
export type ReadingColumns = {
  readonly t_ns: BigInt64Array
  readonly half_width_ns: BigInt64Array
  /** NaN where there is none: a value is finite. */
  readonly value: Float64Array
  readonly flag: Uint8Array
  /** Of those that have a reason. */
  readonly why: ReadonlyMap<number, Why>
}

export function readingFrom(columns: ReadingColumns, i: number, channel: string): Reading {
  const value = columns.value[i]!
  return {
    channel,
    value: Number.isNaN(value) ? null : value,
    t_ns: instant(columns.t_ns[i]!),
    half_width_ns: columns.half_width_ns[i]!,
    flag: columns.flag[i]! as Flag,
    ...columns.why.get(i),
  }
}

class Page implements ReadingColumns {
  length = 0
  readonly channel: string[] = []
  readonly t_ns = new BigInt64Array(PAGE)
  readonly half_width_ns = new BigInt64Array(PAGE)
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

  /** The latest of their instants, without an object for each; `undefined` where there are none. */
  get newest_ns(): Instant | undefined {
    const { t_ns } = this.page
    let newest: bigint | undefined
    for (let i = this.from; i < this.from + this.length; i++)
      if (newest === undefined || t_ns[i]! > newest) newest = t_ns[i]!
    return newest === undefined ? undefined : instant(newest)
  }

  at(index: number): Reading {
    const place = this.from + index
    return readingFrom(this.page, place, this.page.channel[place]!)
  }
}

/** Puts readings onto pages; a page is given up with the last record on it. */
export class ReadingPages {
  #page = new Page()

  /** What a page cannot say as it came (more than 64 bits, a value that is no number) stays a list. */
  put(readings: Readings): Readings {
    if (readings.length === 0 || readings.length > PAGE) return readings
    for (const reading of readings) if (!fits(reading)) return readings
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
