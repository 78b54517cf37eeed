/** The journal as people read and filter it. What the desk wrote stays as it is; only its short form is made here. */
import type { JournalEntryJson } from '../../../domain/alarm.ts'

export type JournalFilter = {
  readonly alarm?: string | undefined
  readonly actor?: string | undefined
  readonly kind?: string | undefined
  /** ISO 8601. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export const PAGE = 100

/** From the address; what is empty is no filter. */
export function filterOf(query: Readonly<Record<string, string>>): JournalFilter {
  const given = (name: string) => (query[name]?.trim() ? query[name] : undefined)
  return { alarm: given('alarm'), actor: given('actor'), kind: given('kind'), from: given('from'), to: given('to') }
}

/** The question for one page, newest first; `before` is the oldest row already shown. */
export const journalQuery = (filter: JournalFilter, before?: number): Record<string, string | undefined> => ({
  ...filter,
  limit: String(PAGE),
  before: before === undefined ? undefined : String(before),
})

/** Newest first, each row once: pages may overlap where rows came meanwhile. */
export function joinPages(known: readonly JournalEntryJson[], more: readonly JournalEntryJson[]): JournalEntryJson[] {
  const rows = new Map([...known, ...more].map((entry) => [entry.seq, entry]))
  return [...rows.values()].sort((a, b) => b.seq - a.seq)
}

const TEXTS = ['text', 'comment', 'reason', 'name', 'detail', 'why'] as const
/** So many figures are read in a line; the whole entry stands in the CSV. */
const FIGURES = 4

/**
 * What a person wrote or what it is about, from which state to which, else its first figures; empty where there is nothing to say.
 * @param states names of the states of an alarm, in the reader's language
 */
export function bodyText(body: unknown, states: Readonly<Record<string, string>> = {}): string {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null) return ''
  const fields = body as Readonly<Record<string, unknown>>
  const said = TEXTS.map((name) => fields[name]).find((value) => typeof value === 'string' && value !== '')
  if (said !== undefined) return String(said)
  const [from, to] = [states[String(fields.from)], states[String(fields.to)]]
  if (from !== undefined && to !== undefined) return `${from} → ${to}`
  return Object.entries(fields)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, FIGURES)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
