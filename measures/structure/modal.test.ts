import { describe, expect, test } from 'vitest'
import { dominantFrequency_hz, type PowerSpectrum, welch } from '../signal/spectrum.ts'
import { FrequencyTracker } from './frequency-tracker.ts'
import { type ModalPeak, parabola, pickPeak } from './modal.ts'
import { ambient, haveShared, sharedColumns } from './test/ambient.ts'

const found = (peak: ReturnType<typeof pickPeak>): ModalPeak => {
  if ('reason' in peak) throw new Error(`expected a peak, got ${peak.reason}`)
  return peak
}
const MAST = 'mast-ambient/measurement_1_ref_xy_256hz.csv'
const BUILDING = 'building-575market-1989/sf_575market_lomaprieta_1989_100hz.csv'

describe.skipIf(!haveShared(MAST))('the mast (mast-ambient README; Welch, Hann, nperseg 16384, 50 % overlap)', () => {
  const columns = haveShared(MAST) ? sharedColumns(MAST) : new Map<string, Float64Array>()

  test.each([
    ['ref_x', 4.016],
    ['ref_y', 4.781],
  ])('%s has its strongest peak at %f Hz', (column, f_hz) => {
    const spectrum = welch(columns.get(column)!, 256, { nperseg: 16384 })
    expect(spectrum.df_hz).toBe(0.015625)
    const top = spectrum.psd.indexOf(Math.max(...spectrum.psd.slice(1)))
    expect(Math.abs(spectrum.frequency_hz[top]! - f_hz)).toBeLessThan(0.001)
    const peak = found(pickPeak(spectrum, { from_hz: 1, to_hz: 20 }))
    expect(Math.abs(peak.frequency_hz - f_hz)).toBeLessThan(0.5 * spectrum.df_hz + 0.001)
    const tracker = new FrequencyTracker({ start_hz: f_hz * 1.03, halfBand: 0.08 })
    const tracked = tracker.push(spectrum)
    expect(Math.abs(tracked.frequency_hz! - (column === 'ref_x' ? 4.02 : 4.78))).toBeLessThan(0.02)
  })

  test('the means and spreads of its channels are those published: std 0.0094577 and 0.0083036', () => {
    for (const [column, published] of [
      ['ref_x', 0.0094577],
      ['ref_y', 0.0083036],
    ] as const) {
      const { psd, df_hz } = welch(columns.get(column)!, 256, { nperseg: 61440, window: 'boxcar' })
      expect(Math.sqrt(psd.reduce((sum, v) => sum + v, 0) * df_hz)).toBeCloseTo(published, 7)
    }
  })

  // The band of 12.58 Hz leaves out its neighbour at 12.16 Hz.
  test.each([
    [1.23, 0.05],
    [1.44, 0.05],
    [2.09, 0.05],
    [6.67, 0.05],
    [7.61, 0.05],
    [9.67, 0.05],
    [12.16, 0.05],
    [12.58, 0.025],
  ])('a stable peak lies at %f Hz in one of the directions', (f_hz, half) => {
    const band = { from_hz: f_hz * (1 - half), to_hz: f_hz * (1 + half) }
    const peaks = ['ref_x', 'ref_y'].map((c) => pickPeak(welch(columns.get(c)!, 256, { nperseg: 16384 }), band, 3))
    expect(peaks.some((p) => !('reason' in p) && Math.abs(p.frequency_hz - f_hz) < 0.02)).toBe(true)
  })
})

describe.skipIf(!haveShared(BUILDING))('575 Market Street, Loma Prieta 1989 (building-575market-1989 README)', () => {
  const columns = haveShared(BUILDING) ? sharedColumns(BUILDING) : new Map<string, Float64Array>()
  test.each([
    ['f42_45', 0.1, 0.3, [0.16]],
    ['f42_135', 0.1, 0.3, [0.19]],
    ['f42_45', 0.4, 0.8, [0.55, 0.61]],
    ['f42_135', 0.4, 0.8, [0.55, 0.61]],
    ['f42_45', 0.85, 1.2, [1.0]],
  ])('%s has a spectral peak in %f-%f Hz at %j Hz', (column, from_hz, to_hz, published) => {
    const f = dominantFrequency_hz(columns.get(column)!, 100, { from_hz, to_hz })!
    expect(Math.min(...published.map((p) => Math.abs(f - p)))).toBeLessThan(0.03)
  })
})

