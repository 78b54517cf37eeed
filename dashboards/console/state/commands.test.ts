import { describe, expect, test } from 'vitest'
import type { Role } from '../../../domain/roles.ts'
import { alarm, quietAlarm } from '../test/fixtures.ts'
import { commandsFor, failureOf, isOffered } from './commands.ts'

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

describe('what a person is offered', () => {
  const signed = (role: Role) => ({ user: { name: 'Lin', role }, first_user_needed: false })
  test('follows the role; who is not signed in is asked to sign in for what an operator does', () => {
    expect(isOffered(signed('viewer'), 'operator')).toBe(false)
    expect(isOffered(signed('operator'), 'operator')).toBe(true)
    expect(isOffered(signed('operator'), 'engineer')).toBe(false)
    expect(isOffered(signed('admin'), 'engineer')).toBe(true)
    expect(isOffered({ user: null, first_user_needed: false }, 'operator')).toBe(true)
    expect(isOffered(null, 'engineer')).toBe(false)
  })
  test('fits the state of the alarm', () => {
    expect(commandsFor(alarm('run-2'))).toEqual(['acknowledge', 'comment', 'shelve', 'out-of-service'])
    expect(commandsFor(alarm('base-pga'))).toEqual(['reset', 'comment', 'shelve', 'out-of-service'])
    const aside = { underlying: 'unacknowledged' as const, shelved: null, suppressed: null, out_of_service: null }
    expect(commandsFor(alarm('run-2', { state: 'shelved', aside }))).toEqual(['unshelve', 'comment', 'out-of-service'])
    expect(commandsFor(alarm('run-2', { state: 'suppressed', aside }))).toEqual(['comment', 'out-of-service'])
    expect(commandsFor(alarm('run-2', { state: 'out-of-service', aside }))).toEqual(['return-to-service', 'comment'])
  })
})
