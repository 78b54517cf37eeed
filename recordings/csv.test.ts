import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { numbers } from './test/builders.ts'
import { axis, hasSamples, input, peak_gal, refusal, sample, stage, wave } from './test/samples.ts'

const csv = (...lines: string[]) => input('a.csv', `${lines.join('\n')}\n`)

describe('acceleration in CSV', () => {
  test.each([
    ['time,acc_x[gal],acc_y[gal]', ['x', 'y'], 0.01],
    ['time (s);ns (m/s2);ud (m/s2)', ['ns', 'ud'], 1],
    ['t\tH1 (cm/s^2)\tUp (cm/s²)', ['h1', 'up'], 0.01],
    ['t_s,ax (g),az (g)', ['x', 'z'], 9.80665],
    ['Time[s],N-S[mg],E-W[mg]', ['ns', 'ew'], 9.80665e-3],
    ['"Time (s)","Accel X (mm/s/s)","Accel Z (mm/s/s)"', ['x', 'z'], 0.001],
    ['time,acc_ns_gal,acc_ew_gal', ['ns', 'ew'], 0.01],
  ])('with the header %s', (header, axes, factor) => {
    const d = header.includes(';') ? ';' : header.includes('\t') ? '\t' : ','
    const w = wave(csv(header, ['0', '1', '2'].join(d), ['0.01', '3', '-4'].join(d), ['0.02', '5', '6'].join(d)))
    expect(w.axes.map((a) => a.axis)).toEqual(axes)
    expect([...w.axes[1]!.samples]).toEqual([2 * factor, -4 * factor, 6 * factor])
    expect(w.sample_rate_hz).toBe(100)
    expect(w.start_known).toBe(false)
  })

  test('takes unit and interval from the call where the file states none', () => {
    const file = csv('x,y,z', '1,2,3', '4,5,6')
    const w = wave(file, { dt_s: 0.005, unit: 'gal' })
    expect(w.sample_rate_hz).toBe(200)
    expect(axis(w, 'z')[1]).toBe(0.06)
    expect(w.components!.map((c) => c.vertical)).toEqual([false, false, true])
  })

  test.each([
    ['no unit', csv('time,x', '0,1', '1,2'), {}, ':1: expected a unit in the column "x"'],
    ['an unknown unit', csv('time,x[zork]', '0,1', '1,2'), {}, ':1: expected a known unit in the column "x[zork]"'],
    [
      'an unknown unit in one column',
      csv('time,x[gal],y[zork]', '0,1,1', '1,2,2'),
      {},
      ':1: expected a known unit in the column "y[zork]"',
    ],
    ['a unit in one column only', csv('time,x[gal],y', '0,1,1', '1,2,2'), {}, ':1: expected a unit in the column "y"'],
    ['an unknown --unit', csv('time,x', '0,1', '1,2'), { unit: 'zork' }, ':1: expected a known unit from --unit'],
    ['another --unit than the header', csv('time,x[gal]', '0,1', '1,2'), { unit: 'g' }, ':1: expected --unit gal'],
    ['a unit of velocity', csv('time,x[m/s]', '0,1', '1,2'), {}, ':1: expected a column of acceleration'],
    ['no time', csv('x[gal],y[gal]', '0,1', '1,2'), {}, ':1: expected a time column, or the interval from --dt'],
    ['another --dt than its times', csv('time,x[gal]', '0,1', '0.01,2'), { dt_s: 0.02 }, ':1: expected --dt 0.01'],
    ['a negative --dt', csv('x[gal]', '0', '1'), { dt_s: -1 }, ':1: expected an interval above 0 s'],
    [
      'times that change their step',
      csv('time,x[gal]', '0,1', '0.01,1', '0.02,1', '0.04,1', '0.06,1'),
      {},
      'expected evenly spaced rows',
    ],
    [
      'a missing row',
      csv('time,x[gal]', ...[0, 1, 2, 3, 5, 6, 7].map((k) => `${k / 100},1`)),
      {},
      'expected evenly spaced rows',
    ],
    ['times that run backwards', csv('time,x[gal]', '0,1', '0.02,1', '0.01,1', '0.03,1'), {}, 'expected'],
    [
      'a row too short',
      csv('time,x[gal],y[gal]', '0,1,2', '0.01,1', '0.02,1,2'),
      {},
      ':3: expected 3 cells, got "0.01,1"',
    ],
    ['a word', csv('time,x[gal]', '0,1', '0.01,one', '0.02,1'), {}, ':3: expected x[gal] as a number, got "one"'],
    ['a blank line inside', csv('time,x[gal]', '0,1', '', '0.02,1'), {}, ':3: expected a row of 2 cells'],
    ['one row', csv('time,x[gal]', '0,1'), {}, ':3: expected at least two rows, got the end of the file'],
    ['only missing values', csv('time,x[gal]', '0,', '0.01,'), {}, 'at least one sample that is not missing'],
    ['columns of one name', csv('time,x[gal],x[gal]', '0,1,1', '1,1,1'), {}, ':1: expected column names that differ'],
    ['no header', csv('0,1', '0.01,2'), {}, ':1: expected a format that is known'],
  ])('with %s is refused', (_, file, options, message) => {
    expect(refusal(file, options)).toContain(message)
  })

  test('blanks, NaN and -999999 are gaps, zero is not', () => {
    const w = wave(csv('time,x[gal],y[gal]', '0,1,0', '0.01,,0', '0.02,NaN,0', '0.03,0,-999999', '0.04,2,-999999.0'))
    expect(w.gaps).toEqual([
      { axis: 'x', first: 1, count: 2 },
      { axis: 'y', first: 3, count: 2 },
    ])
    expect(axis(w, 'x')[3]).toBe(0)
  })

  test('columns of another quantity are passed over', () => {
    const w = wave(csv('time,x[gal],temp (degC),flag', '0,1,20,1', '0.01,2,20,1'))
    expect(w.axes.map((a) => a.axis)).toEqual(['x'])
  })

  test('with instants for times starts at the first of them', () => {
    const w = wave(csv('time,x[gal]', '2024-04-03T07:58:09.000+08:00,1', '2024-04-03T07:58:09.005+08:00,2'))
    expect(toIso(w.start)).toBe('2024-04-02T23:58:09.000Z')
    expect(w.sample_rate_hz).toBe(200)
  })

  test('any rate comes back from times printed to milliseconds', () => {
    const rate = fc.constantFrom(10, 20, 40, 50, 62.5, 64, 100, 125, 128, 200, 250)
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 200, max: 2000 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (hz, n, from) => {
          const rows = Array.from({ length: n }, (_, k) => `${(from + k / hz).toFixed(3)},1`)
          expect(Math.abs(wave(csv('time,x[gal]', ...rows)).sample_rate_hz / hz - 1)).toBeLessThan(2e-3 / (n / hz))
        },
      ),
      { numRuns: 30 },
    )
  })

  test('a shift of time or the order of columns changes nothing', () => {
    const x = numbers(50)
    const rows = (from: number) => x.map((v, k) => `${(from + k / 100).toFixed(2)},${v},${2 * v}`)
    const [a, b] = [wave(csv('time,x[gal],y[gal]', ...rows(0))), wave(csv('time,y[gal],x[gal]', ...rows(77)))]
    expect([...axis(a, 'x')]).toEqual([...axis(b, 'y')])
    expect(a.sample_rate_hz).toBe(b.sample_rate_hz)
  })
})

