import { describe, expect, test } from 'vitest'
import { lastStep, powerLaw } from './power-law.ts'

describe('a power law through what was measured', () => {
  test('exactly, where the costs lie on one: 3 · size^0.5', () => {
    const { exponent, factor } = powerLaw([1, 4, 100], [3, 6, 30])
    expect(exponent).toBeCloseTo(0.5, 12)
    expect(factor).toBeCloseTo(3, 12)
  })

  test('nearest by least squares of the logarithms', () => {
    // By hand, log10: x = 0, 1, 2 and y = 0, 1, 1. Means 1 and 2/3; sum of (x - 1)(y - 2/3) = 2/3 + 0 + 1/3 = 1, of
    // (x - 1)² = 2: exponent 1/2, and log10 of the factor 2/3 - 1/2 = 1/6.
    const { exponent, factor } = powerLaw([1, 10, 100], [1, 10, 10])
    expect(exponent).toBeCloseTo(1 / 2, 12)
    expect(factor).toBeCloseTo(10 ** (1 / 6), 12)
  })

  test('a cost that stays has the exponent 0, one that falls a negative one', () => {
    expect(powerLaw([1, 10, 100], [7, 7, 7]).exponent).toBeCloseTo(0, 12)
    expect(powerLaw([1, 10], [10, 1]).exponent).toBeCloseTo(-1, 12)
  })

  test('the unit of size or cost changes the factor alone', () => {
    const measured = [5, 21, 230, 1900]
    const inSeconds = powerLaw([1, 10, 100, 1000], measured)
    const inMinutes = powerLaw(
      [1, 10, 100, 1000],
      measured.map((cost) => cost / 60),
    )
    expect(inMinutes.exponent).toBeCloseTo(inSeconds.exponent, 12)
    expect(inMinutes.factor * 60).toBeCloseTo(inSeconds.factor, 9)
  })

  test('a fixed cost hides in the whole and not in the last step', () => {
    // 100 + size: over the whole it looks flat, from 1,000 to 10,000 it is log10(10100 / 1100) = 0.9629.
    const [sizes, costs] = [
      [1, 10, 100, 1000, 10_000],
      [101, 110, 200, 1100, 10_100],
    ]
    expect(powerLaw(sizes, costs).exponent).toBeLessThan(0.6)
    expect(lastStep(sizes, costs)).toBeCloseTo(0.9629, 4)
  })

  test.each([
    ['one size', [10], [1]],
    ['the same size twice', [10, 10], [1, 2]],
    ['a size without its cost', [1, 10], [1]],
    ['a cost of zero', [1, 10], [0, 1]],
    ['no number', [1, 10], [1, Number.NaN]],
  ])('nothing can be told from %s', (_, sizes, costs) => {
    expect(() => powerLaw(sizes, costs)).toThrow(RangeError)
  })
})
