import { describe, expect, test } from 'vitest'
import { type AlarmState, STATE_LETTER } from '../domain/alarm.ts'
import {
  ALARM_EVENTS,
  ALARM_STATES,
  conditionIsTrue,
  nextShown,
  nextState,
  tableText,
  UNDERLYING_STATES,
} from './alarm-table.ts'

const printed = (latch: boolean): string => {
  const cell = (event: (typeof ALARM_EVENTS)[number]) =>
    ALARM_STATES.map((state) => {
      const next = nextShown(state, event, latch)
      return next === undefined ? '-' : next === 'under' ? '*' : STATE_LETTER[next]
    }).join(' ')
  return ALARM_EVENTS.map((event) => `${event.padEnd(18)}${cell(event)}`).join('\n')
}

describe('the table of ISA-18.2 states A to I', () => {
  test('without latch', () => {
    expect(`${' '.repeat(18)}A B C D E F G H I\n${printed(false)}`).toMatchInlineSnapshot(`
      "                  A B C D E F G H I
      raise             B B B B B B G H I
      still-true        B B C B B B G H I
      return            A D A D E F G H I
      return-late       A D D D E F G H I
      late-newer        D D D D E E G H I
      late-older        D B C D E F G H I
      acknowledge       - C - A F - G H I
      acknowledge-late  - C C A F F G H I
      reset             - - - - - A G H I
      reset-late        - - - - - - - - -
      comment           A B C D E F G H I
      re-alarm          - - B - - - - - -
      step-up           - B B - - - G H I
      shelve            G G G G G G G H I
      unshelve          - - - - - - * H I
      suppress          H H H H H H H H I
      unsuppress        - - - - - - - * I
      out-of-service    I I I I I I I I I
      return-to-service - - - - - - - - *
      leave             A B B A E E - - -
      leave-unseen      A B B D E E - - -"
    `)
  })

  test('with latch', () => {
    expect(`${' '.repeat(18)}A B C D E F G H I\n${printed(true)}`).toMatchInlineSnapshot(`
      "                  A B C D E F G H I
      raise             B B B B B B G H I
      still-true        B B C B B B G H I
      return            A E F D E F G H I
      return-late       A E E D E F G H I
      late-newer        E E E E E E G H I
      late-older        E B C D E F G H I
      acknowledge       - C - A F - G H I
      acknowledge-late  - C C A F F G H I
      reset             - - - - - A G H I
      reset-late        - - - - - - - - -
      comment           A B C D E F G H I
      re-alarm          - - B - - - - - -
      step-up           - B B - - - G H I
      shelve            G G G G G G G H I
      unshelve          - - - - - - * H I
      suppress          H H H H H H H H I
      unsuppress        - - - - - - - * I
      out-of-service    I I I I I I I I I
      return-to-service - - - - - - - - *
      leave             A B B A E E - - -
      leave-unseen      A B B D E E - - -"
    `)
  })

  test('every pair of state and event is answered, and the printed table has a cell for each', () => {
    const [letters, ...rows] = tableText()
    expect(letters!.trim().split(/\s+/).join('')).toBe('ABCDEFGHI')
    expect(rows.map((row) => row.slice(0, 18).trim())).toEqual([...ALARM_EVENTS])
    for (const row of rows) expect(row.slice(18).trim().split(/\s+/), row).toHaveLength(9)
  })

  test('any of A to F may be put aside; I is shown before H before G', () => {
    for (const state of ALARM_STATES) {
      expect(STATE_LETTER[nextShown(state, 'out-of-service', false) as AlarmState]).toBe('I')
      const suppressed = nextShown(state, 'suppress', false) as AlarmState
      expect(STATE_LETTER[suppressed]).toBe(state === 'out-of-service' ? 'I' : 'H')
      const shelved = nextShown(state, 'shelve', false) as AlarmState
      expect(STATE_LETTER[shelved]).toBe('HI'.includes(STATE_LETTER[state]) ? STATE_LETTER[state] : 'G')
    }
  })

  test('nothing comes back acknowledged, and what is latched stays latched', () => {
    for (const state of UNDERLYING_STATES)
      for (const event of ['leave', 'leave-unseen'] as const) {
        const next = nextState(state, event, true)!
        expect('CF').not.toContain(STATE_LETTER[next])
        expect(conditionIsTrue(next)).toBe(conditionIsTrue(state))
        expect(STATE_LETTER[next] === 'E').toBe('EF'.includes(STATE_LETTER[state]))
      }
  })

  test('a condition that is true is never shown as normal or returned, and one that is not never as unacknowledged', () => {
    for (const state of UNDERLYING_STATES)
      for (const latch of [false, true]) {
        expect(STATE_LETTER[nextState(state, 'raise', latch)!]).toBe('B')
        expect('BC').toContain(STATE_LETTER[nextState(state, 'still-true', latch)!])
        expect('ADEF').toContain(STATE_LETTER[nextState(state, 'return', latch)!])
        expect('DE').toContain(STATE_LETTER[nextState(state, 'late-newer', latch)!])
      }
  })
})
