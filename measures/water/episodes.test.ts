import { describe, expect, test } from 'vitest'
import { episodes, timedEpisodes } from './episodes.ts'
import { deadRun } from './test/dead-run.ts'

const { time, t_s, stage_ft } = deadRun()
const M_PER_FT = 0.3048
/** What a register carries: metres as float32. */
const register_m = Float32Array.from(stage_ft, (h) => h * M_PER_FT)

describe('recordings/usgs-dead-run-2018 README: episodes with deadband 0.2 ft', () => {
  test.each([
    [2, ['06-03T18:10', '06-04T02:30', '06-10T22:00', '06-10T23:00', '06-11T08:05', '06-11T12:20']],
    [4, ['06-03T19:45', '06-03T20:05', '06-03T21:30', '06-03T23:05', '06-11T09:40', '06-11T11:05']],
  ])('at %i ft', (limit_ft, expected) => {
    const got = timedEpisodes(t_s, register_m, { limit: limit_ft * M_PER_FT, deadband: 0.2 * M_PER_FT })
    const short = (i: number) => time[i]!.slice(5, 16)
    expect(got.flatMap((e) => [short(e.raised), short(e.cleared!)])).toEqual(expected)
    expect(got.every((e) => e.raised_s === t_s[e.raised] && e.cleared_s === t_s[e.cleared!])).toBe(true)
  })

  test('the peak of the first flood above 4 ft after 21:30 is 6.17 ft at 22:05', () => {
    const flood = episodes(register_m, { limit: 4 * M_PER_FT, deadband: 0.2 * M_PER_FT })[1]!
    expect(stage_ft[flood.peak]).toBe(6.17)
    expect(time[flood.peak]).toBe('2018-06-03T22:05:00Z')
  })
})

test('contracts 5: of 111 limits from 0.6 to 6.1 ft, 30 give other episodes with doubles, none once all are float32', () => {
  // The record is in hundredths of a foot: its own episodes are those of whole numbers.
  const hundredths = Array.from(stage_ft, (h) => Math.round(h * 100))
  let double = 0
  for (let k = 0; k <= 110; k++) {
    const limit = 60 + 5 * k
    const ask = { limit: (limit / 100) * M_PER_FT, deadband: 0.2 * M_PER_FT }
    const truth = episodes(hundredths, { limit, deadband: 20, rounding: 'none' })
    const same = (got: ReturnType<typeof episodes>) =>
      JSON.stringify(got.map((e) => [e.raised, e.cleared])) === JSON.stringify(truth.map((e) => [e.raised, e.cleared]))
    expect(same(episodes(register_m, ask)), `limit ${limit} hundredths of a foot`).toBe(true)
    if (!same(episodes(register_m, { ...ask, rounding: 'none' }))) double++
    expect(same(episodes(register_m, { ...ask, rounding: { step: 0.01 * M_PER_FT } }))).toBe(true)
  }
  expect(double).toBe(30)
})

describe('the rule', () => {
  const ask = { limit: 2, deadband: 0.5 }
  test('raises at the limit itself, stays on the clear level itself, clears below it', () => {
    expect(episodes([1, 2, 1.5, 1.49], ask)).toEqual([{ raised: 1, cleared: 3, peak: 1 }])
  })
  test('mirrored for `below`', () => {
    const mirror = { ...ask, limit: -2, direction: 'below' as const }
    expect(episodes([-1, -2, -3, -1.5, -1.49], mirror)).toEqual([{ raised: 1, cleared: 4, peak: 2 }])
  })
  test('missing values neither raise nor clear; a series may end raised', () => {
    expect(episodes([1, Number.NaN, 2, Number.NaN, 3], ask)).toEqual([{ raised: 2, cleared: null, peak: 4 }])
    expect(episodes([], ask)).toEqual([])
    expect(episodes([Number.NaN], ask)).toEqual([])
  })
  test('without a deadband a value below the limit clears at once', () => {
    expect(episodes([2, 1.99, 2], { limit: 2 })).toEqual([
      { raised: 0, cleared: 1, peak: 0 },
      { raised: 2, cleared: null, peak: 2 },
    ])
  })
  test('a limit that is no number or a deadband below 0 is refused', () => {
    expect(() => episodes([1], { limit: Number.NaN })).toThrow(/limit/)
    expect(() => episodes([1], { limit: 1, deadband: -1 })).toThrow(/deadband/)
    expect(() => episodes([1], { limit: 1, rounding: { step: 0 } })).toThrow(/step/)
    expect(() => timedEpisodes([1, 1], [0, 0], { limit: 1 })).toThrow(/t_s\[1\]/)
  })
})
