import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Block, Gap, Reading } from '../reading.ts'
import { decodePayload, encodePayload } from '../sparkplug/codec.ts'
import { DataType, type Metric } from '../sparkplug/payload.ts'
import { instant } from '../time.ts'
import { DeviceNames } from './device-names.ts'
import {
  blockBirthMetrics,
  blockGroupsOf,
  bodyMetrics,
  decodeRecords,
  outboxIdMetric,
  outboxOffsetMetric,
  RecordError,
} from './record.ts'

const t = instant(1_700_000_000_123_456_789n)
const birth = blockBirthMetrics('acceleration', ['x', 'y', 'z'], 0.0006, 'm/s²', true, 0)
const context = {
  node: 'edge-1',
  stream: 'blocks' as const,
  device: 'tower',
  exercise: true,
  blockGroups: blockGroupsOf(birth),
}
const typeOf = (name: string | undefined) =>
  birth.find((m) => m.name === name)?.datatype ?? (name === 'outbox/offset' ? DataType.Int64 : undefined)
const throughBytes = (metrics: Metric[]) =>
  decodePayload(encodePayload({ timestamp: 1, seq: 2, metrics }), typeOf).metrics

const reading: Reading = { channel: 'tower/pga', value: 0.1 + 0.2, t_ns: t, half_width_ns: 250_000n, flag: 1 }
const bad: Reading = { ...reading, value: null, flag: 9, reason: 'timeout', detail: 'no answer in 1000 ms' }
const block: Block = {
  device: 'tower',
  group: 'acceleration',
  boot_id: 4_000_000_000,
  first_counter: 4_294_967_200,
  t0_ns: t,
  half_width_ns: 1n,
  sample_rate_hz: 100,
  scale: 0.0006,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis, i) => ({ axis, samples: Int16Array.of(-32768, 32767, i) })),
}
const gap: Gap = {
  channels: ['tower/acceleration/x'],
  from_ns: t,
  to_ns: instant(t + 5n),
  expected: 10,
  missing: 3,
  reason: 'overrun',
}

describe('a record on the wire', () => {
  test('comes back as it was: readings, blocks, gaps and identity', () => {
    const metrics = [
      outboxIdMetric('box', 1),
      outboxOffsetMetric(7, 1),
      ...bodyMetrics('tower', { readings: [reading, bad], blocks: [block], gaps: [gap] }),
    ]
    expect(decodeRecords(throughBytes(metrics), context)).toEqual([
      {
        identity: { node: 'edge-1', outbox: 'box', stream: 'blocks', offset: 7 },
        device: 'tower',
        exercise: true,
        historical: false,
        readings: [reading, bad],
        blocks: [block],
        gaps: [gap],
      },
    ])
  })

  test.each([['no list'], [null], [{ length: 0 }], [['a', 7]]])(
    'channels of a gap that are %j come as they are',
    (channels) => {
      const value = JSON.stringify({ ...gap, channels, from_ns: '1', to_ns: '6' })
      const metrics = [outboxIdMetric('box', 1), outboxOffsetMetric(7, 1), { name: 'gap', timestamp: 1, value }]
      const [record] = decodeRecords(metrics, { ...context, names: new DeviceNames('tower') })
      expect(record!.gaps).toEqual([{ ...gap, channels, from_ns: 1n, to_ns: 6n }])
    },
  )

  test('a resent payload holds several records, each opened by its own offset', () => {
    const historical = (metric: Metric): Metric => ({ ...metric, historical: true })
    const metrics = [
      outboxIdMetric('box', 1),
      ...[3, 9].flatMap((offset) => [
        outboxOffsetMetric(offset, 1),
        ...bodyMetrics('tower', { readings: [reading], blocks: [], gaps: [] }),
      ]),
    ].map(historical)
    const records = decodeRecords(throughBytes(metrics), context)
    expect(records.map((r) => [r.identity.offset, r.historical, r.readings.length])).toEqual([
      [3, true, 1],
      [9, true, 1],
    ])
  })

  test('any double and any int16 arrive unchanged', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 1, maxLength: 300 }),
        (value, samples) => {
          const axes = ['x', 'y', 'z'].map((axis) => ({ axis, samples: Int16Array.from(samples) }))
          const metrics = [
            outboxIdMetric('b', 1),
            outboxOffsetMetric(1, 1),
            ...bodyMetrics('tower', { readings: [{ ...reading, value }], blocks: [{ ...block, axes }], gaps: [] }),
          ]
          const [record] = decodeRecords(throughBytes(metrics), context)
          expect(record!.readings[0]!.value).toBe(value)
          expect(record!.blocks[0]!.axes).toEqual(axes)
        },
      ),
    )
  })

  test('any samples of a wider converter arrive unchanged, as the birth says, and no two types in one block', () => {
    const wide = blockBirthMetrics('acceleration', ['x', 'y', 'z'], 0.0006, 'm/s²', true, 0, true)
    const wideType = (name: string | undefined) => wide.find((m) => m.name === name)?.datatype ?? typeOf(name)
    const through = (b: Block, as: typeof typeOf) =>
      decodeRecords(
        decodePayload(
          encodePayload({
            metrics: [
              outboxIdMetric('b', 1),
              outboxOffsetMetric(1, 1),
              ...bodyMetrics('tower', { readings: [], blocks: [b], gaps: [] }),
            ],
          }),
          as,
        ).metrics,
        context,
      )
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 300 }),
        (counts) => {
          const axes = ['x', 'y', 'z'].map((axis) => ({ axis, samples: Int32Array.from(counts) }))
          expect(through({ ...block, axes }, wideType)[0]!.blocks[0]!.axes).toEqual(axes)
        },
      ),
    )
    const mixed = (name: string | undefined) => (name === 'block/acceleration/y' ? DataType.Int32Array : typeOf(name))
    const axes = block.axes.map((a) => ({ ...a, samples: Int16Array.of(1, 2) }))
    expect(() => through({ ...block, axes }, mixed)).toThrow(/expected axes of one type/)
  })

  test('a block whose axes differ in length, or whose group the birth does not name, is refused by name', () => {
    const short = { ...block, axes: block.axes.map((a, i) => (i === 1 ? { ...a, samples: Int16Array.of(1) } : a)) }
    const decode = (b: Block, c = context) =>
      decodeRecords(
        throughBytes([
          outboxIdMetric('b', 1),
          outboxOffsetMetric(1, 1),
          ...bodyMetrics('tower', { readings: [], blocks: [b], gaps: [] }),
        ]),
        c,
      )
    expect(() => decode(short)).toThrow(new RecordError('block/acceleration: expected axes of one length, got 3, 1, 3'))
    expect(() => decode(block, { ...context, blockGroups: new Map() })).toThrow(/does not name this group/)
  })
})
