/** What has come over the wire and waits to be committed: a record, or one that could not be decoded and goes to quarantine. */
import type { Identity, KeptRecord, RejectedRecord } from '../domain/record.ts'

export type Arrival = {
  /** The Sparkplug node that published it and waits for the acknowledgement: `<node>` or `<node>-blocks`. */
  readonly publisher: string
  /** About what it holds in memory. */
  readonly bytes: number
  /** Of a node without an outbox: nobody waits for an acknowledgement. */
  readonly foreign?: boolean
  /** Whole, but no transaction accepted it. */
  readonly unaccepted?: boolean
} & ({ readonly record: KeptRecord } | { readonly rejected: RejectedRecord })

export const identityOf = (arrival: Arrival): Identity =>
  'record' in arrival ? arrival.record.identity : arrival.rejected.identity

/** A record with its identity, a reading on a page, a decoded gap or block; samples and text are counted as they are. */
const RECORD_BYTES = 512
const READING_BYTES = 48
const PART_BYTES = 256

export function recordArrival(publisher: string, record: KeptRecord): Arrival {
  const { readings, gaps, blocks } = record
  let bytes = RECORD_BYTES + READING_BYTES * readings.length + PART_BYTES * (gaps.length + blocks.length)
  for (const { axes } of record.blocks) for (const { samples } of axes) bytes += samples.byteLength
  return { publisher, record, bytes }
}

export const rejectedArrival = (publisher: string, rejected: RejectedRecord): Arrival => ({
  publisher,
  rejected,
  bytes: PART_BYTES + 2 * rejected.body.length,
})

/** A record or its metrics as JSON: BigInts as text, samples as base64. */
export const bodyJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return String(v)
    if (!ArrayBuffer.isView(v)) return v
    const base64 = Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64')
    return { type: Object.prototype.toString.call(v).slice(8, -1), base64 }
  })
