/** Columns of a series: figures of readings and of the samples of an axis. */
import { describe, expect, test } from 'vitest'
import { at, record, sampleAt, shaking, stage } from '../records.fixture.ts'
import type { StoreUnderTest } from './store-under-test.ts'

export function describeColumns(name: string, its: StoreUnderTest): void {
  describe(`${name}: columns of a series`, () => {
    test('give min, mean, max and count of each column, at most as many as asked for', async () => {
      await its.writer.append([record({ readings: Array.from({ length: 100 }, (_, s) => stage(s, s)) })])
      const columns = await its.reader.series('dead-run/stage', at(0), at(100), 4)
      expect(columns).toEqual([
        { t_ns: at(0), min: 0, mean: 12, max: 24, count: 25, worst_flag: 1 },
        { t_ns: at(25), min: 25, mean: 37, max: 49, count: 25, worst_flag: 1 },
        { t_ns: at(50), min: 50, mean: 62, max: 74, count: 25, worst_flag: 1 },
        { t_ns: at(75), min: 75, mean: 87, max: 99, count: 25, worst_flag: 1 },
      ])
      for (const points of [1, 3, 7, 99, 100, 1000]) {
        const some = await its.reader.series('dead-run/stage', at(0), at(100), points)
        expect(some.length).toBeLessThanOrEqual(points)
        expect(some.reduce((all, column) => all + column.count, 0)).toBe(100)
      }
    })

    test('failed and missing readings have no part in the figures, but the flag tells of a failure', async () => {
      await its.writer.append([
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
      expect(await its.reader.series('dead-run/stage', at(0), at(30), 3)).toEqual([
        { t_ns: at(0), min: 1, mean: 2, max: 3, count: 2, worst_flag: 4 },
        { t_ns: at(20), min: 5, mean: 5, max: 5, count: 1, worst_flag: 2 },
      ])
    })

    test('an axis is summed up from its blocks, sample by sample the same', async () => {
      await its.writer.append(Array.from({ length: 10 }, (_, k) => record({ blocks: [shaking(k * 100, 100)] })))
      for (const points of [1, 3, 10, 7, 333]) {
        const columns = await its.reader.series('yonago/acceleration/y', at(0.5), at(9), points)
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
      expect(await its.reader.series('nowhere/stage', at(0), at(10), 10)).toEqual([])
      expect(await its.reader.series('nowhere/acceleration/x', at(0), at(10), 10)).toEqual([])
      expect(await its.reader.series('dead-run/stage', at(10), at(0), 10)).toEqual([])
    })
  })
}
