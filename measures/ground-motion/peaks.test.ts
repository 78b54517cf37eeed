import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { demean } from '../signal/integrate.ts'
import { crestFactor, peakAbs, rms, vectorPeak } from './peaks.ts'
import { akita, aomori, elCentro, eqsigMotion, haveShared, hualien, market575, napaConcord } from './test/records.ts'

const sine = Float64Array.from({ length: 1000 }, (_, i) => 3 * Math.sin((2 * Math.PI * i) / 100))
// Rest, or motion whose square a double still holds: below 1e-154 of any unit it does not, and no sensor is that fine.
const sample = fc.double({ min: -30, max: 30, noNaN: true }).map((v) => (Math.abs(v) < 1e-100 ? 0 : v))
const signal = fc.array(sample, { minLength: 1, maxLength: 50 })

describe('peak, RMS and crest factor', () => {
  test('of a sine of amplitude A: A, 0.7071 A and 1.4142 (domain.md 3)', () => {
    expect(peakAbs(sine).value).toBeCloseTo(3, 12)
    expect(rms(sine)).toBeCloseTo(3 * Math.SQRT1_2, 9)
    expect(crestFactor(sine)).toBeCloseTo(Math.SQRT2, 9)
  })

  test('the peak keeps its sign and its first place', () => {
    expect(peakAbs(Float64Array.of(1, -4, 4))).toEqual({ value: 4, index: 1, signed: -4 })
    expect(peakAbs(Float64Array.of(0))).toEqual({ value: 0, index: 0, signed: 0 })
  })

  test('a record of zeros has no crest factor, a constant has 1', () => {
    expect(crestFactor(new Float64Array(10))).toBeUndefined()
    expect(crestFactor(new Float64Array(10).fill(-2))).toBe(1)
  })

  test('the resultant is the largest vector of one instant, not of the axes’ peaks', () => {
    const axes = [Float64Array.of(3, 0, 1), Float64Array.of(0, 3, 2), Float64Array.of(0, 0, 3)]
    expect(vectorPeak(axes)).toEqual({ value: Math.sqrt(14), index: 2 })
    expect(vectorPeak(axes.slice(0, 1))).toEqual({ value: 3, index: 0 })
  })

  test('peaks and RMS scale with the motion, and the order of the components does not matter', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: -100, max: 100, noNaN: true }), (values, factor) => {
        const x = Float64Array.from(values)
        const y = x.slice().reverse()
        const scaled = x.map((v) => v * factor)
        expect(peakAbs(scaled).value).toBeCloseTo(Math.abs(factor) * peakAbs(x).value, 8)
        expect(rms(scaled)).toBeCloseTo(Math.abs(factor) * rms(x), 8)
        expect(rms(x)).toBeLessThanOrEqual(peakAbs(x).value * (1 + 1e-12))
        expect(vectorPeak([x, y]).value).toBeCloseTo(vectorPeak([y, x]).value, 12)
      }),
    )
  })

  test.each([
    [[], /axes: expected at least one, got 0/],
    [[Float64Array.of(1, 2), Float64Array.of(1)], /expected 2 samples/],
    [[Float64Array.of(1, 2), Float64Array.of(1, Number.NaN)], /\[1\].*got NaN/],
    [[new Float64Array(0)], /at least one sample/],
  ])('axes %j are refused', (axes, message) => {
    expect(() => vectorPeak(axes)).toThrow(message)
  })

  test('a gap in the record is refused with its place', () => {
    for (const measure of [peakAbs, rms, crestFactor])
      expect(() => measure(Float64Array.of(1, 2, Number.NaN))).toThrow(/2.*got NaN/)
  })
})

