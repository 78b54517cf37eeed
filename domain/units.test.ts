import { expect, test } from 'vitest'
import { fromSi, quantityOf, SCREEN_UNIT, SI_UNIT, toSi, UNITS } from './units.ts'

test('pressure: exact by the definitions of bar, pound, standard gravity and inch', () => {
  expect(toSi(1013.25, 'hPa')).toBe(101_325)
  expect(toSi(1013.25, 'mbar')).toBe(toSi(101.325, 'kPa'))
  expect(toSi(1, 'bar')).toBe(100_000)
  // NIST SP 811 (2008), appendix B.8: 1 psi = 6.894757 E+03 Pa.
  expect(toSi(1, 'psi')).toBeCloseTo(6894.757, 3)
})

test('12 inches are a foot', () => {
  expect(toSi(12, 'in')).toBeCloseTo(toSi(1, 'ft')!, 15)
})

test('every unit goes to SI and back, and each quantity has its SI unit and its unit of the screen', () => {
  for (const unit of Object.keys(UNITS)) expect(fromSi(toSi(7.5, unit)!, unit), unit).toBeCloseTo(7.5, 12)
  for (const [quantity, unit] of Object.entries(SI_UNIT)) {
    expect(quantityOf(unit), unit).toBe(quantity)
    expect(toSi(3, unit), unit).toBe(3)
    expect(quantityOf(SCREEN_UNIT[quantity as keyof typeof SI_UNIT].unit)).toBe(quantity)
  }
})
