/**
 * The state table of an alarm, ISA-18.2 / IEC 62682 states A to I, as data: what each event makes of each state. What an
 * event is, given what the desk already knows, is `alarm-machine.ts`'s. `./plumbline alarms table` prints it.
 */
import { type AlarmState, STATE_LETTER } from '../domain/alarm.ts'

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
  're-alarm', // acknowledged so long ago that it annunciates again
  'step-up', // its severity has risen since it was told
  'shelve', // an operator puts it aside for a time
  'unshelve', // a person, the end of that time, or the return of a one-shot ends it
  'suppress', // by design: maintenance, a parent fault, a node that is away
  'unsuppress', // the last cause of that is over
  'out-of-service', // an engineer takes it out of service
  'return-to-service', // a person, or the end of the time given, ends it
  'leave', // the last of G, H and I has ended, and nothing underneath is unseen
  'leave-unseen', // the same, and something underneath was seen by nobody
] as const
export type AlarmTableEvent = (typeof ALARM_EVENTS)[number]

/**
 * Letters of the standard's state diagram; `D|E` is D for an alarm without, E for one with latch; `-` is refused; `*` is
 * the next of I, H and G that still holds, else what `leave` or `leave-unseen` makes of the state underneath.
 */
type Cell = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'D|E' | 'A|F' | '-' | '*'

/**
 * A normal · B unacknowledged · C acknowledged · D returned unacknowledged · E latched unacknowledged · F latched
 * acknowledged · G shelved · H suppressed by design · I out of service. Rows are events, columns the states A to I.
 *
 * A late occurrence never makes a condition true: from A it needs acknowledging; beside a present occurrence it is listed and
 * the present state stays, but then nothing returns to A, and nothing is reset, over its head.
 *
 * G, H and I lie over one of A to F: that one goes on by the columns A to F, and nobody is told of it. Several may hold at
 * once; I is shown before H before G. When the last of them ends nothing comes back acknowledged: B where the condition
 * is true, told again; A where it is false, but for what somebody still has to see:
 * - a latched alarm that was held, or came to be held meanwhile, is E;
 * - what began meanwhile was told to nobody. Is it over by now, it is D or E with one LATE notice that counts how many there
 *   were; so no alarm is missed silently, and a chattering one that was shelved does not come as a hundred messages;
 * - what stood unanswered before has been seen only by who shelved it or took it out of service. Logic alone has seen
 *   nothing: under H it is D still.
 */
const ROWS: Readonly<Record<AlarmTableEvent, string>> = {
  //                       A    B    C    D    E    F    G  H  I
  raise: '                 B    B    B    B    B    B    G  H  I',
  'still-true': '          B    B    C    B    B    B    G  H  I',
  return: '                A    D|E  A|F  D    E    F    G  H  I',
  'return-late': '         A    D|E  D|E  D    E    F    G  H  I',
  'late-newer': '          D|E  D|E  D|E  D|E  E    E    G  H  I',
  'late-older': '          D|E  B    C    D    E    F    G  H  I',
  acknowledge: '           -    C    -    A    F    -    G  H  I',
  'acknowledge-late': '    -    C    C    A    F    F    G  H  I',
  reset: '                 -    -    -    -    -    A    G  H  I',
  'reset-late': '          -    -    -    -    -    -    -  -  -',
  comment: '               A    B    C    D    E    F    G  H  I',
  're-alarm': '            -    -    B    -    -    -    -  -  -',
  'step-up': '             -    B    B    -    -    -    G  H  I',
  shelve: '                G    G    G    G    G    G    G  H  I',
  unshelve: '              -    -    -    -    -    -    *  H  I',
  suppress: '              H    H    H    H    H    H    H  H  I',
  unsuppress: '            -    -    -    -    -    -    -  *  I',
  'out-of-service': '      I    I    I    I    I    I    I  I  I',
  'return-to-service': '   -    -    -    -    -    -    -  -  *',
  leave: '                 A    B    B    A    E    E    -  -  -',
  'leave-unseen': '        A    B    B    D    E    E    -  -  -',
}

/** What an alarm is but for G, H and I. */
export type Underlying = Exclude<AlarmState, 'shelved' | 'suppressed' | 'out-of-service'>

export const ALARM_STATES = Object.keys(STATE_LETTER) as readonly AlarmState[]
export const UNDERLYING_STATES = ALARM_STATES.filter((state): state is Underlying =>
  'ABCDEF'.includes(STATE_LETTER[state]),
)
const STATES = new Map(ALARM_STATES.map((state) => [STATE_LETTER[state], state]))

const TABLE = new Map<string, Cell>(
  ALARM_EVENTS.flatMap((event) =>
    ROWS[event]
      .trim()
      .split(/\s+/)
      .map((cell, i) => [`${event} ${ALARM_STATES[i]}`, cell as Cell] as const),
  ),
)

/** The next state; `undefined` where the table refuses the event, `under` where what lies underneath comes up. */
export function nextShown(state: AlarmState, event: AlarmTableEvent, latch: boolean): AlarmState | 'under' | undefined {
  const cell = TABLE.get(`${event} ${state}`)!
  const letter = cell === 'D|E' ? (latch ? 'E' : 'D') : cell === 'A|F' ? (latch ? 'F' : 'A') : cell
  return letter === '-' ? undefined : letter === '*' ? 'under' : STATES.get(letter)
}

/** The same of what lies underneath, by the columns A to F and the rows that lead to one of them. */
export const nextState = (state: Underlying, event: AlarmTableEvent, latch: boolean): Underlying | undefined =>
  nextShown(state, event, latch) as Underlying | undefined

export const conditionIsTrue = (state: AlarmState): boolean => state === 'unacknowledged' || state === 'acknowledged'

/** States in which somebody still has to answer. */
export const needsAcknowledgement = (state: AlarmState): boolean =>
  state === 'unacknowledged' || state === 'returned-unacknowledged' || state === 'latched-unacknowledged'

/** The whole table as lines of text, first the letters. */
export function tableText(): string[] {
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(18)}${cells.map((cell) => cell.padEnd(4)).join('')}`.trimEnd()
  return [
    line(
      '',
      ALARM_STATES.map((state) => STATE_LETTER[state]),
    ),
    ...ALARM_EVENTS.map((event) => line(event, ROWS[event].trim().split(/\s+/))),
  ]
}
