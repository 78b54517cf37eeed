import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import type { Flag } from '../domain/reading.ts'
import { type Instant, instant, toIso } from '../domain/time.ts'
import { differenceToSi, toSi } from '../domain/units.ts'
import { loadRecording } from '../recordings/load.ts'
import { type ConditionState, conditionOf, evaluate, isQuiet, NEVER_RAISED, stateOf } from './condition.ts'
import { limitOn } from './testing.ts'

const second = (s: number): Instant => instant(BigInt(Math.round(s * 1e9)))

/** Values, one a second from second 0; `[value, flag]` where it is not good. */
function run(
  limit: Limit,
  values: ReadonlyArray<number | [number, Flag]>,
  start: ConditionState = NEVER_RAISED,
  scale = 1,
) {
  const condition = conditionOf(limit, false, scale)
  let state = start
  const records: ConditionRecord[] = []
  values.forEach((v, i) => {
    const [value, flag] = Array.isArray(v) ? v : [v, 1 as Flag]
    const step = evaluate(condition, state, { value, flag, t_ns: second(i) })
    state = step.state
    records.push(...step.records)
  })
  return {
    state,
    records,
    told: records.map((r) => `${r.state ? 'raised' : 'returned'} #${r.occurrence} at ${r.at_ns / 1_000_000_000n}`),
  }
}

const stage = limitOn('red', 'gauge/stage', 2, { deadband: 0.2 })

describe('a condition', () => {
  test('raises at the limit and clears only below limit less deadband', () => {
    expect(run(stage, [1.9, 2, 1.85, 2.1, 1.8, 1.79, 1.9, 2]).told).toEqual([
      'raised #1 at 1',
      'returned #1 at 5',
      'raised #2 at 7',
    ])
  })

  test('a limit below is the mirror image', () => {
    const low = { ...stage, direction: 'below' as const }
    expect(run(low, [2.1, 2, 2.15, 2.2, 2.21, 2]).told).toEqual([
      'raised #1 at 1',
      'returned #1 at 4',
      'raised #2 at 5',
    ])
  })

  test('on-delay: must hold throughout; the onset is the first sample of the crossing', () => {
    const { told, records } = run({ ...stage, on_delay_s: 3 }, [2, 2, 1.9, 2, 2.5, 2.2, 2.1, 2])
    expect(told).toEqual(['raised #1 at 6'])
    expect(records[0]).toMatchObject({ onset_ns: second(3), at_ns: second(6), value: 2.1, peak: 2.5 })
  })

  test('off-delay: a short dip does not end it', () => {
    const { told, records } = run({ ...stage, off_delay_s: 2 }, [2, 1, 1, 2, 1, 1, 1])
    expect(told).toEqual(['raised #1 at 0', 'returned #1 at 6'])
    expect(records[1]).toMatchObject({ onset_ns: second(0), returned_ns: second(6), value: 1, peak: 2 })
  })

  test('delays are in device time: played x180, ten minutes are 3.3 s of the node', () => {
    expect(run({ ...stage, on_delay_s: 600 }, [2, 2, 2, 2, 2, 2], NEVER_RAISED, 180).told).toEqual(['raised #1 at 4'])
  })

  test('failed and missing values say nothing; a suspect one raises, unconfirmed', () => {
    expect(run(stage, [2, [1, 4], [0, 9]]).state.raised).toBe(true)
    expect(
      run(stage, [
        [3, 4],
        [3, 9],
      ]).told,
    ).toEqual([])
    expect(run(stage, [[2, 3]]).records[0]).toMatchObject({ state: true, unconfirmed: true, flag: 3 })
    expect(run(stage, [2]).records[0]).toMatchObject({ unconfirmed: false, flag: 1 })
  })

  test('the return tells the most extreme value of the occurrence', () => {
    expect(
      run(stage, [2, 3.5, 2.4, 1, 2, 1])
        .records.filter((r) => !r.state)
        .map((r) => r.peak),
    ).toEqual([3.5, 2])
  })

  test('what was raised before a restart stays raised, as the same occurrence', () => {
    const before = run(stage, [2, 1, 2.4]).records.at(-1)!
    const after = run(stage, [1.9, 2.6, 1.5, 2], stateOf(before, true))
    expect(after.told).toEqual(['returned #2 at 2', 'raised #3 at 3'])
    expect(after.records[0]).toMatchObject({ onset_ns: before.onset_ns, peak: 2.6 })
  })

  test('after an unclean stop the next occurrence passes over one number, once', () => {
    const before = run(stage, [2, 1]).records.at(-1)!
    expect(run(stage, [2, 1, 2], stateOf(before, false)).told).toEqual([
      'raised #3 at 0',
      'returned #3 at 1',
      'raised #4 at 2',
    ])
    expect(run(stage, [2], stateOf(undefined, false)).records[0]!.occurrence).toBe(2)
  })

  test('limit and clear level are rounded to float32 as the register is', () => {
    const limit = toSi(2, 'ft')!
    expect(Math.fround(limit)).not.toBe(limit)
    const feet = { ...stage, limit, deadband: differenceToSi(0.2, 'ft')! }
    expect(run(feet, [Math.fround(limit)]).told).toEqual(['raised #1 at 0'])
    expect(run(feet, [Math.fround(limit), Math.fround(toSi(1.8, 'ft')!)]).told).toEqual(['raised #1 at 0'])
  })

  test('a quiet sample is one that would change nothing', () => {
    const condition = conditionOf(stage, false, 1)
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 3, noNaN: true })),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (values, next) => {
          const { state } = run({ ...stage, on_delay_s: 2 }, values)
          if (isQuiet(condition, state, next)) {
            const step = evaluate(condition, state, { value: next, flag: 1, t_ns: second(1000) })
            expect(step).toEqual({ state, records: [] })
          }
        },
      ),
    )
  })
})

