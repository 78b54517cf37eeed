/** The page in the lobby in a real browser: one sentence in both languages, on a wall and on a phone, also when the network is down. */
import { expect, test } from 'vitest'
import { axeViolations, consoleInChromium } from './in-chromium.ts'
import { faintTexts, overflow_px } from './page-checks.ts'

consoleInChromium('the page in the lobby', (stage) => {
  const openLobby = async (width: number) => {
    const context = await stage.browser.newContext({
      viewport: { width, height: 740 },
      colorScheme: width > 500 ? 'dark' : 'light',
    })
    stage.page = await context.newPage()
    stage.page.on('console', (m) => void (m.type() === 'error' && stage.complaints.push(m.text())))
    await stage.page.goto(`${stage.desk.url}lobby/tower-a`)
    await stage.page.locator('.lobby-exceeded').waitFor()
  }
  test.each([360, 1920, 3840])('says it large in both languages (%i px)', async (width) => {
    await openLobby(width)
    const [zh, en] = await stage.page.locator('.lobby-said').allTextContents()
    expect(zh).toContain('Tower A：')
    expect(en).toMatch(/^Tower A: .*limit exceeded \(Roof shaking/)
    expect(await stage.page.locator('.lobby-exercise').textContent()).toBe('EXERCISE / 演習')
    expect(await overflow_px(stage.page)).toBe(0)
    expect(await faintTexts(stage.page)).toEqual([])
    expect(await axeViolations(stage.page)).toEqual([])
    expect(stage.complaints).toEqual([])
  })
  test('a long sentence is set smaller: both languages stand on the screen', async () => {
    await openLobby(1280)
    const name = 'strong shaking of the roof (example limit, to be set by your structural engineer)'
    for (const id of ['gateway-1:roof-pga', 'gateway-1:base-pga']) stage.desk.change(id, { name })
    await stage.page.locator('.lobby.is-long').waitFor()
    const last = stage.page.locator('.lobby-age').last()
    expect(await last.evaluate((e) => e.getBoundingClientRect().bottom <= innerHeight)).toBe(true)
  })
  test('goes on telling while the network is down, hatched and with its age, and comes back', async () => {
    await openLobby(1280)
    stage.desk.cut(true)
    await stage.page.locator('.lobby-unknown').waitFor({ timeout: 8000 })
    const text = await stage.page.locator('main').textContent()
    expect(text).toMatch(/State unknown for \d+ s: there is no connection\./)
    expect(text).toMatch(/Last known at .*: Tower A: .*limit exceeded/)
    stage.desk.cut(false)
    await stage.page.locator('.lobby-exceeded').waitFor({ timeout: 15_000 })
  })
})
