import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instant } from '../domain/time.ts'
import { encodeRecord, HEADER_BYTES, type OutboxRecord, scanRecords } from './outbox-record.ts'

const record: fc.Arbitrary<OutboxRecord> = fc.record({
  offset: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  kind: fc.constantFrom('readings', 'block', 'gap', 'condition'),
  boot: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  mono_ns: fc.bigInt(0n, 2n ** 64n - 1n),
  utc_ns: fc.option(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n).map(instant), { nil: null }),
  device: fc.string({ maxLength: 60, unit: 'binary' }).filter((s) => Buffer.byteLength(s) <= 255 && s.isWellFormed()),
  metrics: fc.uint8Array({ maxLength: 300 }),
})
const plain = (r: OutboxRecord) => ({ ...r, boot: [...r.boot], metrics: [...r.metrics] })

describe('a record of the outbox', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const scan = scanRecords(Buffer.concat(records.map(encodeRecord)))
        expect(scan.stop).toBe('all')
        expect(scan.records.map((r) => plain(r.record))).toEqual(records.map(plain))
      }),
    )
  })

  test('with any byte changed is never taken for a record', () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.integer({ min: 1, max: 255 }), (r, where, change) => {
        const bytes = Buffer.from(encodeRecord(r))
        const at = where % bytes.length
        bytes[at] = bytes[at]! ^ change
        expect(scanRecords(bytes).records).toEqual([])
      }),
    )
  })

  test('cut short is told apart from a bad one, with the bytes it needs', () => {
    fc.assert(
      fc.property(record, fc.nat(), (r, where) => {
        const bytes = encodeRecord(r)
        const kept = 1 + (where % (bytes.length - 1))
        const scan = scanRecords(bytes.subarray(0, kept))
        expect(scan).toMatchObject({ records: [], end: 0, stop: 'short' })
        expect(scan.need).toBe(kept < 4 ? HEADER_BYTES + 1 : bytes.length)
      }),
    )
  })

  test('zeros, as a file system leaves them after power loss, are no record', () => {
    expect(scanRecords(new Uint8Array(4096))).toMatchObject({ records: [], stop: 'corrupt', end: 0 })
  })
})
