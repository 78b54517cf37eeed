/** Drills and system in a real browser: who may sees and does it, an older desk is told as such, secrets are shown once. */
import { expect, test } from 'vitest'
import { consoleInChromium } from './in-chromium.ts'

consoleInChromium('drills and system', (stage) => {
  const signedIn = async (path: string) => {
    await stage.open({}, path)
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await stage.signIn()
    await stage.page.getByText('Signed in as').waitFor()
  }

  test('the line is shown in the order of a reading, what is amiss marked by word, what is unknown hatched', async () => {
    await stage.open({}, '#/system')
    await stage.page.locator('.part').first().waitFor()
    expect(await stage.page.locator('.part h3').allTextContents()).toEqual([
      'Edge node gateway-1',
      'Broker',
      'Ingest',
      'Store',
      'Journal',
      'Clock of the desk',
      'Backup',
    ])
    expect(await stage.page.locator('.part-bad').textContent()).toContain('the newest backup is 9 days old')
    expect(await stage.page.locator('.part-unknown').textContent()).toContain('unknown')
    expect(await stage.page.getByRole('link', { name: 'Users' }).count()).toBe(0)
    stage.desk.lacks('/system')
    await stage.page.reload()
    await stage.page.getByText('Not available on this desk.').waitFor()
  })

  test('an engineer reads the site file with its mistakes, led to a line by the address; who is not one sees what runs', async () => {
    await signedIn('#/alarms/gateway-1:roof-pga')
    await stage.page.getByRole('link', { name: 'Line 42 of the site file' }).click()
    const marked = stage.page.locator('.code-lines [aria-current]')
    await marked.waitFor()
    expect(await marked.textContent()).toContain('id: roof-pga')
    expect(await marked.evaluate((li) => [...li.parentElement!.children].indexOf(li))).toBe(41)
    expect(await marked.evaluate((li) => li.getBoundingClientRect().top < innerHeight)).toBe(true)
    const text = await stage.page.locator('main').textContent()
    expect(text).toContain('A check finds mistakes: 1.')
    expect(text).toContain('limits[0].above: expected a number, got "eighty"')
    await stage.page.getByRole('link', { name: 'Line 44', exact: true }).click()
    await expect.poll(() => stage.page.locator('.code-lines .is-wrong[aria-current]').textContent()).toBe('# line 44')
    await stage.page.goto(`${stage.desk.url}#/system/site?line=400`)
    await stage.page.getByText('the file ends at line 60').waitFor()
    stage.desk.role('operator')
    await stage.page.reload()
    await stage.page.getByText('What runs').waitFor()
    expect(await stage.page.locator('.code-lines').count()).toBe(0)
  })

  test('what is for admins is not shown to others, whatever the address; the bar keeps to one row at 1280 px', async () => {
    stage.desk.role('operator')
    await signedIn('#/system/users')
    await stage.page.getByText('Only an administrator sees this.').waitFor()
    expect(await stage.page.locator('form').count()).toBe(0)
    const tops = await stage.page
      .locator('.top-bar h1, .top-actions')
      .evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top))
    expect(Math.abs(tops[0]! - tops[1]!)).toBeLessThan(20)
  })

  test('an engineer plays a file from this computer on a simulated device', async () => {
    stage.desk.answers('/simulator/play', {})
    await signedIn('#/drills')
    await stage.page
      .getByLabel('or files from this computer')
      .setInputFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from('t,x\n0,1\n') })
    await expect.poll(() => stage.page.getByLabel('Name of a recording').isDisabled()).toBe(true)
    await stage.page.getByRole('button', { name: 'Play', exact: true }).click()
    await expect.poll(() => stage.desk.accepted.at(-1)?.path).toBe('/simulator/play')
    // base64 of the ten bytes above (RFC 4648).
    expect(stage.desk.accepted.at(-1)!.body).toMatchObject({
      files: [{ name: 'own.csv', base64: 'dCx4CjAsMQo=' }],
      speed: 1,
    })
  })

  test('an admin invites a person: the link is shown once, to be handed over', async () => {
    stage.desk.answers('/users', { user: {}, token: 'tok/en', expires_ns: '1' })
    await signedIn('#/system/users')
    await stage.page.locator('form.filter input').fill('Chen')
    await stage.page.locator('form').getByLabel('Role').selectOption('operator')
    await stage.page.getByRole('button', { name: 'Invite a person' }).click()
    await stage.page.getByText('#/invitation?token=tok%2Fen').waitFor()
    expect(stage.desk.accepted.at(-1)).toMatchObject({ path: '/users', body: { name: 'Chen', role: 'operator' } })
  })

  test('nobody is removed and no token revoked at one press', async () => {
    await signedIn('#/system/users')
    const remove = stage.page.getByRole('button', { name: /^Remove / }).first()
    const before = stage.desk.accepted.length
    await remove.click()
    await stage.page.getByText('Their sessions end at once.').waitFor()
    await stage.page.getByRole('button', { name: 'Cancel' }).click()
    expect(await stage.page.getByText('Their sessions end at once.').count()).toBe(0)
    expect(stage.desk.accepted).toHaveLength(before)
    await remove.click()
    await stage.page.getByRole('button', { name: 'Yes: remove' }).click()
    await expect.poll(() => stage.desk.accepted.at(-1)?.path).toMatch(/^\/users\/./)
    await stage.page.goto(`${stage.desk.url}#/system/tokens`)
    await stage.page
      .getByRole('button', { name: /^Revoke / })
      .first()
      .click()
    await stage.page.getByRole('button', { name: 'Yes: revoke' }).click()
    await expect.poll(() => stage.desk.accepted.at(-1)?.path).toMatch(/^\/tokens\/./)
  })

  test('an engineer starts a scenario, jumps in a play and spoils a wire', async () => {
    await signedIn('#/drills')
    const replay = stage.page.getByRole('region', { name: 'Replay and faults' })
    const last = () => stage.desk.accepted.at(-1)
    await replay.getByLabel('Scenario').fill('earthquake')
    await replay.getByLabel('Seed').fill('7')
    await replay.getByRole('button', { name: 'Start without a drill' }).click()
    await expect.poll(last).toMatchObject({ path: '/simulator/scenario', body: { name: 'earthquake', seed: 7 } })
    await replay.getByLabel('Position [s]').first().fill('1.5')
    await replay.getByRole('button', { name: /^Jump/ }).first().click()
    await expect.poll(last).toMatchObject({ path: '/simulator/steer', body: { action: 'seek', position_s: 1.5 } })
    await replay.getByLabel('Fault of the wire').selectOption('delay')
    await replay.getByLabel('Frames concerned').fill('50')
    await replay.getByLabel('Late by').fill('800')
    await replay.getByRole('button', { name: 'Spoil the wire' }).click()
    await expect.poll(last).toMatchObject({
      path: '/simulator/wire',
      body: { node: 'gateway-1', link: 'simulated', faults: { delay: { chance: 0.5, ms: 800 } } },
    })
  })

  test('an engineer plans maintenance and ends a window; an operator only reads', async () => {
    await signedIn('#/alarms?list=maintenance')
    await stage.page.getByRole('heading', { name: 'New cable to the roof' }).waitFor()
    await stage.page.getByText('Plan maintenance').click()
    const form = stage.page.locator('details form')
    await form.getByLabel('What is done').fill('Battery')
    await form.getByLabel('Reason').fill('It is old')
    await form.getByLabel('Lasts').fill('3')
    expect(await form.getByRole('button').isDisabled()).toBe(true)
    await form.getByRole('checkbox').first().check()
    const asked_ms = Date.now()
    await form.getByRole('button').click()
    const last = () => stage.desk.accepted.at(-1)
    await expect.poll(last).toMatchObject({ path: '/maintenance', body: { name: 'Battery', reason: 'It is old' } })
    const { until_ns } = last()!.body as { until_ns: string }
    expect(Math.abs(Number(BigInt(until_ns) / 1_000_000n) - asked_ms - 3 * 3600_000)).toBeLessThan(60_000)
    await stage.page.getByRole('button', { name: 'End New cable to the roof' }).click()
    await stage.page.getByRole('button', { name: 'Yes: end' }).click()
    await expect.poll(() => last()?.path).toBe('/maintenance/m-1/end')
    stage.desk.role('operator')
    await stage.page.reload()
    await stage.page.getByRole('heading', { name: 'New cable to the roof' }).waitFor()
    await stage.page.getByText('(operator)').waitFor()
    expect(await stage.page.getByText('Plan maintenance').count()).toBe(0)
    expect(await stage.page.getByRole('button', { name: /^End / }).count()).toBe(0)
  })

  test('an engineer tests a contact and sees what came of it; a viewer is not offered that', async () => {
    stage.desk.answers('/contacts/mei/test', { state: 'sent', detail: null })
    await signedIn('#/system/contacts')
    await stage.page.getByRole('button', { name: 'Test mail Lin Mei-hua' }).click()
    await stage.page.getByText('Test: sent').waitFor()
    expect(stage.desk.accepted.at(-1)).toMatchObject({ path: '/contacts/mei/test', body: { channel: 'mail' } })
    stage.desk.role('viewer')
    await stage.page.reload()
    await stage.page.locator('.alarm').first().waitFor()
    await stage.page.getByText('(viewer)').waitFor()
    expect(await stage.page.getByRole('button', { name: /^Test mail/ }).count()).toBe(0)
  })

  test('an officer starts a drill and sees how the last one was answered', async () => {
    await signedIn('#/drills')
    await stage.page.getByText('Start a drill').click()
    await stage.page.getByLabel('Name of the drill').fill('Night drill')
    await stage.page.locator('details').getByLabel('Scenario').fill('flash-flood')
    await stage.page.getByLabel('Who would be told').fill('night shift\n\nLin')
    await stage.page.getByRole('button', { name: 'Start the drill' }).click()
    await stage.page.waitForFunction(() => document.querySelectorAll('.problem').length === 0)
    expect(stage.desk.accepted.at(-1)).toMatchObject({
      path: '/drills',
      body: {
        name: 'Night drill',
        recipients: ['night shift', 'Lin'],
        scenario: { name: 'flash-flood' },
        max_minutes: 30,
      },
    })
    await stage.page.getByRole('link', { name: 'Spring drill' }).click()
    await stage.page.getByText('Lin Mei-hua, 1 min 14 s: Gates closed').waitFor()
    expect(await stage.page.locator('main').textContent()).toContain('No real alarm came meanwhile.')
    expect(stage.complaints).toEqual([])
  })
})
