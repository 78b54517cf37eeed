import { expect, test } from 'vitest'
import { UnitPatience } from './unit-patience.ts'

const after = (...answers: ReadonlyArray<readonly [number, number]>): UnitPatience => {
  const patience = new UnitPatience(1000)
  for (const [unit, took_ms] of answers) patience.answered(unit, took_ms)
  return patience
}

test('a unit that answers has the whole time-out, and so has one that was never asked', () => {
  const patience = after([1, 3], [2, 4])
  expect([1, 2, 3].map((unit) => patience.timeoutFor_ms(unit))).toEqual([1000, 1000, 1000])
})

test('a silent unit gets what its own answers took, with a margin, at least 20 ms', () => {
  const patience = after([1, 3], [2, 400])
  patience.silent(1)
  patience.silent(2)
  expect(patience.timeoutFor_ms(1)).toBe(20)
  // RFC 6298, 2.2: R + 4 x R/2.
  expect(patience.timeoutFor_ms(2)).toBe(1000)
  for (let i = 0; i < 50; i++) patience.answered(2, 400)
  patience.silent(2)
  expect(patience.timeoutFor_ms(2)).toBeGreaterThanOrEqual(400)
  expect(patience.timeoutFor_ms(2)).toBeLessThan(410)
})

test('one that never answered gets what the link takes, and each eighth time the whole', () => {
  const patience = after(...Array.from({ length: 50 }, (_, i) => [(i % 5) + 1, 10] as const))
  const given = Array.from({ length: 17 }, () => {
    const ms = patience.timeoutFor_ms(9)
    patience.silent(9)
    return ms
  })
  expect(given.map((ms) => (ms === 1000 ? 'whole' : ms))).toEqual([
    'whole',
    ...Array(7).fill(20),
    'whole',
    ...Array(7).fill(20),
    'whole',
  ])
  patience.answered(9, 12)
  expect(patience.timeoutFor_ms(9)).toBe(1000)
})

test('alone on its link a unit delays nobody', () => {
  const patience = after([1, 3])
  patience.silent(1)
  expect(patience.timeoutFor_ms(1)).toBe(1000)
})

test('a lone slow answer is forgotten soon', () => {
  const patience = after(...Array.from({ length: 100 }, () => [1, 2] as const), [2, 2])
  patience.answered(1, 300)
  for (let i = 0; i < 30; i++) patience.answered(1, 2)
  patience.silent(1)
  expect(patience.timeoutFor_ms(1)).toBeLessThan(40)
})
