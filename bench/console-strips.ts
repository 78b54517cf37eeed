/**
 * Rows `console-strips` and `console-soak`: four accelerometers of three axes at 200 Hz on one page, live, in a real Chromium
 * against the scripted desk. How long the page's script works in a frame, how many frames a second come, and whether the page's
 * memory grows.
 */
import { existsSync } from 'node:fs'
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { builtConsole, CHROMIUM, CHROMIUM_ARGS } from '../dashboards/console/test/built.ts'
import { startFakeDesk } from '../dashboards/console/test/fake-desk.ts'
import { median, NOT_HERE, percentile, type Row } from './row.ts'

const DEVICES = 4
/** The strips fill first; then each run is watched for so long [s]. */
const [FILL_S, RUN_S, RUNS] = [32, 10, 3]
const LIMIT_MS = 4
const SOAK_MIN = Number(process.env.PLUMBLINE_SOAK_MIN ?? 2)
const SAMPLE_S = 15
/** Left to warming up: the browser compiles what it sees run often, and keeps that beside the page's own objects. */
const WARM_S = Math.max(FILL_S, (SOAK_MIN * 60) / 4)
/** Growth over the whole soak beside what the page holds; below it lies what the collector leaves by chance. */
const GROWTH_MAX = 0.05

export const consoleStrips: Row = {
  id: 'console-strips',
  what: `script of a frame while ${DEVICES * 3} channels x 200 Hz are drawn live; beside it its 95th percentile, all script of the page by frame, and frames a second`,
  unit: 'ms',
  target: `<= ${LIMIT_MS} ms`,
  measure: async () => {
    const runs: number[] = []
    const [p95, all, fps]: [number[], number[], number[]] = [[], [], []]
    const there = await onStrips(async (page, cdp) => {
      await page.waitForTimeout(FILL_S * 1000)
      for (let i = 0; i < RUNS; i += 1) {
        await page.evaluate(() => void (globalThis as unknown as Frames).frames.splice(0))
        const before = await metrics(cdp)
        await page.waitForTimeout(RUN_S * 1000)
        const frames = await page.evaluate(() => (globalThis as unknown as Frames).frames)
        const after = await metrics(cdp)
        runs.push(median(frames))
        p95.push(percentile(frames, 95))
        all.push(((after.ScriptDuration! - before.ScriptDuration!) * 1000) / frames.length)
        fps.push(frames.length / (after.Timestamp! - before.Timestamp!))
      }
    }, true)
    if (!there) return NOT_HERE
    const beside = { 'p95 ms': median(p95), 'all script ms': median(all), 'frames/s': median(fps) }
    return { runs, holds: (ms) => ms <= LIMIT_MS, beside }
  },
}

export const consoleSoak: Row = {
  id: 'console-soak',
  what: `growth of the page's memory (script, what the browser holds for it, samples) over ${SOAK_MIN} min of those strips (PLUMBLINE_SOAK_MIN) after ${(WARM_S / 60).toFixed(1)} min of warming up, fitted, beside what it holds`,
  unit: '%',
  target: `<= ${GROWTH_MAX * 100} %`,
  measure: async () => {
    const looks: HeapUsage[] = []
    let [nodes, listeners] = [0, 0]
    const there = await onStrips(async (page, cdp) => {
      await page.waitForTimeout(WARM_S * 1000)
      for (let at_s = 0; at_s <= SOAK_MIN * 60; at_s += SAMPLE_S) {
        await cdp.send('HeapProfiler.collectGarbage')
        looks.push(await heapUsage(cdp))
        const { Nodes, JSEventListeners } = await metrics(cdp)
        ;[nodes, listeners] = [Nodes!, JSEventListeners!]
        await page.waitForTimeout(SAMPLE_S * 1000)
      }
    }, false)
    if (!there) return NOT_HERE
    const held = looks.map(({ script, browser, samples }) => script + browser + samples)
    const perMinute = (values: readonly number[]) => (slope(values) * (60 / SAMPLE_S)) / 1024
    const growth = (slope(held) * (held.length - 1)) / median(held)
    const beside = {
      'held KiB': median(held) / 1024,
      'KiB/min': perMinute(held),
      'of script': perMinute(looks.map(({ script }) => script)),
      'of the browser': perMinute(looks.map(({ browser }) => browser)),
      'of samples': perMinute(looks.map(({ samples }) => samples)),
      nodes,
      listeners,
    }
    return { runs: [growth * 100], holds: (percent) => percent <= GROWTH_MAX * 100, beside }
  },
}

type Frames = { frames: number[] }

/** @returns whether there is a Chromium to do it in */
async function onStrips(use: (page: Page, cdp: CDPSession) => Promise<void>, timed: boolean): Promise<boolean> {
  if (!existsSync(CHROMIUM)) return false
  const desk = await startFakeDesk(await builtConsole())
  desk.accelerometers(DEVICES)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    // The times of frames are kept in the page: 60 a second would be what grows there.
    if (timed) await page.addInitScript(timeFrames)
    const [first, ...others] = Array.from({ length: DEVICES }, (_, i) => `more-${i}`)
    await page.goto(`${desk.url}#/waveforms/${first}?with=${others.join(',')}`)
    await page
      .locator('.strip canvas')
      .nth(DEVICES - 1)
      .waitFor()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable')
    await use(page, cdp)
  } finally {
    await browser.close()
    await desk.stop()
  }
  return true
}

/** In the page: what all callbacks of one frame take together. */
function timeFrames(): void {
  const frames: number[] = []
  Object.assign(globalThis, { frames })
  const ask = requestAnimationFrame.bind(globalThis)
  let shown_at = Number.NaN
  globalThis.requestAnimationFrame = (draw) =>
    ask((at) => {
      const began = performance.now()
      draw(at)
      const took = performance.now() - began
      if (at === shown_at) frames[frames.length - 1]! += took
      else frames.push(took)
      shown_at = at
    })
}

async function metrics(cdp: CDPSession): Promise<Record<string, number>> {
  const { metrics: all } = await cdp.send('Performance.getMetrics')
  return Object.fromEntries(all.map(({ name, value }) => [name, value]))
}

/** Bytes: objects and compiled code of the page's script; what the browser holds for them; what stands in typed arrays. */
type HeapUsage = { readonly script: number; readonly browser: number; readonly samples: number }

async function heapUsage(cdp: CDPSession): Promise<HeapUsage> {
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await cdp.send('Runtime.getHeapUsage')
  return { script: usedSize, browser: embedderHeapUsedSize, samples: backingStorageSize }
}

/** Least squares, per step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const [above, below] = values.reduce(([a, b], v, i) => [a + (i - middle) * (v - mean), b + (i - middle) ** 2], [
    0, 0,
  ] as [number, number])
  return below === 0 ? 0 : above / below
}