describe('stage in CSV', () => {
  test.each([
    ['time,stage (m)', 1],
    ['time_utc,stage_ft', 0.3048],
    ['timestamp,water level [cm]', 0.01],
    ['time,水位 (m)', 1],
    ['time,qualifier,stage (ft)', 0.3048],
  ])('with the header %s', (header, factor) => {
    const row = (t: string, v: string) => (header.includes('qualifier') ? `${t},A,${v}` : `${t},${v}`)
    const s = stage(csv(header, row('2018-06-01T04:00:00Z', '1.5'), row('2018-06-01T04:05:00Z', '2')))
    expect([...s.values]).toEqual([1.5 * factor, 2 * factor])
    expect(s.original!.scale).toBe(factor)
  })

  test('newest first is turned round; uneven times are kept', () => {
    const s = stage(csv('time,stage (m)', '2018-06-01T05:00Z,3', '2018-06-01T04:05Z,2', '2018-06-01T04:00Z,1'))
    expect([...s.values]).toEqual([1, 2, 3])
    expect(s.t[2]! - s.t[1]!).toBe(3_300_000_000_000n)
  })

  test('-999999 and blanks are gaps', () => {
    const s = stage(csv('time,stage (m)', '2018-06-01T04:00Z,-999999', '2018-06-01T04:05Z,', '2018-06-01T04:10Z,0'))
    expect([...s.values]).toEqual([Number.NaN, Number.NaN, 0])
    expect(s.gaps).toEqual([{ axis: 'stage', first: 0, count: 2 }])
  })

  test.each([
    ['no unit', csv('time,stage', '2018-06-01T04:00Z,1'), {}, ':1: expected a unit in the column "stage"'],
    [
      'an unknown unit',
      csv('time,stage [cubits]', '2018-06-01T04:00Z,1'),
      {},
      ':1: expected a known unit in the column',
    ],
    [
      'a time without zone',
      csv('time,stage (m)', '2018-06-01 04:00,1'),
      {},
      ':2: expected time as seconds or as an instant with its zone',
    ],
    [
      'an instant twice',
      csv('time,stage (m)', '2018-06-01T04:00Z,1', '2018-06-01T04:00Z,1'),
      {},
      ':3: expected an instant after',
    ],
    [
      'an instant out of order',
      csv('time,stage (m)', '2018-06-01T04:00Z,1', '2018-06-01T04:10Z,1', '2018-06-01T04:05Z,1'),
      {},
      ':4: expected an instant after',
    ],
    [
      'two stages',
      csv('time,upstream level (m),downstream level (m)', '2018-06-01T04:00Z,1,2'),
      {},
      ':1: expected one column of stage',
    ],
    ['no rows', csv('time,stage (m)'), {}, ':2: expected at least one row'],
  ])('with %s is refused', (_, file, options, message) => {
    expect(refusal(file, options)).toContain(message)
  })
})

