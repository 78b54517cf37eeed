/**
 * What every adapter of the series store must do, told once. An adapter's test calls `describeSeriesStore` with a way to
 * open a writer and a reader on one empty place, and to open them again later.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesReader, SeriesWriter } from '../domain/ports.ts'
import type { Block, Gap, Reading } from '../domain/reading.ts'
import type { DeviceRecord, Identity } from '../domain/record.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'

/** One empty store; `writer()` and `reader()` open it anew each time, `end` removes it. */
export type StorePlace = {
  writer(): Promise<SeriesWriter>
  reader(): SeriesReader
  end(): Promise<void>
}

/** 2018-06-03 18:00 UTC: the start of the Dead Run record that ships. */
export const T0 = instant(1_528_048_800_000_000_000n)
export const at = (s: number): Instant => addNs(T0, BigInt(Math.round(s * 1e9)))

export const stage = (s: number, value: number | null, more: Partial<Reading> = {}): Reading => ({
  channel: 'dead-run/stage',
  value,
  t_ns: at(s),
  half_width_ns: 1_234_567n,
  flag: 1,
  ...more,
})

/** `n` samples of a counter-dependent pattern, so that a sample tells its counter and axis. */
export const shaking = (first_counter: number, n: number, more: Partial<Block> = {}): Block => ({
  device: 'yonago',
  group: 'acceleration',
  boot_id: 7,
  first_counter,
  t0_ns: at(first_counter / 100),
  half_width_ns: 2_000_000n,
  sample_rate_hz: 100,
  scale: 0.000_598_55,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis, a) => ({
    axis,
    samples: Int16Array.from({ length: n }, (_, i) => sampleAt(a, first_counter + i)),
  })),
  ...more,
})
export const sampleAt = (axis: number, counter: number): number => ((counter * 7 + axis * 11_000) % 65_536) - 32_768

export const gap = (from_s: number, to_s: number, more: Partial<Gap> = {}): Gap => ({
  channels: ['dead-run/stage'],
  from_ns: at(from_s),
  to_ns: at(to_s),
  expected: 5,
  missing: 5,
  reason: 'edge-down',
  ...more,
})

let offsets = 0
export const record = (parts: Partial<DeviceRecord>, identity: Partial<Identity> = {}): DeviceRecord => ({
  identity: {
    node: 'gateway',
    outbox: '5e0e6ba1-3a40-4f20-a5d6-5f10e7c0d0c1',
    stream: parts.blocks?.length ? 'blocks' : 'readings',
    offset: ++offsets,
    ...identity,
  },
  device: parts.blocks?.[0]?.device ?? 'dead-run',
  exercise: false,
  historical: false,
  readings: [],
  blocks: [],
  gaps: [],
  ...parts,
})

