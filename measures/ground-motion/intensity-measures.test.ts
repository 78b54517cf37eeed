import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { G_M_S2 } from '../../domain/units.ts'
import { loadRecording } from '../../recordings/load.ts'
import { demean } from '../signal/integrate.ts'
import { ariasIntensity_m_s, cav_m_s, significantDuration_s, standardisedCav_g_s } from './intensity-measures.ts'
import { elCentro, eqsigMotion, haveShared } from './test/records.ts'

/** 60 s of 100 gal at 1 Hz, 100 Hz: domain.md 3. */
const sine = Float64Array.from({ length: 6000 }, (_, i) => Math.sin((2 * Math.PI * i) / 100))

describe('Arias intensity and cumulative absolute velocity', () => {
  test('domain.md 3, analytic: 60 s sine 100 gal 1 Hz has Arias 4.8053 m/s and CAV 3.895 g s', () => {
    // Of the last period the last step is missing from 6,000 samples: a = sin there, so little is.
    expect(ariasIntensity_m_s(sine, 0.01)).toBeCloseTo((Math.PI / (2 * G_M_S2)) * 30, 4)
    expect(ariasIntensity_m_s(sine, 0.01)).toBeCloseTo(4.8053, 4)
    expect(cav_m_s(sine, 0.01) / G_M_S2).toBeCloseTo(((2 / Math.PI) * 60) / G_M_S2, 2)
    expect(Math.abs(cav_m_s(sine, 0.01) / G_M_S2 - 3.895)).toBeLessThan(0.0015)
  })

  test('eqsig-test-motion README: Arias 0.63398 m/s (g = 9.81), CAV 8.53872 m/s', () => {
    expect(ariasIntensity_m_s(eqsigMotion(), 0.01, 9.81)).toBeCloseTo(0.63398, 5)
    expect(cav_m_s(eqsigMotion(), 0.01)).toBeCloseTo(8.53872, 5)
  })

  test('jma-2000-tottori-yonago README: Arias NS 1.0284, EW 0.7158, UD 0.2556 m/s', async () => {
    const record = await loadRecording('jma-yonago-2000')
    if (record.kind !== 'waveform') throw new Error('expected a waveform')
    const [ns, ew, ud] = record.axes.map(({ samples }) => ariasIntensity_m_s(demean(samples), 0.01))
    expect(Math.abs(ns! - 1.0284)).toBeLessThan(1e-4)
    expect(Math.abs(ew! - 0.7158)).toBeLessThan(1e-4)
    expect(Math.abs(ud! - 0.2556)).toBeLessThan(1e-4)
  })

  test.skipIf(!haveShared('elcentro-1940'))(
    'elcentro-1940 README: Arias 1.801 m/s, CAV 1.286 g s, D5-95 23.84 s',
    () => {
      const a = demean(elCentro())
      expect(ariasIntensity_m_s(a, 0.02)).toBeCloseTo(1.801, 3)
      expect(cav_m_s(a, 0.02) / G_M_S2).toBeCloseTo(1.286, 3)
      expect(significantDuration_s(a, 0.02, 0.05, 0.95).duration_s).toBeCloseTo(23.84, 2)
    },
  )

  test('Arias grows with the square of the motion, CAV with the motion; both with time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.nat(50),
        (values, factor, quiet) => {
          const a = Float64Array.from([0, ...values, 0])
          const scaled = a.map((v) => v * factor)
          expect(ariasIntensity_m_s(scaled, 0.01)).toBeCloseTo(factor ** 2 * ariasIntensity_m_s(a, 0.01), 6)
          expect(cav_m_s(scaled, 0.01)).toBeCloseTo(factor * cav_m_s(a, 0.01), 8)
          const later = Float64Array.from([...new Array(quiet).fill(0), ...a])
          expect(ariasIntensity_m_s(later, 0.01)).toBeCloseTo(ariasIntensity_m_s(a, 0.01), 10)
          expect(cav_m_s(later, 0.02)).toBeCloseTo(2 * cav_m_s(a, 0.01), 10)
        },
      ),
    )
  })

  test('sampled at 50, 100 or 200 Hz the same motion has the same Arias intensity, CAV and duration', () => {
    const measures = [50, 100, 200].map((rate) => {
      const a = Float64Array.from({ length: 40 * rate + 1 }, (_, i) => {
        const t_s = i / rate
        return Math.sin(2 * Math.PI * 1.3 * t_s) * Math.exp(-(((t_s - 20) / 4) ** 2))
      })
      const { duration_s } = significantDuration_s(a, 1 / rate, 0.05, 0.95)
      return [ariasIntensity_m_s(a, 1 / rate), cav_m_s(a, 1 / rate), standardisedCav_g_s(a, rate), duration_s]
    })
    for (const some of measures)
      for (const [k, value] of some.entries()) expect(Math.abs(value / measures[2]![k]! - 1)).toBeLessThan(0.005)
  })

  test('one sample and a record of zeros have none; a gap or no time step is refused', () => {
    for (const measure of [ariasIntensity_m_s, cav_m_s]) {
      expect(measure(Float64Array.of(3), 0.01)).toBe(0)
      expect(measure(new Float64Array(100), 0.01)).toBe(0)
      expect(() => measure(Float64Array.of(1, Number.NaN), 0.01)).toThrow(/1.*got NaN/)
      expect(() => measure(sine, 0)).toThrow('dt_s: expected a number above 0, got 0')
    }
  })
})

