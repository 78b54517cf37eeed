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

  test('give values as people read them: 0.784532 m/s² is 78.5 gal', () => {
    expect(onScreen(0.784532, 'm/s²')).toBe('78.5 gal')
    expect(onScreen(1 / 3600, 'm/s')).toBe('1.00 m/h')
    expect(onScreen(3, 'furlong')).toBe('3 furlong')
  })
})
