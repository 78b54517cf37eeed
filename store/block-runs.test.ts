import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, overlap, type Run, type Samples, sameSamples, statsOf, uncovered } from './block-runs.ts'

const countersOf = ({ first, n }: Run): number[] => Array.from({ length: n }, (_, i) => first + i)

describe('what nobody has stored yet', () => {
  test('is the run less all that is stored, in order', () => {
    const lengths = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 6 })), { maxLength: 8 })
    fc.assert(
      fc.property(lengths, fc.nat(20), fc.integer({ min: 1, max: 30 }), (steps, first, n) => {
        const stored: Run[] = []
        let next = 0
        for (const [skip, length] of steps) {
          stored.push({ first: next + skip, n: length })
          next += skip + length
        }
        const there = new Set(stored.flatMap(countersOf))
        expect(uncovered({ first, n }, stored).flatMap(countersOf)).toEqual(
          countersOf({ first, n }).filter((counter) => !there.has(counter)),
        )
      }),
    )
  })

  test('runs that only touch do not overlap', () => {
    expect(overlap({ first: 0, n: 100 }, { first: 100, n: 100 })).toBeUndefined()
    expect(overlap({ first: 0, n: 100 }, { first: 99, n: 100 })).toEqual({ first: 99, n: 1 })
  })
})

describe('samples of several axes', () => {
  const samples: Samples = { data: Int16Array.of(1, 2, 3, -1, -2, -3), axes: 2, first: 10, n: 3 }

  test('a cut keeps every axis', () => {
    expect(cut(samples, { first: 11, n: 2 })).toEqual({ data: Int16Array.of(2, 3, -2, -3), axes: 2, first: 11, n: 2 })
  })

  test('are compared where both have them, on every axis', () => {
    const tail = cut(samples, { first: 11, n: 2 })
    expect(sameSamples(samples, tail, { first: 11, n: 2 })).toBe(true)
    tail.data[3] = 0
    expect(sameSamples(samples, tail, { first: 11, n: 1 })).toBe(true)
    expect(sameSamples(samples, tail, { first: 11, n: 2 })).toBe(false)
  })

  test('figures hold the extremes of int16 and the sum of the longest block', () => {
    expect([...statsOf(samples)]).toEqual([1, 3, 6, -3, -1, -6])
    const lowest = new Int16Array(65_536).fill(-32_768)
    expect([...statsOf({ data: lowest, axes: 1, first: 0, n: lowest.length })]).toEqual([-32_768, -32_768, -(2 ** 31)])
  })
})
