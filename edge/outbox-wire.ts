/**
 * Payloads from recorded metrics without decoding them: protobuf fields of one message may stand one after another, and
 * for a field that comes twice the later one counts (Protocol Buffers encoding, "Last One Wins").
 */
import { encodeBefore } from '../domain/sparkplug/codec.ts'
import { writeMetrics } from '../domain/sparkplug/encode.ts'
import { WIRE } from '../domain/sparkplug/fields.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { WireReader } from '../domain/sparkplug/wire-reader.ts'
import { WireWriter } from '../domain/sparkplug/wire-writer.ts'
import { RESEND_RECORDS_MAX } from '../domain/wire/names.ts'
import { outboxIdMetric, outboxOffsetMetric } from '../domain/wire/record.ts'

/** Fields of sparkplug_b.proto: Payload.metrics and Metric.is_historical. */
const METRICS = 2
const IS_HISTORICAL = 5

/** Nothing is awaited while it is in use. */
const writer = new WireWriter()

/** Metrics of a live record: its identity, then its body as it was recorded. */
export const liveMetrics = (outbox: string, offset: number, metrics: Uint8Array, timestamp_ms: number): Uint8Array =>
  encodeBefore({ metrics: [outboxIdMetric(outbox, timestamp_ms), outboxOffsetMetric(offset, timestamp_ms)] }, metrics)

export type WireRecord = {
  readonly offset: number
  readonly device: string
  readonly metrics: Uint8Array
  /** Birth under which it is read; default the present one. */
  readonly edition?: string
}

/** Metrics of a resent payload: the outbox, then each record behind its own offset; all marked is_historical. */
export function resentMetrics(outbox: string, records: readonly WireRecord[], timestamp_ms: number): Uint8Array {
  const historical = (metric: Metric): Metric => ({ ...metric, historical: true })
  const w = writer.restart()
  writeMetrics(w, [historical(outboxIdMetric(outbox, timestamp_ms))])
  for (const { offset, metrics } of records) {
    writeMetrics(w, [historical(outboxOffsetMetric(offset, timestamp_ms))])
    writeHistorical(w, metrics)
  }
  return w.finish()
}

/** The same metrics with is_historical set on each. */
export function markHistorical(metrics: Uint8Array): Uint8Array {
  writeHistorical(writer.restart(), metrics)
  return writer.finish()
}

function writeHistorical(w: WireWriter, metrics: Uint8Array): void {
  const reader = new WireReader(metrics)
  while (reader.next()) {
    if (reader.no !== METRICS) {
      reader.skip(reader.wire, reader.no)
      continue
    }
    const place = w.open(METRICS)
    w.raw(reader.bytes()).tag(IS_HISTORICAL, WIRE.varint).bool(true)
    w.close(place)
  }
}

/** Largest resent payload; one that holds a single record may be larger. */
export const RESEND_BYTES_MAX = 64 * 1024

/** Records in payloads: one device and one edition each, in offset order within a device, at most 64 records and 64 KiB. */
export function packRecords<R extends WireRecord>(records: readonly R[]): R[][] {
  const payloads: R[][] = []
  const open = new Map<string, { records: R[]; bytes: number }>()
  for (const record of records) {
    const size = record.metrics.length
    const key = `${record.device} ${record.edition ?? ''}`
    let payload = open.get(key)
    if (
      payload === undefined ||
      payload.records.length >= RESEND_RECORDS_MAX ||
      payload.bytes + size > RESEND_BYTES_MAX
    ) {
      payload = { records: [], bytes: 0 }
      payloads.push(payload.records)
      open.set(key, payload)
    }
    payload.records.push(record)
    payload.bytes += size
  }
  return payloads
}
