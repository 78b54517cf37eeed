import { describe, expect, test } from 'vitest'
import { DRIFT_LIMITS, driftRatio, peakDrift, peakVectorDrift, residualDrift } from './drift-ratio.ts'

const swing = (n: number, amplitude: number, offset = 0) =>
  Float64Array.from({ length: n }, (_, k) => offset + amplitude * Math.sin((2 * Math.PI * k) / 100))

describe('inter-storey drift', () => {
  test('is the difference of the floors over the height: 30 mm on 3 m is 1 %', () => {
    const ratio = driftRatio(Float64Array.of(0, 0.04, -0.01), Float64Array.of(0, 0.01, 0.05), 3)
    expect(Array.from(ratio)).toEqual([0, expect.closeTo(0.01, 15), expect.closeTo(-0.02, 15)])
    expect(peakDrift(ratio)).toEqual({ ratio: expect.closeTo(-0.02, 15), index: 2 })
  })
  test('of a building carried along as a whole is zero', () => {
    expect(peakDrift(driftRatio(swing(500, 0.3), swing(500, 0.3), 3.2)).ratio).toBe(0)
  })
  test('of two directions is their resultant', () => {
    expect(peakVectorDrift(Float64Array.of(0, 0.003, 0.004), Float64Array.of(0.0045, 0.004, 0)).ratio).toBeCloseTo(
      0.005,
      15,
    )
  })
  test('residual is what is left when it is quiet again, whatever the swing between', () => {
    const shaken = swing(3000, 0.02).map((v, k) => (k < 500 ? 0.001 : k < 2000 ? v : 0.004 + v / 100))
    expect(residualDrift(shaken, 100, 5)).toBeCloseTo(0.003, 12)
    expect(() => residualDrift(shaken, 100, 20)).toThrow('window_s: expected two windows in 30 s, got windows of 20 s')
    expect(() => residualDrift(shaken, 100, Number.NaN)).toThrow('window_s')
  })
  test('refuses unlike records, a height of none and samples that are no numbers', () => {
    expect(() => driftRatio(new Float64Array(3), new Float64Array(4), 3)).toThrow('axes[1]')
    expect(() => driftRatio(new Float64Array(3), new Float64Array(3), 0)).toThrow('height_m')
    expect(() => driftRatio(Float64Array.of(Number.NaN), Float64Array.of(0), 3)).toThrow('axes[0][0]')
  })
})

test('limits are those of FEMA 356 table C1-3 and the codes (domain.md 4, [K])', () => {
  const of = (system: string) =>
    DRIFT_LIMITS.filter((l) => l.system === system).map((l) => [l.level, l.transient, l.permanent])
  expect(of('concrete-frame')).toEqual([
    ['IO', 0.01, undefined],
    ['LS', 0.02, 0.01],
    ['CP', 0.04, 0.04],
  ])
  expect(of('steel-moment-frame')).toEqual([
    ['IO', 0.007, undefined],
    ['LS', 0.025, 0.01],
    ['CP', 0.05, 0.05],
  ])
  expect(of('steel-braced-frame')).toEqual([
    ['IO', 0.005, undefined],
    ['LS', 0.015, 0.005],
    ['CP', 0.02, 0.02],
  ])
  expect(of('concrete-wall')).toEqual([
    ['IO', 0.005, undefined],
    ['LS', 0.01, 0.005],
    ['CP', 0.02, 0.02],
  ])
  expect(of('reinforced-masonry-wall')).toEqual([
    ['IO', 0.002, undefined],
    ['LS', 0.006, 0.006],
    ['CP', 0.015, 0.015],
  ])
  expect(of('infill-masonry')).toEqual([
    ['IO', 0.001, undefined],
    ['LS', 0.005, 0.003],
    ['CP', 0.006, 0.006],
  ])
  expect(of('any').map((l) => l[1])).toEqual([0.005, 0.005])
})
