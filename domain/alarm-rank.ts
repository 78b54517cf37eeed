/**
 * The states of an alarm in order of what they ask of people, so that max() over alarms is the worst of them and a chart
 * can draw them. Stored with every state (`domain/series.ts`); a number is never given to another state.
 */
import { STATE_LETTER } from './alarm.ts'

/** By the letter of ISA-18.2's state diagram. */
export const RANK_OF_LETTER: Readonly<Record<string, number>> = {
  A: 0, // normal
  I: 1, // out of service
  H: 2, // suppressed by design
  G: 3, // shelved
  F: 4, // latched, acknowledged
  D: 5, // returned, unacknowledged
  E: 6, // latched, unacknowledged
  C: 7, // active, acknowledged
  B: 8, // active, unacknowledged
}

export const UNACKNOWLEDGED_LETTERS: readonly string[] = ['B', 'D', 'E']

/** `undefined` for a state that this version does not know. */
export const letterOf = (state: string): string | undefined => (STATE_LETTER as Readonly<Record<string, string>>)[state]

export const rankOf = (state: string): number | undefined => RANK_OF_LETTER[letterOf(state) ?? '']
