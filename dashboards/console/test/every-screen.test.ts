/**
 * Every screen in both languages and all themes, on a phone and on a desk: nothing overflows, targets are large enough, text
 * can be read, axe-core finds nothing (WCAG 2.2 AA), and the page complains of nothing.
 */
import { expect, test } from 'vitest'
import { axeViolations, consoleInChromium } from './in-chromium.ts'
import { faintTexts, overflow_px, settled, smallTargets } from './page-checks.ts'

/** Address, and what must stand there before the screen is looked at. */
const SCREENS: ReadonlyArray<readonly [address: string, waitFor: string]> = [
  ['#/', '.sparkline'],
  ['#/alarms', '.alarm'],
  ['#/alarms?list=shelved', '.panel'],
  ['#/alarms?list=maintenance', '.panel .alarm'],
  ['#/alarms?list=groups', '.alarm'],
  ['#/alarms?list=history', '.table'],
  ['#/alarms?list=quality', '.table'],
  ['#/alarms?list=cap', '.alarm'],
  ['#/alarms/gateway-1:roof-pga', '.table'],
  ['#/water/dead-run', '.plot canvas'],
  ['#/building/tower-a', '.strip canvas'],
  ['#/building/tower-a?event=tower-a-3&with=tower-a-2', 'section + section .elevation svg'],
  ['#/building/tower-a?event=tower-a-2&measure=drift', '.elevation svg'],
  ['#/waveforms/tower-a-roof', '.strip canvas'],
  ['#/waveforms/tower-a-roof?from=MINUTE&to=NOW&with=tower-a-base&filter=bandpass', '.record-lanes canvas'],
  ['#/waveforms/tower-a-roof?view=day', '.helicorder canvas'],
  ['#/drills', '.plain-list strong'],
  ['#/drills/spring-drill', '.table'],
  ['#/system', '.part'],
  ['#/system/audit', '.table'],
  ['#/system/users', '.alarm'],
  ['#/system/tokens', '.alarm'],
  ['#/system/contacts', '.alarm'],
  ['#/system/site', '.code'],
]

const LOOKS = [
  ['en-GB', 'light', 360],
  ['zh-TW', 'dark', 360],
  ['en-GB', 'night', 1280],
  ['zh-TW', 'light', 1280],
  ['en-GB', 'dark', 3840],
] as const

consoleInChromium('every screen', (stage) => {
  // Each screen on a phone in one look and on a desk in another; the three of most use in all of them.
  for (const [i, [address, waitFor]] of SCREENS.entries())
    test.each(i < 3 ? LOOKS : [LOOKS[i % 2]!, LOOKS[2 + (i % 3)]!])(
      `${address} can be read and used (%s, %s, %i px)`,
      async (locale, theme, width) => {
        const options = { viewport: { width, height: width === 360 ? 740 : 1000 }, locale }
        const at = (before_ms: number) => new Date(Date.now() - before_ms).toISOString()
        const path = address.replace('MINUTE', at(60_000)).replace('NOW', at(0))
        await stage.open(options, path, { theme, signedIn: true })
        await stage.page.locator(waitFor).first().waitFor()
        await settled(stage.page)
        expect(await stage.page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme)
        expect(await overflow_px(stage.page)).toBe(0)
        expect(await smallTargets(stage.page)).toEqual([])
        expect(await faintTexts(stage.page)).toEqual([])
        expect(await axeViolations(stage.page)).toEqual([])
        expect(stage.complaints).toEqual([])
      },
    )

  test.each(LOOKS)('the dialogs can be read and used (%s, %s, %i px)', async (locale, theme, width) => {
    await stage.open({ viewport: { width, height: 900 }, locale }, '', { theme, signedIn: true })
    await stage.page.locator('.alarm').first().waitFor()
    const buttons = stage.page.locator('.alarm', { hasText: 'Roof shaking' }).getByRole('button')
    const count = await buttons.count()
    expect(count).toBe(4)
    for (let i = 0; i < count; i += 1) {
      await buttons.nth(i).click()
      await look()
    }
    await stage.page
      .locator('.top-actions')
      .getByRole('button', { name: /Display|顯示/ })
      .click()
    await look()

    async function look(): Promise<void> {
      await stage.page.locator('dialog').waitFor()
      expect(await overflow_px(stage.page)).toBe(0)
      expect(await smallTargets(stage.page)).toEqual([])
      expect(await faintTexts(stage.page)).toEqual([])
      expect(await axeViolations(stage.page)).toEqual([])
      await stage.page.keyboard.press('Escape')
      await stage.page.locator('dialog').waitFor({ state: 'detached' })
    }
  })
})
