/**
 * The officer's night at the real line, in a real browser: makes the first user by the printed link, sees the water rise on a
 * phone, acknowledges, shelves, brings back, loses the network and gets it back; and the page speaks Chinese and feet.
 */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtConsole } from '../dashboards/console/test/built.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { describeInBrowser, TestBrowser, takeUpLink } from './console-browser.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { TcpProxy } from './tcp-proxy.ts'

describeInBrowser('an officer at the real line', () => {
  const gauge = new StageDevice()
  let line: Line
  let browser: TestBrowser
  let page: Page
  let network: TcpProxy
  let url: string

  beforeAll(async () => {
    await builtConsole()
    const [port, mqtt, desk] = [await gauge.start(), await freePort(), await freePort()]
    const level = (id: string, name: string, stage: number, severity: string, meaning: string) => ({
      id,
      name,
      stage,
      severity,
      meaning,
    })
    const site = await siteOf({
      site: 'town',
      name: 'Town',
      time_zone: 'Asia/Taipei',
      waters: [
        {
          id: 'river',
          name: 'Keelung bridge',
          kind: 'river',
          datum: 'Bridge gauge',
          unit: 'm',
          gauge: 'bridge/stage',
          levels: [
            level('l2', 'Level 2', 1.2192, 'minor', 'Close the gates.'),
            level('l1', 'Level 1', 3, 'moderate', 'Leave the houses.'),
          ],
        },
      ],
      nodes: [
        {
          id: 'n1',
          name: 'Bridge',
          links: [
            {
              id: 'bridge',
              tcp: { host: '127.0.0.1', port },
              devices: [{ id: 'bridge', name: 'Bridge gauge', model: 'sim-stage-gauge', poll_ms: 200 }],
            },
          ],
        },
      ],
      limits: [
        {
          id: 'bridge-2',
          name: 'Bridge above level 2',
          channel: 'bridge/stage',
          above: 1.2192,
          unit: 'm',
          deadband: 0.05,
          priority: 'critical',
        },
      ],
      broker: { port: mqtt },
      desk: { port: desk },
    })
    line = await startLine(site, await temporaryFolder())
    network = new TcpProxy(desk)
    url = `http://127.0.0.1:${await network.start()}/`
    browser = await TestBrowser.launch()
    page = await browser.window(360)
  }, 180_000)
  afterAll(async () => {
    await browser?.stop()
    await network?.stop()
    const { data } = line
    await line.stop()
    await gauge.stop()
    await removeFolder(data)
  })

  const sentence = () => page.locator('.sentence').textContent()
  const row = () => page.locator('.alarm', { hasText: 'Bridge above level 2' })

  test('makes the first user by the link that the start printed, and sees a quiet water', async () => {
    await takeUpLink(page, url, line.announced[0]!.split(' ').at(-1)!, 'Lin Mei-hua')
    await page.waitForFunction(() =>
      /1 of 1 waters normal/.test(document.querySelector('.sentence')?.textContent ?? ''),
    )
  }, 60_000)

  test('sees the water rise above its level on a phone, and acknowledges with a thumb', async () => {
    gauge.set(2)
    await row().waitFor()
    expect(await sentence()).toMatch(/Keelung bridge above Level 2( since \d\d:\d\d)?/)
    await row().getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByLabel('Comment (optional)').fill('Gates are being closed.')
    await page.getByRole('button', { name: 'Acknowledge as Lin Mei-hua' }).click()
    await row().getByText('Acknowledged by Lin Mei-hua').waitFor()
    expect(await row().textContent()).toContain('Gates are being closed.')
  }, 60_000)

  test('shelves it with a reason; the sentence goes on saying that the level is exceeded; it comes back', async () => {
    await row().getByRole('button', { name: 'Shelve' }).click()
    await page.getByLabel('Reason').fill('Known, crew is there')
    await page.getByRole('button', { name: 'Shelve as' }).click()
    await row().waitFor({ state: 'detached' })
    expect(await sentence()).toContain('Keelung bridge above Level 2')
    await page.goto(`${url}#/alarms?list=shelved`)
    await row().getByText('Known, crew is there').waitFor()
    await row().getByRole('button', { name: 'Unshelve' }).click()
    await page.getByRole('button', { name: 'Unshelve as' }).click()
    await row().waitFor({ state: 'detached' })
    await page.goto(`${url}#/alarms`)
    await row().waitFor()
  }, 60_000)

  test('loses the network and is told so with the age; gets it back with the state of now', async () => {
    await page.goto(`${url}#/`)
    await page.locator('.sentence').waitFor()
    network.cut()
    await page.locator('.lost-banner').waitFor()
    expect(await sentence()).toBe('Status unknown: there is no connection to the desk.')
    gauge.set(0.4)
    network.mend()
    await page.locator('.lost-banner').waitFor({ state: 'detached' })
    await page.waitForFunction(() =>
      /1 of 1 waters normal/.test(document.querySelector('.sentence')?.textContent ?? ''),
    )
  }, 90_000)

  test('reads it in Chinese and in feet, dark, and finds the water of the last month', async () => {
    await page.getByRole('button', { name: 'Display' }).click()
    await page.getByText('Dark', { exact: true }).click()
    await page.locator('.choice-one', { hasText: 'ft' }).click()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('button', { name: '中文', exact: true }).click()
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual([
      'zh-TW',
      'dark',
    ])
    await page.goto(`${url}#/water/river`)
    await page.locator('.plot canvas').waitFor()
    expect(await page.locator('.level').last().textContent()).toContain('4.00 ft')
    await page
      .locator('.controls select')
      .first()
      .selectOption(String(30 * 86_400_000))
    await page.waitForFunction(() => /30 天/.test(document.querySelector('.axis-caption')?.textContent ?? ''))
    expect(browser.complaints).toEqual([])
  }, 60_000)
})
