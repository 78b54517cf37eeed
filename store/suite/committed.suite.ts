/** What is committed, over restarts, and how a store stands. */
import { describe, expect, test } from 'vitest'
import { instant, NS_PER_S } from '../../domain/time.ts'
import { at, record, shaking, stage, T0 } from '../records.fixture.ts'
import type { StoreUnderTest } from './store-under-test.ts'

export function describeCommitted(name: string, its: StoreUnderTest): void {
  describe(`${name}: what is committed`, () => {
    test('is told as ranges per outbox and stream, holes and all, also after a restart', async () => {
      const offsetsStored = [1, 2, 3, 7, 8, 4097]
      await its.writer.append(
        offsetsStored.map((offset) =>
          record({ readings: [stage(offset, 1)], exercise: offset % 2 === 0 }, { outbox: 'box', offset }),
        ),
      )
      const expected = [
        [1, 3],
        [7, 8],
        [4097, 4097],
      ]
      expect(await its.writer.committed('gateway', 'box', 'readings')).toEqual(expected)
      await its.writer.close()
      its.writer = await its.place.writer()
      expect(await its.writer.committed('gateway', 'box', 'readings')).toEqual(expected)
      expect(await its.writer.committed('gateway', 'box', 'blocks')).toEqual([])
      expect(await its.writer.committed('gateway', 'other-box', 'readings')).toEqual([])
      expect(await its.kinds(record({ readings: [stage(7, 1)] }, { outbox: 'box', offset: 7 }))).toEqual(['duplicate'])
    })

    test('an empty record is committed too', async () => {
      expect(await its.kinds(record({}, { outbox: 'box', offset: 5 }))).toEqual(['stored'])
      expect(await its.writer.committed('gateway', 'box', 'readings')).toEqual([[5, 5]])
    })

    test('everything is there after a restart, and goes on', async () => {
      await its.writer.append([record({ readings: [stage(0, 1)] }), record({ blocks: [shaking(0, 100)] })])
      await its.writer.close()
      its.writer = await its.place.writer()
      expect(await its.kinds(record({ readings: [stage(1, 2)] }), record({ blocks: [shaking(100, 100)] }))).toEqual([
        'stored',
        'stored',
      ])
      expect((await its.stages()).map((r) => r.value)).toEqual([1, 2])
      expect((await its.blocks()).map((b) => b.first_counter)).toEqual([0, 100])
    })
  })

  test(`${name}: how it stands is told by its.writer and reader alike`, async () => {
    const nothing = { oldest_ns: undefined, newest_ns: undefined, last_backup_ns: undefined }
    expect(await its.writer.health()).toMatchObject({ ...nothing, quarantined: 0 })
    const lost = record({ readings: [stage(5, 1.5)] }, { offset: 9_000_001 })
    await its.kinds(
      record({ readings: [stage(5, 1)] }),
      record({ readings: [stage(-60, 2)], exercise: true }),
      record({ blocks: [shaking(900, 100)] }),
      lost,
    )
    const extremes = { oldest_ns: at(-60), newest_ns: at(9) }
    const told = await its.writer.health()
    expect(told).toMatchObject({ ...extremes, quarantined: 1, last_backup_ns: undefined })
    expect(told.free_bytes).toBeGreaterThan(0)
    const read = await its.reader.health()
    expect(read).toMatchObject({ kind: told.kind, where: told.where, ...extremes })
    if (read.rows !== undefined) expect(read.rows).toEqual({ readings: 2, blocks: 1 })
  })

  test(`${name}: one second of a hundred devices in one batch`, async () => {
    const records = Array.from({ length: 100 }, (_, d) =>
      record({ blocks: [shaking(0, 200, { device: `node-${d}`, t0_ns: instant(T0 + BigInt(d) * NS_PER_S) })] }),
    )
    expect(new Set(await its.kinds(...records))).toEqual(new Set(['stored']))
    expect(await its.reader.blocks('node-42', 'acceleration', at(0), at(100))).toHaveLength(1)
  })
}
