import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { rdb } from './test/builders.ts'
import { hasSamples, input, refusal, sample, shipped, stage } from './test/samples.ts'

const at = (s: { t: BigInt64Array }, k: number) => toIso(s.t.at(k) as never)

describe('USGS RDB', () => {
  test('gives metres from the gage height of parameter 00065, in the zone that tz_cd names', () => {
    const s = stage(input('a.rdb', rdb(['2018-06-01 00:00\tEDT\t1.50\tA', '2018-06-01 00:05\tEDT\t1.52\tA:e'])))
    expect([...s.values]).toEqual([1.5 * 0.3048, 1.52 * 0.3048])
    expect(at(s, 0)).toBe('2018-06-01T04:00:00.000Z')
    expect(s).toMatchObject({ station: 'USGS 01589330', format: 'USGS RDB', original: { unit: 'ft', scale: 0.3048 } })
  })

  test('an hour that comes twice when summer time ends is told apart by tz_cd', () => {
    const s = stage(input('a.rdb', rdb(['2018-11-04 01:30\tEDT\t1\tA', '2018-11-04 01:30\tEST\t2\tA'])))
    expect(s.t[1]! - s.t[0]!).toBe(3_600_000_000_000n)
  })

  test.each(['', '-999999', 'Ice', 'Eqp', 'Bkw', '***', 'Ssn', 'Dis', '--', 'Mnt'])('%j is a gap', (cell) => {
    const s = stage(input('a.rdb', rdb([`2018-06-01 00:00\tEDT\t${cell}\tP`, '2018-06-01 00:05\tEDT\t1\tP'])))
    expect(s.gaps).toEqual([{ axis: 'stage', first: 0, count: 1 }])
  })

  test.each([
    [
      'a parameter that is no stage',
      rdb(['2018-06-01 00:00\tEDT\t1\tA'], '69929_00060'),
      ':4: expected one column of stage',
    ],
    ['a zone that is not known', rdb(['2018-06-01 00:00\tXYZ\t1\tA']), ':6: expected a time zone in tz_cd'],
    ['a word for a number', rdb(['2018-06-01 00:00\tEDT\thigh\tA']), ':6: expected 69928_00065 as a number'],
    ['a day that does not exist', rdb(['2018-06-31 00:00\tEDT\t1\tA']), ':6: expected a date and time that exist'],
    ['a row cut short', rdb(['2018-06-01 00:00\tEDT']), ':6: expected 6 cells between tabs'],
    [
      'two sites',
      rdb(['2018-06-01 00:00\tEDT\t1\tA']).replace(/\n$/, '\nUSGS\t9\t2018-06-01 00:05\tEDT\t1\tA\n'),
      ':7: expected rows of one site (01589330)',
    ],
    [
      'rows out of order',
      rdb(['2018-06-01 00:05\tEDT\t1\tA', '2018-06-01 00:10\tEDT\t1\tA', '2018-06-01 00:00\tEDT\t1\tA']),
      ':8: expected an instant after',
    ],
    ['no rows', rdb([]), 'expected at least one row'],
    ['no widths', rdb([]).replace(/5s.*\n/, ''), 'expected a line of column widths'],
  ])('with %s is refused', (_, text, message) => {
    expect(refusal(input('a.rdb', text))).toContain(message)
  })
})

describe('Environment Agency JSON', () => {
  const api = (items: unknown) =>
    input('a.json', JSON.stringify({ meta: { publisher: 'Environment Agency' }, items }, null, 1))
  const measure = 'http://environment.data.gov.uk/flood-monitoring/id/measures/1491TH-level-stage-i-15_min-mASD'

  test('readings of the flood-monitoring API: unit from the measure, any order', () => {
    const s = stage(
      api([
        { dateTime: '2020-10-13T16:00:00Z', measure, value: 1.5 },
        { dateTime: '2020-10-13T15:45:00Z', measure, value: 1.4 },
      ]),
    )
    expect([...s.values]).toEqual([1.4, 1.5])
    expect(s.station).toBe('1491TH-level-stage-i-15_min-mASD')
  })

  test('readings that the agency marks as errors, and null, are gaps', () => {
    const s = stage(
      input(
        'a.json',
        '[{"ts":"2020-10-13T16:00Z","_":9,"err":true},{"ts":"2020-10-13T15:45Z","_":null,"err":false},{"ts":"2020-10-13T15:30Z","_":1,"err":false}]',
      ),
    )
    expect([...s.values]).toEqual([1, Number.NaN, Number.NaN])
    expect(s.notes).toEqual(['1 readings that the agency marks as errors are gaps'])
  })

  test.each([
    [
      'a flow',
      api([{ dateTime: '2020-10-13T16:00:00Z', measure: measure.replace('mASD', 'm3_s'), value: 1 }]),
      'a measure in metres',
    ],
    [
      'two measures',
      api([
        { dateTime: '2020-10-13T16:00:00Z', measure, value: 1 },
        { dateTime: '2020-10-13T16:15:00Z', measure: `${measure}2`, value: 1 },
      ]),
      'readings of one measure',
    ],
    [
      'a list for a number',
      api([{ dateTime: '2020-10-13T16:00:00Z', measure, value: [1, 2] }]),
      ':7: expected a number in reading 1 of 1, got "[1,2]"',
    ],
    ['a time without zone', api([{ dateTime: '2020-10-13T16:00:00', measure, value: 1 }]), 'an instant with its zone'],
    [
      'an instant twice',
      api(['1', '2'].map(() => ({ dateTime: '2020-10-13T16:00:00Z', measure, value: 1 }))),
      'an instant after',
    ],
    ['no readings', api([]), 'a list of readings'],
    ['something else', input('a.json', '{"type":"FeatureCollection"}'), 'a list of readings'],
    ['a cut', input('a.json', '[{"ts":"2020-10-13T16:00Z",\n"_":9,"er'), 'a.json:2: expected JSON'],
  ])('with %s is refused', (_, file, message) => {
    expect(refusal(file)).toContain(message)
  })
})

test('usgs-dead-run-2018 is detected by its content: 8,928 rows, peak 6.17 ft, lowest 0.41 ft', () => {
  const s = stage(shipped('usgs-dead-run-2018/usgs_01589330_deadrun_2018-06.csv'))
  expect(s.t.length).toBe(8928)
  expect(Math.max(...s.values) / 0.3048).toBeCloseTo(6.17, 9)
  expect(Math.min(...s.values) / 0.3048).toBeCloseTo(0.41, 9)
})

describe.skipIf(!hasSamples)(
  'flood-ea-spike-2020/README.md: 480 readings, newest first, 2020-10-08T16:15Z to 10-13T16:00Z',
  () => {
    test.each([
      ['spikeTelem.json', 1000],
      ['nonSpikeTelem.json', 1.213],
    ])('%s ends at %f m; reading it judges nothing', (file, last) => {
      const s = stage(sample(`flood-ea-spike-2020/${file}`))
      expect(s.t.length).toBe(480)
      expect([at(s, 0), at(s, -1)]).toEqual(['2020-10-08T16:15:00.000Z', '2020-10-13T16:00:00.000Z'])
      expect(s.values.at(-1)).toBe(last)
      expect([...s.values].filter((v) => v <= 300).reduce((a, b) => Math.max(a, b))).toBe(1.346)
      expect(Math.min(...s.values)).toBe(-0.933)
    })
  },
)
