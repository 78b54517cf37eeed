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
      'node/gateway-1',
      'broker',
      'ingest',
      'store',
      'journal',
      'clock',
      'backup',
    ])
    expect(await stage.page.locator('.part-bad').textContent()).toContain('the newest backup is 9 days old')
    expect(await stage.page.locator('.part-unknown').textContent()).toContain('unknown')
    expect(await stage.page.getByRole('link', { name: 'Users' }).count()).toBe(0)
    stage.desk.lacks('/system')
    await stage.page.reload()
    await stage.page.getByText('Not available on this desk.').waitFor()
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
    await stage.page.getByLabel('Scenario').fill('flash-flood')
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
