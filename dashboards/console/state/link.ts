/**
 * Whether the line to the desk lives, and what the desk's clock says: the desk ticks every second, so silence has a limit.
 * Both clocks of the browser arrive as arguments; `io/browser-clock.ts` reads them.
 */

/** A line whose newest tick is older than this is lost, and the page says so. */
export const LOST_AFTER_MS = 3000

/** One reading of the browser's two clocks. */
export type BrowserNow = { readonly mono_ms: number; readonly wall_ms: number }

/** The newest sign of life: the desk's clock as it was said, and when it came. */
export type Pulse = { readonly desk_ms: number; readonly at: BrowserNow }

export type Link =
  | { readonly state: 'connecting'; readonly since: BrowserNow }
  | { readonly state: 'live'; readonly pulse: Pulse }
  | { readonly state: 'lost'; readonly pulse: Pulse | null; readonly for_ms: number }

/**
 * Time since `then`. The monotonic clock may stand still while the machine sleeps and the wall clock may be stepped back:
 * the larger of both never calls an old line fresh.
 */
export const elapsed_ms = (then: BrowserNow, now: BrowserNow): number =>
  Math.max(0, now.mono_ms - then.mono_ms, now.wall_ms - then.wall_ms)

export function linkAt(pulse: Pulse | null, opened: BrowserNow, now: BrowserNow): Link {
  const for_ms = elapsed_ms(pulse?.at ?? opened, now)
  if (for_ms > LOST_AFTER_MS) return { state: 'lost', pulse, for_ms }
  return pulse === null ? { state: 'connecting', since: opened } : { state: 'live', pulse }
}

/** The desk's clock now, carried on by the browser's between ticks; without a pulse the browser's own. */
export const deskNow_ms = (pulse: Pulse | null, now: BrowserNow): number =>
  pulse === null ? now.wall_ms : pulse.desk_ms + elapsed_ms(pulse.at, now)
