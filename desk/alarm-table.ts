/**
 * The state table of an alarm, ISA-18.2 / IEC 62682 states A to F with latch and reset, as data: what each event makes
 * of each state. What an event is, given what the desk already knows, is `alarm-machine.ts`'s.
 */
import type { AlarmState } from '../domain/alarm.ts'

/** Events of the table, after the desk has compared what it is told with what it knows. */
export const ALARM_EVENTS = [
  'raise', // a newer occurrence is true (its on-delay has passed: the edge decides)
  'still-true', // a birth says that the condition is true although its return had been told
  'return', // the present occurrence is false
  'return-late', // the same, while a late occurrence is not acknowledged
  'late-newer', // an occurrence newer than the present one began and ended unseen
  'late-older', // an occurrence older than the present one began and ended unseen
  'acknowledge', // a person has seen everything up to the present occurrence
  'acknowledge-late', // the same, while a late occurrence is not acknowledged
  'reset', // a person gives a latched alarm free
  'reset-late', // the same, while a late occurrence is not acknowledged
  'comment',
] as const
export type AlarmTableEvent = (typeof ALARM_EVENTS)[number]

/** Letters of the standard's state diagram; `D|E` is D for an alarm without, E for one with latch; `-` is refused. */
type Cell = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'D|E' | 'A|F' | '-'
type Letter = 'A' | 'B' | 'C' | 'D' | 'E' | 'F'

/**
 * A normal · B unacknowledged · C acknowledged · D returned unacknowledged · E latched unacknowledged · F latched
 * acknowledged. Rows are events, columns the states A B C D E F. A late occurrence never makes a condition true: from A
 * it needs acknowledging; beside a present occurrence it is listed and the present state stays, but then nothing returns
 * to A, and nothing is reset, over its head.
 */
const ROWS: Readonly<Record<AlarmTableEvent, string>> = {
  //                    A    B    C    D    E    F
  raise: '              B    B    B    B    B    B  ',
  'still-true': '       B    B    C    B    B    B  ',
  return: '             A    D|E  A|F  D    E    F  ',
  'return-late': '      A    D|E  D|E  D    E    F  ',
  'late-newer': '       D|E  D|E  D|E  D|E  E    E  ',
  'late-older': '       D|E  B    C    D    E    F  ',
  acknowledge: '        -    C    -    A    F    -  ',
  'acknowledge-late': ' -    C    C    A    F    F  ',
  reset: '              -    -    -    -    -    A  ',
  'reset-late': '       -    -    -    -    -    -  ',
  comment: '            A    B    C    D    E    F  ',
}

const LETTERS: readonly Letter[] = ['A', 'B', 'C', 'D', 'E', 'F']
const STATES: Readonly<Record<Letter, AlarmState>> = {
  A: 'normal',
  B: 'unacknowledged',
  C: 'acknowledged',
  D: 'returned-unacknowledged',
  E: 'latched-unacknowledged',
  F: 'latched-acknowledged',
}
export const ALARM_STATES: readonly AlarmState[] = LETTERS.map((letter) => STATES[letter])

const TABLE = new Map<string, Cell>(
  ALARM_EVENTS.flatMap((event) =>
    ROWS[event]
      .trim()
      .split(/\s+/)
      .map((cell, i) => [`${event} ${ALARM_STATES[i]}`, cell as Cell] as const),
  ),
)

/** The next state, or `undefined` where the table refuses the event. */
export function nextState(state: AlarmState, event: AlarmTableEvent, latch: boolean): AlarmState | undefined {
  const cell = TABLE.get(`${event} ${state}`)!
  const letter = cell === 'D|E' ? (latch ? 'E' : 'D') : cell === 'A|F' ? (latch ? 'F' : 'A') : cell
  return letter === '-' ? undefined : STATES[letter]
}

export const conditionIsTrue = (state: AlarmState): boolean => state === 'unacknowledged' || state === 'acknowledged'

/** States in which somebody still has to answer. */
export const needsAcknowledgement = (state: AlarmState): boolean =>
  state === 'unacknowledged' || state === 'returned-unacknowledged' || state === 'latched-unacknowledged'
