import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addRange, addRanges, coversRange, inRanges, rangesOf } from './ranges.ts'
import type { Ranges } from './record.ts'

const offsetsOf = (ranges: Ranges) =>
  ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))

describe('committed ranges', () => {
  test('touching ranges join, apart ones stay apart', () => {
    expect(
      addRange(
        [
          [1, 3],
          [7, 9],
        ],
        4,
        4,
      ),
    ).toEqual([
      [1, 4],
      [7, 9],
    ])
    expect(
      addRange(
        [
          [1, 3],
          [7, 9],
        ],
        4,
        6,
      ),
    ).toEqual([[1, 9]])
    expect(addRange([[5, 6]], 1, 2)).toEqual([
      [1, 2],
      [5, 6],
    ])
    expect(
      addRanges(
        [],
        [
          [1, 2],
          [2, 5],
        ],
      ),
    ).toEqual([[1, 5]])
  })

  test('hold exactly the offsets that were added, ascending and apart', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (offsets) => {
        const ranges = rangesOf(offsets)
        expect(offsetsOf(ranges)).toEqual([...new Set(offsets)].sort((a, b) => a - b))
        ranges.forEach((range, i) => {
          if (i > 0) expect(range[0]).toBeGreaterThan(ranges[i - 1]![1] + 1)
        })
        for (let n = 1; n <= 60; n++) expect(inRanges(ranges, n)).toBe(offsets.includes(n))
      }),
    )
  })

  test('cover a range only when no offset of it is missing', () => {
    expect(
      coversRange(
        [
          [1, 5],
          [7, 9],
        ],
        2,
        5,
      ),
    ).toBe(true)
    expect(
      coversRange(
        [
          [1, 5],
          [7, 9],
        ],
        4,
        7,
      ),
    ).toBe(false)
  })
})
