import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { responseSpectrum } from './response-spectrum.ts'

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, 'test', 'fixtures', name), 'utf8')
    .trim()
    .split('\n')
/** In g, 50 Hz. */
const elCentro = Float64Array.from(fixture('elcentro-1940-chopra.csv').slice(1), (line) => Number(line.split(',')[1]))
const IN_S2 = 386.4
const GAL = 980.665

const demean = (x: Float64Array) => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length
  return x.map((v) => v - mean)
}

describe('El Centro 1940 NS (elcentro-1940 README)', () => {
  test('Chopra sec. 6.4, 2 % damping: SD 2.67, 5.97 and 7.47 in for T = 0.5, 1 and 2 s', () => {
    const [half, one, two] = responseSpectrum(
      elCentro.map((a) => a * IN_S2),
      0.02,
      [0.5, 1, 2],
      0.02,
    ).map((s) => s.sd_m)
    // Ours of the README in three decimals; the book prints two.
    expect(half).toBeCloseTo(2.676, 3)
    expect(one).toBeCloseTo(5.971, 3)
    expect(two).toBeCloseTo(7.471, 3)
    expect([2.67, 5.97, 7.47].map((book, k) => Math.abs([half!, one!, two!][k]! - book)).every((d) => d < 0.01)).toBe(
      true,
    )
  })

  test('5 %: PSA 777.2, 898.3, 445.3 and 134.6 gal for T = 0.2, 0.5, 1 and 2 s', () => {
    const psa = responseSpectrum(
      elCentro.map((a) => a * GAL),
      0.02,
      [0.2, 0.5, 1, 2],
      0.05,
    ).map((s) => s.psa_m_s2)
    for (const [k, gal] of [777.2, 898.3, 445.3, 134.6].entries()) expect(psa[k]).toBeCloseTo(gal, 1)
  })
})

test('eqsig motion, 5 %: PSA 2.6977, 2.3119, 3.8808, 3.3424 and 1.8759 m/s² (eqsig-test-motion README)', () => {
  const a = Float64Array.from(fixture('eqsig-test-motion.txt').slice(2), Number)
  const psa = responseSpectrum(demean(a), 0.01, [0.1, 0.2, 0.5, 1, 2], 0.05).map((s) => s.psa_m_s2)
  for (const [k, value] of [2.6977, 2.3119, 3.8808, 3.3424, 1.8759].entries()) expect(psa[k]).toBeCloseTo(value, 3)
})

describe('closed solutions', () => {
  const step = (n: number) => Float64Array.from({ length: n }, () => 1)

  test('a sudden constant acceleration doubles the static deflection, less by damping: 1 + exp(−πζ/√(1−ζ²))', () => {
    for (const damping of [0, 0.02, 0.05, 0.2, 0.7])
      for (const period_s of [0.05, 0.5, 2]) {
        const dt_s = period_s / 1000
        const [s] = responseSpectrum(step(3000), dt_s, [period_s], damping)
        const overshoot = 1 + Math.exp((-Math.PI * damping) / Math.sqrt(1 - damping * damping))
        expect(s!.psa_m_s2).toBeCloseTo(overshoot, 4)
      }
  })

  test('critical and stronger damping has no overshoot: the static value from below', () => {
    for (const damping of [1, 1.5, 5]) {
      const [s] = responseSpectrum(step(200_000), 0.001, [1], damping)
      expect(s!.psa_m_s2).toBeCloseTo(1, 3)
      expect(s!.psa_m_s2).toBeLessThanOrEqual(1 + 1e-12)
    }
  })

  test('half-sine pulse on an undamped oscillator, td/T = 0.6 (Chopra sec. 4.8): closed form in both phases', () => {
    // ü + ω²u = ω² sin(πt/td): forced phase for t ≤ td; its largest value lies within the pulse for td/T > 0.5.
    const [period_s, td_s, dt_s] = [1, 0.6, 0.001]
    const [w, r] = [2 * Math.PI, period_s / (2 * td_s)]
    const exact = (t: number) => (Math.sin((Math.PI * t) / td_s) - r * Math.sin(w * t)) / (1 - r * r)
    const largest = Math.max(...Array.from({ length: 601 }, (_, k) => Math.abs(exact(k * dt_s))))
    const a = Float64Array.from({ length: 1001 }, (_, k) => (k <= 600 ? Math.sin((Math.PI * k) / 600) : 0))
    expect(responseSpectrum(a, dt_s, [period_s], 0)[0]!.psa_m_s2).toBeCloseTo(largest, 4)
  })

  test('Chopra ex. 5.1 (m 0.2533, k 10, c 0.1592, half-sine 10 kip in steps of 0.1 s): 0.0318 0.2274 0.6336 1.1339 1.4896 in [K]', () => {
    const [mass, omega] = [0.2533, Math.sqrt(10 / 0.2533)]
    // While it rises the largest so far is the value of the last step.
    const u = [2, 3, 4, 5, 6].map((n) => {
      const a = Float64Array.from({ length: n }, (_, k) => (Math.sin((Math.PI * k) / 6) * 10) / mass)
      return responseSpectrum(a, 0.1, [(2 * Math.PI) / omega], 0.1592 / (2 * mass * omega))[0]!.sd_m
    })
    for (const [k, book] of [0.0318, 0.2274, 0.6336, 1.1339, 1.4896].entries()) expect(u[k]).toBeCloseTo(book, 3.7)
  })

  test('resonance of an undamped oscillator under a sine: u grows as ωt/2 of the static deflection', () => {
    const cycles = 20
    const a = Float64Array.from({ length: cycles * 200 + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / 200))
    const [s] = responseSpectrum(a, 1 / 200, [1], 0)
    expect(s!.psa_m_s2 / (Math.PI * cycles)).toBeCloseTo(1, 2)
  })
})

