/** The browser's clocks, timers and frames: the only place of the console that reads the time of the machine it runs on. */
import type { BrowserNow } from '../state/link.ts'

export const browserNow = (): BrowserNow => ({ mono_ms: performance.now(), wall_ms: Date.now() })

/** Calls `fn` every `period_ms` until the returned function is called. */
export function every(period_ms: number, fn: () => void): () => void {
  const timer = setInterval(fn, period_ms)
  return () => clearInterval(timer)
}

/** Calls `fn` once after `delay_ms` unless cancelled. */
export function after(delay_ms: number, fn: () => void): () => void {
  const timer = setTimeout(fn, delay_ms)
  return () => clearTimeout(timer)
}

/** Waits before the next try, in ms: half a second, doubling to 8 s, spread by a fifth so that clients do not return together. */
export function retryDelay_ms(attempt: number, random: number = Math.random()): number {
  return Math.min(8000, 500 * 2 ** Math.min(attempt, 5)) * (0.9 + 0.2 * random)
}

/** Half a frame at 60 a second. */
const HEAVY_MS = 8

/**
 * Calls `draw` for each frame while the page can be seen; with `prefers-reduced-motion` once a second only.
 * Returns the stop.
 */
export function onFrames(draw: () => void): () => void {
  const reduced = matchMedia('(prefers-reduced-motion: reduce)')
  let last_ms = Number.NEGATIVE_INFINITY
  let pause_ms = 0
  let frame = requestAnimationFrame(function step(at_ms) {
    frame = requestAnimationFrame(step)
    if (at_ms - last_ms < (reduced.matches ? 1000 : pause_ms)) return
    last_ms = at_ms
    const before_ms = performance.now()
    draw()
    // Where drawing takes a good part of a frame (a weak panel PC), every other frame is left to the rest of the page.
    pause_ms = performance.now() - before_ms > HEAVY_MS ? 32 : 0
  })
  return () => cancelAnimationFrame(frame)
}
