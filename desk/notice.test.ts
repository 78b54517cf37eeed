import { describe, expect, test } from 'vitest'
import { particularsOf } from './alarm.ts'
import { noticeText, onScreen, type Told } from './notice.ts'
import { at, record } from './testing-site.ts'

const told = (more: Partial<Told> = {}): string =>
  noticeText({
    name: 'Creek above red',
    time_zone: 'Asia/Taipei',
    late: false,
    onset_ns: at(5),
    learned_ns: at(5),
    particulars: { ...particularsOf(record(1, 5)), exercise: false },
    ...more,
  })

describe('the words of a notice', () => {
  test('say what, how much and when, in the time of the site', () => {
    expect(told()).toBe('Creek above red: 2.05 m at 14:05')
  })

  test('say when the desk learned of it much later', () => {
    expect(told({ learned_ns: at(25) })).toBe('Creek above red: 2.05 m at 14:05, learned 14:25')
  })

  test('name the day where it is another one than today', () => {
    expect(told({ learned_ns: at(5 + 24 * 60) })).toBe('Creek above red: 2.05 m at 2018-06-03 14:05, learned 14:05')
  })

  test('one that came and went unseen is LATE and tells its extreme', () => {
    const particulars = { ...particularsOf(record(1, 5, 9)), exercise: false }
    expect(told({ late: true, learned_ns: at(25), particulars })).toBe(
      'LATE: at 14:05, learned 14:25: Creek above red: 2.31 m',
    )
  })

  test('carry the mark of an exercise and every doubt', () => {
    const particulars = { ...particularsOf(record(1, 5)), unconfirmed: true, time_unknown: true }
    expect(told({ particulars })).toBe('EXERCISE Creek above red: 2.05 m at 14:05 (unconfirmed, time unknown)')
  })

  test('say the rule where it is not the value that is judged', () => {
    const of = (kind: string, rule: string, value: number, unit: string) =>
      told({ kind, rule, particulars: { ...particularsOf(record(1, 5)), exercise: false, value, unit } })
    expect(of('stale_s', 'no valid value for 60 s', 60, 's')).toBe('Creek above red: no valid value for 60 s at 14:05')
    expect(of('k_of_n', '2 of 3 limits within 30 s', 2, '1')).toBe(
      'Creek above red: 2 of 3 limits within 30 s at 14:05',
    )
    expect(of('reaching', 'would reach Red within 30 min (not a forecast)', 1500, 's')).toBe(
      'Creek above red: would reach Red within 30 min (not a forecast): 25 min at 14:05',
    )
    expect(of('kind-of-tomorrow', '', 3, 'x'), 'a number of which nothing is known is not told').toBe(
      'Creek above red at 14:05',
    )
  })

  test('give values as people read them: 0.784532 m/s² is 78.5 gal', () => {
    expect(onScreen(0.784532, 'm/s²')).toBe('78.5 gal')
    expect(onScreen(1 / 3600, 'm/s')).toBe('1.00 m/h')
    expect(onScreen(3, 'furlong')).toBe('3 furlong')
  })
})
