import { describe, expect, test } from 'vitest'
import { type Growth, measuredGrowth } from './growth.ts'
import { show, tableLines } from './table.ts'

/** Two runs: one of exponent 1, one of exponent 0.5; of `flat` all are 7. */
const growth: Growth = {
  of: 'devices',
  sizes: [1, 100],
  costs: {
    ms: [
      [2, 2],
      [200, 20],
    ],
    flat: [
      [7, 7],
      [7, 7],
    ],
  },
  counts: 'ms',
}

describe('how a cost grows', () => {
  test('each run has its exponent; the table shows the medians and theirs', () => {
    const { runs, table } = measuredGrowth(growth, 1.1)
    expect(runs.map((exponent) => exponent.toFixed(6))).toEqual(['1.000000', '0.500000'])
    // Nearest rank: of two runs the smaller.
    expect(tableLines(table!)).toEqual([
      '| devices                   |   ms | flat |',
      '| ------------------------- | ---: | ---: |',
      '| 1                         | 2.00 | 7.00 |',
      '| 100                       | 20.0 | 7.00 |',
      '| exponent                  | 0.50 | 0.00 |',
      '| exponent of the last step | 0.50 | 0.00 |',
    ])
  })

  test('is not held where the last step is steeper, whatever stays the same before it', () => {
    // From 10 to 100 a hundred times as much: exponent 2, over all three 1.
    const late = { ...growth, sizes: [1, 10, 100], costs: { ms: [[1], [1], [100]] } }
    const { runs, holds, beside } = measuredGrowth(late, 1.1)
    expect(runs[0]).toBeCloseTo(1, 12)
    expect(beside).toEqual({ 'exponent of the last step': expect.closeTo(2, 12) })
    expect(holds(1)).toBe(false)
    expect(measuredGrowth(late, 2.1).holds(1)).toBe(true)
    expect(measuredGrowth(late, 2.1).holds(2.2)).toBe(false)
  })

  test('is not held where another cost that is judged grows faster, over all sizes or in its last step', () => {
    const judged = (points: number[][]) =>
      measuredGrowth(
        { ...growth, sizes: [1, 10, 100], costs: { ms: [[1], [1], [1]], points }, counts: 'ms', alsoCount: ['points'] },
        1.1,
      )
    expect(judged([[1], [10], [100]]).holds(0)).toBe(true)
    // 1.15 over both decades, 0.9 in the last.
    expect(judged([[1], [25], [200]]).holds(0)).toBe(false)
    expect(judged([[1], [2], [40]]).holds(0)).toBe(false)
    // Of three runs the median counts.
    expect(judged([[1], [10], [100, 1000, 100]]).holds(0)).toBe(true)
    expect(judged([[1], [10], [100]]).holds(1.2)).toBe(false)
  })

  test('sizes are said by their names where they have some', () => {
    const { table } = measuredGrowth({ ...growth, names: ['a minute', 'an hour'] }, 1.1)
    expect(table!.rows.map(([name]) => name)).toEqual(['a minute', 'an hour', 'exponent', 'exponent of the last step'])
  })

  test('a row about a cost that was not measured is our own mistake', () => {
    expect(() => measuredGrowth({ ...growth, counts: 'bytes' }, 1.1)).toThrow('no cost bytes among ms, flat')
    expect(() => measuredGrowth({ ...growth, alsoCount: ['bytes'] }, 1.1)).toThrow('no cost bytes among ms, flat')
  })
})

test('numbers have three figures, or all of a thousand and more', () => {
  expect([0.05719, 7, 999.4, 999.7, 36_100.4].map(show)).toEqual(['0.0572', '7.00', '999', '1,000', '36,100'])
})
