import { expect, test } from 'vitest'
import { courseOf, isFlat } from './flat.ts'

const noise = (i: number) => Math.sin(i * 7.3) * 2

test('what warms up and then wanders is flat; its most is told', () => {
  const seen = Array.from({ length: 100 }, (_, i) => 100 - 60 * Math.exp(-i / 5) + noise(i))
  const course = courseOf(seen)
  expect(isFlat(course, 0.05, 0)).toBe(true)
  expect(course.most).toBe(Math.max(...seen))
})

test('what grows on and on is not, however slowly, once it leaves the share granted', () => {
  // From 100 by 0.2 a look: medians of the quarters are 50 looks apart, that is by 10 of about 107.
  const course = courseOf(Array.from({ length: 100 }, (_, i) => 100 + 0.2 * i + noise(i)))
  expect(course.after - course.before).toBeGreaterThan(7)
  expect(isFlat(course, 0.05, 0)).toBe(false)
  expect(isFlat(course, 0.05, 20)).toBe(true)
})

test('a few looks tell nothing', () => {
  expect(() => courseOf([1, 2, 3])).toThrow('expected at least 8 looks, got 3')
})
