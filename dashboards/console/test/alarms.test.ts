/** The alarm screen in a real browser: put aside and back, explained, looked up, by the roles that may; also on an older desk. */
import { expect, test } from 'vitest'
import { alarm } from './fixtures.ts'
import { consoleInChromium } from './in-chromium.ts'
import { overflow_px } from './page-checks.ts'

consoleInChromium('alarms', (stage) => {
  const { open, signIn } = stage
  const row = (name: string) => stage.page.locator('.alarm', { hasText: name })
  const signedIn = async (path: string, width = 1280) => {
    await open({ viewport: { width, height: 740 } }, path)
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await stage.page.getByText('Signed in as').waitFor()
  }

  test('an officer shelves an alarm with a reason on a phone; it stands apart with the time left, and comes back', async () => {
    await signedIn('#/alarms', 360)
    await row('Dead Run above level 2').getByRole('button', { name: 'Shelve' }).click()
    await stage.page.getByLabel('For how long').selectOption('15')
    await stage.page.getByLabel('Reason').fill('Gauge is being cleaned')
    await stage.page.getByLabel('Bring it back as well when its condition returns').check()
    await stage.page.getByRole('button', { name: 'Shelve as' }).click()
    await stage.page.locator('dialog').waitFor({ state: 'detached' })
    await row('Dead Run above level 2').waitFor({ state: 'detached' })
    expect(stage.desk.accepted.at(-1)?.body).toEqual({
      etag: 'run-2-1',
      minutes: 15,
      reason: 'Gauge is being cleaned',
      one_shot: true,
    })
    await stage.page.getByRole('link', { name: 'Shelved 1' }).click()
    const shelved = await row('Dead Run above level 2').textContent()
    expect(shelved).toMatch(/comes back in 1[45] min/)
    expect(shelved).toContain('Gauge is being cleaned')
    expect(shelved).toContain('Underneath: Active, not acknowledged')
    expect(await overflow_px(stage.page)).toBe(0)
    await row('Dead Run above level 2').getByRole('button', { name: 'Unshelve' }).click()
    await stage.page.getByRole('button', { name: 'Unshelve as' }).click()
    await stage.page.getByText('No alarm is shelved.').waitFor()
    await stage.page.getByRole('link', { name: 'Open', exact: true }).click()
    await row('Dead Run above level 2').waitFor()
    expect(stage.complaints).toEqual([])
  })

  test('a level that is exceeded is told in the sentence though its alarm is shelved', async () => {
    await signedIn('#/')
    const { change, alarm: get } = stage.desk
    const aside = { underlying: get('gateway-1:run-2').state, suppressed: null, out_of_service: null, shelved: null }
    change('gateway-1:run-2', { state: 'shelved', aside })
    await row('Dead Run above level 2').waitFor({ state: 'detached' })
    expect(await stage.page.locator('.sentence').textContent()).toContain('Dead Run above Level 2 (orange)')
  })

  test('roles hide what they may not do; an engineer is offered more than an operator, a viewer nothing', async () => {
    for (const [role, buttons] of [
      ['viewer', []],
      ['operator', ['Acknowledge', 'Comment', 'Shelve']],
      ['engineer', ['Acknowledge', 'Comment', 'Shelve', 'Out of service']],
    ] as const) {
      stage.desk.role(role)
      await signedIn('#/alarms')
      const names = await row('Roof shaking').getByRole('button').allTextContents()
      expect(names.map((n) => n.replace(' Roof shaking above 80 gal', ''))).toEqual(buttons)
      await stage.page.context().close()
    }
  })

  test('one click explains an alarm: value, rule, line, quality, last times, who was told', async () => {
    await open({}, '#/alarms')
    await row('Roof shaking').getByRole('link').click()
    await stage.page.getByText('Line 42 of the site file').waitFor()
    const text = await stage.page.locator('main').textContent()
    for (const said of [
      'raised at or above 80.0 gal',
      'flag 1 good',
      'Lin Mei-hua, after 1 min 14 s',
      'no answer of the gateway',
    ])
      expect(text).toContain(said)
    expect(stage.page.url()).toContain('#/alarms/gateway-1:roof-pga')
    expect(await stage.page.evaluate(() => document.activeElement?.id)).toBe('main')
    expect(stage.complaints).toEqual([])
  })

  test('the journal is looked up by kind and person; the address carries the filter, and the CSV has it too', async () => {
    await open({}, '#/alarms?list=history')
    await stage.page.locator('tbody tr').nth(5).waitFor()
    await stage.page.getByLabel('Kind').selectOption('shelve')
    await stage.page.getByRole('button', { name: 'Show', exact: true }).click()
    await stage.page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
    expect(await stage.page.locator('tbody').textContent()).toContain('Gauge is being cleaned')
    expect(stage.page.url()).toContain('kind=shelve')
    expect(await stage.page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')).toBe(
      '/api/v1/journal?kind=shelve&format=csv',
    )
    await stage.page.reload()
    await stage.page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
  })

  test('an older desk that lacks a part is said to lack it; the rest goes on', async () => {
    stage.desk.lacks('/alarm-quality', '/cap', '/alarms/gateway-1:roof-pga/explain')
    await open({}, '#/alarms?list=quality')
    await stage.page.getByText('Not available on this desk.').waitFor()
    await stage.page.goto(`${stage.desk.url}#/alarms?list=cap`)
    await stage.page.getByText('Not available on this desk.').waitFor()
    await stage.page.goto(`${stage.desk.url}#/alarms/gateway-1:roof-pga`)
    await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).waitFor()
    await stage.page.getByText('Not available on this desk.').waitFor()
  })

  test('a CAP draft goes out only by a person’s hand', async () => {
    await signedIn('#/alarms?list=cap')
    await stage.page.getByRole('button', { name: 'Release' }).click()
    expect(await stage.page.locator('dialog').textContent()).toContain('Unconfirmed')
    await stage.page.getByLabel('Comment (optional)').fill('Seen from the bridge')
    await stage.page.getByRole('button', { name: 'Release as' }).click()
    await stage.page.locator('dialog').waitFor({ state: 'detached' })
    expect(stage.desk.accepted).toMatchObject([
      { path: '/cap/c1/release', body: { etag: 'c1-1', comment: 'Seen from the bridge' } },
    ])
  })

  test('five hundred alarms at once: the list stays short and usable, one press shows the rest', async () => {
    await open({}, '#/alarms')
    await row('Roof shaking').waitFor()
    stage.desk.flood(500)
    await stage.page.waitForFunction(() => document.querySelector('.count')?.textContent?.startsWith('505 open'))
    expect(await stage.page.locator('.alarm').count()).toBeLessThanOrEqual(41)
    // All of a second are one announcement, and it names only the first: nobody listens to five hundred names.
    await stage.page.waitForFunction(() =>
      /\d+ alarms: .* more/.test(document.querySelector('[role=alert]')?.textContent ?? ''),
    )
    expect((await stage.page.locator('[role=alert]').textContent())!.length).toBeLessThan(400)
    await row('Flood 499').first().getByRole('button', { name: 'Comment' }).click()
    await stage.page.locator('dialog').waitFor()
    await stage.page.keyboard.press('Escape')
    await stage.page.getByRole('button', { name: /Show \d+ more/ }).click()
    await stage.page.locator('.alarm').nth(504).waitFor({ state: 'attached' })
    expect(await stage.page.locator('.alarm').count()).toBe(505)
    // Readings come and the clock goes on: of the rows the texts that changed are put in their place, and nothing else.
    const seen = await stage.page.evaluate(async () => {
      const drawn: string[] = []
      let texts = 0
      const observer = new MutationObserver((records) => {
        for (const { type, target, attributeName } of records)
          if (type === 'characterData') texts++
          else drawn.push(`${type} ${attributeName ?? ''} of ${(target as Element).outerHTML.slice(0, 80)}`)
      })
      observer.observe(document.documentElement, { attributes: true })
      const rows = document.querySelector('.alarm-rows')!
      observer.observe(rows, { attributes: true, childList: true, characterData: true, subtree: true })
      while (texts < 3 * 505) await new Promise((resolve) => setTimeout(resolve, 50))
      observer.disconnect()
      return drawn
    })
    expect(seen).toEqual([])
  })

  test('alarms of one cause are one row of the list', async () => {
    await open({}, '#/alarms')
    for (const id of ['roof-pga', 'base-pga', 'run-2', 'run-3'])
      stage.desk.change(`gateway-1:${id}`, { group: 'quake-1' })
    await stage.page.getByText('4 alarms with one cause').waitFor()
    expect(await stage.page.locator('.alarm-group').textContent()).toContain(alarm('roof-pga').name)
    expect(await stage.page.locator('.alarm-rows').first().locator('> li').count()).toBe(2)
  })
})
