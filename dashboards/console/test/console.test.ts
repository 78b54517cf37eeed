/** The frame and the alarms as people use them: an officer is told, answers and proves it; nothing is called known that is not. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { FIRST_USER_TOKEN, PERSON } from './fake-desk.ts'
import { DRILL, tellRules } from './fake-world.ts'
import { consoleInChromium } from './in-chromium.ts'
import { overflow_px } from './page-checks.ts'

const FIRST_LOAD_KIB = 60

consoleInChromium('the console in Chromium', (stage) => {
  const { open, overview, signIn } = stage
  const sentence = () => stage.page.locator('.sentence').textContent()
  const row = (name: string) => stage.page.locator('.alarm', { hasText: name })

  test('loads within its budget of JavaScript, and a screen’s own only when it is opened', async () => {
    const scripts = new Set<string>()
    const context = await stage.browser.newContext()
    context.on('request', (request) => void (request.resourceType() === 'script' && scripts.add(request.url())))
    const page = await context.newPage()
    await page.goto(stage.desk.url)
    await page.locator('.sparkline').waitFor()
    const sizes = [...scripts].map(async (url) => {
      const file = join(stage.dist, new URL(url).pathname)
      return gzipSync(await readFile(file)).length
    })
    const first = (await Promise.all(sizes)).reduce((a, b) => a + b, 0)
    const before = scripts.size
    await page.locator('.navigation').getByRole('link', { name: 'Water' }).click()
    await page.locator('.plot canvas').waitFor()
    await context.close()
    expect(before).toBeGreaterThan(1)
    expect(first / 1024).toBeLessThanOrEqual(FIRST_LOAD_KIB)
    expect(scripts.size).toBeGreaterThan(before)
  })

  test('says in one sentence what is exceeded, what is unknown, and that it is an exercise', async () => {
    await overview()
    expect(await sentence()).toMatch(
      /^Dead Run above Level 2 \(orange\) since \d\d:\d\d, rising 0\.43 m\/h(, Level 1 \(red\) in about \d+ min)?; Tower A: .*limit exceeded \(Roof shaking above 80 gal, peak 212\.0 gal\); 3 alarms not acknowledged \(2 learned late\); 1 of 3 sensors silent \(Base accelerometer stale, last heard \d+ s ago\)\.$/,
    )
    expect(await stage.page.locator('.exercise-banner').textContent()).toContain('EXERCISE / 演習')
    expect(await stage.page.locator('.alarm .exercise-mark').count()).toBe(await stage.page.locator('.alarm').count())
    // One is dated by the alarm itself, the older one by its notice in the journal.
    await stage.page.waitForFunction(() => document.querySelectorAll('.late').length === 2)
    for (const late of await stage.page.locator('.late').all())
      expect(await late.textContent()).toMatch(/LATE: at .+ \+08:00, learned .+ \+08:00/)
    expect(await stage.page.locator('.tile').first().textContent()).toMatch(
      /Dead Run.*exceeded.*above Level 2 \(orange\)/,
    )
    expect(await stage.page.locator('.sensor-stale').textContent()).toMatch(/Base accelerometer[\s\S]*\d+ s ago/)
    expect(stage.complaints).toEqual([])
  })

  test('names the drill that runs and who answers for it, until it has ended', async () => {
    await overview()
    const banner = () => stage.page.locator('.exercise-banner').textContent()
    expect(await banner()).not.toContain('Drill')
    stage.desk.drill(DRILL)
    await stage.page.getByText('Drill “Autumn drill”, owner Mei, flood office.').waitFor()
    await stage.page.reload()
    await stage.page.getByText('Drill “Autumn drill”').waitFor()
    stage.desk.drill({ ...DRILL, status: 'ended', ended_ns: '3' })
    await stage.page.getByText('Drill “Autumn drill”').waitFor({ state: 'detached' })
    expect(await banner()).toContain('EXERCISE / 演習')
    expect(await banner()).toContain('Simulated devices, not the real water or building.')
    // Beside real devices nobody may take a real alarm for the drill's.
    stage.desk.device('dead-run', { simulated: false })
    await stage.page.getByText('What is marked EXERCISE is simulated; everything else is real.').waitFor()
  })

  test.each([
    ['en-GB', 1280, 'Rule', 'no valid value for 60 s', 'would reach Level 1 (red) within 30 min (not a forecast)'],
    ['zh-TW', 360, '條件', '60 秒無有效數值', '照目前趨勢 30 分鐘內將達 Level 1 (red)（非預報）'],
  ])('says the rule where it is not the value that is judged (%s)', async (locale, width, label, silent, soon) => {
    tellRules(stage.desk)
    await overview({ locale, viewport: { width, height: 900 } })
    expect(await row('Gauge silent').textContent()).toContain(`${label}${silent}`)
    expect(await row('Gauge silent').textContent()).not.toMatch(/60\.00|Limit|限值|Peak|峰值/)
    expect(await row('Level 1 soon').textContent()).toContain(`${label}${soon}`)
    expect(await overflow_px(stage.page)).toBe(0)
    expect(stage.complaints).toEqual([])
  })

  test('an officer signs in, acknowledges with a comment, and the row proves it', async () => {
    await overview()
    await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).click()
    await signIn('wrong')
    await stage.page.getByText('Name or passphrase is wrong.').waitFor()
    await signIn()
    await stage.page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).waitFor()
    await stage.page.getByLabel('Comment (optional)').fill('Security walks the stairs.')
    await stage.page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).click()
    await stage.page.locator('dialog').waitFor({ state: 'detached' })
    await row('Roof shaking').getByText(`Acknowledged by ${PERSON.name}`).waitFor()
    expect(await row('Roof shaking').textContent()).toContain('Security walks the stairs.')
    expect(await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
    expect(stage.desk.accepted).toEqual([
      {
        path: '/alarms/gateway-1:roof-pga/acknowledge',
        body: { occurrence: 3, etag: 'roof-pga-1', comment: 'Security walks the stairs.' },
        by: PERSON.name,
      },
    ])
    await stage.page.waitForFunction(() => document.querySelector('[role=log]')?.textContent?.includes('Acknowledged'))
  })

  test('an answer to what is no longer true is not given: look again, then answer what is', async () => {
    await overview()
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).click()
    stage.desk.change('gateway-1:roof-pga', { occurrence: 4 })
    await stage.page.getByRole('button', { name: 'Acknowledge as' }).click()
    await stage.page.getByText('a newer occurrence came').waitFor()
    expect(stage.desk.accepted).toEqual([])
    expect(await stage.page.locator('dialog').textContent()).toContain('occurrence 4')
    await stage.page.getByRole('button', { name: 'Acknowledge as' }).click()
    await stage.page.locator('dialog').waitFor({ state: 'detached' })
    expect(stage.desk.accepted.map((a) => a.body)).toMatchObject([{ occurrence: 4 }])
  })

  test('reset is offered only for a latched, acknowledged alarm, and ends it', async () => {
    await overview()
    expect(await stage.page.locator('.alarm').getByRole('button', { name: 'Reset' }).count()).toBe(1)
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await row('Base shaking').getByRole('button', { name: 'Reset' }).click()
    await stage.page.getByRole('button', { name: 'Reset as' }).click()
    await row('Base shaking').waitFor({ state: 'detached' })
    expect(stage.desk.accepted.map((a) => a.path)).toEqual(['/alarms/gateway-1:base-pga/reset'])
  })

  test('a session that ended asks to sign in again, and then answers', async () => {
    await overview()
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await stage.page.getByText(`Signed in as ${PERSON.name}`).waitFor()
    stage.desk.forgetSessions()
    await row('Dead Run above level 2').getByRole('button', { name: 'Acknowledge' }).click()
    await stage.page.getByRole('button', { name: 'Acknowledge as' }).click()
    await signIn()
    await stage.page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).click()
    await stage.page.locator('dialog').waitFor({ state: 'detached' })
    expect(stage.desk.accepted).toHaveLength(1)
  })

  test('a new alarm is told to a screen reader and rises in the list', async () => {
    await overview()
    await stage.page.waitForFunction(() => document.querySelector('[role=log]')?.textContent?.includes('5 open'))
    const onset_ns = String(BigInt(Date.now()) * 1_000_000n)
    stage.desk.change('gateway-1:run-1', { state: 'unacknowledged', occurrence: 1, onset_ns, value: 1.84, peak: 1.84 })
    await stage.page.waitForFunction(() =>
      document.querySelector('[role=alert]')?.textContent?.includes('Dead Run above level 1'),
    )
    expect(await stage.page.locator('.alarm h3').first().textContent()).toBe('Dead Run above level 1')
  })

  test('speaks Chinese at a press, remembers it, and leaves no English sentence', async () => {
    await overview()
    await stage.page.getByRole('button', { name: '中文', exact: true }).click()
    expect(await sentence()).toContain('Dead Run 自')
    expect(await stage.page.evaluate(() => document.documentElement.lang)).toBe('zh-TW')
    await stage.page.reload()
    await stage.page.locator('.alarm').first().waitFor()
    expect(await sentence()).toContain('Dead Run 自')
    const text = await stage.page.locator('main').textContent()
    for (const word of ['exceeded', 'Alarms', 'Sensors', 'last heard', 'Acknowledge', 'unknown', 'ago'])
      expect(text).not.toContain(word)
  })

  test('a line that falls silent is called lost within seconds, and nothing is called known', async () => {
    await overview()
    stage.desk.mute(true)
    await stage.page.locator('.lost-banner').waitFor({ timeout: 6000 })
    expect(await stage.page.locator('.lost-banner').textContent()).toMatch(/lost.*state of .* \+08:00, \d+ s ago/)
    expect(await sentence()).toBe('Status unknown: there is no connection to the desk.')
    expect(await stage.page.locator('.last-known').textContent()).toMatch(/^Last known at .*: Dead Run above/)
    expect(await stage.page.locator('[role=alert]').textContent()).toContain('lost')
    stage.desk.mute(false)
    await stage.page.locator('.lost-banner').waitFor({ state: 'detached' })
    expect(await stage.page.locator('[role=log]').textContent()).toBe('Connection to the desk is back.')
    // The gauge may have gone stale meanwhile, by its own age: above, or above when last heard.
    expect(await sentence()).toMatch(/^Dead Run (was )?above/)
  })

  test('comes back by itself after the desk was away, with the state of now', async () => {
    await overview()
    stage.desk.cut(true)
    await stage.page.locator('.lost-banner').waitFor({ timeout: 6000 })
    stage.desk.change('gateway-1:run-2', { state: 'acknowledged', acknowledged_by: 'Chen', acknowledged_ns: '0' })
    stage.desk.cut(false)
    await stage.page.locator('.lost-banner').waitFor({ state: 'detached', timeout: 12_000 })
    expect(await row('Dead Run above level 2').textContent()).toContain('Acknowledged by Chen')
  })

  test('a desk that shows its site to signed-in people only says so, and shows it after the sign-in', async () => {
    stage.desk.restrict()
    await open()
    await stage.page.getByText('The desk shows it only to people who are signed in.').waitFor()
    await stage.page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await stage.page.locator('.lost-banner').waitFor({ state: 'detached' })
    expect(await sentence()).toMatch(/^Dead Run above/)
  })

  test('the first-user link makes the first person', async () => {
    await open({}, `#/first-user?token=${FIRST_USER_TOKEN}`)
    await stage.page.getByLabel('Name').fill(PERSON.name)
    await stage.page.getByLabel('Passphrase', { exact: true }).fill('a')
    await stage.page.getByLabel('Passphrase again').fill('b')
    await stage.page.getByRole('button', { name: 'Make this user' }).click()
    await stage.page.getByText('The two passphrases differ.').waitFor()
    await stage.page.getByLabel('Passphrase again').fill('a')
    await stage.page.getByRole('button', { name: 'Make this user' }).click()
    await stage.page.getByText(`${PERSON.name} is set up and signed in.`).waitFor()
    await stage.page.getByRole('link', { name: 'To the console' }).click()
    await stage.page.locator('.alarm').first().waitFor()
  })
})
