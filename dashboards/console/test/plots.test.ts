/** The pictures of water and shaking in a real browser: what they show is also said in text. */
import { readFile } from 'node:fs/promises'
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

  test('a stretch has an address, moves by buttons, and comes back to live', async () => {
    await stage.open({}, '#/water/dead-run')
    await stage.page.locator('.plot canvas').waitFor()
    await stage.page.getByRole('link', { name: 'Address of this stretch' }).click()
    await stage.page
      .getByText(/^Recorded, .* to .*/)
      .first()
      .waitFor()
    const first = stage.page.url()
    expect(first).toMatch(/#\/water\/dead-run\?from=\d{4}-.*Z&to=\d{4}-.*Z/)
    await stage.page.getByRole('link', { name: 'Closer' }).click()
    await stage.page.waitForFunction((url) => location.href !== url, first)
    await stage.page.goBack()
    expect(stage.page.url()).toBe(first)
    await stage.page.getByRole('link', { name: 'Back to live' }).click()
    await stage.page.getByLabel('Stretch of time').waitFor()
    expect(stage.complaints).toEqual([])
  })

  test('units and datum change every figure, and stay with the person; the CSV stays SI', async () => {
    await stage.open({}, '#/water/dead-run')
    await stage.page.locator('.plot canvas').waitFor()
    await stage.page.getByLabel('Unit').selectOption('ft')
    // 1.2192 m = 4 ft.
    expect(await stage.page.locator('.level', { hasText: 'Level 2' }).textContent()).toContain('4.00 ft')
    await stage.page.getByLabel('Shown above').selectOption('elevation')
    // Zero of the scripted gauge lies at 30.48 m = 100 ft.
    expect(await stage.page.locator('.level', { hasText: 'Level 2' }).textContent()).toContain('104.00 ft')
    expect(await stage.page.locator('.readout').textContent()).toContain('TWVD2001')
    await stage.page.reload()
    await stage.page.locator('.plot canvas').waitFor()
    expect(await stage.page.locator('.level', { hasText: 'Level 2' }).textContent()).toContain('4.00 ft')
    const [file] = await Promise.all([
      stage.page.waitForEvent('download'),
      stage.page.getByRole('button', { name: 'Download as CSV' }).click(),
    ])
    const csv = await readFile((await file.path())!, 'utf8')
    expect(csv.split('\r\n')[1]).toBe('time_utc,min_m,mean_m,max_m,readings,worst_flag')
    expect(csv).toMatch(/Z,0\.3\d*,/)
    await stage.page.getByText('Data as a table').click()
    expect(await stage.page.locator('.data tbody tr').count()).toBeGreaterThan(10)
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
