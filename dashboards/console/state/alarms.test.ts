import { describe, expect, test } from 'vitest'
import { LIMITS, ns } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietAlarm } from '../test/fixtures.ts'
import { duration_ms, highestSeen, isBeyond, isListed, lateViews, mayReset, needsAnswer, sortAlarms } from './alarms.ts'

const LATE = {
  occurrence: 2,
  onset_ns: ns(NOW_MS - 9000),
  returned_ns: ns(NOW_MS - 5000),
  learned_ns: ns(NOW_MS - 1000),
}

describe('the alarm list', () => {
  test('puts what waits for an answer first, then priority, then the newest', () => {
    const rows = ['run-3', 'base-pga', 'run-rise', 'run-2', 'roof-pga'].map((id) => alarm(id))
    expect(sortAlarms(rows).map((a) => a.limit_id)).toEqual(['roof-pga', 'run-2', 'run-rise', 'base-pga', 'run-3'])
  })
  test('lists a normal alarm as long as a late occurrence is unanswered', () => {
    const late = quietAlarm('run-1', { late: [LATE] })
    expect([isListed(quietAlarm('run-1')), isListed(late), needsAnswer(late)]).toEqual([false, true, true])
  })
  test.each([
    ['normal', false, false],
    ['unacknowledged', true, false],
    ['acknowledged', false, false],
    ['returned-unacknowledged', true, false],
    ['latched-unacknowledged', true, false],
    ['latched-acknowledged', false, true],
  ] as const)('in state %s: answer %s, reset %s', (state, answer, reset) => {
    const row = quietAlarm('roof-pga', { state })
    expect([needsAnswer(row), mayReset(row)]).toEqual([answer, reset])
  })
})

test('a late occurrence has to be acknowledged before the reset', () =>
  expect(mayReset(quietAlarm('roof-pga', { state: 'latched-acknowledged', late: [LATE] }))).toBe(false))

test('an acknowledgement covers the highest occurrence on the screen, late or not', () => {
  expect(highestSeen(alarm('roof-pga'))).toBe(3)
  expect(highestSeen(alarm('roof-pga', { late: [{ ...LATE, occurrence: 4 }] }))).toBe(4)
})

test('duration counts while the condition is true and stands still after its return', () => {
  expect(duration_ms(alarm('roof-pga'), NOW_MS + 1000)).toBe(10_000)
  expect(duration_ms(alarm('base-pga'), NOW_MS + 99_000)).toBe(40_000)
  expect(duration_ms(quietAlarm('run-1'), NOW_MS)).toBeNull()
})

describe('late occurrences', () => {
  test('tell when they were learned, newest first', () => {
    const row = alarm('run-rise', { late: [LATE, ...alarm('run-rise').late.slice(1)] })
    expect(lateViews(row)).toEqual([
      { occurrence: 5, onset_ms: NOW_MS - 2_400_000, returned_ms: NOW_MS - 2_160_000, learned_ms: NOW_MS - 1_200_000 },
      { occurrence: 2, onset_ms: NOW_MS - 9000, returned_ms: NOW_MS - 5000, learned_ms: NOW_MS - 1000 },
    ])
  })
  test('admit it when their return is not known yet', () =>
    expect(lateViews(quietAlarm('run-1', { late: [{ ...LATE, returned_ns: null }] }))[0]?.returned_ms).toBeNull())
})

test('a value is compared with a limit on values only: with both bounds of a span, never with an age', () => {
  const limit = LIMITS.find(({ id }) => id === 'run-2')!
  expect([1.2, 1.3].map((m) => isBeyond(limit, m))).toEqual([false, true])
  const span = { ...limit, kind: 'outside', parameters: { low: 0.1 } }
  expect([0.05, 0.1, 0.5, 1.3].map((m) => isBeyond(span, m))).toEqual([true, true, false, true])
  for (const kind of ['stale_s', 'failed_s', 'k_of_n', 'reaching', 'differs_from', 'rising_faster_than'])
    expect(isBeyond({ ...limit, kind }, 99), kind).toBe(false)
})
