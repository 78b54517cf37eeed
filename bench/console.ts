/**
 * Row `console`: JavaScript that the first load of the console brings [KiB gzip], in a real Chromium; beside it the first
 * paint and how long a hydrograph of 30 days takes to stand there, all on loopback against the scripted desk.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { builtConsole, CHROMIUM, CHROMIUM_ARGS } from '../dashboards/console/test/built.ts'
import { startFakeDesk } from '../dashboards/console/test/fake-desk.ts'
import { median, NOT_HERE, type Row } from './row.ts'

const RUNS = 5
const LIMIT_KIB = 60

export const consoleLoad: Row = {
  id: 'console',
  what: 'JavaScript of the first load of the console, gzip; beside it first paint and opening 30 days of a water [ms]',
  unit: 'KiB',
  target: `<= ${LIMIT_KIB} KiB`,
  measure: async () => {
    if (!existsSync(CHROMIUM)) return NOT_HERE
    const dist = await builtConsole()
    const desk = await startFakeDesk(dist)
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
    const [runs, paints, months]: [number[], number[], number[]] = [[], [], []]
    try {
      for (let i = 0; i < RUNS; i += 1) {
        const page = await browser.newPage()
        const scripts = new Set<string>()
        page.on('request', (request) => void (request.resourceType() === 'script' && scripts.add(request.url())))
        await page.goto(desk.url)
        await page.locator('.sparkline').waitFor()
        paints.push(
          await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
        )
        const sizes = [...scripts].map(
          async (url) => gzipSync(await readFile(join(dist, new URL(url).pathname))).length,
        )
        runs.push((await Promise.all(sizes)).reduce((a, b) => a + b, 0) / 1024)
        months.push(await openMonth(page, desk.url))
        await page.close()
      }
    } finally {
      await browser.close()
      await desk.stop()
    }
    const beside = { 'first paint ms': median(paints), '30 days ms': median(months) }
    return { runs, holds: (kib) => kib <= LIMIT_KIB, beside }
  },
}

/** From the address to the drawn canvas, the screen's own code already there. */
async function openMonth(page: Page, url: string): Promise<number> {
  const to = new Date()
  const query = new URLSearchParams({
    from: new Date(to.getTime() - 30 * 86_400_000).toISOString(),
    to: to.toISOString(),
  })
  await page.goto(`${url}#/water/dead-run`)
  await page.locator('.plot canvas').waitFor()
  await page.goto(`${url}#/`)
  await page.locator('.sparkline').waitFor()
  return page.evaluate(async (hash) => {
    const begun = performance.now()
    location.hash = hash
    while (!/^(Recorded|紀錄)/.test(document.querySelector('.chart-summary')?.textContent ?? ''))
      await new Promise(requestAnimationFrame)
    return performance.now() - begun
  }, `#/water/dead-run?${query}`)
}
