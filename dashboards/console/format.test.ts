import { describe, expect, test } from 'vitest'
import { createFormat } from './format.ts'

const AT = Date.UTC(2026, 2, 2, 6, 5, 9)

describe('numbers in screen units', () => {
  const format = createFormat('en', 'Asia/Taipei')
  test('SI becomes what people read: metres, gal, metres per hour', () => {
    expect(format.quantity(1.5167, 'stage')).toBe('1.52 m')
    expect(format.quantity(2.12, 'acceleration')).toBe('212.0 gal')
    expect(format.quantity(0.43 / 3600, 'rate_of_rise')).toBe('0.43 m/h')
    expect(format.inUnit(0.8, 'm/s²')).toBe('80.0 gal')
  })
  test('amounts of limits: ages, counts, rates and differences', () => {
    expect([60, 90, 1800].map((s) => format.inUnit(s, 's', 'stale_s'))).toEqual(['60 s', '90 s', '30 min'])
    expect(createFormat('zh-TW', 'Asia/Taipei').inUnit(1800, 's')).toBe('30 分鐘')
    expect(format.inUnit(2, '1', 'k_of_n')).toBe('2')
    expect(format.inUnit(0.5, '1')).toBe('0.500')
    expect(format.inUnit(0.5 / 3600, 'm/s', 'rising_faster_than')).toBe('0.50 m/h')
    expect(format.inUnit(0.5 / 3600, 'K/s', 'rising_faster_than')).toBe('0.5 °C/h')
    expect(format.inUnit(2, 'K', 'differs_from'), 'no offset').toBe('2.0 °C')
  })
  test('and in the units that a person chose: feet, parts of g, metres per second squared', () => {
    const feet = createFormat('en', 'UTC', { stage: 'ft', acceleration: '%g' })
    // 1.2192 m = 4 ft by the definition of the foot; 98.0665 gal = 10 %g by standard gravity.
    expect(feet.quantity(1.2192, 'stage')).toBe('4.00 ft')
    expect(feet.quantity(0.3048 / 3600, 'rate_of_rise')).toBe('1.00 ft/h')
    expect(feet.inUnit(0.980665, 'm/s²')).toBe('10.00 %g')
    expect(feet.onScreen(1.2192, 'stage')).toBeCloseTo(4)
    expect([feet.unitName('stage'), feet.unitName('rate_of_rise'), feet.unitName('tilt')]).toEqual(['ft', 'ft/h', '°'])
    const si = createFormat('en', 'UTC', { stage: 'm', acceleration: 'm/s²' })
    expect(si.quantity(0.8, 'acceleration')).toBe('0.800 m/s²')
    expect(si.inUnit(60, 's', 'stale_s'), 'time has one unit').toBe('60 s')
  })
  test('a unit that is none of ours is shown as it came', () =>
    expect(format.inUnit(3, 'furlong')).toBe('3.000 furlong'))
  test('a true minus sign, and none before a zero', () => {
    expect(format.number(-0.35, 2)).toBe('−0.35')
    expect(format.number(-0.001, 2)).toBe('0.00')
    expect(format.number(-1234.5, 1)).toBe('−1,234.5')
  })
})

describe('instants', () => {
  test('stand in the time zone of the site, offset printed', () => {
    expect(createFormat('en', 'Asia/Taipei').instant(AT, AT)).toBe('14:05:09 +08:00')
    expect(createFormat('zh-TW', 'Asia/Taipei').instant(AT, AT)).toBe('14:05:09 +08:00')
    expect(createFormat('en', 'UTC').instant(AT, AT)).toBe('06:05:09 +00:00')
    expect(createFormat('en', 'Asia/Kolkata').instant(AT, AT)).toBe('11:35:09 +05:30')
  })
  test('the offset is that of the instant, not of today', () => {
    const format = createFormat('en', 'Europe/Berlin')
    expect(format.offset(AT)).toBe('+01:00')
    expect(format.offset(Date.UTC(2026, 6, 1))).toBe('+02:00')
  })
  test('carry the date when it is not the day of now in that zone', () => {
    const format = createFormat('en', 'Asia/Taipei')
    expect(format.instant(Date.UTC(2026, 2, 1, 15, 59, 59), AT)).toBe('2026-03-01 23:59:59 +08:00')
    expect(format.instant(Date.UTC(2026, 2, 1, 16, 0, 0), AT)).toBe('00:00:00 +08:00')
  })
  test('a zone that the browser does not know falls back to UTC and says so by its offset', () =>
    expect(createFormat('en', 'Mars/Olympus').instant(AT, AT)).toBe('06:05:09 +00:00'))
})

test('durations count in words of the language', () => {
  const [en, zh] = [createFormat('en', 'UTC'), createFormat('zh-TW', 'UTC')]
  expect([0, 12_900, 185_000, 7_800_000, 273_600_000].map(en.duration)).toEqual([
    '0 s',
    '12 s',
    '3 min 05 s',
    '2 h 10 min',
    '3 d 4 h',
  ])
  expect(zh.duration(185_000)).toBe('3 分 05 秒')
  expect(en.duration(-5)).toBe('0 s')
  expect([240_000, 43_200_000, 90_000].map(en.span)).toEqual(['4 min', '12 h', '1 min 30 s'])
})

test('a guessed stretch of time is no finer than it is known', () => {
  const min = (n: number) => createFormat('en', 'UTC').about(n * 60_000)
  expect([0.2, 7.4, 48, 96, 98, 131, 250].map(min)).toEqual([
    '1 min',
    '7 min',
    '50 min',
    '95 min',
    '1.5 h',
    '2 h',
    '4 h',
  ])
})

test('a date field means the zone that is shown, across a change of clocks as well', () => {
  const taipei = createFormat('zh-TW', 'Asia/Taipei')
  expect(taipei.toField(AT)).toBe('2026-03-02T14:05')
  expect(taipei.fromField('2026-03-02T14:05')).toBe(Date.UTC(2026, 2, 2, 6, 5))
  const berlin = createFormat('en', 'Europe/Berlin')
  // Clocks go forward at 01:00 UTC on 29 March 2026: 03:30 is then summer time.
  expect(berlin.fromField('2026-03-29T03:30')).toBe(Date.UTC(2026, 2, 29, 1, 30))
  expect(berlin.fromField('2026-03-29T01:30')).toBe(Date.UTC(2026, 2, 29, 0, 30))
  expect(berlin.fromField('')).toBeNull()
})
