import { describe, expect, test } from 'vitest'
import { monotonic } from '../domain/time.ts'
import { acknowledgementsOf } from './acknowledge.ts'
import { type Arrival, identityOf, recordArrival, rejectedArrival } from './arrival.ts'
import { BOX, identity, second, stage } from './test/yard.ts'
import { WAITING_MAX, Waiting } from './waiting.ts'

const base = { device: 'gauge', exercise: false, historical: false, readings: [], blocks: [], gaps: [] }
const reading = (offset: number, publisher = 'gateway'): Arrival =>
  recordArrival(publisher, { ...base, identity: identity('readings', offset), readings: [stage(offset, 1)] })
const block = (offset: number): Arrival =>
  recordArrival('gateway-blocks', { ...base, identity: identity('blocks', offset), blocks: [second(offset)] })
const at = monotonic(0n)
const offsets = (arrivals: readonly Arrival[]) => arrivals.map((a) => identityOf(a).offset)

describe('waiting for the store', () => {
  test('is bounded by records; what is not taken has no effect', () => {
    const waiting = new Waiting({ records: 3, bytes: 1e9 })
    expect([1, 2, 3, 4].map((offset) => waiting.offer(reading(offset), at))).toEqual([true, true, true, false])
    expect(offsets(waiting.head())).toEqual([1, 2, 3])
    waiting.drop(1)
    expect(waiting.offer(reading(5), at)).toBe(true)
    expect(offsets(waiting.head())).toEqual([2, 3, 5])
  })

  test('is bounded by bytes, which come free again', () => {
    const { bytes } = block(1)
    const waiting = new Waiting({ records: 100, bytes: 2.5 * bytes })
    expect([1, 2, 3].map((offset) => waiting.offer(block(offset), at))).toEqual([true, true, false])
    waiting.drop(2)
    expect([waiting.records, waiting.bytes]).toEqual([0, 0])
    expect(waiting.offer(block(3), at)).toBe(true)
  })

  test('takes a record larger than everything when it is alone, so that it is not sent for ever', () => {
    const waiting = new Waiting({ records: 100, bytes: 10 })
    expect([1, 2].map((offset) => waiting.offer(block(offset), at))).toEqual([true, false])
    expect(waiting.head()).toHaveLength(1)
  })

  test('a batch is at most so many records, oldest first', () => {
    const waiting = new Waiting(WAITING_MAX, { records: 256, bytes: 1e9 })
    for (let offset = 1; offset <= 255; offset++) waiting.offer(reading(offset), at)
    expect(waiting.batchReady).toBe(false)
    for (let offset = 256; offset <= 300; offset++) waiting.offer(reading(offset), at)
    expect(waiting.batchReady).toBe(true)
    expect(offsets(waiting.head())).toEqual(Array.from({ length: 256 }, (_, i) => i + 1))
    expect(offsets(waiting.head(1))).toEqual([1])
  })
})

describe('acknowledgements of a batch', () => {
  test('are one for each publisher, outbox and stream, their offsets as ranges', () => {
    const other = reading(40)
    const rejected = rejectedArrival('gateway', {
      identity: { ...identity('readings', 4), outbox: 'other-box' },
      device: 'gauge',
      exercise: false,
      reason: 'broken',
      body: '[]',
    })
    expect(acknowledgementsOf([reading(3), block(8), reading(1), reading(2), block(7), other, rejected])).toEqual([
      {
        publisher: 'gateway',
        committed: {
          owner: 'ingest',
          outbox: BOX,
          stream: 'readings',
          ranges: [
            [1, 3],
            [40, 40],
          ],
        },
      },
      { publisher: 'gateway-blocks', committed: { owner: 'ingest', outbox: BOX, stream: 'blocks', ranges: [[7, 8]] } },
      {
        publisher: 'gateway',
        committed: { owner: 'ingest', outbox: 'other-box', stream: 'readings', ranges: [[4, 4]] },
      },
    ])
  })
})
