/** Ground-motion events as a person looks at them: which was the worst, which the address means, how a frequency moved. */
import type { EventDetailJson, EventJson } from '../../../domain/api-desk.ts'
import { msOf, msOrNull } from './instants.ts'
import type { Stretch } from './route.ts'

export const newestFirst = (events: readonly EventJson[]): EventJson[] =>
  [...events].sort((a, b) => msOf(b.onset_ns) - msOf(a.onset_ns))

/** By the largest PGA; one that was not measured is never it. */
export function worstOf(events: readonly EventJson[]): EventJson | null {
  const measured = events.filter((e) => e.pga_m_s2 !== null)
  return measured.reduce<EventJson | null>((a, b) => (a === null || b.pga_m_s2! > a.pga_m_s2! ? b : a), null)
}

/** The desk works an event out when somebody opens it; until then its list knows no more than the alarms said. */
export const isWorkedOut = (event: EventJson): boolean => event.channels_complete > 0 || event.intensity !== null

/** One still going on reaches to `now_ms`. */
export const overlaps = (event: EventJson, { from_ms, to_ms }: Stretch, now_ms: number): boolean =>
  msOf(event.onset_ns) <= to_ms && (msOrNull(event.ended_ns) ?? now_ms) >= from_ms

/** The event that an address means: named, else the worst in its stretch; null = none, the sensors now. */
export function chosenEvent(
  events: readonly EventJson[],
  id: string | undefined,
  stretch: Stretch | null,
  now_ms: number,
): EventJson | null {
  if (id !== undefined) return events.find((e) => e.id === id) ?? null
  return stretch === null ? null : worstOf(events.filter((e) => overlaps(e, stretch, now_ms)))
}

/** People who come to the page after a shaking come for it. */
const RECENT_MS = 30 * 60_000

/** The newest event where it still goes on or ended within half an hour; `all` as of `newestFirst`. */
export function recentEvent(all: readonly EventJson[], now_ms: number): EventJson | null {
  const newest = all[0]
  if (newest === undefined) return null
  return now_ms - (msOrNull(newest.ended_ns) ?? now_ms) <= RECENT_MS ? newest : null
}

/** A little before the onset and after the end, as a record of it is looked at; at most ten minutes. */
export function stretchAround(event: EventJson, now_ms: number): Stretch {
  const from_ms = msOf(event.onset_ns) - 10_000
  const to_ms = (msOrNull(event.ended_ns) ?? now_ms) + 10_000
  return { from_ms, to_ms: Math.min(Math.max(to_ms, from_ms + 20_000), from_ms + 600_000) }
}

/** After against before, as a share: −0.03 is three in a hundred lower. */
export function changeOf({ before, after }: EventDetailJson['frequency_hz']): number | null {
  return before === null || after === null || before === 0 ? null : after / before - 1
}
