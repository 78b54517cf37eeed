import { describe, expect, test } from 'vitest'
import { alarm, quietAlarm } from '../test/fixtures.ts'
import { failureOf } from './commands.ts'
import { routeOf } from './route.ts'

const refusal = (status: number) => ({ ok: false as const, status, code: 'X', message: 'because' })
const seen = alarm('run-2')

describe('why a command was not done', () => {
  test.each([
    ['the desk was not reached', 0, undefined, 'unreachable'],
    ['nobody is signed in', 401, undefined, 'sign-in'],
    ['a newer occurrence came', 409, alarm('run-2', { etag: 'n', occurrence: 3 }), 'newer'],
    [
      'a late occurrence came',
      409,
      alarm('run-2', { etag: 'n', late: [{ occurrence: 3, onset_ns: '0', returned_ns: '0', learned_ns: '0' }] }),
      'newer',
    ],
    ['the alarm changed', 409, alarm('run-2', { etag: 'n', state: 'acknowledged' }), 'changed'],
    ['the alarm ended', 409, quietAlarm('run-2', { etag: 'n', occurrence: 2 }), 'gone'],
    ['the desk refuses the very state that was seen', 409, seen, 'refused'],
    ['the desk refuses', 403, undefined, 'refused'],
  ] as const)('%s', (_, status, latest, kind) => expect(failureOf(refusal(status), seen, latest).kind).toBe(kind))
})

test('the first-user link carries its token behind the hash', () => {
  expect(routeOf('#/first-user?token=a%2Bb')).toEqual({ page: 'first-user', token: 'a+b' })
  expect(routeOf('#/first-user')).toEqual({ page: 'first-user', token: '' })
  expect(routeOf('')).toEqual({ page: 'overview' })
})