describe('whatever the step', () => {
  test('a record with points put on its straight lines has the same spectrum', () => {
    const fine = Float64Array.from({ length: (elCentro.length - 1) * 4 + 1 }, (_, k) => {
      const [at, part] = [Math.floor(k / 4), (k % 4) / 4]
      return elCentro[at]! + part * ((elCentro[at + 1] ?? 0) - elCentro[at]!)
    })
    const periods = [0.03, 0.07, 0.15, 0.3, 1, 5]
    const [coarse, refined] = [
      responseSpectrum(elCentro, 0.02, periods, 0.05),
      responseSpectrum(fine, 0.005, periods, 0.05),
    ]
    for (const [k, s] of refined.entries()) {
      // A crest is missed by half a step at most: of 10 points to the period, or of the record's own where they are closer;
      // half as much again, since a crest of several frequencies is sharper than a cosine.
      const step_s = Math.min(0.02, periods[k]! / 10)
      expect(coarse[k]!.psa_m_s2 / s.psa_m_s2, `${periods[k]} s`).toBeGreaterThan(
        1 - 1.5 * (1 - Math.cos((Math.PI * step_s) / periods[k]!)),
      )
      expect(coarse[k]!.psa_m_s2 / s.psa_m_s2).toBeLessThanOrEqual(1.02)
    }
  })

  test('periods far below the step stay stable and tend to the PGA; 0 is the PGA', () => {
    const pga = elCentro.reduce((max, v) => Math.max(max, Math.abs(v)), 0)
    const spectrum = responseSpectrum(elCentro, 0.02, [0, 1e-6, 1e-4, 1e-3], 0.05)
    for (const s of spectrum) expect(s.psa_m_s2 / pga).toBeCloseTo(1, 1)
    expect(spectrum[0]).toEqual({ period_s: 0, sd_m: 0, psv_m_s: 0, psa_m_s2: pga, sa_m_s2: pga })
  })

  test('periods far above it tend to the ground displacement, without loss of digits: 1000 s at 1 kHz', () => {
    const dt_s = 0.001
    // A displacement pulse 1 − cos over 2 s: a = (2π/2)² cos(πt), largest displacement 2 m.
    const a = Float64Array.from({ length: 2001 }, (_, k) => Math.PI ** 2 * Math.cos(Math.PI * k * dt_s))
    const [s] = responseSpectrum(a, dt_s, [1000], 0)
    expect(s!.sd_m).toBeCloseTo(2, 4)
  })

  test('scales with the record, keeps its sign out, and is not changed by silence before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 2, maxLength: 100 }),
        fc.double({ min: 0.02, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1.2, noNaN: true }),
        (values, period_s, damping) => {
          const a = Float64Array.from([0, ...values])
          const psa = (x: Float64Array) => responseSpectrum(x, 0.01, [period_s], damping)[0]!.psa_m_s2
          const one = psa(a)
          expect(psa(a.map((v) => -3 * v))).toBeCloseTo(3 * one, 9)
          expect(psa(Float64Array.from([...new Array(17).fill(0), ...a]))).toBeCloseTo(one, 9)
        },
      ),
    )
  })

  test('PSA = ω² SD and PSV = ω SD; without damping PSA is the absolute acceleration', () => {
    const [s] = responseSpectrum(elCentro, 0.02, [0.5], 0)
    const omega = 2 * Math.PI * 2
    expect(s!.psv_m_s / s!.sd_m).toBeCloseTo(omega, 12)
    expect(s!.psa_m_s2 / s!.sd_m).toBeCloseTo(omega * omega, 10)
    expect(s!.sa_m_s2).toBeCloseTo(s!.psa_m_s2, 12)
  })

  test('one sample and silence give zero; what is no record is refused with its index', () => {
    expect(responseSpectrum(Float64Array.of(5), 0.01, [1], 0.05)[0]!.sd_m).toBe(0)
    expect(responseSpectrum(new Float64Array(100), 0.01, [1], 0.05)[0]!.sa_m_s2).toBe(0)
    expect(() => responseSpectrum(Float64Array.of(0, Number.NaN), 0.01, [1], 0.05)).toThrow(
      'a[1]: expected a finite number, got NaN',
    )
    expect(() => responseSpectrum(elCentro, 0, [1], 0.05)).toThrow('dt_s')
    expect(() => responseSpectrum(elCentro, 0.02, [1, -1], 0.05)).toThrow('periods_s[1]')
    expect(() => responseSpectrum(elCentro, 0.02, [1], -0.1)).toThrow('damping')
  })
})