describe('published peaks', () => {
  test('eqsig-test-motion README: PGA 1.41 m/s²', () => {
    expect(peakAbs(eqsigMotion()).value).toBe(1.41)
  })

  test('jma-2000-tottori-yonago README: NS 280.24 at 20.14 s, EW 219.15 at 20.67 s, UD 144.46 at 19.32 s, vector 285.20 gal', async () => {
    const record = await loadRecording('jma-yonago-2000')
    if (record.kind !== 'waveform') throw new Error('expected a waveform')
    const axes = record.axes.map(({ samples }) => demean(samples))
    const peaks = axes.map((a) => [Math.round(peakAbs(a).value * 1e4) / 100, peakAbs(a).index / 100])
    expect(peaks).toEqual([
      [280.24, 20.14],
      [219.15, 20.67],
      [144.46, 19.32],
    ])
    expect(vectorPeak(axes).value * 100).toBeCloseTo(285.2, 2)
  })

  test.skipIf(!haveShared('building-575market-1989'))(
    'building-575market-1989 README: derived peaks at roof, 34th, 25th floor and ground',
    () => {
      const columns = market575()
      for (const [name, gal, at_s] of [
        ['f42_45', 217.49, 13.72],
        ['f42_225', 181.01, 13.7],
        ['f42_135', 132.48, 12.51],
        ['f34_45', 151.84, undefined],
        ['f25_225', 219.03, undefined],
        ['ground_315', 132.27, 10.75],
      ] as const) {
        const { value, index } = peakAbs(demean(columns[name]!))
        expect([name, Math.round(value * 1e4) / 100]).toEqual([name, gal])
        if (at_s !== undefined) expect([name, Math.abs(index / 100 - at_s) < 0.011]).toEqual([name, true])
      }
    },
  )

  test.skipIf(!haveShared('elcentro-1940'))(
    'elcentro-1940 README: 312.66 gal at 2.04 s, negative; RMS 60.03 gal',
    () => {
      const a = demean(elCentro())
      const peak = peakAbs(a)
      expect(peak.signed * 100).toBeCloseTo(-312.66, 2)
      expect(peak.index * 0.02).toBeCloseTo(2.04, 9)
      expect(rms(a) * 100).toBeCloseTo(60.03, 2)
      expect(peakAbs(elCentro()).value / 9.80665).toBeCloseTo(0.3188, 4)
    },
  )

  test.skipIf(!haveShared('knet-2018-aomori'))(
    'knet-2018-aomori README: header maxima EW 29.070, NS 28.821, UD 11.817, AKT013 4.383 gal, after the mean only',
    () => {
      for (const [component, gal] of [
        ['EW', 29.07],
        ['NS', 28.821],
        ['UD', 11.817],
      ] as const) {
        expect(peakAbs(demean(aomori(component))).value * 100).toBeCloseTo(gal, 2)
      }
      expect(peakAbs(aomori('UD')).value * 100).toBeGreaterThan(45)
      expect(peakAbs(demean(akita())).value * 100).toBeCloseTo(4.383, 2)
    },
  )

  test.skipIf(!haveShared('cwb-2018-hualien'))(
    'cwb-2018-hualien README: AmplitudeMAX ECU 1.196 −2.931 −2.811, EDH 1.615 3.888 −4.486 gal',
    () => {
      const peaks = (station: 'ECU' | 'EDH') => hualien(station).map((a) => Math.round(peakAbs(a).signed * 1e5) / 1e3)
      expect(peaks('ECU')).toEqual([1.196, -2.931, -2.811])
      expect(peaks('EDH')).toEqual([1.615, 3.888, -4.486])
    },
  )

  test.skipIf(!haveShared('csmip-2014-napa-concord'))(
    'csmip-2014-napa-concord README: header peaks of acceleration, velocity and displacement with their times',
    () => {
      const peak = (x: Float64Array) => {
        const { signed, index } = peakAbs(x)
        return [Math.round(signed * 1e5) / 1e3, index / 100]
      }
      const [h1, up, h2] = napaConcord().map(({ a, v, d }) => [peak(a), peak(v), peak(d)])
      const of = (gal: number, at: number, cm_s: number, vAt: number, cm: number, dAt: number) =>
        [
          [gal, at],
          [cm_s, vAt],
          [cm, dAt],
        ].map(([value, time]) => [expect.closeTo(value!, 2), expect.closeTo(time!, 9)])
      expect(h1).toEqual(of(27.114, 32.57, -2.89, 32.38, 1.086, 41.28))
      expect(up).toEqual(of(11.244, 36.7, -1.216, 39.11, -0.35, 40.43))
      expect(h2).toEqual(of(-26.411, 30.72, 2.219, 37.07, 0.936, 31.53))
    },
  )
})
