/** Water of whole series: the facts of Dead Run 2018 and of a false reading, and made cases for what is missing. */
import { describe, expect, test } from 'vitest'
import { beside, DEAD_RUN, filesOf, isBeside, optionsOf, stage, waterOf } from './test/records.ts'
import { analyzeSeries } from './water.ts'

const FT = 0.3048

describe('Dead Run at Franklintown, June 2018 (USGS 01589330)', () => {
  const { result } = waterOf([DEAD_RUN], ['--level', 'two=2ft', '--level', 'four=4ft', '--deadband', '0.2ft'])
  const { water } = result

  test('8,928 rows every 5 min without a gap', () => {
    expect(result).toMatchObject({
      kind: 'water',
      samples: 8928,
      sample_interval_s: 300,
      start: '2018-06-01T04:00:00.000Z',
      end: '2018-07-02T03:55:00.000Z',
    })
    expect(water).toMatchObject({ missing: 0, time_gaps: { count: 0, values: 0 }, flags: { 1: 8928 } })
  })
  test('peak 6.17 ft at 2018-06-03T22:05Z, lowest 0.41 ft (README)', () => {
    expect(water.peak_m).toBeCloseTo(6.17 * FT, 6)
    expect(water.peak_time).toBe('2018-06-03T22:05:00.000Z')
    expect(water.min_m).toBeCloseTo(0.41 * FT, 6)
  })
  test('largest rise 1.76 ft in 15 min to 2018-06-03T21:30Z, 4.00 ft in 60 min to 2018-06-11T10:10Z (README)', () => {
    expect(water.max_rise_m_per_15min).toBeCloseTo(1.76 * FT, 6)
    expect(water.max_rise_15min_time).toBe('2018-06-03T21:30:00.000Z')
    expect(water.max_rise_m_per_60min).toBeCloseTo(4.0 * FT, 6)
    expect(water.max_rise_60min_time).toBe('2018-06-11T10:10:00.000Z')
  })
  test('with 0.2 ft of deadband three episodes at 2 ft and three at 4 ft (README)', () => {
    const spans = (level: string) =>
      water.episodes
        .filter((e) => e.level === level)
        .map((e) => [e.raised, e.cleared].map((t) => String(t).slice(5, 16)))
    expect(spans('two')).toEqual([
      ['06-03T18:10', '06-04T02:30'],
      ['06-10T22:00', '06-10T23:00'],
      ['06-11T08:05', '06-11T12:20'],
    ])
    expect(spans('four')).toEqual([
      ['06-03T19:45', '06-03T20:05'],
      ['06-03T21:30', '06-03T23:05'],
      ['06-11T09:40', '06-11T11:05'],
    ])
    expect(water.levels[0]).toEqual({ level: 'two', stage_m: 0.6096, given: '2 ft' })
  })
  test('a level in another unit, or in none (then the record’s), is the same level', () => {
    const inMetres = waterOf([DEAD_RUN], ['--level', 'two=0.6096 m', '--deadband', '60.96mm']).result.water
    const inOwn = waterOf([DEAD_RUN], ['--level', 'two=2', '--deadband', '0.2']).result.water
    const wanted = water.episodes.filter((e) => e.level === 'two')
    expect(inMetres.episodes).toEqual(wanted)
    expect(inOwn.episodes).toEqual(wanted)
  })
  test('every level on a reading of the record gives the episodes of a comparison in hundredths of a foot', () => {
    const { values } = waterOf([DEAD_RUN])
    const hundredths = Array.from(values, (m) => Math.round((m / FT) * 100))
    const args = [60, 123, 250, 366, 411, 587].flatMap((h) => ['--level', `${h}=${h / 100}ft`])
    const found = waterOf([DEAD_RUN], [...args, '--deadband', '0.2ft']).result.water.episodes
    for (const level of new Set(found.map((e) => e.level))) {
      const limit = Number(level)
      let [raised, count] = [false, 0]
      for (const h of hundredths) {
        if (!raised && h >= limit) count++
        raised = raised ? h >= limit - 20 : h >= limit
      }
      expect([level, found.filter((e) => e.level === level).length]).toEqual([level, count])
    }
    expect(new Set(found.map((e) => e.level)).size).toBe(6)
  })
})

