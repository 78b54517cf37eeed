/** The pictures of water and shaking in a real browser: what they show is also said in text. */
import { expect, test } from 'vitest'
import { tellRules } from './fake-world.ts'
import { consoleInChromium } from './in-chromium.ts'
import { stripInk } from './page-checks.ts'

consoleInChromium('plots', (stage) => {
  test('the hydrograph is said in words and numbers', async () => {
    await stage.open({}, '#/water/dead-run')
    await stage.page.locator('.plot canvas').waitFor()
    expect(await stage.page.locator('.chart').textContent()).toContain('×180')
    expect(await stage.page.locator('.chart .plot').getAttribute('aria-hidden')).toBe('true')
    expect(await stage.page.locator('.chart figcaption').textContent()).toMatch(
      /lowest 0\.3\d m at .*, highest 1\.\d\d m at .*, 1 gap\./,
    )
    expect(await stage.page.locator('.level', { hasText: 'Level 2' }).textContent()).toContain('exceeded')
    expect(stage.complaints).toEqual([])
  })

  test('the axis of metres carries levels only: 60 s or 1800 s on it would flatten the river', async () => {
    tellRules(stage.desk)
    await stage.open({}, '#/water/dead-run')
    await stage.page.locator('.plot canvas').waitFor()
    expect(await stage.page.locator('.chart figcaption').textContent()).not.toContain('1,800')
    expect(await stage.page.locator('.level').count()).toBe(3)
  })

  test('draws the shaking live', async () => {
    await stage.open({}, '#/waveforms/tower-a-roof')
    await stage.page.waitForFunction(() => document.querySelector('.strip-axes')?.textContent?.includes('peak ±'))
    expect(await stripInk(stage.page)).toBeGreaterThan(0.005)
    expect(await stage.page.locator('.strip-axes li').first().textContent()).toMatch(/Axis X\s*peak ±\d/)
    expect(stage.complaints).toEqual([])
  })
})
