/**
 * Readings of one channel and hour as one compressed body, and back, to the bit and the nanosecond. Instants stand as the
 * nearest tick of the usual period and what is left; texts once in a dictionary; the whole with a checksum.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { ByteReader, ByteWriter } from './bytes.ts'
import { differences, readIntegers, summedUp, writeIntegers } from './integers.ts'
import { readValues, writeValues } from './values.ts'

/** A reading as its table holds it. */
export type Row = {
  readonly t_ns: bigint
  readonly value: number | null
  readonly half_width_ns: bigint
  readonly flag: number
  readonly reason: string | null
  readonly detail: string | null
}

const FORMAT = 1
const LEVEL = 3
/** Longest body when unpacked: far more than an hour that any poll can fill; a broken head asks for no more memory. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024
export const CHUNK_ROWS_MAX = 1_000_000

/** Columns of the rows of a chunk, in order of their instants. */
export class Chunk {
  readonly first_ns: bigint
  /** From the first [ns]; whole numbers. */
  readonly offset_ns: Float64Array
  /** NaN where there is none. */
  readonly value: Float64Array
  readonly flag: Uint8Array
  readonly #half_width_ns: Float64Array
  readonly #reason: Float64Array
  readonly #detail: Float64Array
  readonly #texts: ReadonlyArray<string | null>

  constructor(bytes: Uint8Array) {
    const from = new ByteReader(bytes)
    if (from.u8() !== FORMAT) throw new RangeError('a chunk of an unknown format')
    const n = from.u32()
    if (n > CHUNK_ROWS_MAX) throw new RangeError(`a chunk of ${n} rows`)
    this.first_ns = from.i64()
    this.offset_ns = readInstants(from, n)
    this.#half_width_ns = readIntegers(from, n)
    this.flag = from.bytes(n)
    const there = from.bytes(n)
    const values = readValues(
      from,
      there.reduce((sum, one) => sum + one, 0),
    )
    this.#texts = JSON.parse(from.text()) as Array<string | null>
    this.#reason = readIntegers(from, n)
    this.#detail = readIntegers(from, n)
    if (!from.done) throw new RangeError('the chunk goes on after its end')
    this.value = new Float64Array(n)
    for (let i = 0, next = 0; i < n; i++) this.value[i] = there[i] === 1 ? values[next++]! : Number.NaN
  }

  get length(): number {
    return this.offset_ns.length
  }

  /** About what it holds in memory. */
  get bytes(): number {
    return this.length * 42 + 512
  }

  row(i: number): Row {
    const value = this.value[i]!
    return {
      t_ns: this.first_ns + BigInt(this.offset_ns[i]!),
      value: Number.isNaN(value) ? null : value,
      half_width_ns: BigInt(this.#half_width_ns[i]!),
      flag: this.flag[i]!,
      reason: this.#texts[this.#reason[i]!] ?? null,
      detail: this.#texts[this.#detail[i]!] ?? null,
    }
  }

  /** Place of the first row at or after an instant. */
  from(t_ns: bigint): number {
    const wanted = Number(t_ns - this.first_ns)
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.offset_ns[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  rows(): Row[] {
    return Array.from({ length: this.length }, (_, i) => this.row(i))
  }
}

/** `undefined` where something does not fit: such rows stay as they are. @param rows in order of their instants, each once */
export function packChunk(rows: readonly Row[]): Uint8Array | undefined {
  const first = rows[0]
  if (first === undefined || rows.length > CHUNK_ROWS_MAX) return undefined
  const out = new ByteWriter()
  out.u8(FORMAT)
  out.u32(rows.length)
  out.i64(first.t_ns)
  const texts = new Map<string | null, number>([[null, 0]])
  const place = (text: string | null): number => {
    const known = texts.get(text)
    if (known !== undefined) return known
    texts.set(text, texts.size)
    return texts.size - 1
  }
  const reasons = Float64Array.from(rows, ({ reason }) => place(reason))
  const details = Float64Array.from(rows, ({ detail }) => place(detail))
  const values = rows.flatMap(({ value }) => (value === null ? [] : [value]))
  if (
    !writeInstants(
      out,
      Float64Array.from(rows, ({ t_ns }) => Number(t_ns - first.t_ns)),
    )
  )
    return undefined
  if (
    !writeIntegers(
      out,
      Float64Array.from(rows, ({ half_width_ns }) => Number(half_width_ns)),
    )
  )
    return undefined
  out.bytes(Uint8Array.from(rows, ({ flag }) => flag))
  out.bytes(Uint8Array.from(rows, ({ value }) => (value === null ? 0 : 1)))
  writeValues(out, Float64Array.from(values))
  out.text(JSON.stringify([...texts.keys()]))
  writeIntegers(out, reasons)
  writeIntegers(out, details)
  const body = zstdCompressSync(out.result(), {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  return isWhole(body, rows) ? body : undefined
}

/** @throws where the body is not whole: its checksum or its form is wrong */
export const unpackChunk = (body: Uint8Array): Chunk =>
  new Chunk(zstdDecompressSync(body, { maxOutputLength: UNPACKED_BYTES_MAX }))

/** Nothing is let go before what was written has been read back. */
function isWhole(body: Uint8Array, rows: readonly Row[]): boolean {
  const chunk = unpackChunk(body)
  return chunk.length === rows.length && rows.every((row, i) => isSame(row, chunk.row(i)))
}

const isSame = (a: Row, b: Row): boolean =>
  a.t_ns === b.t_ns &&
  Object.is(a.value, b.value) &&
  a.half_width_ns === b.half_width_ns &&
  a.flag === b.flag &&
  a.reason === b.reason &&
  a.detail === b.detail

/** The period that most neighbours keep, so that ticks count up by one and only the jitter is left. */
function writeInstants(out: ByteWriter, offsets_ns: Float64Array): boolean {
  const apart = differences(offsets_ns).subarray(1).toSorted()
  const period_ns = Math.max(1, apart[apart.length >> 1] ?? 1)
  const ticks = offsets_ns.map((offset) => Math.round(offset / period_ns))
  out.f64(period_ns)
  return (
    writeIntegers(out, differences(ticks)) &&
    writeIntegers(
      out,
      offsets_ns.map((offset, i) => offset - ticks[i]! * period_ns),
    )
  )
}

function readInstants(from: ByteReader, n: number): Float64Array {
  const period_ns = from.f64()
  const ticks = summedUp(readIntegers(from, n))
  return readIntegers(from, n).map((rest, i) => rest + ticks[i]! * period_ns)
}