describe('Dead Run at Franklintown, June 2018', async () => {
  const record = await loadRecording('usgs-dead-run-2018')
  if (record.kind !== 'series') throw new Error('expected a series')
  const rows = Array.from(record.values, (value, i) => ({ t_ns: instant(record.t[i]!), stage_m: Math.fround(value) }))

  /** Hundredths of a foot, as the record has them. */
  const feet100 = Array.from(record.values, (m) => Math.round((m / 0.3048) * 100))

  const episodesOf = (limit_ft: number): Array<[string, string | null]> => {
    const limit = limitOn('x', 'dead-run/stage', toSi(limit_ft, 'ft')!, { deadband: differenceToSi(0.2, 'ft')! })
    const condition = conditionOf(limit, true, 1)
    let state = NEVER_RAISED
    const episodes: Array<[string, string | null]> = []
    for (const { t_ns, stage_m } of rows) {
      const step = evaluate(condition, state, { value: stage_m, flag: 1, t_ns })
      state = step.state
      for (const r of step.records)
        if (r.state) episodes.push([toIso(r.onset_ns!), null])
        else episodes.at(-1)![1] = toIso(r.at_ns)
    }
    return episodes
  }
  /** The record itself, in whole hundredths of a foot: no rounding anywhere. */
  const naive = (limit_100: number): Array<[string, string | null]> => {
    const episodes: Array<[string, string | null]> = []
    let raised = false
    feet100.forEach((h, i) => {
      if (!raised && h >= limit_100) {
        raised = true
        episodes.push([toIso(rows[i]!.t_ns), null])
      } else if (raised && h < limit_100 - 20) {
        raised = false
        episodes.at(-1)![1] = toIso(rows[i]!.t_ns)
      }
    })
    return episodes
  }
  const at = (text: string): string => `2018-${text}:00.000Z`

  test('the published episodes of 2.0 ft and 4.0 ft with a deadband of 0.2 ft', () => {
    expect(episodesOf(2)).toEqual([
      [at('06-03T18:10'), at('06-04T02:30')],
      [at('06-10T22:00'), at('06-10T23:00')],
      [at('06-11T08:05'), at('06-11T12:20')],
    ])
    expect(episodesOf(4)).toEqual([
      [at('06-03T19:45'), at('06-03T20:05')],
      [at('06-03T21:30'), at('06-03T23:05')],
      [at('06-11T09:40'), at('06-11T11:05')],
    ])
  })

  test('111 levels from 0.6 ft to 6.1 ft give the episodes of the record itself', () => {
    let episodes = 0
    for (let limit_100 = 60; limit_100 <= 610; limit_100 += 5) {
      const expected = naive(limit_100)
      episodes += expected.length
      expect(episodesOf(limit_100 / 100), `${limit_100 / 100} ft`).toEqual(expected)
    }
    expect(episodes).toBeGreaterThan(300)
  })
})
