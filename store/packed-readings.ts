/**
 * The readings of a batch as columns of one buffer that is moved to the database thread: cloning an object for each of them
 * took most of what ingest did for a reading. Which record each belongs to is `packed.ts`'s.
 */
import type { Flag, Reading, Reason } from '../domain/reading.ts'
import { instant } from '../domain/time.ts'

type Why = { readonly reason: Reason | undefined; readonly detail: string | undefined }

/** `n` readings, in the order in which they came. */
export type PackedReadings = {
  /** Metrics of the record's own device; and whole channels, where they are of another. */
  readonly names: ReadonlyArray<{ readonly metric: string } | { readonly channel: string }>
  readonly name: Uint32Array
  readonly t_ns: BigInt64Array
  readonly half_width_ns: BigInt64Array
  /** NaN where there is none: a value is finite. */
  readonly value: Float64Array
  readonly flag: Uint8Array
  /** By place, of those that have a reason. */
  readonly why: ReadonlyMap<number, Why>
}
/** Readings [from, to) of the batch. */
export type Run = { readonly from: number; readonly to: number }

const BYTES_EACH = 8 + 8 + 8 + 4 + 1

export class ReadingPacker {
  readonly columns: PackedReadings
  readonly #names: Array<PackedReadings['names'][number]> = []
  readonly #places = new Map<string, number>()
  readonly #why = new Map<number, Why>()
  #n = 0

  /** @param most how many there may be */
  constructor(most: number) {
    const buffer = new ArrayBuffer(most * BYTES_EACH)
    this.columns = {
      names: this.#names,
      t_ns: new BigInt64Array(buffer, 0, most),
      half_width_ns: new BigInt64Array(buffer, 8 * most, most),
      value: new Float64Array(buffer, 16 * most, most),
      name: new Uint32Array(buffer, 24 * most, most),
      flag: new Uint8Array(buffer, 28 * most, most),
      why: this.#why,
    }
  }

  /** Those of one record that are not refused. */
  add(device: string, readings: readonly Reading[], refused: (reading: Reading) => boolean): Run {
    const from = this.#n
    for (const reading of readings) if (!refused(reading)) this.#add(device, reading)
    return { from, to: this.#n }
  }

  #add(device: string, { channel, t_ns, half_width_ns, value, flag, reason, detail }: Reading): void {
    const { columns } = this
    const i = this.#n++
    columns.name[i] = this.#place(device, channel)
    columns.t_ns[i] = t_ns
    columns.half_width_ns[i] = half_width_ns
    columns.value[i] = value ?? Number.NaN
    columns.flag[i] = flag
    if (reason !== undefined || detail !== undefined) this.#why.set(i, { reason, detail })
  }

  #place(device: string, channel: string): number {
    const { length } = device
    // One that begins with a slash stays whole, so that the two are never taken for one another.
    const own = channel.charAt(length) === '/' && channel.charAt(length + 1) !== '/' && channel.startsWith(device)
    const key = own ? channel.slice(length + 1) : `/${channel}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#names.push(own ? { metric: key } : { channel }) - 1
    this.#places.set(key, place)
    return place
  }
}

/** @param device of the record to which the run belongs */
export function* readingsIn(columns: PackedReadings, { from, to }: Run, device: string): Generator<Reading> {
  for (let i = from; i < to; i++) {
    const name = columns.names[columns.name[i]!]!
    const value = columns.value[i]!
    yield {
      channel: 'metric' in name ? `${device}/${name.metric}` : name.channel,
      value: Number.isNaN(value) ? null : value,
      t_ns: instant(columns.t_ns[i]!),
      half_width_ns: columns.half_width_ns[i]!,
      flag: columns.flag[i]! as Flag,
      ...columns.why.get(i),
    }
  }
}
