/** What the flags accept: every mistake is told, nothing is guessed. */
import { describe, expect, test } from 'vitest'
import { requireFitting } from './options.ts'
import { optionsOf, stage, waveform } from './test/records.ts'

test('without flags the conventions of the check values', () => {
  expect(optionsOf()).toMatchObject({
    trigger: { sta_s: 1, lta_s: 10, on: 4, off: 1.5, filter_hz: undefined },
    levels: [],
    deadband: { value: 0, unit: undefined },
  })
})

test('levels keep their names and order; a name may hold =, spaces and any script', () => {
  const { levels } = optionsOf('--level', 'a=b=2ft', '--level', ' 警戒 1 =-0.5 m', '--level', 'x=1e1')
  expect(levels).toEqual([
    { name: 'a=b', stage: { value: 2, unit: 'ft' } },
    { name: '警戒 1', stage: { value: -0.5, unit: 'm' } },
    { name: 'x', stage: { value: 10, unit: undefined } },
  ])
  expect(optionsOf('--filter', '0.5-20Hz').trigger.filter_hz).toEqual([0.5, 20])
})

describe('a wrong call is a usage error that says what was expected and what came', () => {
  test.each([
    [['--sta', '0'], /--sta: expected a number above 0, got "0"/],
    [['--sta', 'fast'], /--sta: expected a number above 0, got "fast"/],
    [['--dt', ''], /--dt: expected a number above 0/],
    [['--sta', '10', '--lta', '10'], /--sta: expected less than --lta \(10 s\), got 10/],
    [['--on', '10'], /--on: expected below LTA\/STA = 10, got 10/],
    [['--off', '5'], /--off: expected at or below --on \(4\), got 5/],
    [['--filter', '20-1'], /--filter: expected LOW-HIGH in Hz.*got "20-1"/],
    [['--filter', '20'], /--filter: expected LOW-HIGH/],
    [['--level', '2ft'], /--level: expected NAME=VALUE\[unit\].*got "2ft"/],
    [['--level', '=2ft'], /--level: expected NAME=VALUE/],
    [['--level', 'a=high'], /--level: expected a number and its unit.*got "high"/],
    [['--level', 'a=2 furlong'], /--level: expected a unit of length.*got "furlong"/],
    [['--level', 'a=2gal'], /--level: expected a unit of length.*got "gal"/],
    [['--level', 'a=1m', '--level', 'a=2m'], /--level: expected names that differ, got "a" twice/],
    [['--deadband', '-1m'], /--deadband/],
    [['--deadband=-1m'], /--deadband: expected 0 or more, got "-1m"/],
    [['--levels', 'a=1m'], /--levels/],
    [['--json=yes'], /--json/],
  ])('%j', (args, message) => {
    expect(() => optionsOf(...args)).toThrow(message)
    expect(() => optionsOf(...args)).toThrow(/^USAGE: /)
  })
})

test('a flag of the other kind of record is not passed over', () => {
  const motion = waveform({ ns: new Float64Array(100) })
  const water = stage([1, 2, 3])
  expect(() => requireFitting(optionsOf('--level', 'a=1m'), motion)).toThrow(
    /USAGE: --level is for water, but made\.csv is ground motion/,
  )
  expect(() => requireFitting(optionsOf('--sta', '2'), water)).toThrow(
    /USAGE: --sta is for ground motion, but stage\.csv is water/,
  )
  expect(() => requireFitting(optionsOf('--sta', '2'), motion)).not.toThrow()
  expect(() => requireFitting(optionsOf('--deadband', '1m'), water)).not.toThrow()
})
