/** When a line has been silent long enough. Characters that came while this process was busy are read first. */
import type { Clock } from '../../domain/ports.ts'
import { monotonic } from '../../domain/time.ts'

/** Calls `fn` after `ms` unless cancelled, and only when what the kernel holds has been read. Returns the cancel. */
export function afterSilence(clock: Clock, ms: number, fn: () => void): () => void {
  let open = true
  const cancelTimer = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(ms * 1e6))), () => {
    // A timer that is due runs before waiting input is read; an immediate runs after it.
    setImmediate(() => {
      if (open) fn()
    })
  })
  return () => {
    open = false
    cancelTimer()
  }
}
