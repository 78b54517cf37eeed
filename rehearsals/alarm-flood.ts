/**
 * Five hundred alarms within ten seconds, each through register, edge node, broker and desk: a gauge climbs through as many
 * limits while somebody works on the page. What counts is how long a key press waits for the page, not how fast the line is.
 */
import type { Page } from 'playwright-core'
import type { StageDevice } from './stage-device.ts'
import { pause } from './until.ts'

export const FLOOD_ALARMS = 500
const LOWEST_M = 1
const STEP_M = 0.01
const RISE_S = 10
/** How often the stage moves, and how often somebody presses a key. */
const [MOVE_MS, KEY_MS] = [100, 250]

/** A limit for each centimetre; in the shares of priorities that EEMUA 191 advises. */
export const floodLimits = (channel: string) =>
  Array.from({ length: FLOOD_ALARMS }, (_, i) => ({
    id: `flood-${i}`,
    name: `Mark ${i}`,
    channel,
    above: Number((LOWEST_M + i * STEP_M).toFixed(2)),
    unit: 'm',
    deadband: 0.005,
    priority: i % 20 === 0 ? 'high' : i % 20 < 4 ? 'medium' : 'low',
  }))

/** Resolves once the gauge stands above every limit. */
export async function rise(gauge: Pick<StageDevice, 'set'>): Promise<void> {
  const began = performance.now()
  for (let moved = 1; moved <= (RISE_S * 1000) / MOVE_MS; moved += 1) {
    const share = moved / ((RISE_S * 1000) / MOVE_MS)
    gauge.set(LOWEST_M + share * FLOOD_ALARMS * STEP_M)
    await pause(Math.max(0, began + moved * MOVE_MS - performance.now()))
  }
}

export type FloodSeen = {
  /** From the first move of the stage until the page shows every alarm [s]. */
  readonly shown_s: number
  /** Longest task of the page, 0 where none took 50 ms [ms]. */
  readonly longestTask_ms: number
  /** From each key press to the end of the frame that follows it, sorted [ms]. */
  readonly keys_ms: readonly number[]
}

/** @param page stands at the open alarms, none of the flood's among them */
export async function floodOfAlarms(page: Page, gauge: Pick<StageDevice, 'set'>): Promise<FloodSeen> {
  await page.evaluate(watch)
  const began = performance.now()
  const pressing = new AbortController()
  const keys = (async () => {
    while (!pressing.signal.aborted) {
      await page.keyboard.press('Tab')
      await pause(KEY_MS)
    }
  })()
  try {
    await rise(gauge)
    await page.waitForFunction(
      (least) => Number(/^\d+/.exec(document.querySelector('.count')?.textContent ?? '')?.[0]) >= least,
      FLOOD_ALARMS,
      { timeout: 60_000 },
    )
  } finally {
    pressing.abort()
    await keys
  }
  const shown_s = (performance.now() - began) / 1000
  return { shown_s, ...(await page.evaluate(seen)) }
}

type Watched = { tasks: number[]; keys: number[] }

/** In the page. */
function watch(): void {
  const seen: Watched = { tasks: [], keys: [] }
  Object.assign(globalThis, { flood: seen })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push(entry.duration)
  }).observe({ type: 'longtask' })
  const onKey = ({ timeStamp }: Event) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => seen.keys.push(performance.now() - timeStamp)
      port2.postMessage(null)
    })
  addEventListener('keydown', onKey, { capture: true })
}

function seen(): Omit<FloodSeen, 'shown_s'> {
  const { tasks, keys } = (globalThis as unknown as { flood: Watched }).flood
  return { longestTask_ms: Math.max(0, ...tasks), keys_ms: keys.sort((a, b) => a - b) }
}
