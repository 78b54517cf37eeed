import { describe, expect, test } from 'vitest'
import { ns, SITE } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietSite, reading } from '../test/fixtures.ts'
import { trendOf, waterView } from './water.ts'

const view = (more: Parameters<typeof quietSite>[0] = {}) => waterView(SITE.waters[0]!, quietSite(more), NOW_MS)
const marks = (more: Parameters<typeof quietSite>[0] = {}) => view(more).levels.map((l) => `${l.level.id} ${l.mark}`)
const stage = (m: number, more = {}) => [reading('dead-run/stage', m, more)]

describe('named levels', () => {
  test('are listed highest first, each marked', () =>
    expect(marks({ readings: stage(1.3) })).toEqual(['l1 not-exceeded', 'l2 exceeded', 'l3 exceeded']))
  test('are exceeded from their own stage on, compared as the edge does (float32)', () =>
    expect(marks({ readings: stage(Math.fround(1.2192)) })[1]).toBe('l2 exceeded'))
  test('are exceeded from the alarm on, though the reading that raised it has not come yet', () => {
    const before = stage(1.2, { t_ns: ns(NOW_MS - 1000) })
    const just = alarm('run-2', { onset_ns: ns(NOW_MS - 500) })
    expect(marks({ readings: before, alarms: [just] })[1]).toBe('l2 exceeded')
  })
  test('are held while the edge says that the alarm stands, though the stage is below again', () =>
    expect(marks({ readings: stage(1.2), alarms: [alarm('run-2')] })).toEqual([
      'l1 not-exceeded',
      'l2 held',
      'l3 exceeded',
    ]))
  test('are not held by an alarm on something else than the stage, though its number is that of the level', () => {
    const silent = alarm('run-2', { kind: 'stale_s', unit: 's' })
    expect(marks({ readings: stage(1), alarms: [silent] })[1]).toBe('l2 not-exceeded')
  })
  test('are unknown when the stage is: never not exceeded', () => {
    const silent = stage(0.4, { t_ns: ns(NOW_MS - 60_000) })
    expect(marks({ readings: silent })).toEqual(['l1 unknown', 'l2 unknown', 'l3 unknown'])
    expect(view({ readings: silent }).stage_m).toBeNull()
    expect(view({ readings: silent, alarms: [alarm('run-2')] }).top).toMatchObject({ mark: 'held' })
  })
})

test('a rate of rise counts only while its own reading does', () => {
  expect(view({ readings: [reading('dead-run/rate_of_rise', 0.0002)] }).rate_m_s).toBe(0.0002)
  expect(view({ readings: [reading('dead-run/rate_of_rise', null)] }).rate_m_s).toBeNull()
})

test('under a centimetre an hour the water is steady', () =>
  expect([0.02, 0.005, -0.005, -0.02].map((m_h) => trendOf(m_h / 3600))).toEqual([
    'rising',
    'steady',
    'steady',
    'falling',
  ]))
