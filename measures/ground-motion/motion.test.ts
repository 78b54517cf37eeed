import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { cumulativeTrapezoid, mean } from '../signal/integrate.ts'
import { correctBaseline, preEventMean } from './baseline.ts'
import { toVelocityDisplacement } from './motion.ts'
import { peakAbs } from './peaks.ts'
import { eqsigMotion, haveShared, napaConcord } from './test/records.ts'

const RATE = 100
/** 20 s of quiet with an offset, then 20 s of 1 Hz. */
const quietThenSine = (offset: number, amplitude = 1) =>
  Float64Array.from(
    { length: 4000 },
    (_, i) => offset + (i < 2000 ? 0 : amplitude * Math.sin((2 * Math.PI * i) / RATE)),
  )
const plain = { highpass_hz: 0, baseline: { kind: 'none' } } as const

describe('baseline', () => {
  test('the pre-event mean takes the offset exactly, the whole-record mean takes a part of an uneven motion too', () => {
    const x = quietThenSine(0.37).map((v, i) => (i >= 3950 ? v + 1 : v))
    const pre = correctBaseline(x, RATE, { kind: 'pre-event', duration_s: 20 })
    expect(Math.abs(pre[0]!)).toBeLessThan(1e-15)
    expect(pre[3975]).toBeCloseTo(x[3975]! - 0.37, 14)
    expect(correctBaseline(x, RATE, { kind: 'mean' })[0]).toBeCloseTo(-50 / 4000, 3)
    expect(preEventMean(x, RATE, 20)).toBeCloseTo(0.37, 14)
  })

  test('linear takes a drift, high-pass takes a slow wander and leaves the motion', () => {
    const drifting = quietThenSine(0.37).map((v, i) => v + 1e-4 * i)
    expect(Math.abs(mean(correctBaseline(drifting, RATE, { kind: 'linear' })))).toBeLessThan(1e-12)
    const wandering = quietThenSine(0.37).map((v, i) => v + Math.sin((2 * Math.PI * i) / 10_000))
    for (const zeroPhase of [true, false]) {
      const y = correctBaseline(wandering, RATE, { kind: 'highpass', corner_hz: 0.1, order: 4, zeroPhase })
      expect(Math.abs(mean(y, 1500, 2000))).toBeLessThan(0.05)
      expect(peakAbs(y.slice(2500, 3500)).value).toBeGreaterThan(0.95)
    }
  })

  test.each([0, -1, 41, Number.NaN])('a pre-event part of %d s of 40 s is refused', (duration_s) => {
    expect(() => correctBaseline(quietThenSine(0), RATE, { kind: 'pre-event', duration_s })).toThrow(
      /duration_s: expected a pre-event part of 1 to 4000 samples/,
    )
  })

  test('none leaves a copy; a gap is refused with its place', () => {
    const x = Float64Array.of(1, 2)
    const y = correctBaseline(x, RATE, { kind: 'none' })
    expect([Array.from(y), y === x]).toEqual([[1, 2], false])
    expect(() => correctBaseline(Float64Array.of(1, Number.NaN), RATE, { kind: 'mean' })).toThrow(/1.*got NaN/)
  })
})

describe('velocity and displacement', () => {
  test('eqsig-test-motion README: PGV 0.26006 m/s and PGD 0.07278134 m by plain trapezoids', () => {
    const { velocity_m_s, displacement_m } = toVelocityDisplacement(eqsigMotion(), RATE, plain)
    expect(peakAbs(velocity_m_s).value).toBeCloseTo(0.26006, 5)
    expect(peakAbs(displacement_m).value).toBeCloseTo(0.07278134, 8)
  })

  test('jma-2000-tottori-yonago README: PGV zero phase 0.1 Hz 23.74 / 24.70 / 8.23 cm/s (NS/EW/UD)', async () => {
    const record = await loadRecording('jma-yonago-2000')
    if (record.kind !== 'waveform') throw new Error('expected a waveform')
    const pgv = record.axes.map(
      ({ samples }) => peakAbs(toVelocityDisplacement(samples, RATE).velocity_m_s).value * 100,
    )
    expect(pgv[0]).toBeCloseTo(23.74, 2)
    expect(pgv[1]).toBeCloseTo(24.7, 2)
    expect(pgv[2]).toBeCloseTo(8.23, 2)
  })

  test.skipIf(!haveShared('csmip-2014-napa-concord'))(
    'csmip-2014-napa-concord README: the file’s own velocity within 0.006 cm/s, displacement within 0.0006 cm',
    () => {
      const traces = napaConcord()
      expect(traces.length).toBe(3)
      for (const { a, v, d, v0, d0 } of traces) {
        const largest = (ours: Float64Array, start: number, theirs: Float64Array) =>
          ours.reduce((worst, x, i) => Math.max(worst, Math.abs(start + x - theirs[i]!)), 0)
        const { velocity_m_s } = toVelocityDisplacement(a, RATE, plain)
        expect(largest(velocity_m_s, v0, v) * 100).toBeLessThan(0.006)
        expect(largest(cumulativeTrapezoid(v, 0.01), d0, d) * 100).toBeLessThan(0.0006)
      }
    },
  )

  test('a 1 Hz motion of 1 m/s² has 1/2π m/s and 1/4π² m of amplitude once the filters have settled', () => {
    const long = Float64Array.from({ length: 40_000 }, (_, i) => Math.sin((2 * Math.PI * i) / RATE))
    const { velocity_m_s, displacement_m } = toVelocityDisplacement(long, RATE, { highpass_hz: 0.05 })
    const swing = (x: Float64Array) => {
      const part = x.slice(20_000, 20_100)
      return (part.reduce((a, b) => Math.max(a, b)) - part.reduce((a, b) => Math.min(a, b))) / 2
    }
    expect(swing(velocity_m_s)).toBeCloseTo(1 / (2 * Math.PI), 3)
    expect(swing(displacement_m)).toBeCloseTo(1 / (4 * Math.PI ** 2), 4)
  })

  test('scales with the motion and does not see the sensor’s offset', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        fc.boolean(),
        (factor, offset, zeroPhase) => {
          const one = toVelocityDisplacement(quietThenSine(0), RATE, { zeroPhase })
          const other = toVelocityDisplacement(quietThenSine(offset, factor), RATE, { zeroPhase })
          for (const key of ['acceleration_m_s2', 'velocity_m_s', 'displacement_m'] as const)
            expect(peakAbs(other[key]).value).toBeCloseTo(factor * peakAbs(one[key]).value, 8)
        },
      ),
      { numRuns: 20 },
    )
  })

  test('a constant or a single sample moves nothing', () => {
    for (const x of [new Float64Array(500).fill(9.81), Float64Array.of(9.81)]) {
      const { velocity_m_s, displacement_m } = toVelocityDisplacement(x, RATE)
      expect(peakAbs(velocity_m_s).value).toBeLessThan(1e-9)
      expect(peakAbs(displacement_m).value).toBeLessThan(1e-9)
    }
  })

  test('a corner above Nyquist or a gap is refused', () => {
    expect(() => toVelocityDisplacement(quietThenSine(0), RATE, { highpass_hz: 50 })).toThrow(/corner_hz/)
    expect(() => toVelocityDisplacement(Float64Array.of(0, Number.NaN), RATE)).toThrow(/1.*got NaN/)
  })
})
