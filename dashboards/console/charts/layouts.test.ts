import { describe, expect, test } from 'vitest'
import { elevationLayout } from './elevation-layout.ts'
import { dayBeside, deviationOf, filledOf, isDay, middleOf, scaleOf } from './helicorder-layout.ts'
import { peaksOf, spectrumLayout } from './spectrum-layout.ts'

describe('an elevation', () => {
  test('is true to height, with the ground between the floors around it', () => {
    const { y, ground_y } = elevationLayout([30, 10, -10])
    expect(y[2]! - y[1]!).toBeCloseTo(y[1]! - y[0]!, 9)
    expect(ground_y).toBeCloseTo((y[1]! + y[2]!) / 2, 9)
  })
  test('keeps forty floors legible, and stands without a cellar or with one floor', () => {
    const { y } = elevationLayout(Array.from({ length: 40 }, (_, i) => (40 - i) * 3))
    expect(Math.min(...y.slice(1).map((v, i) => v - y[i]!))).toBeGreaterThanOrEqual(30)
    expect(elevationLayout([3, 0]).ground_y).toBeNull()
    expect(elevationLayout([5]).y.length).toBe(1)
  })
})

describe('a spectrum', () => {
  const box = { left: 0, top: 0, width: 300, height: 100 }
  test('has equal steps for equal ratios, and leaves out the constant', () => {
    const layout = spectrumLayout([0, 0.1, 1, 10, 100], [5, 1, 10, 100, 1], box)!
    expect(layout.at(1)).toBeCloseTo(100, 9)
    expect(layout.at(10)).toBeCloseTo(200, 9)
    expect(layout.points.split(' ').length).toBe(4)
    expect(layout.x_ticks.map((t) => t.value)).toContain(20)
  })
  test('is none without two densities above zero', () => {
    expect(spectrumLayout([0, 1, 2], [1, 0, 0], box)).toBeNull()
  })
  test('tells its peaks, highest first, not every ripple of one', () => {
    const peaks = peaksOf([0, 1, 2, 3, 3.1, 3.2, 5, 6, 7], [9, 1, 4, 1, 8, 7.9, 1, 2, 1])
    expect(peaks.map((p) => p.frequency_hz)).toEqual([3.1, 2, 6])
  })
})

describe('a day in lines', () => {
  const line = (min: Array<number | null>, max: Array<number | null>) => ({ from_ns: '0', min, max })
  test('stands about its median, which one shaking does not move', () => {
    const shaken = line([0.9, 0.9, 0.9, -5, 0.9], [1.1, 1.1, 1.1, 3, 1.1])
    expect(middleOf(shaken)).toBeCloseTo(1, 9)
    expect(deviationOf(shaken)).toBeCloseTo(6, 9)
  })
  test('without samples has no middle, no deviation and nothing filled', () => {
    const empty = line([null, null], [null, null])
    expect([middleOf(empty), deviationOf(empty), filledOf(empty)]).toEqual([null, null, 0])
    expect(scaleOf([empty])).toBe(0)
    expect(filledOf(line([1, null], [1, null]))).toBe(0.5)
  })
  test('days follow the calendar', () => {
    expect([dayBeside('2024-02-28', 1), dayBeside('2026-01-01', -1)]).toEqual(['2024-02-29', '2025-12-31'])
    expect([isDay('2026-13-01'), isDay(undefined), isDay('2026-03-02')]).toEqual([false, false, true])
  })
})