describe('peak picking on a simulated mode', () => {
  test.each([
    [1, 0.01, 1200, 8192],
    [0.2, 0.01, 1200, 16384],
    [4, 0.005, 600, 4096],
    [2, 0.03, 600, 4096],
    [5, 0.02, 1200, 16384],
    [1, 0.02, 1200, 60000],
  ])(
    '%f Hz, damping %f, %i s in segments of %i: the uncertainty given is the error made',
    (f_hz, damping, seconds, nperseg) => {
      const errors = Array.from({ length: 24 }, (_, seed) => {
        const spectrum = welch(ambient({ f_hz, damping, seconds, rate: 50, seed }), 50, { nperseg })
        const peak = found(pickPeak(spectrum, { from_hz: 0.7 * f_hz, to_hz: 1.3 * f_hz }))
        return { error: peak.frequency_hz - f_hz, uncertainty: peak.uncertainty_hz }
      })
      const rms = Math.sqrt(errors.reduce((sum, e) => sum + e.error ** 2, 0) / errors.length)
      const claimed = errors.reduce((sum, e) => sum + e.uncertainty, 0) / errors.length
      expect(rms / f_hz).toBeLessThan(0.015)
      expect(claimed / rms).toBeGreaterThan(0.5)
      expect(claimed / rms).toBeLessThan(2)
      const within = errors.filter((e) => Math.abs(e.error) <= 2 * e.uncertainty).length
      expect(within / errors.length).toBeGreaterThanOrEqual(0.8)
    },
  )

  test('a tone between bins is found to a fifth of a bin (Hann, parabola in dB)', () => {
    for (const part of [0, 0.1, 0.25, 0.4, 0.5]) {
      const f_hz = 5 + part * (100 / 1024)
      const x = Float64Array.from(
        { length: 4096 },
        (_, k) => Math.sin((2 * Math.PI * f_hz * k) / 100) + 1e-3 * Math.sin(k * k),
      )
      const peak = found(pickPeak(welch(x, 100, { nperseg: 1024 }), { from_hz: 4, to_hz: 6 }))
      expect(Math.abs(peak.frequency_hz - f_hz)).toBeLessThan(0.05 * (100 / 1024))
    }
  })

  test('does not depend on the unit of the samples', () => {
    const x = ambient({ f_hz: 2, damping: 0.02, seconds: 200, rate: 50, seed: 3 })
    const [a, b] = [1, 981].map((unit) =>
      found(
        pickPeak(
          welch(
            x.map((v) => v * unit),
            50,
            { nperseg: 2048 },
          ),
          { from_hz: 1, to_hz: 3 },
        ),
      ),
    )
    expect(b!.frequency_hz).toBeCloseTo(a!.frequency_hz, 10)
    expect(b!.snr_db).toBeCloseTo(a!.snr_db, 9)
    expect(b!.psd / a!.psd).toBeCloseTo(981 ** 2, 3)
  })

  test('noise alone is no peak, a slope ends at the edge, silence is silent: each is said', () => {
    const noise = Float64Array.from(ambient({ f_hz: 24, damping: 0.99, seconds: 400, rate: 50, seed: 5 }))
    expect(pickPeak(welch(noise, 50, { nperseg: 1024 }), { from_hz: 2, to_hz: 6 })).toEqual({ reason: 'noise' })
    const flank = welch(ambient({ f_hz: 2, damping: 0.05, seconds: 2000, rate: 50, seed: 1 }), 50, { nperseg: 1024 })
    expect(pickPeak(flank, { from_hz: 2.2, to_hz: 4 }, 3)).toEqual({ reason: 'edge' })
    expect(pickPeak(welch(new Float64Array(2048), 50, { nperseg: 1024 }), { from_hz: 1, to_hz: 4 })).toEqual({
      reason: 'silent',
    })
    expect(() => pickPeak(flank, { from_hz: 2, to_hz: 2.1 })).toThrow('band: expected 5 bins')
    expect(() => pickPeak(flank, { from_hz: 24, to_hz: 40 })).not.toThrow()
    expect(() => pickPeak(flank, { from_hz: 26, to_hz: 40 })).toThrow('band: expected 5 bins')
  })

  test('the parabola finds the top of a parabola, and takes a top beside a zero as it stands', () => {
    const log = (k: number) => Math.exp(3 - 0.7 * (k - 0.3) ** 2)
    const { offset, value } = parabola(log(-1), log(0), log(1))
    expect(offset).toBeCloseTo(0.3, 12)
    expect(value).toBeCloseTo(Math.exp(3), 10)
    expect(parabola(0, 5, 1)).toEqual({ offset: 0, value: 5 })
    expect(parabola(5, 5, 5)).toEqual({ offset: 0, value: 5 })
  })
})

