import { describe, expect, test } from 'vitest'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { bodyMetrics, decodeRecords, emptyBody } from '../domain/wire/record.ts'
import { liveMetrics, markHistorical, packRecords, RESEND_BYTES_MAX, resentMetrics } from './outbox-wire.ts'
import { block, reading } from './testing-site.ts'

const group = { scale: block(1).scale, unit: 'm/s²', axes: ['x', 'y', 'z'] }
const context = { node: 'edge-1', exercise: false, blockGroups: new Map([['acceleration', group]]) } as const
const axisType = (name: string | undefined) => (/block\/.*\/[xyz]$/.test(name ?? '') ? DataType.Int16Array : undefined)
const stages = (ms: number) =>
  encodePayload({ metrics: bodyMetrics('dead-run', { ...emptyBody, readings: [reading(ms, ms / 1000)] }) })

describe('payloads from recorded metrics', () => {
  test('a live one is one record behind its identity, and no history', () => {
    const { metrics } = decodePayload(liveMetrics('box', 5, stages(1000), 1))
    expect(metrics.map((m) => m.name)).toEqual(['outbox/id', 'outbox/offset', 'stage'])
    const records = decodeRecords(metrics, { ...context, stream: 'readings', device: 'dead-run' })
    expect(records).toMatchObject([
      { identity: { outbox: 'box', offset: 5 }, historical: false, readings: [reading(1000, 1)] },
    ])
  })

  test('a resent one holds several, each behind its own offset, every metric is_historical', () => {
    const items = [3, 4, 9].map((offset) => ({ offset, device: 'dead-run', metrics: stages(offset * 1000) }))
    const { metrics } = decodePayload(resentMetrics('box', items, 1))
    expect(metrics.every((m) => m.historical)).toBe(true)
    const records = decodeRecords(metrics, { ...context, stream: 'readings', device: 'dead-run' })
    expect(records.map((r) => [r.identity.offset, r.historical, r.readings[0]?.value])).toEqual([
      [3, true, 3],
      [4, true, 4],
      [9, true, 9],
    ])
  })

  test('samples of a block arrive unchanged when it is sent again', () => {
    const recorded = encodePayload({ metrics: bodyMetrics('roof', { ...emptyBody, blocks: [block(3)] }) })
    const { metrics } = decodePayload(
      resentMetrics('box', [{ offset: 1, device: 'roof', metrics: recorded }], 1),
      axisType,
    )
    const [record] = decodeRecords(metrics, { ...context, stream: 'blocks', device: 'roof' })
    expect(record?.blocks).toEqual([block(3)])
  })

  test('marking as history changes nothing else', () => {
    const before = decodePayload(stages(1000)).metrics
    const after = decodePayload(markHistorical(stages(1000))).metrics
    expect(after).toEqual(before.map((m) => ({ ...m, historical: true })))
  })
})

describe('packing for resending', () => {
  const item = (offset: number, device: string, size: number) => ({ offset, device, metrics: new Uint8Array(size) })

  test('one device a payload, in offset order', () => {
    const payloads = packRecords([item(1, 'a', 10), item(2, 'b', 10), item(3, 'a', 10), item(4, 'b', 10)])
    expect(payloads.map((p) => p.map((r) => r.offset))).toEqual([
      [1, 3],
      [2, 4],
    ])
  })

  test('at most 64 records and 64 KiB, but never none', () => {
    expect(packRecords(Array.from({ length: 130 }, (_, i) => item(i, 'a', 10))).map((p) => p.length)).toEqual([
      64, 64, 2,
    ])
    expect(packRecords([1, 2, 3].map((i) => item(i, 'a', 40_000))).map((p) => p.length)).toEqual([1, 1, 1])
    expect(packRecords([item(1, 'a', RESEND_BYTES_MAX + 1)])).toHaveLength(1)
  })
})
