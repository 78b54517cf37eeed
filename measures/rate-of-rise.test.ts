import { describe, expect, test } from 'vitest'
import { instant, toIso } from '../domain/time.ts'
import { loadRecording } from '../recordings/load.ts'
import { RateOfRise } from './rate-of-rise.ts'

const rates = (period_s: number, stages: ReadonlyArray<readonly [t_s: number, stage_m: number]>) => {
  const measure = new RateOfRise(period_s)
  return stages.map(([t_s, h]) => measure.push(t_s, h))
}

describe('rate of rise over 15 minutes', () => {
  test('is none until there is a window of history', () => {
    expect(
      rates(300, [
        [0, 1],
        [300, 2],
        [600, 3],
        [900, 1.9],
        [1200, 2],
      ]),
    ).toEqual([null, null, null, expect.closeTo(0.9 / 900, 12), 0])
  })

  test('steady rise of 0.36 m/h is 0.0001 m/s, whatever the poll', () => {
    for (const period of [1, 7, 60, 300]) {
      const stages = Array.from({ length: 4000 / period }, (_, i) => [i * period, i * period * 1e-4] as const)
      const got = rates(period, stages).filter((r) => r !== null)
      expect(got.length).toBeGreaterThan(5)
      for (const rate of got) expect(rate).toBeCloseTo(1e-4, 12)
    }
  })

  test('polls that come a little early or late still pair with the one a window before', () => {
    const stages = Array.from({ length: 40 }, (_, i) => [i * 60 + (i % 2 ? 0.02 : -0.02), i < 20 ? 1 : 1.6] as const)
    const got = rates(60, stages)
    expect(got[19]).toBe(0)
    expect(got[20]).toBeCloseTo(0.6 / 900, 6)
    expect(got[34]).toBeCloseTo(0.6 / 900, 6)
    expect(got[35]).toBe(0)
  })

  test('after a long silence there is none, not a wrong one', () => {
    const got = rates(60, [...Array.from({ length: 20 }, (_, i) => [i * 60, 1] as const), [7200, 3], [7260, 3]])
    expect(got.slice(20)).toEqual([null, null])
  })

  test('a clock that goes back forgets what was before', () => {
    expect(
      rates(300, [
        [0, 1],
        [900, 2],
        [600, 5],
        [1500, 5.9],
      ]),
    ).toEqual([null, 1 / 900, null, expect.closeTo(0.9 / 900, 12)])
  })

  test('a fast poll keeps a bounded history', () => {
    const measure = new RateOfRise(0.01)
    for (let i = 0; i < 500_000; i++) measure.push(i * 0.01, 1)
    expect(measure.history.length).toBeLessThan(2200)
  })

  test('Dead Run, June 2018: at most 1.76 ft in 15 min, ending 06-03 21:30 UTC', async () => {
    const record = await loadRecording('usgs-dead-run-2018')
    if (record.kind !== 'series') throw new Error('expected a series')
    const measure = new RateOfRise(300)
    let most = { rate: 0, at: '' }
    record.values.forEach((stage_m, i) => {
      const rate = measure.push(i * 300, stage_m) ?? 0
      if (rate > most.rate) most = { rate, at: toIso(instant(record.t[i]!)) }
    })
    expect((most.rate * 900) / 0.3048).toBeCloseTo(1.76, 9)
    expect(most.at).toBe('2018-06-03T21:30:00.000Z')
  })
})