export function describeSeriesStore(name: string, makePlace: () => Promise<StorePlace>): void {
  let place: StorePlace
  let writer: SeriesWriter
  let reader: SeriesReader

  const kinds = async (...records: DeviceRecord[]) => (await writer.append(records)).map((outcome) => outcome.kind)
  const reasons = async (...records: DeviceRecord[]) =>
    (await writer.append(records)).map((outcome) => (outcome.kind === 'quarantined' ? outcome.reason : outcome.kind))
  const stages = () => reader.readings('dead-run/stage', at(-1e6), at(1e6), 1000)
  const blocks = () => reader.blocks('yonago', 'acceleration', at(-1e6), at(1e6))

  beforeEach(async () => {
    offsets = 0
    place = await makePlace()
    writer = await place.writer()
    reader = place.reader()
  })
  afterEach(async () => {
    await reader.close()
    await writer.close()
    await place.end()
  })

  describe(`${name}: readings`, () => {
    test('come back as they went in, to the nanosecond and the bit', async () => {
      const good = stage(0, 0.1 + 0.2, { t_ns: addNs(T0, 123_456_789n) })
      const bad = stage(60, null, { flag: 9, reason: 'timeout', detail: 'no answer within 1000 ms' })
      expect(await kinds(record({ readings: [good] }), record({ readings: [bad] }))).toEqual(['stored', 'stored'])
      expect(await stages()).toEqual([
        { ...good, exercise: false },
        { ...bad, exercise: false },
      ])
    })

    test('a record sent again changes nothing', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      expect(await kinds(first)).toEqual(['stored'])
      expect(await kinds(first)).toEqual(['duplicate'])
      expect(await stages()).toHaveLength(1)
    })

    test('twice in one batch is once in the store', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      expect(await kinds(first, first)).toEqual(['stored', 'duplicate'])
    })

    test('an identity that is committed is not looked into again', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      await writer.append([first])
      expect(await kinds({ ...first, readings: [stage(60, 1.7)] })).toEqual(['duplicate'])
      expect(await stages()).toHaveLength(1)
    })

    test('the same reading from a new outbox is no news', async () => {
      await writer.append([record({ readings: [stage(0, 1.5)] })])
      expect(await kinds(record({ readings: [stage(0, 1.5)] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect(await stages()).toHaveLength(1)
    })

    test('another value at a stored instant goes to quarantine; the stored one and its neighbours stay', async () => {
      await writer.append([record({ readings: [stage(0, 1.5)] })])
      const [reason] = await reasons(record({ readings: [stage(0, 2.5), stage(60, 2.6)] }))
      expect(reason).toBe('dead-run/stage at 2018-06-03T18:00:00.000Z: stored is 1.5 (flag 1), came 2.5 (flag 1)')
      expect((await stages()).map((r) => r.value)).toEqual([1.5, 2.6])
    })

    test('a quarantined record is committed: it is a duplicate when it comes again', async () => {
      await writer.append([record({ readings: [stage(0, 1.5)] })])
      const newcomer = record({ readings: [stage(0, 2.5)] })
      expect(await kinds(newcomer)).toEqual(['quarantined'])
      expect(await kinds(newcomer)).toEqual(['duplicate'])
    })

    test('what no store can hold goes to quarantine and hinders nothing else', async () => {
      const monstrous = record({ readings: [stage(0, 1.5, { t_ns: instant(2n ** 63n) }), stage(1, 1.6)] })
      const infinite = record({ readings: [stage(2, Number.POSITIVE_INFINITY)] })
      const good = record({ readings: [stage(3, 1.7)] })
      expect(await kinds(monstrous, infinite, good)).toEqual(['quarantined', 'quarantined', 'stored'])
      expect((await stages()).map((r) => r.value)).toEqual([1.6, 1.7])
    })

    test('latest is the newest of each channel, whatever the order of arrival', async () => {
      const rise = (s: number, value: number): Reading => stage(s, value, { channel: 'dead-run/rate_of_rise' })
      await writer.append([record({ readings: [stage(120, 2), rise(120, 0.1)] })])
      await writer.append([record({ readings: [stage(60, 1), rise(180, 0.2)] })])
      const latest = (await reader.latest()).map((r) => [r.channel, r.value])
      expect(Object.fromEntries(latest)).toEqual({ 'dead-run/stage': 2, 'dead-run/rate_of_rise': 0.2 })
    })

    test('readings stop at the limit, oldest first, and leave out the end of the window', async () => {
      await writer.append([record({ readings: [0, 1, 2, 3, 4].map((s) => stage(s, s)) })])
      const values = async (from: number, to: number, limit: number) =>
        (await reader.readings('dead-run/stage', at(from), at(to), limit)).map((r) => r.value)
      expect(await values(1, 4, 10)).toEqual([1, 2, 3])
      expect(await values(0, 5, 2)).toEqual([0, 1])
    })
  })

  describe(`${name}: columns of a series`, () => {
    test('give min, mean, max and count of each column, at most as many as asked for', async () => {
      await writer.append([record({ readings: Array.from({ length: 100 }, (_, s) => stage(s, s)) })])
      const columns = await reader.series('dead-run/stage', at(0), at(100), 4)
      expect(columns).toEqual([
        { t_ns: at(0), min: 0, mean: 12, max: 24, count: 25, worst_flag: 1 },
        { t_ns: at(25), min: 25, mean: 37, max: 49, count: 25, worst_flag: 1 },
        { t_ns: at(50), min: 50, mean: 62, max: 74, count: 25, worst_flag: 1 },
        { t_ns: at(75), min: 75, mean: 87, max: 99, count: 25, worst_flag: 1 },
      ])
      for (const points of [1, 3, 7, 99, 100, 1000]) {
        const some = await reader.series('dead-run/stage', at(0), at(100), points)
        expect(some.length).toBeLessThanOrEqual(points)
        expect(some.reduce((all, column) => all + column.count, 0)).toBe(100)
      }
    })

    test('failed and missing readings have no part in the figures, but the flag tells of a failure', async () => {
      await writer.append([
        record({
          readings: [
            stage(0, 1),
            stage(1, 99, { flag: 4, reason: 'out-of-range' }),
            stage(2, null, { flag: 9, reason: 'timeout' }),
            stage(3, 3, { flag: 3, reason: 'status' }),
            stage(10, null, { flag: 9, reason: 'timeout' }),
            stage(20, 5, { flag: 2 }),
          ],
        }),
      ])
      expect(await reader.series('dead-run/stage', at(0), at(30), 3)).toEqual([
        { t_ns: at(0), min: 1, mean: 2, max: 3, count: 2, worst_flag: 4 },
        { t_ns: at(20), min: 5, mean: 5, max: 5, count: 1, worst_flag: 2 },
      ])
    })

    test('an axis is summed up from its blocks, sample by sample the same', async () => {
      await writer.append(Array.from({ length: 10 }, (_, k) => record({ blocks: [shaking(k * 100, 100)] })))
      for (const points of [1, 3, 10, 7, 333]) {
        const columns = await reader.series('yonago/acceleration/y', at(0.5), at(9), points)
        const width_ns = (8_500_000_000 + points - 1) / points
        const expected = new Map<number, number[]>()
        for (let c = 50; c < 900; c++) {
          const k = Math.floor(((c - 50) * 1e7) / Math.floor(width_ns))
          expected.set(k, [...(expected.get(k) ?? []), sampleAt(1, c) * 0.000_598_55])
        }
        expect(columns.map((c) => c.count)).toEqual([...expected.values()].map((values) => values.length))
        expect(columns.map((c) => c.max)).toEqual([...expected.values()].map((values) => Math.max(...values)))
        expect(columns.map((c) => c.min)).toEqual([...expected.values()].map((values) => Math.min(...values)))
        for (const [i, values] of [...expected.values()].entries())
          expect(columns[i]!.mean).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 9)
      }
    })

    test('a channel that nobody stored has none', async () => {
      expect(await reader.series('nowhere/stage', at(0), at(10), 10)).toEqual([])
      expect(await reader.series('nowhere/acceleration/x', at(0), at(10), 10)).toEqual([])
      expect(await reader.series('dead-run/stage', at(10), at(0), 10)).toEqual([])
    })
  })

  describe(`${name}: blocks`, () => {
    test('come back as they went in, in order of time', async () => {
      const late = shaking(100, 100)
      const early = shaking(0, 100)
      expect(await kinds(record({ blocks: [late] }), record({ blocks: [early] }))).toEqual(['stored', 'stored'])
      expect(await blocks()).toEqual([
        { ...early, exercise: false },
        { ...late, exercise: false },
      ])
    })

    test("the caller's samples are left whole: a batch that fails can be tried again", async () => {
      const block = shaking(0, 100)
      await writer.append([record({ blocks: [block] })])
      expect(block).toEqual(shaking(0, 100))
    })

    test('a window gives the blocks that reach into it', async () => {
      await writer.append([0, 100, 200, 300].map((c) => record({ blocks: [shaking(c, 100)] })))
      const firsts = async (from: number, to: number) =>
        (await reader.blocks('yonago', 'acceleration', at(from), at(to))).map((b) => b.first_counter)
      expect(await firsts(1.5, 2.5)).toEqual([100, 200])
      expect(await firsts(1, 2)).toEqual([100])
      expect(await firsts(1.995, 2)).toEqual([])
      expect(await firsts(1.99, 2)).toEqual([100])
    })

    test('a ring cut again after the outbox was lost gives the same blocks, stored once; the first t0 stays', async () => {
      await writer.append([record({ blocks: [shaking(0, 100)] })])
      const again = shaking(0, 100, { t0_ns: at(0.0015) })
      expect(await kinds(record({ blocks: [again] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect((await blocks()).map((b) => b.t0_ns)).toEqual([at(0)])
    })

    test('of a block that is partly there only the new samples are stored, at their own instants', async () => {
      await writer.append([record({ blocks: [shaking(100, 50)] }), record({ blocks: [shaking(170, 10)] })])
      expect(await kinds(record({ blocks: [shaking(100, 100)] }))).toEqual(['stored'])
      const stored = await blocks()
      expect(stored.map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [100, 50],
        [150, 20],
        [170, 10],
        [180, 20],
      ])
      for (const block of stored)
        expect(block).toEqual({ ...shaking(block.first_counter, block.axes[0]!.samples.length), exercise: false })
    })

    test('a block that bridges stored ones on both sides fills only what is between', async () => {
      await writer.append([record({ blocks: [shaking(0, 100)] }), record({ blocks: [shaking(200, 100)] })])
      expect(await kinds(record({ blocks: [shaking(50, 200)] }))).toEqual(['stored'])
      expect((await blocks()).map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [0, 100],
        [100, 100],
        [200, 100],
      ])
      expect(await kinds(record({ blocks: [shaking(0, 300)] }))).toEqual(['duplicate'])
    })

    test('samples of a converter with more than 16 bits are kept whole, cut and summed up like others', async () => {
      const loud = (counter: number) => (counter % 2 === 0 ? 1 : -1) * (8_388_607 - counter)
      const wide = (first: number, n: number): Block =>
        shaking(first, n, {
          axes: ['x', 'y', 'z'].map((axis) => ({
            axis,
            samples: Int32Array.from({ length: n }, (_, i) => loud(first + i)),
          })),
        })
      expect(await kinds(record({ blocks: [wide(0, 101)] }), record({ blocks: [shaking(900, 7)] }))).toEqual([
        'stored',
        'stored',
      ])
      expect(await kinds(record({ blocks: [wide(50, 100)] }))).toEqual(['stored'])
      const stored = (await blocks()).filter((b) => b.first_counter < 900)
      expect(stored.map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [0, 101],
        [101, 49],
      ])
      for (const b of stored)
        expect(b).toEqual({ ...wide(b.first_counter, b.axes[0]!.samples.length), exercise: false })
      const other = wide(20, 10)
      other.axes[1]!.samples[3]! += 1
      expect(await kinds(record({ blocks: [other] }))).toEqual(['quarantined'])
      // Every sample of a second in one column: figures that only 32 bits hold, their sum only a double.
      const [column] = await reader.series('yonago/acceleration/x', at(0), at(1.01), 1)
      const counts = Array.from({ length: 101 }, (_, i) => loud(i) * 0.000_598_55)
      expect(column!.count).toBe(101)
      expect(column!.max).toBeCloseTo(Math.max(...counts), 6)
      expect(column!.min).toBeCloseTo(Math.min(...counts), 6)
      expect(column!.mean).toBeCloseTo(counts.reduce((a, b) => a + b, 0) / 101, 6)
    })

    test('other samples under a stored counter go to quarantine; the first stored stay', async () => {
      await writer.append([record({ blocks: [shaking(0, 100)] })])
      const other = shaking(50, 100)
      other.axes[2]!.samples[10]! += 1
      expect(await reasons(record({ blocks: [other] }))).toEqual([
        'yonago/acceleration boot 7 counters 50 to 99: other samples are stored',
      ])
      expect(await blocks()).toEqual([{ ...shaking(0, 100), exercise: false }])
    })

    test('another scale under a stored counter goes to quarantine', async () => {
      await writer.append([record({ blocks: [shaking(0, 100)] })])
      expect(await reasons(record({ blocks: [shaking(0, 100, { scale: 0.001 })] }))).toEqual([
        'yonago/acceleration boot 7 counters 0 to 99: other axes or scale are stored',
      ])
    })

    test('counters of another boot, group or device are their own', async () => {
      const others = [{ boot_id: 8 }, { group: 'tilt' }, { device: 'tottori' }].map((more) => shaking(0, 100, more))
      expect(await kinds(...[shaking(0, 100), ...others].map((block) => record({ blocks: [block] })))).toEqual(
        Array(4).fill('stored'),
      )
    })

    test('a block without samples or with uneven axes goes to quarantine', async () => {
      const uneven = shaking(0, 100, {
        axes: [
          { axis: 'x', samples: new Int16Array(3) },
          { axis: 'y', samples: new Int16Array(2) },
        ],
      })
      expect(await kinds(record({ blocks: [uneven] }), record({ blocks: [shaking(0, 0)] }))).toEqual([
        'quarantined',
        'quarantined',
      ])
      expect(await blocks()).toEqual([])
    })
  })

  describe(`${name}: gaps`, () => {
    test('are stored once and found by any window that they touch', async () => {
      expect(await kinds(record({ gaps: [gap(0, 300)] }))).toEqual(['stored'])
      expect(await kinds(record({ gaps: [gap(0, 300)] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect(await reader.gaps(at(299), at(400))).toEqual([{ ...gap(0, 300), exercise: false }])
      expect(await reader.gaps(at(300), at(400))).toEqual([])
    })

    test('another count for the same gap goes to quarantine', async () => {
      await writer.append([record({ gaps: [gap(0, 300)] })])
      expect(await reasons(record({ gaps: [gap(0, 300, { missing: 3 })] }))).toEqual([
        'gap of dead-run/stage from 2018-06-03T18:00:00.000Z: stored is 5 of 5, came 3 of 5',
      ])
    })

    test('one that is no gap at all goes to quarantine', async () => {
      const nonsense = { ...gap(0, 300), channels: 'dead-run/stage' } as unknown as Gap
      expect(await kinds(record({ gaps: [nonsense] }), record({ gaps: [gap(300, 0)] }))).toEqual([
        'quarantined',
        'quarantined',
      ])
    })
  })

  describe(`${name}: exercises`, () => {
    test('are kept apart from the real data and marked', async () => {
      const real = record({ readings: [stage(0, 1)], gaps: [gap(0, 1)] })
      const drill = record({ readings: [stage(0, 9)], gaps: [gap(0, 1)], exercise: true })
      expect(await kinds(real, drill)).toEqual(['stored', 'stored'])
      expect((await stages()).map((r) => [r.value, r.exercise])).toEqual([
        [1, false],
        [9, true],
      ])
      expect((await reader.gaps(at(0), at(1))).map((g) => g.exercise)).toEqual([false, true])
    })

    test('a channel is drawn as what its newest reading is, never as a mixture', async () => {
      await writer.append([record({ readings: [stage(0, 9)], exercise: true }), record({ readings: [stage(60, 1)] })])
      expect((await reader.series('dead-run/stage', at(0), at(100), 1)).map((c) => c.max)).toEqual([1])
      expect((await reader.latest()).map((r) => [r.value, r.exercise])).toEqual([[1, false]])
    })

    test('blocks of an exercise carry the mark', async () => {
      await writer.append([record({ blocks: [shaking(0, 100)], exercise: true })])
      expect((await blocks()).map((b) => b.exercise)).toEqual([true])
    })
  })

  describe(`${name}: what is committed`, () => {
    test('is told as ranges per outbox and stream, holes and all, also after a restart', async () => {
      const offsetsStored = [1, 2, 3, 7, 8, 4097]
      await writer.append(
        offsetsStored.map((offset) =>
          record({ readings: [stage(offset, 1)], exercise: offset % 2 === 0 }, { outbox: 'box', offset }),
        ),
      )
      const expected = [
        [1, 3],
        [7, 8],
        [4097, 4097],
      ]
      expect(await writer.committed('gateway', 'box', 'readings')).toEqual(expected)
      await writer.close()
      writer = await place.writer()
      expect(await writer.committed('gateway', 'box', 'readings')).toEqual(expected)
      expect(await writer.committed('gateway', 'box', 'blocks')).toEqual([])
      expect(await writer.committed('gateway', 'other-box', 'readings')).toEqual([])
      expect(await kinds(record({ readings: [stage(7, 1)] }, { outbox: 'box', offset: 7 }))).toEqual(['duplicate'])
    })

    test('an empty record is committed too', async () => {
      expect(await kinds(record({}, { outbox: 'box', offset: 5 }))).toEqual(['stored'])
      expect(await writer.committed('gateway', 'box', 'readings')).toEqual([[5, 5]])
    })

    test('everything is there after a restart, and goes on', async () => {
      await writer.append([record({ readings: [stage(0, 1)] }), record({ blocks: [shaking(0, 100)] })])
      await writer.close()
      writer = await place.writer()
      expect(await kinds(record({ readings: [stage(1, 2)] }), record({ blocks: [shaking(100, 100)] }))).toEqual([
        'stored',
        'stored',
      ])
      expect((await stages()).map((r) => r.value)).toEqual([1, 2])
      expect((await blocks()).map((b) => b.first_counter)).toEqual([0, 100])
    })
  })

  test(`${name}: how it stands is told by writer and reader alike`, async () => {
    const nothing = { oldest_ns: undefined, newest_ns: undefined, last_backup_ns: undefined }
    expect(await writer.health()).toMatchObject({ ...nothing, quarantined: 0 })
    const lost = record({ readings: [stage(5, 1.5)] }, { offset: 9_000_001 })
    await kinds(
      record({ readings: [stage(5, 1)] }),
      record({ readings: [stage(-60, 2)], exercise: true }),
      record({ blocks: [shaking(900, 100)] }),
      lost,
    )
    const extremes = { oldest_ns: at(-60), newest_ns: at(9) }
    const told = await writer.health()
    expect(told).toMatchObject({ ...extremes, quarantined: 1, last_backup_ns: undefined })
    expect(told.free_bytes).toBeGreaterThan(0)
    const read = await reader.health()
    expect(read).toMatchObject({ kind: told.kind, where: told.where, ...extremes })
    if (read.rows !== undefined) expect(read.rows).toEqual({ readings: 2, blocks: 1 })
  })

  test(`${name}: one second of a hundred devices in one batch`, async () => {
    const records = Array.from({ length: 100 }, (_, d) =>
      record({ blocks: [shaking(0, 200, { device: `node-${d}`, t0_ns: instant(T0 + BigInt(d) * NS_PER_S) })] }),
    )
    expect(new Set(await kinds(...records))).toEqual(new Set(['stored']))
    expect(await reader.blocks('node-42', 'acceleration', at(0), at(100))).toHaveLength(1)
  })
}
