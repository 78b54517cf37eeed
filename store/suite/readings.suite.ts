/** Readings: kept to the bit, once, and never overwritten. */
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../domain/reading.ts'
import { addNs, instant } from '../../domain/time.ts'
import { at, record, stage, T0 } from '../records.fixture.ts'
import type { StoreUnderTest } from './store-under-test.ts'

export function describeReadings(name: string, its: StoreUnderTest): void {
  describe(`${name}: readings`, () => {
    test('come back as they went in, to the nanosecond and the bit', async () => {
      const good = stage(0, 0.1 + 0.2, { t_ns: addNs(T0, 123_456_789n) })
      const bad = stage(60, null, { flag: 9, reason: 'timeout', detail: 'no answer within 1000 ms' })
      expect(await its.kinds(record({ readings: [good] }), record({ readings: [bad] }))).toEqual(['stored', 'stored'])
      expect(await its.stages()).toEqual([
        { ...good, exercise: false },
        { ...bad, exercise: false },
      ])
    })

    test('a record sent again changes nothing', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      expect(await its.kinds(first)).toEqual(['stored'])
      expect(await its.kinds(first)).toEqual(['duplicate'])
      expect(await its.stages()).toHaveLength(1)
    })

    test('twice in one batch is once in the store', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      expect(await its.kinds(first, first)).toEqual(['stored', 'duplicate'])
    })

    test('an identity that is committed is not looked into again', async () => {
      const first = record({ readings: [stage(0, 1.5)] })
      await its.writer.append([first])
      expect(await its.kinds({ ...first, readings: [stage(60, 1.7)] })).toEqual(['duplicate'])
      expect(await its.stages()).toHaveLength(1)
    })

    test('the same reading from a new outbox is no news', async () => {
      await its.writer.append([record({ readings: [stage(0, 1.5)] })])
      expect(await its.kinds(record({ readings: [stage(0, 1.5)] }, { outbox: 'replaced-disk' }))).toEqual(['duplicate'])
      expect(await its.stages()).toHaveLength(1)
    })

    test('another value at a stored instant goes to quarantine; the stored one and its neighbours stay', async () => {
      await its.writer.append([record({ readings: [stage(0, 1.5)] })])
      const [reason] = await its.reasons(record({ readings: [stage(0, 2.5), stage(60, 2.6)] }))
      expect(reason).toBe('dead-run/stage at 2018-06-03T18:00:00.000Z: stored is 1.5 (flag 1), came 2.5 (flag 1)')
      expect((await its.stages()).map((r) => r.value)).toEqual([1.5, 2.6])
    })

    test('a quarantined record is committed: it is a duplicate when it comes again', async () => {
      await its.writer.append([record({ readings: [stage(0, 1.5)] })])
      const newcomer = record({ readings: [stage(0, 2.5)] })
      expect(await its.kinds(newcomer)).toEqual(['quarantined'])
      expect(await its.kinds(newcomer)).toEqual(['duplicate'])
    })

    test('what no store can hold goes to quarantine and hinders nothing else', async () => {
      const monstrous = record({ readings: [stage(0, 1.5, { t_ns: instant(2n ** 63n) }), stage(1, 1.6)] })
      const infinite = record({ readings: [stage(2, Number.POSITIVE_INFINITY)] })
      const good = record({ readings: [stage(3, 1.7)] })
      expect(await its.kinds(monstrous, infinite, good)).toEqual(['quarantined', 'quarantined', 'stored'])
      expect((await its.stages()).map((r) => r.value)).toEqual([1.6, 1.7])
    })

    test('latest is the newest of each channel, whatever the order of arrival', async () => {
      const rise = (s: number, value: number): Reading => stage(s, value, { channel: 'dead-run/rate_of_rise' })
      await its.writer.append([record({ readings: [stage(120, 2), rise(120, 0.1)] })])
      await its.writer.append([record({ readings: [stage(60, 1), rise(180, 0.2)] })])
      const latest = (await its.reader.latest()).map((r) => [r.channel, r.value])
      expect(Object.fromEntries(latest)).toEqual({ 'dead-run/stage': 2, 'dead-run/rate_of_rise': 0.2 })
    })

    test('readings stop at the limit, oldest first, and leave out the end of the window', async () => {
      await its.writer.append([record({ readings: [0, 1, 2, 3, 4].map((s) => stage(s, s)) })])
      const values = async (from: number, to: number, limit: number) =>
        (await its.reader.readings('dead-run/stage', at(from), at(to), limit)).map((r) => r.value)
      expect(await values(1, 4, 10)).toEqual([1, 2, 3])
      expect(await values(0, 5, 2)).toEqual([0, 1])
    })
  })
}
