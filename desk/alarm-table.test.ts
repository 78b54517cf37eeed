import { describe, expect, test } from 'vitest'
import { STATE_LETTER } from '../domain/alarm.ts'
import { ALARM_EVENTS, ALARM_STATES, nextState } from './alarm-table.ts'

const printed = (latch: boolean): string => {
  const cell = (event: (typeof ALARM_EVENTS)[number]) =>
    ALARM_STATES.map((state) => {
      const next = nextState(state, event, latch)
      return next === undefined ? '-' : STATE_LETTER[next]
    }).join(' ')
  return ALARM_EVENTS.map((event) => `${event.padEnd(17)}${cell(event)}`).join('\n')
}

describe('the table of ISA-18.2 states A to F', () => {
  test('without latch', () => {
    expect(`${' '.repeat(17)}A B C D E F\n${printed(false)}`).toMatchInlineSnapshot(`
      "                 A B C D E F
      raise            B B B B B B
      still-true       B B C B B B
      return           A D A D E F
      return-late      A D D D E F
      late-newer       D D D D E E
      late-older       D B C D E F
      acknowledge      - C - A F -
      acknowledge-late - C C A F F
      reset            - - - - - A
      reset-late       - - - - - -
      comment          A B C D E F"
    `)
  })

  test('with latch', () => {
    expect(`${' '.repeat(17)}A B C D E F\n${printed(true)}`).toMatchInlineSnapshot(`
      "                 A B C D E F
      raise            B B B B B B
      still-true       B B C B B B
      return           A E F D E F
      return-late      A E E D E F
      late-newer       E E E E E E
      late-older       E B C D E F
      acknowledge      - C - A F -
      acknowledge-late - C C A F F
      reset            - - - - - A
      reset-late       - - - - - -
      comment          A B C D E F"
    `)
  })

  test('a condition that is true is never shown as normal or returned, and one that is not never as unacknowledged', () => {
    for (const state of ALARM_STATES)
      for (const latch of [false, true]) {
        expect(STATE_LETTER[nextState(state, 'raise', latch)!]).toBe('B')
        expect('BC').toContain(STATE_LETTER[nextState(state, 'still-true', latch)!])
        expect('ADEF').toContain(STATE_LETTER[nextState(state, 'return', latch)!])
        expect('DE').toContain(STATE_LETTER[nextState(state, 'late-newer', latch)!])
      }
  })
})
