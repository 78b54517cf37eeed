import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { cwb } from './test/builders.ts'
import { axis, hasSamples, input, peak_gal, refusal, sample, wave } from './test/samples.ts'

const read = (text: string) => wave(input('a.dat', text))

describe('a CWA (CWB) text record', () => {
  test('gives m/s² on the axes that #DataSequence names', () => {
    const rows = [[1, 2, 3] as const, [4, 5, 6] as const]
    const w = read(cwb({ rows, sequence: 'Time N(+); E(+); U(+)' }))
    expect(w.axes.map((a) => [a.axis, ...a.samples])).toEqual([
      ['ns', 0.01, 0.04],
      ['ew', 0.02, 0.05],
      ['ud', 0.03, 0.06],
    ])
    expect(w.components!.map((c) => c.vertical)).toEqual([false, false, true])
    expect(w.station).toBe('HWA019 Test')
  })

  test.each([
    ['#StartTime(GMT+08): 2018/02/06-23:50:29.000', '2018-02-06T15:50:29.000Z', []],
    ['#StartTime(GMT+00): 2018/02/06-15:50:29.250', '2018-02-06T15:50:29.250Z', []],
    [
      '#StartTime: 2018/02/06-15:50:05.000',
      '2018-02-06T15:50:05.000Z',
      ['#StartTime states no zone and was read as UTC'],
    ],
  ])('%s is %s', (start, iso, notes) => {
    const w = read(cwb({ start }))
    expect(toIso(w.start)).toBe(iso)
    expect(w.notes).toEqual(notes)
  })

  test.each([
    ['fewer rows than its length says', cwb({ length_s: 3 }), ':110: expected 4 values of row 101 of 150'],
    ['more rows than its length says', cwb({ length_s: 1 }), 'expected the end of the file after 50 rows'],
    [
      'times of another rate',
      cwb().replace('     0.040', '     0.060'),
      ':13: expected time 0.040 s (SampleRate 50 Hz)',
    ],
    [
      'an unknown unit',
      cwb({ unit: ' furlong. DCoffset(corr)' }),
      ':7: expected a unit of acceleration in #AmplitudeUnit',
    ],
    [
      'a column of another sign',
      cwb({ sequence: 'Time U(-); N(+); E(+)' }),
      ':9: expected #DataSequence as "Time U(+); N(+); E(+)"',
    ],
    ['no rate', cwb().replace('#SampleRate(Hz): 50', '#'), 'a header line #SampleRate(Hz):'],
    [
      'a start that does not exist',
      cwb({ start: '#StartTime(GMT+08): 2018/02/30-23:50:29.000' }),
      ':4: expected #StartTime',
    ],
    ['a word for a number', cwb().replace(/.{3}\r\n$/, 'abc\r\n'), 'expected 4 values of row 100 of 100'],
  ])('with %s is refused', (_, text, message) => {
    expect(refusal(input('a.dat', text))).toContain(message)
  })

  test('a blank cell is a gap', () => {
    const text = cwb({
      rows: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    }).replace('     5.000', '          ')
    expect(read(text).gaps).toEqual([{ axis: 'ns', first: 1, count: 1 }])
  })
})

describe.skipIf(!hasSamples)('cwb-2018-hualien/README.md: 50 Hz, 6,000 samples from 23:50:29 (UTC+8)', () => {
  test.each([
    ['2-ECU.dat', 1.196, -2.931, -2.811],
    ['2-EDH.dat', 1.615, 3.888, -4.486],
  ])('%s: U %f, N %f, E %f gal as AmplitudeMAX says', (file, u, n, e) => {
    const w = wave(sample(`cwb-2018-hualien/${file}`))
    expect(w.sample_rate_hz).toBe(50)
    expect(toIso(w.start)).toBe('2018-02-06T15:50:29.000Z')
    for (const [name, gal] of [
      ['ud', u],
      ['ns', n],
      ['ew', e],
    ] as const) {
      expect(axis(w, name).length).toBe(6000)
      expect(peak_gal(axis(w, name)).gal).toBeCloseTo(gal, 9)
      expect(w.components!.find((c) => c.axis === name)!.published_peak_m_s2).toBeCloseTo(gal / 100, 12)
    }
  })
})