describe('standardised CAV', () => {
  test('counts whole seconds above 0.025 g only: 3 s of 0.02 g, 2 s of 0.03 g, 1.5 s of 0.02 g have 0.06 g s', () => {
    const g = (share: number, n: number) => new Array(n).fill(share * G_M_S2)
    const a = Float64Array.from([...g(0.02, 301), ...g(0.03, 199), ...g(0.02, 151)])
    // The step up at 3 s and the step down at 5 s lie in the second of the larger one.
    const expected = (0.03 + 0.02) / 2 / 100 + 0.03 * 1.98 + (0.03 + 0.02) / 2 / 100
    expect(standardisedCav_g_s(a, 100)).toBeCloseTo(expected, 9)
    expect(
      standardisedCav_g_s(
        a.map((v) => v * 0.8),
        100,
      ),
    ).toBe(0)
    expect(
      standardisedCav_g_s(
        a.map((v) => v * 2),
        100,
      ),
    ).toBeCloseTo((2 * cav_m_s(a, 0.01)) / G_M_S2, 9)
  })

  test('eqsig-test-motion README: CAVdp 0.81041282 g s once eqsig’s lost last 0.01 s of each second is lost here too', () => {
    // eqsig integrates over arange(t, t + 1, dt), which leaves the interval up to the next second out: 99 of 100 steps.
    const a = eqsigMotion()
    let lost = 0
    for (let s = 0; s < 46; s++) {
      const second = a.slice(100 * s, 100 * s + 101)
      if (second.some((v) => Math.abs(v) > 0.025 * 9.81)) lost += (cav_m_s(second.slice(99), 0.01) as number) / 9.81
    }
    expect(standardisedCav_g_s(a, 100, 9.81) - lost).toBeCloseTo(0.81041282, 8)
    expect(lost / 0.81041282).toBeLessThan(0.013)
  })

  test('never exceeds CAV, keeps its seconds at a rate that is no whole number, and takes the last shorter second', () => {
    const a = Float64Array.from({ length: 5000 }, (_, i) => 3 * Math.sin(i * 0.6))
    for (const rate of [99.9, 100, 62.5, 1, 1.7])
      expect(standardisedCav_g_s(a, rate)).toBeCloseTo(cav_m_s(a, 1 / rate) / G_M_S2, 9)
    expect(standardisedCav_g_s(Float64Array.of(5), 100)).toBe(0)
    expect(() => standardisedCav_g_s(a, 0.5)).toThrow('sample_rate_hz: expected at least 1 Hz, got 0.5')
  })
})

describe('significant duration', () => {
  test('eqsig-test-motion README: D5-95 21.001 s, D5-75 10.976 s', () => {
    expect(significantDuration_s(eqsigMotion(), 0.01, 0.05, 0.95).duration_s).toBeCloseTo(21.001, 3)
    expect(significantDuration_s(eqsigMotion(), 0.01, 0.05, 0.75).duration_s).toBeCloseTo(10.976, 3)
  })

  test('of a constant motion is the share of its length: D5-95 of 10 s is 9 s, from 0.5 to 9.5 s', () => {
    const { from_s, to_s, duration_s } = significantDuration_s(new Float64Array(1001).fill(-2), 0.01, 0.05, 0.95)
    expect([from_s, to_s, duration_s]).toEqual([0.5, 9.5, 9].map((v) => expect.closeTo(v, 9)))
  })

  test('does not change with scale, and moves with the motion', () => {
    const a = eqsigMotion()
    const before = significantDuration_s(a, 0.01, 0.05, 0.95)
    const scaled = significantDuration_s(
      a.map((v) => -20 * v),
      0.01,
      0.05,
      0.95,
    )
    expect(scaled.duration_s).toBeCloseTo(before.duration_s, 9)
    const later = significantDuration_s(Float64Array.from([...new Float64Array(500), ...a]), 0.01, 0.05, 0.95)
    expect(later.from_s).toBeCloseTo(before.from_s + 5, 6)
    expect(later.duration_s).toBeCloseTo(before.duration_s, 6)
  })

  test('without motion is 0; fractions in the wrong order are refused', () => {
    expect(significantDuration_s(new Float64Array(10), 0.01, 0.05, 0.95).duration_s).toBe(0)
    expect(significantDuration_s(Float64Array.of(1), 0.01, 0, 1).duration_s).toBe(0)
    expect(() => significantDuration_s(sine, 0.01, 0.95, 0.05)).toThrow(/fractions/)
    expect(() => significantDuration_s(sine, 0.01, 0.05, 95)).toThrow(/fractions/)
  })
})
