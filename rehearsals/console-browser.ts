/** A real Chromium for the rehearsals of the console: guarded like every real part, and whatever its pages complain of is kept. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { CHROMIUM, CHROMIUM_ARGS, NO_CHROMIUM } from '../dashboards/console/test/built.ts'

/** Runs the cases where there is a Chromium; where one is required, its absence fails. */
export function describeInBrowser(name: string, cases: () => void): void {
  const there = existsSync(CHROMIUM)
  if (!there)
    (process.env.PLUMBLINE_REQUIRE_REAL === '1' ? test : test.skip)(`${name}: ${NO_CHROMIUM}`, () =>
      expect.fail(NO_CHROMIUM),
    )
  describe.runIf(there)(name, cases)
}

export class TestBrowser {
  readonly #browser: Browser
  /** Errors that no page caught, over all windows. */
  readonly complaints: string[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS }))
  }

  /** A window of a person of its own: no cookie is shared. */
  async window(width: number, options: BrowserContextOptions = {}): Promise<Page> {
    const viewport = { width, height: width < 600 ? 740 : 900 }
    const page = await (await this.#browser.newContext({ viewport, locale: 'en-GB', ...options })).newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => void this.complaints.push(error.message))
    return page
  }

  stop(): Promise<void> {
    return this.#browser.close()
  }
}

/** A person sets the passphrase behind the link of the first start or of an invitation, and goes on to the console. */
export async function takeUpLink(page: Page, console_url: string, link: string, name?: string): Promise<void> {
  await page.goto(`${console_url}${new URL(link).hash}`)
  if (name !== undefined) await page.getByLabel('Name').fill(name)
  await page.getByLabel('Passphrase', { exact: true }).fill('plumb and level')
  await page.getByLabel('Passphrase again').fill('plumb and level')
  await page.locator('form button[type=submit]').click()
  await page.locator('#main').getByRole('status').waitFor()
  await page.getByRole('link', { name: 'To the console' }).click()
}
