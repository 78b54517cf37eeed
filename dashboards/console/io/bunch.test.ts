import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inBunches } from './bunch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first event is handed on at once, a rush after it as one bunch, in order and none lost', () => {
  const seen: number[][] = []
  const push = inBunches<number>((bunch) => seen.push([...bunch]), 80)
  push(1)
  expect(seen).toEqual([[1]])
  for (let i = 2; i <= 500; i += 1) push(i)
  expect(seen).toHaveLength(1)
  vi.advanceTimersByTime(80)
  expect(seen.map((b) => b.length)).toEqual([1, 499])
  expect(seen.flat()).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
  vi.advanceTimersByTime(80)
  push(501)
  expect(seen.at(-1)).toEqual([501])
})
