/** What of a window is answered from rollups, where they know all that is stored, and what from the points. */
import { floor } from '../columns-plan.ts'
import { clipped, GRAIN_NS, type Grain, HOUR_NS, hourOf, hourStart, joined, type Span } from '../rollup.ts'

export type Sources = { readonly rollups: readonly Span[]; readonly points: readonly Span[] }

/** @param known hours whose rollups know all that is stored */
export function sourcesOf(window: Span, grain: Grain | undefined, known: readonly number[]): Sources {
  if (grain === undefined) return { rollups: [], points: [window] }
  const length = GRAIN_NS[grain]
  const inside: Span = { from: -floor(-window.from, length), to: floor(window.to, length) }
  const rollups = joined(known.map((hour) => clipped({ from: hourStart(hour), to: hourStart(hour) + HOUR_NS }, inside)))
  return { rollups, points: between(window, rollups) }
}

/** What `taken`, in order and apart, leaves of the window. */
function between(window: Span, taken: readonly Span[]): Span[] {
  const out: Span[] = []
  let from = window.from
  for (const span of taken) {
    if (span.from > from) out.push({ from, to: span.from })
    from = span.to
  }
  if (window.to > from) out.push({ from, to: window.to })
  return out
}

/** From the first instant of the hour that holds `from`. */
export const wholeHours = ({ from, to }: Span): Span => ({ from: hourStart(hourOf(from)), to })
