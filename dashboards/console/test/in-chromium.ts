/**
 * The console as people use it: built once for all test files, served under the desk's headers by the fake desk, in a real
 * Chromium. Whatever the page complains about in its console is kept, so that a test can say that there was nothing.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtConsole, CHROMIUM, CHROMIUM_ARGS, NO_CHROMIUM, ROOT } from './built.ts'
import { type FakeDesk, PERSON, startFakeDesk } from './fake-desk.ts'

export type Stage = {
  /** The built files. */
  dist: string
  browser: Browser
  desk: FakeDesk
  page: Page
  complaints: string[]
  /** Opens the console at an address, e.g. `#/alarms`; as somebody who has chosen a theme before, or is signed in. */
  open(options?: BrowserContextOptions, path?: string, as?: { theme?: string; signedIn?: boolean }): Promise<void>
  /** Opens the overview and waits until it shows what the desk told. */
  overview(options?: BrowserContextOptions): Promise<void>
  /** Fills in the sign-in dialog that is open. */
  signIn(passphrase?: string): Promise<void>
}

export function consoleInChromium(name: string, tests: (stage: Stage) => void): void {
  const there = existsSync(CHROMIUM)
  const required = process.env.PLUMBLINE_REQUIRE_REAL === '1'
  if (!there) (required ? test : test.skip)(`${name}: ${NO_CHROMIUM}`, () => expect.fail(NO_CHROMIUM))

  describe.runIf(there)(name, () => {
    const stage = {} as Stage
    beforeAll(async () => {
      stage.dist = await builtConsole()
      stage.browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
    }, 120_000)
    afterAll(async () => {
      await stage.browser?.close()
    })
    beforeEach(async () => {
      stage.desk = await startFakeDesk(stage.dist)
      stage.complaints = []
    })
    afterEach(async () => {
      await stage.page?.context().close()
      await stage.desk.stop()
    })
    stage.open = async (options = {}, path = '', { theme, signedIn = false } = {}) => {
      const context = await stage.browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'en-GB',
        ...options,
      })
      if (theme !== undefined)
        await context.addInitScript(
          (json) => localStorage.setItem('plumbline.preferences', json),
          JSON.stringify({ theme }),
        )
      if (signedIn) await context.request.post(`${stage.desk.url}api/v1/session`, { data: PERSON })
      const page = await context.newPage()
      stage.page = page
      page.setDefaultTimeout(10_000)
      page.on('console', (m) => void (['error', 'warning'].includes(m.type()) && stage.complaints.push(m.text())))
      page.on('pageerror', (error) => void stage.complaints.push(error.message))
      await page.goto(`${stage.desk.url}${path}`)
      await page.locator('.top-bar').waitFor()
    }
    stage.overview = async (options) => {
      await stage.open(options)
      await stage.page.locator('.alarm').first().waitFor()
      await stage.page.locator('.sparkline').waitFor()
    }
    stage.signIn = async (passphrase = PERSON.passphrase) => {
      const dialog = stage.page.getByRole('dialog')
      await dialog.getByLabel('Name').fill(PERSON.name)
      await dialog.getByLabel('Passphrase').fill(passphrase)
      await stage.page.locator('dialog button[type=submit]').click()
    }
    tests(stage)
  })
}

let axe: Promise<string> | undefined
type Axe = { run(root: Document, options: { resultTypes: string[] }): Promise<AxeResult> }
type AxeResult = { violations: Array<{ id: string; nodes: Array<{ target: unknown[]; failureSummary?: string }> }> }

/** What axe-core finds wrong on the page (WCAG 2.2 AA and its best practices), one line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  axe ??= readFile(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8')
  await page.evaluate(await axe)
  // Every rule runs; only of what is wrong are the places worked out.
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: Axe }).axe.run(document, { resultTypes: ['violations'] }),
  )
  return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.target.join(' ')}: ${n.failureSummary}`))
}
