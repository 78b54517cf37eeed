import { describe, expect, test } from 'vitest'
import { covers, firstHole, localMinute, onDuty, onDutyAt } from './duty.ts'
import type { SiteShifts } from './site-notices.ts'
import { fromIso } from './time.ts'

const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** Days from 08:00 to 20:00 and nights from 20:00 to 08:00; Sundays and holidays are the reserve's. */
const shifts: SiteShifts = {
  time_zone: 'Asia/Taipei',
  weekly: [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '08:00', to: '20:00', on: ['day'] },
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '20:00', to: '08:00', on: ['night'] },
    { days: ['sun'], from: '08:00', to: '08:00', on: ['reserve'] },
  ],
  holidays: [{ date: '2026-02-17', as: 'sun' }],
  overrides: [
    { from: '2026-03-02T10:00', to: '2026-03-02T12:00', on: ['swap'] },
    { from: '2026-03-02T11:00', to: '2026-03-02T11:30', on: ['swap-of-swap'] },
  ],
}
const at = (local: string) => ({
  date: local.slice(0, 10),
  minute: Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16)),
})
const who = (local: string) => onDutyAt(shifts, at(local))

describe('who is on duty', () => {
  test('a night belongs to the evening on which it begins', () => {
    expect(who('2026-03-03T07:59'), 'Tuesday morning').toEqual(['night'])
    expect(who('2026-03-03T08:00')).toEqual(['day'])
    expect(who('2026-03-02T07:59'), 'Monday morning is still Sunday').toEqual(['reserve'])
    expect(who('2026-03-01T07:59'), 'Sunday morning is still Saturday night').toEqual(['night'])
  })

  test('a holiday goes by another weekday, and the night before runs to its end', () => {
    // 17 February 2026, Lunar New Year, is a Tuesday.
    expect(who('2026-02-17T07:00')).toEqual(['night'])
    expect(who('2026-02-17T09:00')).toEqual(['reserve'])
    expect(who('2026-02-18T07:00')).toEqual(['reserve'])
    expect(who('2026-02-18T08:00')).toEqual(['day'])
  })

  test('of overrides the last that fits counts', () => {
    expect(who('2026-03-02T09:59')).toEqual(['day'])
    expect(who('2026-03-02T10:00')).toEqual(['swap'])
    expect(who('2026-03-02T11:00')).toEqual(['swap-of-swap'])
    expect(who('2026-03-02T12:00')).toEqual(['day'])
  })

  test('times are local to the team: 00:00Z is 08:00 in Taipei', () => {
    const team = { members: ['day', 'night', 'reserve'], shifts }
    expect(onDuty(team, fromIso('2026-03-02T23:59:00Z')!, 'UTC')).toEqual(['night'])
    expect(onDuty(team, fromIso('2026-03-03T00:00:00Z')!, 'UTC')).toEqual(['day'])
    expect(onDuty({ members: ['a', 'b'] }, fromIso('2026-03-03T00:00:00Z')!, 'UTC')).toEqual(['a', 'b'])
  })

  test('the hour that daylight saving leaves out or doubles has somebody on duty', () => {
    // New York, 8 March 2026: 01:59:59 EST is followed by 03:00 EDT; 1 November 2026: 01:00 to 02:00 comes twice.
    expect(localMinute(fromIso('2026-03-08T06:59:00Z')!, 'America/New_York')).toEqual(at('2026-03-08T01:59'))
    expect(localMinute(fromIso('2026-03-08T07:00:00Z')!, 'America/New_York')).toEqual(at('2026-03-08T03:00'))
    expect(localMinute(fromIso('2026-11-01T05:30:00Z')!, 'America/New_York')).toEqual(at('2026-11-01T01:30'))
    expect(localMinute(fromIso('2026-11-01T06:30:00Z')!, 'America/New_York')).toEqual(at('2026-11-01T01:30'))
  })
})

describe('a hole is found wherever it is', () => {
  const one = (from: string, to: string, days: readonly (typeof week)[number][] = week): SiteShifts => ({
    weekly: [{ days: [...days], from, to, on: ['a'] }],
    holidays: [],
    overrides: [],
  })
  test.each([
    ['round the clock', one('08:00', '08:00'), undefined],
    ['an hour is missing each day', one('08:00', '07:00'), at('2024-01-01T07:00')],
    ['no Sunday', one('00:00', '00:00', week.slice(0, 6)), at('2024-01-07T00:00')],
    ['only by day', one('08:00', '20:00'), at('2024-01-01T00:00')],
  ])('%s', (_, shifts, hole) => expect(firstHole(shifts)).toEqual(hole))

  test('a holiday that drops the night of an ordinary day', () => {
    const weekend = { ...shifts.weekly[2]!, to: '07:00' }
    const late = { ...shifts.weekly[1]!, days: ['sun'] as const, from: '07:00', to: '08:00' }
    const patched: SiteShifts = { ...shifts, weekly: [...shifts.weekly.slice(0, 2), weekend] }
    expect(firstHole({ ...patched, holidays: [] })).toEqual(at('2024-01-01T07:00'))
    // Mondays are mended; after the holiday, a Tuesday, Wednesday has nobody from 07:00.
    const mended = { ...late, days: ['mon'] as ['mon'] }
    expect(firstHole({ ...patched, weekly: [...patched.weekly, mended] })).toEqual(at('2026-02-18T07:00'))
  })

  test('spans of the day that cross midnight', () => {
    const night = { days: ['fri'] as ['fri'], from: '22:00', to: '06:00' }
    expect(covers(night, at('2026-03-06T22:00'))).toBe(true)
    expect(covers(night, at('2026-03-07T05:59'))).toBe(true)
    expect(covers(night, at('2026-03-07T06:00'))).toBe(false)
    expect(covers(night, at('2026-03-06T05:00'))).toBe(false)
  })
})
