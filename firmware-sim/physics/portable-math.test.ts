import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosTurns, exp, ln, power, sinTurns } from './portable-math.ts'

const of = (min: number, max: number) => fc.double({ min, max, noNaN: true })

test('sin and cos agree with the engine to rounding, over a few turns either way', () => {
  fc.assert(
    fc.property(of(-4, 4), (x) => {
      expect(Math.abs(sinTurns(x) - Math.sin(2 * Math.PI * x))).toBeLessThan(6e-15)
      expect(Math.abs(cosTurns(x) - Math.cos(2 * Math.PI * x))).toBeLessThan(6e-15)
    }),
  )
})

test('whole and half turns are exact, quarters to the last bit; so they are after a million turns', () => {
  for (const turns of [0, 3, -7, 1_000_000]) {
    expect(
      [sinTurns(turns), sinTurns(turns + 0.5), cosTurns(turns + 0.25), cosTurns(turns + 0.75)].map(Math.abs),
    ).toEqual([0, 0, 0, 0])
    const ones = [sinTurns(turns + 0.25), -sinTurns(turns + 0.75), cosTurns(turns), -cosTurns(turns + 0.5)]
    for (const one of ones) expect(Math.abs(one - 1)).toBeLessThan(3e-16)
  }
})

test('exp, ln and power agree with the engine to a few units in the last place', () => {
  fc.assert(
    fc.property(of(-600, 600), of(1e-200, 1e200), of(-5, 5), (x, y, z) => {
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15)
      expect(Math.abs(ln(y) - Math.log(y))).toBeLessThan(1e-15 * Math.max(1, Math.abs(Math.log(y))))
      const small = 1 + (y % 1000)
      expect(Math.abs(power(small, z) / small ** z - 1)).toBeLessThan(2e-14)
    }),
  )
})

test('edges: 0, 1 and what has no logarithm', () => {
  expect([exp(0), ln(1), power(0, 2), power(7, 0)]).toEqual([1, 0, 0, 1])
  expect([exp(-1000), exp(1000), ln(0)]).toEqual([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  expect(ln(-1)).toBeNaN()
})
