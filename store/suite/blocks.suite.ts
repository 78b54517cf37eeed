/** Blocks: every sample once, under its counter, however they are cut. */
import { describe, expect, test } from 'vitest'
import type { Block } from '../../domain/reading.ts'
import { at, record, shaking } from '../records.fixture.ts'
import type { StoreUnderTest } from './store-under-test.ts'

export function describeBlocks(name: string, its: StoreUnderTest): void {
  describe(`${name}: blocks`, () => {
    test('come back as they went in, in order of time', async () => {
      const late = shaking(100, 100)
      const early = shaking(0, 100)
      expect(await its.kinds(record({ blocks: [late] }), record({ blocks: [early] }))).toEqual(['stored', 'stored'])
      expect(await its.blocks()).toEqual([
        { ...early, exercise: false },
        { ...late, exercise: false },
      ])
    })

    test("the caller's samples are left whole: a batch that fails can be tried again", async () => {
      const block = shaking(0, 100)
      await its.writer.append([record({ blocks: [block] })])
      expect(block).toEqual(shaking(0, 100))
    })

    test('a window gives the blocks that reach into it', async () => {
      await its.writer.append([0, 100, 200, 300].map((c) => record({ blocks: [shaking(c, 100)] })))
      const firsts = async (from: number, to: number) =>
        (await its.reader.blocks('yonago', 'acceleration', at(from), at(to))).map((b) => b.first_counter)
      expect(await firsts(1.5, 2.5)).toEqual([100, 200])
      expect(await firsts(1, 2)).toEqual([100])
      expect(await firsts(1.995, 2)).toEqual([])
      expect(await firsts(1.99, 2)).toEqual([100])
    })

    test('a ring cut again after the outbox was lost gives the same blocks, stored once; the first t0 stays', async () => {
      await its.writer.append([record({ blocks: [shaking(0, 100)] })])
      const again = shaking(0, 100, { t0_ns: at(0.0015) })
      expect(await its.kinds(record({ blocks: [again] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect((await its.blocks()).map((b) => b.t0_ns)).toEqual([at(0)])
    })

    test('of a block that is partly there only the new samples are stored, at their own instants', async () => {
      await its.writer.append([record({ blocks: [shaking(100, 50)] }), record({ blocks: [shaking(170, 10)] })])
      expect(await its.kinds(record({ blocks: [shaking(100, 100)] }))).toEqual(['stored'])
      const stored = await its.blocks()
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
      await its.writer.append([record({ blocks: [shaking(0, 100)] }), record({ blocks: [shaking(200, 100)] })])
      expect(await its.kinds(record({ blocks: [shaking(50, 200)] }))).toEqual(['stored'])
      expect((await its.blocks()).map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [0, 100],
        [100, 100],
        [200, 100],
      ])
      expect(await its.kinds(record({ blocks: [shaking(0, 300)] }))).toEqual(['duplicate'])
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
      expect(await its.kinds(record({ blocks: [wide(0, 101)] }), record({ blocks: [shaking(900, 7)] }))).toEqual([
        'stored',
        'stored',
      ])
      expect(await its.kinds(record({ blocks: [wide(50, 100)] }))).toEqual(['stored'])
      const stored = (await its.blocks()).filter((b) => b.first_counter < 900)
      expect(stored.map((b) => [b.first_counter, b.axes[0]!.samples.length])).toEqual([
        [0, 101],
        [101, 49],
      ])
      for (const b of stored)
        expect(b).toEqual({ ...wide(b.first_counter, b.axes[0]!.samples.length), exercise: false })
      const other = wide(20, 10)
      other.axes[1]!.samples[3]! += 1
      expect(await its.kinds(record({ blocks: [other] }))).toEqual(['quarantined'])
      // Every sample of a second in one column: figures that only 32 bits hold, their sum only a double.
      const [column] = await its.reader.series('yonago/acceleration/x', at(0), at(1.01), 1)
      const counts = Array.from({ length: 101 }, (_, i) => loud(i) * 0.000_598_55)
      expect(column!.count).toBe(101)
      expect(column!.max).toBeCloseTo(Math.max(...counts), 6)
      expect(column!.min).toBeCloseTo(Math.min(...counts), 6)
      expect(column!.mean).toBeCloseTo(counts.reduce((a, b) => a + b, 0) / 101, 6)
    })

    test('other samples under a stored counter go to quarantine; the first stored stay', async () => {
      await its.writer.append([record({ blocks: [shaking(0, 100)] })])
      const other = shaking(50, 100)
      other.axes[2]!.samples[10]! += 1
      expect(await its.reasons(record({ blocks: [other] }))).toEqual([
        'yonago/acceleration boot 7 counters 50 to 99: other samples are stored',
      ])
      expect(await its.blocks()).toEqual([{ ...shaking(0, 100), exercise: false }])
    })

    test('another scale under a stored counter goes to quarantine', async () => {
      await its.writer.append([record({ blocks: [shaking(0, 100)] })])
      expect(await its.reasons(record({ blocks: [shaking(0, 100, { scale: 0.001 })] }))).toEqual([
        'yonago/acceleration boot 7 counters 0 to 99: other axes or scale are stored',
      ])
    })

    test('counters of another boot, group or device are their own', async () => {
      const others = [{ boot_id: 8 }, { group: 'tilt' }, { device: 'tottori' }].map((more) => shaking(0, 100, more))
      expect(await its.kinds(...[shaking(0, 100), ...others].map((block) => record({ blocks: [block] })))).toEqual(
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
      expect(await its.kinds(record({ blocks: [uneven] }), record({ blocks: [shaking(0, 0)] }))).toEqual([
        'quarantined',
        'quarantined',
      ])
      expect(await its.blocks()).toEqual([])
    })
  })
}
