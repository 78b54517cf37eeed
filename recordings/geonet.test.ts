import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { geonet, numbers } from './test/builders.ts'
import { axis, input, refusal, wave } from './test/samples.ts'

const values = numbers(37, 40)

describe('a GeoNet file (GNS accelerogram data files, 22 January 2008)', () => {
  test('V1A gives m/s² from mm/s/s at the digitised interval, from the buffer start time', () => {
    const w = wave(input('a.V1A', ['S90E', 'N00E', 'Up'].map((c) => geonet(c, values)).join('')))
    expect(w.axes.map((a) => a.axis)).toEqual(['ew', 'ns', 'up'])
    expect(w.sample_rate_hz).toBe(200)
    expect(axis(w, 'up')[5]).toBeCloseTo(Number(values[5]!.toFixed(1)) / 1000, 12)
    expect(toIso(w.start)).toBe('2016-11-22T00:20:02.999Z')
    expect(w).toMatchObject({ corrected: false, station: 'WEL Wellington', instrument: 'Quanterra_284' })
    expect(w.components![0]).toMatchObject({
      published_peak_m_s2: expect.closeTo(0.0045, 12),
      published_peak_at_s: 40.48,
    })
  })

  test('V2A gives the corrected interval and the published velocity and displacement', () => {
    const w = wave(input('a.V2A', geonet('N10E  Longitudinal Accelerometer Axis', values, true)))
    expect(w.axes.map((a) => a.axis)).toEqual(['az10'])
    expect(w.sample_rate_hz).toBe(50)
    expect(w.corrected).toBe(true)
    expect(w.components![0]!.velocity_m_s![5]).toBeCloseTo(Number(values[5]!.toFixed(2)) / 1000, 12)
    expect(w.components![0]!.displacement_m![5]).toBeCloseTo(Number(values[5]!.toFixed(3)) / 1000, 12)
    expect(w.components![0]!.published_peak_m_s2).toBeCloseTo(-2.3646, 9)
  })

  test('bearings turn by quadrant: S72W is 252 degrees', () => {
    expect(wave(input('a.V1A', geonet('S72W', values))).components![0]!.azimuth_deg).toBe(252)
    expect(wave(input('a.V1A', geonet('N30W', values))).components![0]!.azimuth_deg).toBe(330)
  })

  test('two horizontals of one name, as some files have them, stay apart', () => {
    const w = wave(input('a.V1A', geonet('S90E', values) + geonet('S90E', values)))
    expect(w.axes.map((a) => a.axis)).toEqual(['ew', 'ew_2'])
  })

  test.each([
    ['another unit', (t: string) => t.replaceAll('mm/s/s', 'furlongs'), ':14: expected acceleration in mm/s/s'],
    [
      'a start that does not exist',
      (t: string) => t.replace(/(2016 {6})11(\n)/, '$113$2'),
      ':17: expected a buffer start time that exists',
    ],
    [
      'a word in its data',
      (t: string) => t.replace(/.{8}(\n.*\n.*\n)$/, '     abc$1'),
      'expected 10 acceleration values',
    ],
    ['a cut', (t: string) => t.slice(0, -12), 'expected 7 acceleration values in columns of 8 (30 of 37 read)'],
    ['a cut inside its last number', (t: string) => t.trimEnd().slice(0, -1), 'expected 7 acceleration values'],
    ['something behind', (t: string) => `${t}garbage\n`, '16 lines of text header'],
  ])('with %s is refused', (_, change, message) => {
    expect(refusal(input('a.V1A', change(geonet('Up', values))))).toContain(message)
  })
})
