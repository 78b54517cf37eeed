/** Hands on what comes at once while it is quiet; in a rush, in bunches, so that a flood of events is one drawing. */
import { after, browserNow } from './browser-clock.ts'

/** Longer than a frame, shorter than a person notices. */
export const BUNCH_MS = 80
/** A bunch is handed on at the latest with this many; memory has an end. */
const BUNCH_MAX = 2000

export function inBunches<T>(use: (bunch: readonly T[]) => void, period_ms = BUNCH_MS): (one: T) => void {
  let waiting: T[] = []
  let last_mono_ms = Number.NEGATIVE_INFINITY
  let planned = false
  const flush = () => {
    planned = false
    last_mono_ms = browserNow().mono_ms
    const bunch = waiting
    waiting = []
    if (bunch.length > 0) use(bunch)
  }
  return (one) => {
    waiting.push(one)
    if (browserNow().mono_ms - last_mono_ms >= period_ms || waiting.length >= BUNCH_MAX) return flush()
    if (planned) return
    planned = true
    after(period_ms, flush)
  }
}
