/**
 * One record of the outbox as bytes, and a run of records back from bytes. Big endian; a header of 49 bytes, then the body:
 * length of the device id, device id, Sparkplug metrics. Where the bytes lie is `io/outbox-segments.ts`'s business.
 *
 *  0 u32 length of header and body      16 u8  kind                     41 i64 utc_ns, or -2^63 for none
 *  4 u32 crc32c of all but these four   17 16  boot id of this run      49 u8  length of the device id
 *  8 u64 offset                         33 u64 mono_ns                  50     device id, metrics
 */
import { invariant } from '../domain/errors.ts'
import { type Instant, instant } from '../domain/time.ts'
import { crc32c } from './crc32c.ts'

export const HEADER_BYTES = 49
/** A record holds one poll, one block or one condition: the largest block of a model is below 64 KiB. */
export const RECORD_BYTES_MAX = 1024 * 1024
const NO_UTC = -(2n ** 63n)

const KINDS = { readings: 1, block: 2, gap: 3, condition: 4 } as const
export type RecordKind = keyof typeof KINDS
const KIND_OF = new Map(Object.entries(KINDS).map(([kind, code]) => [code as number, kind as RecordKind]))

export type OutboxRecord = {
  readonly offset: number
  readonly kind: RecordKind
  /** 16 random bytes per run of the process: tells which records share one monotonic clock. */
  readonly boot: Uint8Array
  readonly mono_ns: bigint
  /** `null` while the node had no trusted time. */
  readonly utc_ns: Instant | null
  /** Empty for node metrics. */
  readonly device: string
  readonly metrics: Uint8Array
}

export function encodeRecord(record: OutboxRecord): Uint8Array {
  const device = Buffer.from(record.device)
  invariant(device.length <= 255 && record.boot.length === 16, 'device id of at most 255 bytes, boot id of 16')
  const length = HEADER_BYTES + 1 + device.length + record.metrics.length
  invariant(length <= RECORD_BYTES_MAX, `a record of ${length} bytes is at most ${RECORD_BYTES_MAX}`)
  const out = Buffer.allocUnsafe(length)
  out.writeUInt32BE(length, 0)
  out.writeBigUInt64BE(BigInt(record.offset), 8)
  out.writeUInt8(KINDS[record.kind], 16)
  out.set(record.boot, 17)
  out.writeBigUInt64BE(record.mono_ns, 33)
  out.writeBigInt64BE(record.utc_ns ?? NO_UTC, 41)
  out.writeUInt8(device.length, HEADER_BYTES)
  out.set(device, HEADER_BYTES + 1)
  out.set(record.metrics, HEADER_BYTES + 1 + device.length)
  out.writeUInt32BE(checksum(out), 4)
  return out
}

const checksum = (record: Uint8Array): number => crc32c(record.subarray(8), crc32c(record.subarray(0, 4)))

export type Scanned = { readonly record: OutboxRecord; readonly at: number; readonly bytes: number }
export type Scan = {
  readonly records: readonly Scanned[]
  /** Byte after the last good record. */
  readonly end: number
  /** Why the scan ended: all read, more bytes needed (`need` in all), or not a record. */
  readonly stop: 'all' | 'short' | 'corrupt'
  readonly need: number
}

/** Records that stand one after another in `bytes`. Metrics are views, not copies. */
export function scanRecords(bytes: Uint8Array): Scan {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Scanned[] = []
  let at = 0
  while (at < buffer.length) {
    if (buffer.length - at < 4) return { records, end: at, stop: 'short', need: HEADER_BYTES + 1 }
    const length = buffer.readUInt32BE(at)
    if (length <= HEADER_BYTES || length > RECORD_BYTES_MAX) return { records, end: at, stop: 'corrupt', need: 0 }
    if (buffer.length - at < length) return { records, end: at, stop: 'short', need: length }
    const record = decodeRecord(buffer.subarray(at, at + length))
    if (record === undefined) return { records, end: at, stop: 'corrupt', need: 0 }
    records.push({ record, at, bytes: length })
    at += length
  }
  return { records, end: at, stop: 'all', need: 0 }
}

function decodeRecord(bytes: Buffer): OutboxRecord | undefined {
  if (bytes.readUInt32BE(4) !== checksum(bytes)) return undefined
  const kind = KIND_OF.get(bytes[16]!)
  const metricsAt = HEADER_BYTES + 1 + bytes[HEADER_BYTES]!
  if (kind === undefined || metricsAt > bytes.length) return undefined
  const utc_ns = bytes.readBigInt64BE(41)
  return {
    offset: Number(bytes.readBigUInt64BE(8)),
    kind,
    boot: bytes.subarray(17, 33),
    mono_ns: bytes.readBigUInt64BE(33),
    utc_ns: utc_ns === NO_UTC ? null : instant(utc_ns),
    device: bytes.toString('utf8', HEADER_BYTES + 1, metricsAt),
    metrics: bytes.subarray(metricsAt),
  }
}
