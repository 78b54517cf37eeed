import { expect, test } from 'vitest'
import { instantFromMs } from '../../domain/time.ts'
import { dueDay } from './daily.ts'

const at = (text: string) => instantFromMs(Date.parse(text))
const due = (time: string, now: string) => dueDay(time, at(now), 'Europe/London')

test('a mail is due from its time on, late where nobody looked then', () => {
  expect(due('07:00', '2027-02-01T06:59:59Z')).toBeUndefined()
  expect(due('07:00', '2027-02-01T07:00:10Z')).toEqual({ date: '2027-02-01', late: false })
  expect(due('07:00', '2027-02-01T07:09:59Z')).toEqual({ date: '2027-02-01', late: false })
  expect(due('07:00', '2027-02-01T07:11:00Z')).toEqual({ date: '2027-02-01', late: true })
  expect(due('00:00', '2028-02-29T00:05:00Z')).toEqual({ date: '2028-02-29', late: false })
})

test('where the clock is put forward over its time (28 March 2027, 01:00 to 02:00) it is due then, and not late', () => {
  expect(due('01:10', '2027-03-28T00:59:59Z')).toBeUndefined()
  expect(due('01:10', '2027-03-28T01:00:00Z')).toEqual({ date: '2027-03-28', late: false })
  expect(due('01:10', '2027-03-28T01:10:00Z')).toEqual({ date: '2027-03-28', late: true })
})
