import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PRIORITIES } from '../../../domain/condition.ts'
import { alarm } from '../test/fixtures.ts'
import { openRows } from './alarm-rows.ts'

test('alarms of one cause are one row, where the worst of them stands', () => {
  const rows = openRows([
    alarm('run-3'),
    alarm('run-2', { group: 'quake-1' }),
    alarm('roof-pga', { group: 'quake-1' }),
    alarm('base-pga', { group: 'alone' }),
  ])
  expect(rows.map((r) => (r.kind === 'group' ? r.alarms.map((a) => a.limit_id) : r.alarm.limit_id))).toEqual([
    ['roof-pga', 'run-2'],
    'base-pga',
    'run-3',
  ])
})

test('no alarm is lost by grouping, and none is shown twice', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(null, 'a', 'b'), fc.constantFrom(...PRIORITIES)), { maxLength: 30 }),
      (made) => {
        const alarms = made.map(([group, priority], i) => alarm('run-2', { id: `n:${i}`, group, priority }))
        const shown = openRows(alarms).flatMap((r) => (r.kind === 'group' ? r.alarms : [r.alarm]))
        expect(shown.map((a) => a.id).sort()).toEqual(alarms.map((a) => a.id).sort())
      },
    ),
  ))
