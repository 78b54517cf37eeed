/**
 * The readings of a batch as columns of one buffer that is moved to the database thread: cloning an object for each of them
 * took most of what ingest did for a reading. Which record each belongs to is `packed.ts`'s.
 */
import { GOOD, type Reading } from '../domain/reading.ts'
import { type ReadingColumns, ReadingRun, type Readings, readingFrom, type Why } from '../domain/reading-page.ts'

/** `n` readings, in the order in which they came. */
export type PackedReadings = ReadingColumns & {
  /** Each once. */
  readonly channels: readonly string[]
  /** Place in `channels`. */
  readonly channel: Uint32Array
}
/** Readings [from, to) of the batch. */
export type Run = { readonly from: number; readonly to: number }

const BYTES_EACH = 8 + 8 + 8 + 4 + 1

export class ReadingPacker {
  readonly columns: PackedReadings
  readonly #channels: string[] = []
  readonly #places = new Map<string, number>()
  readonly #why = new Map<number, Why>()
  #n = 0
  /** Place of the channel that came last. */
  #last = -1

  /** @param most how many there may be */
  constructor(most: number) {
    const buffer = new ArrayBuffer(most * BYTES_EACH)
    this.columns = {
      channels: this.#channels,
      t_ns: new BigInt64Array(buffer, 0, most),
      half_width_ns: new BigInt64Array(buffer, 8 * most, most),
      value: new Float64Array(buffer, 16 * most, most),
      channel: new Uint32Array(buffer, 24 * most, most),
      flag: new Uint8Array(buffer, 28 * most, most),
      why: this.#why,
    }
  }

  /** Those of one record that are not refused. */
  add(readings: Readings, refused: (reading: Reading) => boolean): Run {
    const from = this.#n
    if (readings instanceof ReadingRun) this.#addRun(readings, refused)
    else for (const reading of readings) if (!refused(reading)) this.#add(reading)
    return { from, to: this.#n }
  }

  /** From column to column; what has more to say than a good value goes the long way. */
  #addRun(run: ReadingRun, refused: (reading: Reading) => boolean): void {
    const { columns } = this
    const { page, from, length } = run
    for (let i = 0; i < length; i++) {
      const place = from + i
      if (
        page.flag[place] !== GOOD ||
        page.channel[place] === '' ||
        page.half_width_ns[place]! < 0n ||
        page.why.has(place)
      ) {
        const reading = run.at(i)
        if (!refused(reading)) this.#add(reading)
        continue
      }
      const n = this.#n++
      columns.channel[n] = this.#place(page.channel[place]!)
      columns.t_ns[n] = page.t_ns[place]!
      columns.half_width_ns[n] = page.half_width_ns[place]!
      columns.value[n] = page.value[place]!
      columns.flag[n] = GOOD
    }
  }

  #add({ channel, t_ns, half_width_ns, value, flag, reason, detail }: Reading): void {
    const { columns } = this
    const i = this.#n++
    columns.channel[i] = this.#place(channel)
    columns.t_ns[i] = t_ns
    columns.half_width_ns[i] = half_width_ns
    columns.value[i] = value ?? Number.NaN
    columns.flag[i] = flag
    if (reason !== undefined || detail !== undefined) this.#why.set(i, { reason, detail })
  }

  /** The channels of a device come in one order, so that nearly always the next one is found without a look-up. */
  #place(channel: string): number {
    const next = this.#last + 1
    this.#last = this.#channels[next] === channel ? next : this.#placeOf(channel)
    return this.#last
  }

  #placeOf(channel: string): number {
    const known = this.#places.get(channel)
    if (known !== undefined) return known
    const place = this.#channels.push(channel) - 1
    this.#places.set(channel, place)
    return place
  }
}

export const placesIn = ({ from, to }: Run): number[] => Array.from({ length: to - from }, (_, i) => from + i)

export const readingAt = (columns: PackedReadings, i: number): Reading =>
  readingFrom(columns, i, columns.channels[columns.channel[i]!]!)

/** Places of readings, those of one channel together and in the order in which they came (a counting sort). */
export function byChannel({ channel, channels }: PackedReadings, places: Uint32Array): Uint32Array {
  const next = new Uint32Array(channels.length + 1)
  for (const place of places) next[channel[place]! + 1]!++
  for (let c = 1; c <= channels.length; c++) next[c]! += next[c - 1]!
  const out = new Uint32Array(places.length)
  for (const place of places) out[next[channel[place]!]!++] = place
  return out
}