describe.skipIf(!hasSamples)('CSV records beside the project', () => {
  test('elcentro-1940/README.md: dt 0.02 s, 1,560 samples, PGA 0.3188 g = 312.66 gal at 2.04 s (negative)', () => {
    const w = wave(sample('elcentro-1940/elcentro_chopra.csv'))
    const { gal, index } = peak_gal(axis(w, 'acc'))
    expect([w.sample_rate_hz, axis(w, 'acc').length, index / 50]).toEqual([50, 1560, 2.04])
    // The README's 312.66 is of 0.3188 g rounded to four digits.
    expect(gal).toBeCloseTo(-312.66, 1)
  })

  test('building-575market-1989/README.md: 100 Hz, 4,840 rows, 11 channels, peaks in gal', () => {
    const w = wave(sample('building-575market-1989/sf_575market_lomaprieta_1989_100hz.csv'), { unit: 'gal' })
    expect([w.sample_rate_hz, w.axes.length, w.axes[0]!.samples.length]).toEqual([100, 11, 4840])
    for (const [name, gal, at] of [
      ['f42_45', 217.49, 13.72],
      ['f42_225', 181.01, 13.7],
      ['f42_135', 132.48, 12.51],
      ['ground_315', 132.27, 10.75],
    ] as const) {
      const peak = peak_gal(axis(w, name))
      expect(Math.abs(Math.abs(peak.gal) - gal)).toBeLessThan(0.05)
      expect(peak.index / 100).toBeCloseTo(at, 9)
    }
    expect(w.components!.some((c) => c.vertical)).toBe(false)
  })

  test('mast-ambient/README.md: 256 Hz, 61,440 samples; unit and interval are not in the file', () => {
    const file = sample('mast-ambient/measurement_1_ref_xy_256hz.csv')
    const w = wave(file, { dt_s: 1 / 256, unit: 'm/s2' })
    expect([w.sample_rate_hz, axis(w, 'ref_x').length]).toEqual([256, 61_440])
    expect(refusal(file)).toContain('expected a unit in the column "ref_x"')
  })

  test('qartod-kotzebue/README.md: 7,241 rows, 238 gaps above 1 h, min -2.84988, max 4.163568 m', () => {
    const s = stage(sample('qartod-kotzebue/water_level_example.csv'), { unit: 'm' })
    expect(s.t.length).toBe(7241)
    expect(toIso(s.t[0] as never)).toBe('2018-09-05T21:00:00.000Z')
    expect(toIso(s.t.at(-1) as never)).toBe('2019-07-10T19:00:00.000Z')
    expect(Math.min(...s.values)).toBeCloseTo(-2.84988, 9)
    expect(Math.max(...s.values)).toBeCloseTo(4.163568, 9)
    const steps_min = [...s.t].slice(1).map((t, k) => Number(t - s.t[k]!) / 6e10)
    expect(steps_min.filter((m) => m > 60).length).toBe(238)
    expect(steps_min.filter((m) => m === 15).length).toBe(202)
    expect(Math.max(...steps_min)).toBe(540)
  })
})
