import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { cell, cells, csmipV1, csmipV2, numbers } from './test/builders.ts'
import { axis, hasSamples, input, peak_gal, refusal, sample, wave } from './test/samples.ts'

const a = numbers(30, 20)
const blocks = [
  { what: 'accel', unit: 'cm/sec2', values: a },
  { what: 'veloc', unit: 'cm/sec', values: numbers(30, 2), format: [8, 10, 7] as [number, number, number] },
  { what: 'displ', unit: 'cm', values: numbers(30, 1), format: [8, 10, 7] as [number, number, number] },
]

describe('a CSMIP Volume 2 file', () => {
  test('gives acceleration, velocity and displacement of every channel in SI', () => {
    const w = wave(
      input('a.V2', csmipV2(1, '360 Deg', blocks) + csmipV2(2, 'Up', blocks) + csmipV2(3, '90 Deg', blocks)),
    )
    expect(w.axes.map((x) => x.axis)).toEqual(['ns', 'up', 'ew'])
    expect(w.sample_rate_hz).toBe(50)
    expect(axis(w, 'ew')[7]).toBeCloseTo(a[7]! / 100, 8)
    expect(w.components![1]).toMatchObject({
      label: 'Chan 2: Up',
      vertical: true,
      channel: 2,
      original: { scale: 0.01 },
    })
    expect(w.components![2]!.velocity_m_s![3]).toBeCloseTo(numbers(30, 2)[3]! / 100, 9)
    expect(w.components![2]!.displacement_m!.length).toBe(30)
    expect(toIso(w.start)).toBe('2014-03-29T04:09:34.500Z')
    expect(w).toMatchObject({
      corrected: true,
      station: '24207 Pacoima Reservoir - Pacoima Dam',
      instrument: 'CRA-1 s/n 0157',
    })
    expect(w.components![0]).toMatchObject({ published_peak_m_s2: 4.29355, published_peak_at_s: 3.96 })
  })

  test('of 1994, with (UNITS: CM/SEC/SEC), no format and no start time, is read; the start is marked unknown', () => {
    const w = wave(input('a.V2', csmipV2(9, 'RAD', blocks, true)))
    expect(axis(w, 'rad')[7]).toBeCloseTo(Number(a[7]!.toFixed(3)) / 100, 9)
    expect(w.start_known).toBe(false)
  })

  test('with several sensors in one direction names the axes by channel', () => {
    const w = wave(input('a.V2', csmipV2(4, 'Up', blocks) + csmipV2(5, 'Up', blocks)))
    expect(w.axes.map((x) => x.axis)).toEqual(['up_4', 'up_5'])
  })

  test('with channels that differ in length is refused', () => {
    const short = [{ ...blocks[0]!, values: a.slice(1) }]
    expect(refusal(input('a.V2', csmipV2(1, 'Up', blocks) + csmipV2(2, 'H1', short)))).toContain(
      'the number of samples 30',
    )
  })

  test('in a unit that is not known is refused', () => {
    expect(refusal(input('a.V2', csmipV2(1, 'Up', [{ what: 'accel', unit: 'mils', values: a }])))).toContain(
      'a.V2:46: expected a unit of acceleration in this line',
    )
  })

  test('cut anywhere in its data is refused', () => {
    const text = csmipV2(1, 'Up', [blocks[0]!])
    const end = text.indexOf('/&')
    for (const at of [end - 3, end - 6, end - 100, end - 500, 500])
      expect(refusal(input('a.V2', text.slice(0, at)))).toContain('a.V2:')
  })
})

describe('a CDMG/CSMIP Volume 1 file', () => {
  test('with evenly spaced data in g (1998: no format, columns of 9)', () => {
    const g = numbers(20, 0.1)
    const text = csmipV1(
      'UNITS OF UNCOR ACCEL IS G.                 MAX  =   .058 G, AT   9.425 SEC.',
      cells(g, 8, cell(9, 6)),
      20,
      '20 POINTS OF ACCEL DATA EQUALLY SPACED AT .005 SEC.  (UNITS: G)',
    )
    const w = wave(input('a.RAW', text))
    expect(axis(w, 'ew')[5]).toBeCloseTo(g[5]! * 9.80665, 4)
    expect(w.sample_rate_hz).toBe(200)
    expect(w).toMatchObject({ corrected: false, format: 'CSMIP V1' })
    expect(toIso(w.start)).toBe('1994-01-17T12:31:04.100Z')
  })

  test('of 2014: "13200 Accelerogram points at 200 pts/sec in units of g .      Format: (8f9.6)"', () => {
    const g = numbers(20, 0.1)
    const opening = '   20 Accelerogram points at 200 pts/sec in units of g .      Format: (8f9.6)  '
    const w = wave(input('a.V1', csmipV1('Units of uncor data are sec and g .', cells(g, 8, cell(9, 6)), 20, opening)))
    expect(axis(w, 'ew')[19]).toBeCloseTo(g[19]! * 9.80665, 4)
    expect(w.sample_rate_hz).toBe(200)
  })

  test('of the film era: pairs of time and g/10, interpolated to 1000 Hz', () => {
    const pairs = [0, -0.006, 0.005, 0.01, 0.01, 0.02, 0.016, 0.02]
    const text = csmipV1(
      'UNITS OF UNCOR ACCEL ARE SEC AND G/10.     MAX  =  -.200 G, AT  11.576 SEC.',
      cells(pairs, 10, cell(7, 3)),
      4,
    )
    const w = wave(input('a.RAW', text))
    expect(axis(w, 'ew').length).toBe(17)
    expect(axis(w, 'ew')[5]).toBeCloseTo(0.001 * 9.80665, 9)
    expect(axis(w, 'ew')[8]).toBeCloseTo(0.0016 * 9.80665, 9)
    expect(w.notes![0]).toContain('4 samples at uneven times')
  })
})

describe.skipIf(!hasSamples)('csmip-2014-napa-concord/README.md', () => {
  const w = hasSamples ? wave(sample('csmip-2014-napa-concord/CE58667.V2')) : undefined!
  test('three channels of 100 Hz, 7,500 samples, each with velocity and displacement', () => {
    expect(w.axes.map((x) => [x.axis, x.samples.length])).toEqual([
      ['h1', 7500],
      ['up', 7500],
      ['h2', 7500],
    ])
    expect(w.sample_rate_hz).toBe(100)
    expect(toIso(w.start)).toBe('2014-08-24T10:20:33.000Z')
  })
  test.each([
    ['h1', 27.114, 32.57, -2.89, 32.38, 1.086, 41.28],
    ['up', 11.244, 36.7, -1.216, 39.11, -0.35, 40.43],
    ['h2', -26.411, 30.72, 2.219, 37.07, 0.936, 31.53],
  ])('%s: published peaks %f gal at %f s, %f cm/s at %f s, %f cm at %f s', (name, a_gal, a_s, v, v_s, d, d_s) => {
    const component = w.components!.find((c) => c.axis === name)!
    for (const [series, value, at] of [
      [axis(w, name), a_gal, a_s],
      [component.velocity_m_s!, v, v_s],
      [component.displacement_m!, d, d_s],
    ] as const) {
      const peak = peak_gal(series)
      expect(peak.gal).toBeCloseTo(value, 3)
      expect(peak.index / 100).toBeCloseTo(at, 9)
    }
    expect(component.published_peak_m_s2).toBeCloseTo(a_gal / 100, 9)
    expect(component.published_peak_at_s).toBe(a_s)
  })
})
