import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DinLine, din4150, dinGuide_m_s, PIPE_MM_S, peakPair } from './din4150.ts'

const mm_s = (line: DinLine, f: number, place?: Parameters<typeof dinGuide_m_s>[2]) =>
  dinGuide_m_s(line, f, place)! * 1000

describe('DIN 4150-3 guide values (domain.md 4, [K])', () => {
  test.each([
    [2, 30, 10],
    [2, 75, 17.5],
    [1, 30, 30],
    [3, 30, 5.5],
    [1, 1, 20],
    [1, 10, 20],
    [1, 50, 40],
    [1, 75, 45],
    [1, 100, 50],
    [2, 1, 5],
    [2, 5, 5],
    [2, 10, 5],
    [2, 50, 15],
    [2, 100, 20],
    [3, 1, 3],
    [3, 10, 3],
    [3, 50, 8],
    [3, 100, 10],
    [2, 250, 20],
  ] as const)('line %i at %f Hz is %f mm/s', (line, f, guide) => {
    expect(mm_s(line, f)).toBeCloseTo(guide, 10)
  })

  test('on the top floor and for long-term vibration, at any frequency', () => {
    expect(([1, 2, 3] as const).map((line) => mm_s(line, 3, 'top-floor'))).toEqual([40, 15, 8])
    expect(([1, 2, 3] as const).map((line) => mm_s(line, 3, 'top-floor-long-term'))).toEqual([10, 5, 2.5])
    expect(([1, 2] as const).map((line) => mm_s(line, 0.5, 'floor-vertical'))).toEqual([20, 20])
    expect(PIPE_MM_S).toEqual({ 'welded-steel': 100, concrete: 80, 'masonry-plastic': 50 })
  })

  test('say nothing below 1 Hz at the foundation nor for floors of line 3, and refuse a frequency that is none', () => {
    expect(dinGuide_m_s(2, 0.99)).toBeUndefined()
    expect(dinGuide_m_s(3, 10, 'floor-vertical')).toBeUndefined()
    for (const f of [0, -1, Number.NaN]) expect(() => dinGuide_m_s(2, f)).toThrow('frequency_hz')
  })

  test('never fall with frequency, and line 3 is below 2 is below 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 300, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (f, more) => {
          for (const line of [1, 2, 3] as const)
            expect(mm_s(line, f + more)).toBeGreaterThanOrEqual(mm_s(line, f) - 1e-12)
          expect(mm_s(3, f)).toBeLessThan(mm_s(2, f))
          expect(mm_s(2, f)).toBeLessThan(mm_s(1, f))
        },
      ),
    )
  })
})

describe('a measurement against them', () => {
  test('is judged by its worst pair: 4 mm/s at 8 Hz is worse for a dwelling than 9 mm/s at 60 Hz', () => {
    const pairs = [
      { peak_m_s: 0.009, frequency_hz: 60 },
      { peak_m_s: -0.004, frequency_hz: 8 },
      { peak_m_s: 0.5, frequency_hz: 0.3 },
    ]
    expect(din4150(pairs, 2)).toMatchObject({ pair: 1, guide_m_s: 0.005 })
    expect(din4150(pairs, 2)!.ratio).toBeCloseTo(0.8, 12)
    expect(din4150(pairs.toReversed(), 2)!.ratio).toBeCloseTo(0.8, 12)
    expect(din4150([{ peak_m_s: 0.5, frequency_hz: 0.3 }], 2)).toBeUndefined()
    expect(() => din4150([{ peak_m_s: Number.NaN, frequency_hz: 3 }], 2)).toThrow('pairs[0]')
  })

  test('takes the largest peak with the frequency of its half wave', () => {
    for (const [f, rate] of [
      [8, 1000],
      [31.7, 1000],
      [3, 100],
    ] as const) {
      const v = Float64Array.from({ length: 2 * rate }, (_, k) => {
        const t = k / rate - 1
        return 0.005 * Math.exp(-((t * f) ** 2) / 4) * Math.cos(2 * Math.PI * f * t)
      })
      const pair = peakPair(v, rate)!
      expect(pair.peak_m_s).toBe(0.005)
      // The envelope pulls the crossings in by a little.
      expect(pair.frequency_hz / f).toBeGreaterThan(0.98)
      expect(pair.frequency_hz / f).toBeLessThan(1.03)
      expect(
        peakPair(
          v.map((x) => -x),
          rate,
        )!.frequency_hz,
      ).toBeCloseTo(pair.frequency_hz, 10)
    }
  })

  test('cut off in its half wave, or of silence, has none', () => {
    expect(peakPair(Float64Array.of(3, 2, 1, -1), 100)).toBeUndefined()
    expect(peakPair(Float64Array.of(-1, 1, 2), 100)).toBeUndefined()
    expect(peakPair(new Float64Array(9), 100)).toBeUndefined()
    expect(() => peakPair(Float64Array.of(0, Number.NaN), 100)).toThrow('x[1]')
  })
})
