/** Gaps, and exercises, which are kept apart from the real data. */
import { describe, expect, test } from 'vitest'
import type { Gap } from '../../domain/reading.ts'
import { at, gap, record, shaking, stage } from '../records.fixture.ts'
import type { StoreUnderTest } from './store-under-test.ts'

export function describeGaps(name: string, its: StoreUnderTest): void {
  describe(`${name}: gaps`, () => {
    test('are stored once and found by any window that they touch', async () => {
      expect(await its.kinds(record({ gaps: [gap(0, 300)] }))).toEqual(['stored'])
      expect(await its.kinds(record({ gaps: [gap(0, 300)] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect(await its.reader.gaps(at(299), at(400))).toEqual([{ ...gap(0, 300), exercise: false }])
      expect(await its.reader.gaps(at(300), at(400))).toEqual([])
    })

    test('another count for the same gap goes to quarantine', async () => {
      await its.writer.append([record({ gaps: [gap(0, 300)] })])
      expect(await its.reasons(record({ gaps: [gap(0, 300, { missing: 3 })] }))).toEqual([
        'gap of dead-run/stage from 2018-06-03T18:00:00.000Z: stored is 5 of 5, came 3 of 5',
      ])
    })

    test('one that is no gap at all goes to quarantine', async () => {
      const nonsense = { ...gap(0, 300), channels: 'dead-run/stage' } as unknown as Gap
      expect(await its.kinds(record({ gaps: [nonsense] }), record({ gaps: [gap(300, 0)] }))).toEqual([
        'quarantined',
        'quarantined',
      ])
    })
  })

  describe(`${name}: exercises`, () => {
    test('are kept apart from the real data and marked', async () => {
      const real = record({ readings: [stage(0, 1)], gaps: [gap(0, 1)] })
      const drill = record({ readings: [stage(0, 9)], gaps: [gap(0, 1)], exercise: true })
      expect(await its.kinds(real, drill)).toEqual(['stored', 'stored'])
      expect((await its.stages()).map((r) => [r.value, r.exercise])).toEqual([
        [1, false],
        [9, true],
      ])
      expect((await its.reader.gaps(at(0), at(1))).map((g) => g.exercise)).toEqual([false, true])
    })

    test('a channel is drawn as what its newest reading is, never as a mixture', async () => {
      await its.writer.append([
        record({ readings: [stage(0, 9)], exercise: true }),
        record({ readings: [stage(60, 1)] }),
      ])
      expect((await its.reader.series('dead-run/stage', at(0), at(100), 1)).map((c) => c.max)).toEqual([1])
      expect((await its.reader.latest()).map((r) => [r.value, r.exercise])).toEqual([[1, false]])
    })

    test('blocks of an exercise carry the mark', async () => {
      await its.writer.append([record({ blocks: [shaking(0, 100)], exercise: true })])
      expect((await its.blocks()).map((b) => b.exercise)).toEqual([true])
    })
  })
}
