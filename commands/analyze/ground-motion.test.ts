/** Ground motion of whole records, against published values and those of an independent script (see each set's README). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { analyzeWaveform } from './ground-motion.ts'
import type { ComponentResult } from './result.ts'
import { filesOf, isBeside, motionOf, optionsOf, waveform, YONAGO } from './test/records.ts'

const within = (value: number | null, expected: number, tolerance: number) => {
  expect(value).not.toBeNull()
  expect(Math.abs(value! - expected)).toBeLessThanOrEqual(tolerance)
}

describe('Yonago 2000, the worked example of JMA', () => {
  const { result, traces } = motionOf([YONAGO])
  const [ns, ew, ud] = result.components as unknown as readonly [ComponentResult, ComponentResult, ComponentResult]

  test('what the file is', () => {
    expect(result).toMatchObject({
      kind: 'ground-motion',
      files: [YONAGO],
      format: 'JMA CSV',
      start: '2000-10-06T04:30:10.000Z',
      sample_rate_hz: 100,
      samples: 30_000,
      duration_s: 300,
      notes: [],
    })
    expect(result.components.map((c) => c.axis)).toEqual(['ns', 'ew', 'ud'])
    expect(traces[0]!.velocity_m_s).toHaveLength(30_000)
  })
  test('PGA 280.24 at 20.14 s, 219.15 at 20.67, 144.46 gal at 19.32; vector 285.20 gal (README)', () => {
    within(ns.pga_gal, 280.24, 0.005)
    within(ew.pga_gal, 219.15, 0.005)
    within(ud.pga_gal, 144.46, 0.005)
    expect([ns, ew, ud].map((c) => c.pga_time_s)).toEqual([20.14, 20.67, 19.32])
    within(result.combined.pga_vector_gal, 285.2, 0.005)
  })
  test('PGV 23.74, 24.70, 8.23 cm/s; Arias 1.0284, 0.7158, 0.2556 m/s (README)', () => {
    within(ns.pgv_cm_s, 23.74, 0.005)
    within(ew.pgv_cm_s, 24.7, 0.005)
    within(ud.pgv_cm_s, 8.23, 0.005)
    within(ns.arias_m_s, 1.0284, 1e-4)
    within(ew.arias_m_s, 0.7158, 1e-4)
    within(ud.arias_m_s, 0.2556, 1e-4)
  })
  test('JMA: a 127.85 +- 0.3 gal, I = 5.1, class 5+ (published); CWA 2020: 284.1 gal, 29.3 cm/s, class 5- (README)', () => {
    within(result.combined.jma_a_gal, 127.85, 0.3)
    expect(result.combined).toMatchObject({ jma_intensity: 5.1, jma_class: '5+', cwa_class: '5-' })
    within(result.combined.cwa_pga_gal, 284.1, 0.05)
    within(result.combined.cwa_pgv_cm_s, 29.3, 0.05)
  })
  test('classic STA/LTA 1 s / 10 s, 4 / 1.5 on UD: first trigger 11.38-20.66 s (README)', () => {
    expect(result.combined.triggers![0]).toEqual({ on_s: 11.38, off_s: 20.66 })
    expect(result.conventions.sta_lta).toBe(
      'classic, 1 s / 10 s, on 4, off 1.5, on the vertical component ud, no filter before',
    )
  })
  test('every key of the contract is there, spectral values by period, and nothing else is null', () => {
    expect(Object.keys(ns)).toEqual(
      expect.arrayContaining(
        'pga_gal pga_time_s pgv_cm_s pgd_cm rms_gal arias_m_s cav_g_s d5_95_s dominant_frequency_hz sa_5pct_gal'.split(
          ' ',
        ),
      ),
    )
    expect(Object.keys(ns.sa_5pct_gal!)).toEqual(['0.1', '0.2', '0.3', '0.5', '1.0', '2.0', '3.0', '5.0'])
    expect(JSON.stringify(result)).not.toContain('null,"pg')
    expect(result.combined.reasons).toBeUndefined()
  })
  test('other settings of the trigger are used and printed', () => {
    const other = motionOf([YONAGO], ['--sta', '0.5', '--lta', '20', '--on', '8', '--off', '2', '--filter', '1-20'])
    expect(other.result.combined.triggers).not.toEqual(result.combined.triggers)
    expect(other.result.combined.triggers!.length).toBeGreaterThan(0)
    expect(other.result.conventions.sta_lta).toContain('0.5 s / 20 s, on 8, off 2')
    expect(other.result.conventions.sta_lta).toContain('band-pass 1-20 Hz')
    expect(other.result.components).toEqual(result.components)
  })
})

describe('sets beside the project', () => {
  test.skipIf(!isBeside('elcentro-1940'))(
    'El Centro NS: README values; one component has no intensity and says why',
    () => {
      const { result } = motionOf(filesOf('elcentro-1940', /csv$/))
      const c = result.components[0]!
      within(c.pga_gal, 312.66, 0.01)
      expect(c.pga_time_s).toBe(2.04)
      within(c.rms_gal, 60.03, 0.005)
      within(c.arias_m_s, 1.801, 5e-4)
      within(c.cav_g_s, 1.286, 5e-4)
      within(c.d5_95_s, 23.84, 0.005)
      for (const [T, sa] of Object.entries({ '0.2': 777.2, '0.5': 898.3, '1.0': 445.3, '2.0': 134.6 }))
        within(c.sa_5pct_gal![T]!, sa, 0.05)
      expect(result.combined).toMatchObject({
        jma_intensity: null,
        cwa_class: null,
        pga_vector_gal: null,
        triggers: null,
      })
      expect(result.combined.reasons!.jma_intensity).toBe('needs three components of one sensor; the record has 1')
      expect(result.combined.reasons!.triggers).toContain('vertical')
    },
  )
  test.skipIf(!isBeside('cwb-2018-hualien'))(
    'Hualien 2018: class 2, I 1.6; one trigger at ECU, three at EDH (README)',
    () => {
      const [ecu, edh] = filesOf('cwb-2018-hualien', /dat$/).map((file) => motionOf([file]).result.combined)
      expect(ecu).toMatchObject({ jma_intensity: 1.6, cwa_class: '2', triggers: [{ on_s: 37.16, off_s: 45.68 }] })
      expect(edh).toMatchObject({ jma_intensity: 1.6, cwa_class: '2' })
      expect(edh!.triggers!.map((t) => t.on_s)).toEqual([36.4, 43.86, 59.14])
      within(ecu!.cwa_pga_gal, 3.26, 0.01)
      within(edh!.cwa_pga_gal, 4.96, 0.01)
    },
  )
  test.skipIf(!isBeside('knet-2018-aomori'))(
    'Aomori 2018: three K-NET files in any order are one record (README)',
    () => {
      const files = filesOf('knet-2018-aomori', /^AOM.*\.(EW|NS|UD)$/)
      const { result } = motionOf(files)
      expect(result.combined).toMatchObject({ jma_intensity: 3.1, cwa_class: '4' })
      expect(result.combined.triggers).toEqual([{ on_s: 12.51, off_s: 20.31 }])
      const pga = Object.fromEntries(result.components.map((c) => [c.axis, c.pga_gal]))
      within(pga.ew!, 29.07, 0.001)
      within(pga.ns!, 28.821, 0.001)
      within(pga.ud!, 11.817, 0.001)
      const turned = motionOf(files.toReversed()).result
      expect({ ...turned, files: [] }).toEqual({ ...result, files: [] })
    },
  )
  test.skipIf(!isBeside('csmip-2014-napa-concord'))('Napa 2014: PGA is what the header publishes', () => {
    const { result } = motionOf(filesOf('csmip-2014-napa-concord', /V2$/))
    for (const c of result.components) within(c.pga_gal, c.published_pga_gal!, 0.005)
    expect(result.components.map((c) => c.pga_time_s)).toEqual([32.57, 36.7, 30.72])
  })
})

describe('what cannot be had is null and says why', () => {
  const sine = (amplitude: number, f_hz: number, n = 3000) =>
    Float64Array.from({ length: n }, (_, k) => amplitude * Math.sin((2 * Math.PI * f_hz * k) / 100))
  const options = optionsOf()

  test('a gap: PGA and RMS of the rest, everything that needs an unbroken record null; other components are not touched', () => {
    const broken = sine(50, 1)
    broken.fill(Number.NaN, 1000, 1010)
    const { result, traces } = analyzeWaveform(
      waveform({ ns: broken, ew: sine(30, 2), ud: sine(10, 3) }),
      ['x'],
      options,
    )
    const [ns, ew] = result.components
    within(ns!.pga_gal, 50, 0.2)
    expect(ns).toMatchObject({ missing: 10, pgv_cm_s: null, arias_m_s: null, sa_5pct_gal: null, d5_95_s: null })
    expect(ns!.reasons!.pgv_cm_s).toBe('needs an unbroken record; 10 samples are missing')
    expect(ew!.reasons).toBeUndefined()
    expect(result.combined).toMatchObject({ jma_intensity: null, cwa_class: null, pga_vector_gal: null })
    expect(result.combined.triggers).toEqual([])
    expect(result.notes.join()).toContain('ns: 10 samples are missing')
    expect(Number.isNaN(traces[0]!.acceleration_m_s2[1005])).toBe(true)
  })
  test('two vertical components are two sensors', () => {
    const { result } = analyzeWaveform(waveform({ ns: sine(1, 1), z: sine(1, 1), ud: sine(1, 1) }), ['x'], options)
    expect(result.combined.reasons!.jma_class).toContain('2 of these are vertical')
    expect(result.combined.triggers).toBeNull()
  })
  test('a record shorter than the LTA has no triggers, one below 20 Hz no CWA class', () => {
    const short = { ns: sine(1, 1, 900), ew: sine(1, 1, 900), ud: sine(1, 1, 900) }
    const { combined } = analyzeWaveform(waveform(short), ['x'], options).result
    expect(combined.triggers).toBeNull()
    expect(combined.reasons!.triggers).toContain('as long as the LTA window of 10 s')
    const slow = analyzeWaveform(waveform(short, 10), ['x'], options).result.combined
    expect(slow).toMatchObject({ cwa_class: null, cwa_pga_gal: null })
    expect(slow.jma_a_gal).not.toBeNull()
  })
  test('a still record: zeros, the end of the scale, no dominant frequency', () => {
    const still = { ns: new Float64Array(2000).fill(7), ew: new Float64Array(2000), ud: new Float64Array(2000) }
    const { result } = analyzeWaveform(waveform(still), ['x'], options)
    expect(result.components[0]).toMatchObject({ pga_gal: 0, pgv_cm_s: 0, arias_m_s: 0, dominant_frequency_hz: null })
    expect(result.combined).toMatchObject({ jma_intensity: -3, jma_class: '0', cwa_class: '0', triggers: [] })
  })
})

test('property: an offset changes nothing, a factor scales peaks, the order of components does not matter', () => {
  const noise = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1200, maxLength: 1300 })
  fc.assert(
    fc.property(
      noise,
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.5, max: 3, noNaN: true }),
      (a, offset, factor) => {
        const axes = { ns: a, ew: a.toReversed(), ud: a.map((v) => v / 2) }
        const of = (made: Record<string, number[]>) => analyzeWaveform(waveform(made), ['x'], optionsOf()).result
        const plain = of(axes)
        const moved = of({ ud: axes.ud, ew: axes.ew.map((v) => v + offset), ns: axes.ns.map((v) => v * factor) })
        const by = (r: typeof plain, axis: string) => r.components.find((c) => c.axis === axis)!
        within(by(moved, 'ew').pga_gal, by(plain, 'ew').pga_gal!, 1e-3)
        within(by(moved, 'ew').pgv_cm_s, by(plain, 'ew').pgv_cm_s!, 1e-3)
        within(by(moved, 'ns').pga_gal, by(plain, 'ns').pga_gal! * factor, 1e-3)
        within(by(moved, 'ns').arias_m_s, by(plain, 'ns').arias_m_s! * factor ** 2, 1e-3)
        expect(moved.combined.triggers).toEqual(plain.combined.triggers)
      },
    ),
    { numRuns: 8 },
  )
})
