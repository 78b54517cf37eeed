import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { cosmos, numbers } from './test/builders.ts'
import { axis, input, refusal, wave } from './test/samples.ts'

const values = numbers(60, 30)
const read = (text: string, options = {}) => wave(input('a.V2c', text), options)

describe('a COSMOS 1.20 file', () => {
  test('gives m/s² at the interval of the data (real header 62, ms), not of the raw record (34, s)', () => {
    const w = read(cosmos())
    expect(w.sample_rate_hz).toBe(200)
    expect(axis(w, 'az340')[9]).toBeCloseTo(values[9]! / 100, 6)
    expect(toIso(w.start)).toBe('2018-11-30T17:29:39.137Z')
    expect(w).toMatchObject({ station: 'AK-BMR UAF  Bremner River, AK, USA', corrected: true })
    expect(w.components![0]).toMatchObject({ channel: 3, published_peak_m_s2: -0.06851512, published_peak_at_s: 0.215 })
  })

  test.each([
    [400, 'up', true],
    [401, 'down', true],
    [360, 'ns', false],
    [90, 'ew', false],
    [700, 'h1', false],
  ])('azimuth code %i is the axis %s', (azimuth, name, vertical) => {
    expect(read(cosmos({ azimuth })).components![0]).toMatchObject({ axis: name, vertical })
  })

  test.each([
    [2, 'g', 9.80665],
    [10, 'gal', 0.01],
    [11, 'mg', 0.00980665],
    [7, 'in/sec2', 0.0254],
  ])('units code %i (%s) is %f m/s²', (code, word, factor) => {
    expect(axis(read(cosmos({ unit: [code, word] })), 'az340')[9]).toBeCloseTo(values[9]! * factor, 4)
  })

  test('sections of velocity and displacement and of other channels follow in one file', () => {
    const w = read(
      cosmos() +
        cosmos({ quantity: [2, 'velocity'], unit: [5, 'cm/sec'] }) +
        cosmos({ quantity: [3, 'displacement'], unit: [6, 'cm'] }) +
        cosmos({ azimuth: 400, channel: 4, format: [1, 15, 6] }),
    )
    expect(w.axes.map((a) => a.axis)).toEqual(['az340', 'up'])
    expect(w.components![0]!.velocity_m_s!.length).toBe(60)
    expect(w.components![0]!.displacement_m!.length).toBe(60)
  })

  test('values equal to the stated code for "unknown" are gaps', () => {
    const w = read(cosmos({ values: values.with(10, -999).with(11, -999) }))
    expect(w.gaps).toEqual([{ axis: 'az340', first: 10, count: 2 }])
  })

  test('counts (V0) need --unit, which says what one count is', () => {
    const counts = cosmos({ unit: [50, 'counts'], values: values.map(Math.round) })
    expect(refusal(input('a.v0c', counts))).toContain('from --unit: the file holds counts')
    expect(axis(read(counts, { unit: '2e-6 m/s2' }), 'az340')[9]).toBeCloseTo(Math.round(values[9]!) * 2e-6, 12)
  })

  test.each([
    [
      'a count that disagrees with the length',
      cosmos({ values }).replace('   0.300000', '   9.300000'),
      'about 1860 values',
    ],
    [
      'a physical quantity that is no ground motion',
      cosmos({ quantity: [20, 'pressure'] }),
      'integer header 2: 1, 2 or 3',
    ],
    ['an unknown unit', cosmos({ unit: [60, 'psi'] }), 'a unit of acceleration in integer header 3'],
    ['two units', cosmos().replace('cm/sec2(04)', 'cm/sec2(02)'), 'units code 4 as in integer header 3'],
    ['no format', cosmos().replace(',Format=(8F10.5)', ''), '"<count> acceleration pts'],
  ])('with %s is refused', (_, text, message) => {
    expect(refusal(input('a.V2c', text))).toContain(message)
  })

  test('cut anywhere in its data is refused', () => {
    const text = cosmos()
    const end = text.indexOf('End-of-data')
    for (let at = end - 2; at > end - 400; at -= 7)
      expect(refusal(input('a.V2c', text.slice(0, at)))).toContain('a.V2c:')
  })
})
