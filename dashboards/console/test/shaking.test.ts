/** Building and waveforms in a real browser: what an engineer and a manager ask after a shaking, by eye, by keys and as files. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { consoleInChromium } from './in-chromium.ts'

const iso = (before_ms: number) => new Date(Date.now() - before_ms).toISOString()

consoleInChromium('shaking', (stage) => {
  test('the tower now: its floors by PGA, what is not known hatched and said', async () => {
    await stage.open({}, '#/building/tower-a')
    await stage.page.locator('.elevation svg').waitFor()
    const text = await stage.page.locator('.elevation figcaption').textContent()
    // The base has been silent for 47 s.
    expect(text).toContain('Not known on: B2.')
    // One alarm stands and one is held until reset: the newest second being quiet does not hide them.
    expect(text).toContain('Alarms that stand or are held here: 2.')
    expect(text).not.toContain('No threshold exceeded in the recorded data')
    expect(await stage.page.locator('.elevation .slab.is-unknown').count()).toBe(1)
    expect(await stage.page.locator('.elevation svg').getAttribute('aria-hidden')).toBe('true')
    expect(stage.complaints).toEqual([])
  })

  test('an event: the floor above its limit is named, the comparison says how many times, nothing is called safe', async () => {
    await stage.open({}, '#/building/tower-a')
    const rows = stage.page.locator('.table tbody tr', {
      has: stage.page.getByRole('link', { name: /^Show the event/ }),
    })
    await rows.first().waitFor()
    expect(await rows.count()).toBe(3)
    expect(await rows.first().textContent()).toContain('largest')
    await rows.first().getByRole('link').click()
    await stage.page.getByText('Limit exceeded on: Roof 212.0 gal.').waitFor()
    expect(await stage.page.locator('.elevation .is-exceeded').count()).toBe(1)
    await rows
      .nth(1)
      .getByRole('link', { name: /^Compare/ })
      .click()
    await stage.page.getByText('No threshold exceeded in the recorded data.').waitFor()
    await stage.page.getByText('Floors as a table').click()
    // 2.12 / 0.31 = 6.84.
    await stage.page.getByText('6.84 times the earlier').waitFor()
    expect(await stage.page.locator('main').textContent()).not.toMatch(/\bsafe\b/i)
    await stage.page.getByRole('button', { name: 'Show the last 3 events' }).click()
    await stage.page.getByText('Between 1.12 Hz and 1.12 Hz, before the shaking of 3 events.').waitFor()
    expect(stage.complaints).toEqual([])
  })

  test('a measure without a limit is measured, not judged; a drift that cannot be told is unknown', async () => {
    await stage.open({}, '#/building/tower-a?event=tower-a-2')
    await stage.page.getByLabel('Floors by').selectOption('drift')
    await stage.page.getByText('No limit is set for this measure').waitFor()
    expect(await stage.page.locator('.elevation figcaption').textContent()).toContain('Not known on: B2.')
    await stage.page.getByLabel('Floors by').selectOption('intensity')
    await stage.page.getByText('Largest floor shaking, intensity-equivalent: 3, floor Roof.').waitFor()
    expect(stage.page.url()).toContain('measure=intensity')
  })

  test('velocity and natural frequency stand where a sensor tells them, and how the latter went', async () => {
    await stage.open({}, '#/building/tower-a')
    const [roof, base] = ['Roof accelerometer', 'Base accelerometer'].map((name) =>
      stage.page.locator('.structure-sensors > li', { hasText: name }),
    )
    await roof!.getByText('11.80 cm/s').waitFor()
    expect(await roof!.textContent()).toMatch(/Natural frequency1\.120 Hz 4 min/)
    expect(await base!.textContent()).toContain('none yet: needs ten quiet minutes')
    await stage.page.getByText('Roof, last 30 d: between 1.100 Hz and 1.140 Hz, the newest 1.120 Hz.').waitFor()
    expect(await stage.page.locator('.sparkline').count()).toBe(1)
  })

  test('an older desk has no events: the screen says so and still shows the sensors', async () => {
    stage.desk.lacks('/events')
    await stage.open({}, '#/building/tower-a')
    await stage.page.getByText(/not available on this desk/i).waitFor()
    expect(await stage.page.locator('.elevation svg').count()).toBe(1)
  })

  test('two sensors live: a strip each, and an address that shows both', async () => {
    await stage.open({}, '#/waveforms/tower-a-roof')
    await stage.page.getByRole('checkbox', { name: 'Base accelerometer' }).check()
    await stage.page.waitForFunction(() => document.querySelectorAll('.strip canvas').length === 2)
    expect(stage.page.url()).toContain('with=tower-a-base')
  })

  test('a record of two sensors: one axis of time, a filter, a cursor by keys, figures and a file', async () => {
    await stage.open({}, `#/waveforms/tower-a-roof?from=${iso(60_000)}&to=${iso(0)}&with=tower-a-base`)
    await stage.page.locator('.record-lanes canvas').nth(1).waitFor()
    await stage.page.getByText(/^Roof accelerometer: (9\d|100) %/).waitFor()
    // 60 s less the 47 s without samples: some thirteen of sixty.
    await stage.page.getByText(/^Base accelerometer: (1\d|2\d) %/).waitFor()
    const ink = await stage.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.record-lanes canvas')!
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return data.filter((v, i) => i % 4 === 3 && v > 0).length / (data.length / 4)
    })
    expect(ink).toBeGreaterThan(0.005)
    const cursor = stage.page.getByLabel('Cursor')
    const before = await cursor.getAttribute('aria-valuetext')
    await cursor.focus()
    for (let i = 0; i < 20; i += 1) await stage.page.keyboard.press('ArrowRight')
    expect(await cursor.getAttribute('aria-valuetext')).not.toBe(before)
    await stage.page.getByLabel('Filter').selectOption('highpass')
    await stage.page.getByLabel('From [Hz]').fill('2')
    await stage.page.getByRole('button', { name: 'Apply' }).click()
    await stage.page.getByText(/^Filtered: high-pass, 2\.00 Hz to 50 Hz/).waitFor()
    const [file] = await Promise.all([
      stage.page.waitForEvent('download'),
      stage.page.getByRole('button', { name: 'CSV of Roof accelerometer' }).click(),
    ])
    const csv = (await readFile((await file.path())!, 'utf8')).split('\r\n')
    expect(csv[0]).toBe('# tower-a-roof, highpass 2 Hz, Butterworth order 4, zero phase')
    expect(csv.length).toBeGreaterThan(5000)
    const url = stage.page.url()
    await stage.page.getByLabel('Cursor').focus()
    await stage.page.keyboard.press('+')
    await stage.page.waitForFunction((was) => location.href !== was, url)
    await stage.page.getByText(/^Roof accelerometer: (9\d|100) %/).waitFor()
    // Who moves by keys keeps the focus.
    expect(await cursor.evaluate((slider) => slider === document.activeElement)).toBe(true)
    expect(stage.complaints).toEqual([])
  })

  test('dragging the picture moves in time', async () => {
    const [from, to] = [iso(120_000), iso(60_000)]
    await stage.open({}, `#/waveforms/tower-a-roof?from=${from}&to=${to}`)
    const lanes = stage.page.locator('.record-lanes canvas').first()
    await lanes.waitFor()
    await lanes.scrollIntoViewIfNeeded()
    const box = (await lanes.boundingBox())!
    const y = box.y + box.height / 2
    await stage.page.mouse.move(box.x + box.width / 4, y)
    await stage.page.mouse.down()
    await stage.page.mouse.move(box.x + (box.width * 3) / 4, y, { steps: 4 })
    await stage.page.mouse.up()
    await stage.page.waitForFunction((was) => !location.href.includes(was), encodeURIComponent(from))
    const moved = Date.parse(from) - Date.parse(new URLSearchParams(stage.page.url().split('?')[1]).get('from')!)
    // Half the width is half of a minute.
    expect(Math.abs(moved - 30_000)).toBeLessThan(1000)
  })

  test('the spectrum tells its peaks; a desk without it says so', async () => {
    const address = `#/waveforms/tower-a-roof?from=${iso(60_000)}&to=${iso(0)}`
    await stage.open({}, address)
    await stage.page.getByRole('button', { name: 'Show the spectrum' }).click()
    await stage.page.getByText('Greatest at 1.10 Hz; 100 % of the samples are there.').waitFor()
    await stage.page.getByText('Peaks', { exact: true }).click()
    expect(await stage.page.locator('.spectrum tbody tr').allTextContents()).toEqual([
      expect.stringContaining('1.10 Hz'),
      expect.stringContaining('4.30 Hz'),
    ])
    stage.desk.lacks('/spectrum')
    await stage.page.reload()
    await stage.page.getByRole('button', { name: 'Show the spectrum' }).click()
    await stage.page
      .locator('.spectrum')
      .getByText(/not available on this desk/i)
      .waitFor()
  })

  test('a day in lines: what was greatest is said, a line opens its record', async () => {
    await stage.open({}, '#/waveforms/tower-a-roof?view=day&day=2026-03-02')
    await stage.page.getByText(/^Largest deviation 87\.\d gal, in the half hour from 06:00; 96 % /).waitFor()
    await stage.page.getByText('Lines as a table').click()
    await stage.page.getByRole('link', { name: 'Open 06:00' }).click()
    await stage.page.locator('.record-lanes canvas').waitFor()
    expect(decodeURIComponent(stage.page.url())).toContain('from=2026-03-01T22:00:00.000Z')
    expect(stage.complaints).toEqual([])
  })

  test('live strips go through a filter, and a cursor reads each axis; a corner that the rate cannot carry is refused', async () => {
    await stage.open({}, '#/waveforms/tower-a-roof?filter=highpass&low=0.5')
    await stage.page.getByText('Filtered, zero phase').waitFor()
    // Gravity lies on no axis of the scripted roof; what a high-pass leaves has no mean.
    await expect
      .poll(() => stage.page.locator('.strip-axes li').first().textContent(), { timeout: 15_000 })
      .toMatch(/mean −?0\.0 gal/)
    await stage.page.getByLabel('Cursor').fill('25')
    await expect.poll(() => stage.page.locator('.strip-axes li').first().textContent()).toMatch(/at the cursor −?\d/)
    await stage.page.goto(`${stage.desk.url}#/waveforms/tower-a-roof?filter=lowpass&high=80`)
    await stage.page.getByText('50 Hz').first().waitFor()
    expect(await stage.page.locator('.strip .problem').count()).toBe(1)
    expect(stage.complaints).toEqual([])
  })
})
