import { describe, expect, test } from 'vitest'
import type { JournalEntryJson } from '../../../domain/alarm.ts'
import { DRILL, ns } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietSite, reading } from '../test/fixtures.ts'
import { applyEvent, NOTHING_YET } from './live-state.ts'

const notice = (occurrence: number): JournalEntryJson => ({
  seq: occurrence,
  at_ns: ns(NOW_MS + occurrence),
  kind: 'notice',
  alarm: 'gateway-1:run-rise',
  occurrence,
  actor: 'desk',
  body: null,
  hash: '',
})

describe('the live state', () => {
  test('is unknown before the first snapshot', () => expect(NOTHING_YET.known).toBe(false))

  test('a snapshot replaces everything: what it does not name is gone', () => {
    const before = applyEvent(quietSite(), { event: 'readings', data: [reading('ghost/stage', 9)] })
    const after = applyEvent(before, {
      event: 'snapshot',
      data: {
        now_ns: ns(NOW_MS),
        alarms: [],
        devices: [],
        nodes: [],
        readings: [],
        store_available: false,
        drill: null,
      },
    })
    expect([after.alarms.size, after.devices.size, after.readings.size]).toEqual([0, 0, 0])
    expect(after.store_available).toBe(false)
  })

  test('changes replace their own row only, and leave the old state untouched', () => {
    const before = quietSite()
    const after = applyEvent(before, { event: 'alarm', data: alarm('run-2') })
    expect(after.alarms.get('gateway-1:run-2')?.state).toBe('unacknowledged')
    expect(before.alarms.get('gateway-1:run-2')?.state).toBe('normal')
    expect(after.alarms.size).toBe(before.alarms.size)
  })

  test('readings stand as the desk sends them: a clock set back does not hide what is new', () => {
    const earlier = reading('dead-run/stage', 0.6, { t_ns: ns(NOW_MS - 90_000) })
    const after = applyEvent(quietSite(), { event: 'readings', data: [earlier] })
    expect(after.readings.get('dead-run/stage')).toEqual(earlier)
    expect(after.readings.size).toBe(quietSite().readings.size)
  })

  test('the drill that runs is known until it has ended, and after a snapshot without one', () => {
    const running = applyEvent(quietSite(), { event: 'drill', data: DRILL })
    expect(running.drill?.name).toBe('Autumn drill')
    const ended = { ...DRILL, status: 'ended' as const, ended_ns: ns(NOW_MS) }
    expect(applyEvent(running, { event: 'drill', data: ended }).drill).toBeNull()
    const data = { now_ns: ns(NOW_MS), alarms: [], devices: [], nodes: [], readings: [], store_available: true }
    expect(applyEvent(running, { event: 'snapshot', data: { ...data, drill: null } }).drill).toBeNull()
    expect(applyEvent(NOTHING_YET, { event: 'snapshot', data: { ...data, drill: DRILL } }).drill).toEqual(DRILL)
  })

  test('a notice changes nothing: the alarm itself says what is known', () =>
    expect(applyEvent(quietSite(), { event: 'notice', data: notice(1) })).toEqual(quietSite()))
})
