/**
 * Row `console-flood`: five hundred alarms, all of them shown, while readings come and the clock goes on, in a real Chromium
 * against the scripted desk, its processor made four times slower: about a phone's. A page that is never idle answers nobody.
 */
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import { builtConsole, CHROMIUM, CHROMIUM_ARGS } from '../dashboards/console/test/built.ts'
import { startFakeDesk } from '../dashboards/console/test/fake-desk.ts'
import { NOT_HERE, type Row } from './row.ts'

const ALARMS = 500
const SLOWER = 4
const [RUNS, RUN_S] = [3, 5]
/** As long as a person does not notice: RAIL, response to input (https://web.dev/articles/rail). */
const LONGEST_MS = 100

type Watched = {
  /** Of all that the page does at one go. */
  readonly longest_ms: number
  /** Share of the time that goes into tasks of 50 ms and more. */
  readonly busy: number
}

export const consoleFlood: Row = {
  id: 'console-flood',
  what: `longest task of the page in ${RUN_S} s with ${ALARMS} alarms shown, the processor ${SLOWER} times slower; beside it the share of the time in tasks of 50 ms and more, and how long the press that shows them all takes`,
  unit: 'ms',
  target: `<= ${LONGEST_MS} ms`,
  measure: async () => {
    if (!existsSync(CHROMIUM)) return NOT_HERE
    const desk = await startFakeDesk(await builtConsole())
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 740 } })
      await page.goto(`${desk.url}#/alarms`)
      await page.locator('.alarm').first().waitFor()
      desk.flood(ALARMS)
      const all = page.getByRole('button', { name: /Show \d+ more/ })
      await all.waitFor()
      await (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
      const pressed_ms = await press(page)
      await page.locator('.alarm').nth(ALARMS).waitFor({ state: 'attached' })
      const seen: Watched[] = []
      for (let run = 0; run < RUNS; run++) seen.push(await watch(page))
      return {
        runs: seen.map(({ longest_ms }) => longest_ms),
        holds: (ms) => ms <= LONGEST_MS,
        beside: { 'busy %': 100 * Math.max(...seen.map(({ busy }) => busy)), 'press ms': pressed_ms },
      }
    } finally {
      await browser.close()
      await desk.stop()
    }
  },
}

/** From the press to the frame after it [ms]. */
const press = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const began = performance.now()
    for (const button of document.querySelectorAll('button'))
      if (/Show \d+ more/.test(button.textContent ?? '')) button.click()
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)))
    return performance.now() - began
  })

const watch = (page: Page): Promise<Watched> =>
  page.evaluate(async (run_s) => {
    const long: number[] = []
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ entryTypes: ['longtask'] })
    await new Promise((over) => setTimeout(over, run_s * 1000))
    observer.disconnect()
    return {
      longest_ms: long.reduce((most, ms) => Math.max(most, ms), 0),
      busy: long.reduce((sum, ms) => sum + ms, 0) / (run_s * 1000),
    }
  }, RUN_S)
