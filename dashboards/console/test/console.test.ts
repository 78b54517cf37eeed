/**
 * The console as people use it: built, served under the desk's headers, in a real Chromium, against a scripted desk. The
 * officer's way (told, answers, proves) and the manager's (one glance, no false calm) are walked through.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeDesk, FIRST_USER_TOKEN, PERSON, startFakeDesk } from './fake-desk.ts'
import { DRILL, tellRules } from './fake-world.ts'
import { faintTexts, overflow_px, smallTargets, stripInk } from './page-checks.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const HOW = `no Chromium at ${CHROMIUM}: install it (Debian: apt-get install chromium) or set CHROMIUM to its path`
const ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
const ROOT = join(import.meta.dirname, '../../..')
const FIRST_LOAD_KIB = 60

const there = existsSync(CHROMIUM)
const required = process.env.PLUMBLINE_REQUIRE_REAL === '1'
if (!there) (required ? test : test.skip)(`the console in a real browser: ${HOW}`, () => expect.fail(HOW))

describe.runIf(there)('the console in Chromium', () => {
  let dist: string
  let browser: Browser
  let desk: FakeDesk
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    dist = await mkdtemp(join(tmpdir(), 'plumbline-console-'))
    const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'dashboards/console/vite.config.ts']
    const env = { ...process.env, NODE_ENV: 'production' }
    await promisify(execFile)(process.execPath, [...vite, '--outDir', dist, '--emptyOutDir'], { cwd: ROOT, env })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS.split(' ') })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await rm(dist, { recursive: true, force: true })
  })
  beforeEach(async () => {
    desk = await startFakeDesk(dist)
    complaints = []
  })
  afterEach(async () => {
    await page?.context().close()
    await desk.stop()
  })

  async function open(options: BrowserContextOptions = {}, path = ''): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options })
    page = await context.newPage()
    page.setDefaultTimeout(8000)
    page.on('console', (m) => void (['error', 'warning'].includes(m.type()) && complaints.push(m.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
    await page.goto(`${desk.url}${path}`)
    await page.locator('.top-bar').waitFor()
  }
  const overview = async (options?: BrowserContextOptions) => {
    await open(options)
    await page.locator('.alarm').first().waitFor()
    await page.locator('.plot canvas').waitFor()
  }
  const sentence = () => page.locator('.sentence').textContent()
  const row = (name: string) => page.locator('.alarm', { hasText: name })
  const signIn = async (passphrase = PERSON.passphrase) => {
    await page.getByLabel('Name').fill(PERSON.name)
    await page.getByLabel('Passphrase').fill(passphrase)
    await page.locator('dialog button[type=submit]').click()
  }

  test('loads within its budget of JavaScript', async () => {
    const files = await readdir(join(dist, 'assets'))
    const scripts = files.filter((f) => f.endsWith('.js'))
    const sizes = await Promise.all(scripts.map(async (f) => gzipSync(await readFile(join(dist, 'assets', f))).length))
    expect(scripts.length).toBeGreaterThan(0)
    expect(sizes.reduce((a, b) => a + b, 0) / 1024).toBeLessThanOrEqual(FIRST_LOAD_KIB)
  })

  test('says in one sentence what is exceeded, what is unknown, and that it is an exercise', async () => {
    await overview()
    expect(await sentence()).toMatch(
      /^1 of 1 waters above a named level \(Dead Run 1\.\d\d m, above Level 2 \(orange\), rising 0\.43 m\/h\); Tower A: .*limit exceeded \(Roof shaking above 80 gal, peak 212\.0 gal\); 3 alarms not acknowledged \(2 learned late\); 1 of 3 sensors without usable data \(Base accelerometer stale, last heard \d+ s ago\)\.$/,
    )
    expect(await page.locator('.exercise-banner').textContent()).toContain('EXERCISE / 演習')
    expect(await page.locator('.alarm .exercise-mark').count()).toBe(await page.locator('.alarm').count())
    expect(await page.locator('.chart').textContent()).toContain('×180')
    expect(await page.locator('.chart .plot').getAttribute('aria-hidden')).toBe('true')
    expect(await page.locator('.chart figcaption').textContent()).toMatch(
      /lowest 0\.3\d m at .*, highest 1\.\d\d m at .*, 1 gap\./,
    )
    // One is dated by the alarm itself, the older one by its notice in the journal.
    await page.waitForFunction(() => document.querySelectorAll('.late').length === 2)
    for (const late of await page.locator('.late').all())
      expect(await late.textContent()).toMatch(/LATE: at .+ \+08:00, learned .+ \+08:00/)
    expect(await page.locator('.level', { hasText: 'Level 2' }).textContent()).toContain('exceeded')
    expect(await page.locator('.sensor-stale').textContent()).toMatch(/Base accelerometer[\s\S]*last heard \d+ s ago/)
    expect(complaints).toEqual([])
  })

  test('names the drill that runs and who answers for it, until it has ended', async () => {
    await overview()
    const banner = () => page.locator('.exercise-banner').textContent()
    expect(await banner()).not.toContain('Drill')
    desk.drill(DRILL)
    await page.getByText('Drill “Autumn drill”, owner Mei, flood office.').waitFor()
    await page.reload()
    await page.getByText('Drill “Autumn drill”').waitFor()
    desk.drill({ ...DRILL, status: 'ended', ended_ns: '3' })
    await page.getByText('Drill “Autumn drill”').waitFor({ state: 'detached' })
    expect(await banner()).toContain('EXERCISE / 演習')
    expect(await banner()).toContain('Simulated devices, not the real water or building.')
    // Beside real devices nobody may take a real alarm for the drill's.
    desk.device('dead-run', { simulated: false })
    await page.getByText('What is marked EXERCISE is simulated; everything else is real.').waitFor()
  })

  test.each([
    ['en-GB', 1280, 'Rule', 'no valid value for 60 s', 'would reach Level 1 (red) within 30 min (not a forecast)'],
    ['zh-TW', 360, '條件', '60 秒無有效數值', '照目前趨勢 30 分鐘內將達 Level 1 (red)（非預報）'],
  ])('says the rule where it is not the value that is judged (%s)', async (locale, width, label, silent, soon) => {
    tellRules(desk)
    await overview({ locale, viewport: { width, height: 900 } })
    expect(await row('Gauge silent').textContent()).toContain(`${label}${silent}`)
    expect(await row('Gauge silent').textContent()).not.toMatch(/60\.00|Limit|限值|Peak|峰值/)
    expect(await row('Level 1 soon').textContent()).toContain(`${label}${soon}`)
    // The chart has the named levels and nothing else: 60 s or 1800 s on an axis of metres would flatten the river.
    expect(await page.locator('.chart figcaption').textContent()).not.toContain('1,800')
    expect(await page.locator('.level').count()).toBe(3)
    expect(await overflow_px(page)).toBe(0)
    expect(complaints).toEqual([])
  })

  test('draws the shaking live', async () => {
    await overview()
    await page.waitForFunction(() => document.querySelector('.strip-axes')?.textContent?.includes('peak ±'))
    expect(await stripInk(page)).toBeGreaterThan(0.005)
    expect(await page.locator('.strip-axes li').first().textContent()).toMatch(/Axis X\s*peak ±\d/)
    expect(complaints).toEqual([])
  })

  test('an officer signs in, acknowledges with a comment, and the row proves it', async () => {
    await overview()
    await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).click()
    await signIn('wrong')
    await page.getByText('Name or passphrase is wrong.').waitFor()
    await signIn()
    await page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).waitFor()
    await page.getByLabel('Comment (optional)').fill('Security walks the stairs.')
    await page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    await row('Roof shaking').getByText(`Acknowledged by ${PERSON.name}`).waitFor()
    expect(await row('Roof shaking').textContent()).toContain('Security walks the stairs.')
    expect(await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
    expect(desk.accepted).toEqual([
      {
        path: '/alarms/gateway-1:roof-pga/acknowledge',
        body: { occurrence: 3, etag: 'roof-pga-1', comment: 'Security walks the stairs.' },
        by: PERSON.name,
      },
    ])
    await page.waitForFunction(() => document.querySelector('[role=log]')?.textContent?.includes('Acknowledged'))
  })

  test('an answer to what is no longer true is not given: look again, then answer what is', async () => {
    await overview()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await row('Roof shaking').getByRole('button', { name: 'Acknowledge' }).click()
    desk.change('gateway-1:roof-pga', { occurrence: 4 })
    await page.getByRole('button', { name: 'Acknowledge as' }).click()
    await page.getByText('a newer occurrence came').waitFor()
    expect(desk.accepted).toEqual([])
    expect(await page.locator('dialog').textContent()).toContain('occurrence 4')
    await page.getByRole('button', { name: 'Acknowledge as' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(desk.accepted.map((a) => a.body)).toMatchObject([{ occurrence: 4 }])
  })

  test('reset is offered only for a latched, acknowledged alarm, and ends it', async () => {
    await overview()
    expect(await page.locator('.alarm').getByRole('button', { name: 'Reset' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await row('Base shaking').getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('button', { name: 'Reset as' }).click()
    await row('Base shaking').waitFor({ state: 'detached' })
    expect(desk.accepted.map((a) => a.path)).toEqual(['/alarms/gateway-1:base-pga/reset'])
  })

  test('a session that ended asks to sign in again, and then answers', async () => {
    await overview()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await page.getByText(`Signed in as ${PERSON.name}`).waitFor()
    desk.forgetSessions()
    await row('Dead Run above level 2').getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByRole('button', { name: 'Acknowledge as' }).click()
    await signIn()
    await page.getByRole('button', { name: `Acknowledge as ${PERSON.name}` }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(desk.accepted).toHaveLength(1)
  })

  test('a new alarm is told to a screen reader and rises in the list', async () => {
    await overview()
    await page.waitForFunction(() => document.querySelector('[role=log]')?.textContent?.includes('5 open'))
    const onset_ns = String(BigInt(Date.now()) * 1_000_000n)
    desk.change('gateway-1:run-1', { state: 'unacknowledged', occurrence: 1, onset_ns, value: 1.84, peak: 1.84 })
    await page.waitForFunction(() =>
      document.querySelector('[role=alert]')?.textContent?.includes('Dead Run above level 1'),
    )
    expect(await page.locator('.alarm h3').first().textContent()).toBe('Dead Run above level 1')
  })

  test('speaks Chinese at a press, remembers it, and leaves no English sentence', async () => {
    await overview()
    await page.getByRole('button', { name: '切換為繁體中文' }).click()
    expect(await sentence()).toContain('1 處水域中有 1 處超過警戒水位')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-TW')
    await page.reload()
    await page.locator('.alarm').first().waitFor()
    expect(await sentence()).toContain('1 處水域中有 1 處超過警戒水位')
    const text = await page.locator('main').textContent()
    for (const word of ['exceeded', 'Alarms', 'Sensors', 'last heard', 'Acknowledge', 'unknown', 'ago'])
      expect(text).not.toContain(word)
  })

  test('a line that falls silent is called lost within seconds, and nothing is called known', async () => {
    await overview()
    desk.mute(true)
    await page.locator('.lost-banner').waitFor({ timeout: 6000 })
    expect(await page.locator('.lost-banner').textContent()).toMatch(/lost.*state of .* \+08:00, \d+ s ago/)
    expect(await sentence()).toBe('Status unknown: there is no connection to the desk.')
    expect(await page.locator('.last-known').textContent()).toMatch(/^Last known at .*: 1 of 1 waters above/)
    expect(await page.locator('[role=alert]').textContent()).toContain('lost')
    desk.mute(false)
    await page.locator('.lost-banner').waitFor({ state: 'detached' })
    expect(await page.locator('[role=log]').textContent()).toBe('Connection to the desk is back.')
    expect(await sentence()).toMatch(/^1 of 1 waters/)
  })

  test('comes back by itself after the desk was away, with the state of now', async () => {
    await overview()
    desk.cut(true)
    await page.locator('.lost-banner').waitFor({ timeout: 6000 })
    desk.change('gateway-1:run-2', { state: 'acknowledged', acknowledged_by: 'Chen', acknowledged_ns: '0' })
    desk.cut(false)
    await page.locator('.lost-banner').waitFor({ state: 'detached', timeout: 12_000 })
    expect(await row('Dead Run above level 2').textContent()).toContain('Acknowledged by Chen')
  })

  test('a desk that shows its site to signed-in people only says so, and shows it after the sign-in', async () => {
    desk.restrict()
    await open()
    await page.getByText('The desk shows it only to people who are signed in.').waitFor()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await signIn()
    await page.locator('.lost-banner').waitFor({ state: 'detached' })
    expect(await sentence()).toMatch(/^1 of 1 waters/)
  })

  test('the first-user link makes the first person', async () => {
    await open({}, `#/first-user?token=${FIRST_USER_TOKEN}`)
    await page.getByLabel('Name').fill(PERSON.name)
    await page.getByLabel('Passphrase', { exact: true }).fill('a')
    await page.getByLabel('Passphrase again').fill('b')
    await page.getByRole('button', { name: 'Make this user' }).click()
    await page.getByText('The two passphrases differ.').waitFor()
    await page.getByLabel('Passphrase again').fill('a')
    await page.getByRole('button', { name: 'Make this user' }).click()
    await page.getByText(`${PERSON.name} is set up and signed in.`).waitFor()
    await page.getByRole('link', { name: 'To the console' }).click()
    await page.locator('.alarm').first().waitFor()
  })

  test.each([
    ['en-GB', 'light'],
    ['en-GB', 'dark'],
    ['zh-TW', 'light'],
    ['zh-TW', 'dark'],
  ] as const)(
    'fits a phone of 360 px, with targets of 44 px and readable text (%s, %s)',
    async (locale, colorScheme) => {
      await overview({ viewport: { width: 360, height: 740 }, locale, colorScheme })
      expect(await overflow_px(page)).toBe(0)
      expect(await smallTargets(page)).toEqual([])
      expect(await faintTexts(page)).toEqual([])
      await row('Roof shaking').getByRole('button').first().click()
      await page.locator('dialog').waitFor()
      expect(await overflow_px(page)).toBe(0)
      expect(await faintTexts(page)).toEqual([])
      expect(complaints).toEqual([])
    },
  )
})
