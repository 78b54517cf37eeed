/**
 * Colours: grey and muted blue while all is well, a colour only for what is not (ISA-101), and never a colour alone: every
 * state also has its word. Levels of water are coloured as the US NWS does.
 */
import { RANK_OF_LETTER } from '../../domain/alarm-rank.ts'
import type { Priority } from '../../domain/condition.ts'
import type { SEVERITIES } from '../../domain/site.ts'

export const GREY = '#8e99a8'
export const DARK_GREY = '#55606e'
export const LINE = '#5b8db8'
export const RED = '#d13438'
export const UNKNOWN = '#7a5ea8'
/** For several lines in one chart: told apart, and none of them looks like an alarm. */
export const LINES = ['#5b8db8', '#8e99a8', '#3f6f6b', '#a7bdd0', '#35577a', '#b3b9a2', '#6d7fa3', '#4f5b66'] as const

export const SEVERITY: Readonly<Record<(typeof SEVERITIES)[number], string>> = {
  action: '#e0c341',
  minor: '#e08a2e',
  moderate: '#d13438',
  major: '#9b4bb3',
}
export const PRIORITY: Readonly<Record<Priority, string>> = {
  critical: '#9b4bb3',
  high: '#d13438',
  medium: '#e08a2e',
  low: '#e0c341',
}
const STATE: Readonly<Record<string, string>> = {
  A: DARK_GREY,
  I: '#6b6f8a',
  H: '#6b6f8a',
  G: '#4a7f9c',
  F: '#a88b52',
  D: '#e0c341',
  E: '#e08a2e',
  C: '#b0503c',
  B: RED,
}
/** Letters in order of their rank, with their colours. */
export const STATES = Object.entries(RANK_OF_LETTER)
  .map(([letter, rank]) => ({ letter, rank, color: STATE[letter]! }))
  .sort((a, b) => a.rank - b.rank)