describe('tracking', () => {
  const spectrumAt = (f_hz: number, seed: number): PowerSpectrum =>
    welch(ambient({ f_hz, damping: 0.01, seconds: 600, rate: 50, seed }), 50, { nperseg: 4096 })
  const quiet = welch(ambient({ f_hz: 24, damping: 0.99, seconds: 600, rate: 50, seed: 9 }), 50, { nperseg: 4096 })

  test('follows a slow change that leaves the first band, its uncertainty shrinking with the number of estimates', () => {
    const tracker = new FrequencyTracker({ start_hz: 2 })
    let last = tracker.push(spectrumAt(2, 1))
    const first = last.uncertainty_hz!
    for (let k = 1; k <= 10; k++) {
      last = tracker.push(spectrumAt(2 * (1 - 0.02 * k), k + 1))
      expect(last.found).toBeDefined()
    }
    expect(last.found!.frequency_hz / 1.6).toBeCloseTo(1, 1)
    for (let k = 0; k < 6; k++) last = tracker.push(spectrumAt(1.6, 30 + k))
    expect(Math.abs(last.frequency_hz! - 1.6)).toBeLessThan(3 * last.uncertainty_hz!)
    expect(last.uncertainty_hz!).toBeLessThan(first)
  })

  test('loses a frequency that falls by a quarter at once, says so, and finds it again with the wider band', () => {
    const tracker = new FrequencyTracker({ start_hz: 2 })
    tracker.push(spectrumAt(2, 1))
    const misses: number[] = []
    let tracked = tracker.push(spectrumAt(1.5, 2))
    while (tracked.found === undefined && misses.length < 10) {
      expect(tracked.reason).toMatch(/edge|noise/)
      misses.push(tracked.misses)
      tracked = tracker.push(spectrumAt(1.5, 3 + misses.length))
    }
    expect(misses.length).toBeGreaterThan(0)
    expect(misses).toEqual(misses.map((_, k) => k + 1))
    expect(Math.abs(tracked.found!.frequency_hz - 1.5)).toBeLessThan(0.02)
  })

  test('in noise keeps its last value, counts the misses, and never looks wider than its limit', () => {
    const tracker = new FrequencyTracker({ start_hz: 2 })
    const before = tracker.push(spectrumAt(2, 1)).frequency_hz!
    for (let k = 1; k <= 20; k++) {
      const tracked = tracker.push(quiet)
      expect(tracked).toMatchObject({ found: undefined, frequency_hz: before, misses: k })
    }
    expect(tracker.band.from_hz / before).toBeCloseTo(0.7, 10)
    expect(new FrequencyTracker({ start_hz: 2 }).push(quiet)).toMatchObject({
      frequency_hz: undefined,
      uncertainty_hz: undefined,
    })
  })

  test('goes on after a restart where it was', () => {
    const [whole, first] = [new FrequencyTracker({ start_hz: 2 }), new FrequencyTracker({ start_hz: 2 })]
    for (let k = 0; k < 3; k++) {
      whole.push(spectrumAt(2, k))
      first.push(spectrumAt(2, k))
    }
    const second = new FrequencyTracker({ start_hz: 2 }, JSON.parse(JSON.stringify(first.state())))
    expect(second.push(spectrumAt(1.98, 7))).toEqual(whole.push(spectrumAt(1.98, 7)))
  })

  test('refuses settings that are none', () => {
    expect(() => new FrequencyTracker({ start_hz: 0 })).toThrow('start_hz')
    expect(() => new FrequencyTracker({ start_hz: 1, halfBand: 0.5 })).toThrow('halfBand')
    expect(() => new FrequencyTracker({ start_hz: 1, keep: 0 })).toThrow('keep')
  })
})
