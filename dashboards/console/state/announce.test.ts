import { describe, expect, test } from 'vitest'
import { WORDS } from '../i18n/index.ts'
import { ns } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietAlarm, quietSite } from '../test/fixtures.ts'
import { announce, announceFirst } from './announce.ts'

type Rows = NonNullable<Parameters<typeof quietSite>[0]>['alarms']
const rows = (alarms: Rows = []) => quietSite({ alarms }).alarms
const said = (before: Rows, now: Rows) => announce(rows(before), rows(now), WORDS.en)
const changed = (id: string, more = {}) => alarm(id, { etag: `${id}-2`, ...more })

describe('what a screen reader is told', () => {
  test('several alarms of one second are one announcement; critical ones interrupt', () =>
    expect(said([], [changed('roof-pga'), changed('run-2'), changed('run-3')])).toEqual({
      assertive: 'Alarm: Critical Roof shaking above 80 gal EXERCISE',
      polite: '2 alarms: High Dead Run above level 2 EXERCISE, Medium Dead Run above level 3 EXERCISE',
    }))
  test('of a flood the first five are named, and the rest counted', () => {
    const flood = Array.from({ length: 30 }, (_, i) => alarm('run-2', { id: `n:${i}`, name: `F${i}`, etag: `e${i}` }))
    const now = new Map(flood.map((a) => [a.id, a]))
    const { polite } = announce(new Map(), now, WORDS.en)
    expect(polite).toMatch(/^30 alarms: (High F\d+ EXERCISE, ){4}High F\d+ EXERCISE and 25 more$/)
  })
  test('a new occurrence of an alarm that stood is told again', () =>
    expect(said([alarm('roof-pga')], [changed('roof-pga', { occurrence: 4 })]).assertive).toContain('Roof shaking'))
  test('an answer and a return are told politely, and not as alarms', () => {
    expect(said([alarm('run-2')], [changed('run-2', { state: 'acknowledged' })])).toEqual({
      assertive: '',
      polite: 'Acknowledged: High Dead Run above level 2 EXERCISE',
    })
    expect(said([alarm('run-2')], [changed('run-2', { state: 'returned-unacknowledged' })]).polite).toBe(
      'Returned: High Dead Run above level 2 EXERCISE',
    )
  })
  test('a late occurrence is told as late', () => {
    const late = [{ occurrence: 1, onset_ns: ns(NOW_MS - 9000), returned_ns: ns(NOW_MS - 5000), learned_ns: '0' }]
    const now = quietAlarm('run-1', { etag: 'x', state: 'returned-unacknowledged', occurrence: 1, late })
    expect(said([], [now]).polite).toBe('Learned late: Critical Dead Run above level 1 EXERCISE')
  })
  test('nothing is said while nothing changed, nor for a comment', () => {
    expect(said([alarm('run-2')], [alarm('run-2')])).toEqual({ assertive: '', polite: '' })
    expect(said([alarm('run-2')], [changed('run-2', { comments: [{ at_ns: ns(1), by: 'A', text: 'b' }] })])).toEqual({
      assertive: '',
      polite: '',
    })
  })
  test('a page that opens counts what stands on the list', () => {
    expect(announceFirst(rows([alarm('run-2'), alarm('run-3')]), WORDS.en).polite).toBe('2 open, 1 not acknowledged')
    expect(announceFirst(rows(), WORDS.en).polite).toBe('')
  })
})
