import { expect, test } from 'vitest'
import { Decimator } from './decimator.ts'

/** Largest value that comes out of a sine of amplitude 1 after the filter is full. */
function gain(step: number, f_of_new_nyquist: number): number {
  const decimator = new Decimator(1, step)
  let largest = 0
  for (let i = 0; i < 400 * step; i++) {
    const phase = (Math.PI * f_of_new_nyquist * i) / step
    const out = decimator.push([Math.sin(phase + 0.3)], 0, [0])
    if (out !== undefined) largest = Math.max(largest, Math.abs(out[0]!))
  }
  return largest
}

test.each([2, 4, 8, 20])(
  'to one of %d: passes what is far below the new Nyquist, and nothing that would appear there',
  (step) => {
    expect(gain(step, 0.05)).toBeCloseTo(1, 2)
    expect(gain(step, 0.47)).toBeCloseTo(1, 1)
    // Machines: these would appear at 0.6 of the new Nyquist and below.
    for (const f of [1.4, 1.61, 1.93]) expect(gain(step, f)).toBeLessThan(10 ** (-44 / 20))
  },
)

test('an offset passes as it is; nothing comes out of a filter that is not full', () => {
  const decimator = new Decimator(2, 4)
  const out: number[][] = []
  for (let i = 0; i < 100; i++) {
    const values = decimator.push([0, 700, -3], 0, [1, 2])
    if (values !== undefined) out.push([...values])
  }
  expect(out).toHaveLength(17)
  for (const [a, b] of out) {
    expect(a).toBeCloseTo(700, 9)
    expect(b).toBeCloseTo(-3, 9)
  }
  decimator.gap()
  expect(Array.from({ length: 32 }, () => decimator.push([0, 1, 1], 0, [1, 2])).every((v) => v === undefined)).toBe(
    true,
  )
  expect(() => new Decimator(1, 0)).toThrow('step: expected a whole number of at least 1, got 0')
})

test('one of one is the sample itself', () => {
  expect([...new Decimator(1, 1).push([5], 0, [0])!]).toEqual([5])
})