test.skipIf(!isBeside('flood-ea-spike-2020'))(
  'Environment Agency 2020: the false 1000 m fails and is not the peak; both files agree on the rest (README)',
  () => {
    const [clean, spike] = filesOf('flood-ea-spike-2020', /json$/).map((file) => waterOf([file], ['--level', 'a=1.2m']))
    expect(spike!.result.water.flags).toEqual({ 1: 479, 4: 1 })
    expect(clean!.result.water.flags).toEqual({ 1: 480 })
    expect(spike!.result.water).toMatchObject({ peak_m: 1.346, min_m: -0.933, peak_flag: 1 })
    expect(spike!.result.notes.join()).toContain('fail (grossRange), at 2020-10-13T16:00:00')
    expect(spike!.result.water.max_rise_m_per_60min).toBe(clean!.result.water.max_rise_m_per_60min)
  },
)

test.skipIf(!isBeside('qartod-kotzebue'))('Kotzebue 2018-19: hourly values say nothing of a quarter of an hour', () => {
  const { water } = waterOf([`${beside('qartod-kotzebue')}/water_level_example.csv`], [], { unit: 'm' }).result
  expect(water).toMatchObject({ peak_m: 4.163568, peak_time: '2019-06-10T20:00:00.000Z', min_m: -2.84988 })
  expect(water.max_rise_m_per_15min).toBeNull()
  expect(water.reasons!.max_rise_m_per_15min).toContain('60 min apart')
  expect(water.time_gaps).toMatchObject({ longest_s: 9 * 3600 })
})

describe('made series', () => {
  const { NaN: gap } = Number
  const run = (values: number[], args: string[] = [], unit = 'm') =>
    analyzeSeries(stage(values, unit), ['x'], optionsOf(...args)).result

  test('missing values are counted, flagged 9, and neither raise nor clear', () => {
    const { water } = run([1, 1.1, 2.1, gap, gap, 2.05, 1.0, 1.0], ['--level', 'a=2m', '--deadband', '0.1m'])
    expect(water).toMatchObject({ missing: 2, peak_m: 2.1, flags: { 9: 2 } })
    expect(water.episodes).toHaveLength(1)
    expect(water.episodes[0]).toMatchObject({ raised: '2024-01-01T00:10:00.000Z', cleared: '2024-01-01T00:30:00.000Z' })
  })
  test('a level reached exactly raises; one still above at the end is not cleared', () => {
    const { water } = run([1.5, 1.9, 2.0, 2.4], ['--level', 'a=2m'])
    expect(water.episodes).toEqual([
      {
        level: 'a',
        raised: '2024-01-01T00:10:00.000Z',
        cleared: null,
        peak_m: 2.4,
        peak_time: '2024-01-01T00:15:00.000Z',
      },
    ])
  })
  test('the datum does not matter: a stage far above the sea is judged like any other', () => {
    expect(run([1203.1, 1203.2, 1203.4, 1203.3]).water).toMatchObject({ peak_m: 1203.4, flags: { 1: 4 } })
  })
  test('one value: no rise, and it says why', () => {
    const { water, sample_interval_s } = run([1])
    expect(sample_interval_s).toBeNull()
    expect(water).toMatchObject({ peak_m: 1, max_rise_m_per_15min: null, max_rise_m_per_60min: null })
    expect(water.reasons!.max_rise_m_per_15min).toBe('needs two values')
  })
  test('falling all the way is a negative rise, not none', () => {
    const { water } = run(Array.from({ length: 20 }, (_, k) => 5 - 0.1 * k))
    expect(water.max_rise_m_per_15min).toBeCloseTo(-0.3, 9)
  })
})
