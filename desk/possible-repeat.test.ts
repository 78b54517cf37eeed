import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { DeliveryJson } from '../domain/api-desk.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { HttpSink } from './io/send/testing-sinks.ts'
import { siteWith } from './telling/testing-telling.ts'
import { signedIn, TestDesks } from './testing.ts'
import { at } from './testing-site.ts'

const desks = new TestDesks()
let sink: HttpSink
afterEach(async () => {
  await sink.stop()
  await desks.end()
})

test('a whole desk that was killed while a message was on its way sends it once more, marked', async () => {
  sink = await new HttpSink().start()
  const site = siteWith(`
notices:
  contacts:
    - { id: mei, name: Mei, channels: [{ id: web, timeout_s: 120, webhook: { url: "${sink.url}/mei" } }] }
  policies:
    - { id: all, steps: [{ to: [mei] }] }
`)
  const clock = new SimulatedClock(at(0))
  // The clock goes on while the receiver says nothing.
  Object.assign(clock, { hold: () => () => {} })
  const dataDir = await desks.folder()
  sink.answer = () => {}
  await desks.start({ site, clock, dataDir })
  // No broker: the desk raises that by itself.
  const soon = { timeout: 15_000, interval: 20 }
  const heard = (count: number) =>
    expect
      .poll(async () => {
        await clock.advance(NS_PER_S)
        return sink.heard.length
      }, soon)
      .toBe(count)
  await heard(1)

  // What a kill leaves: the files as they are at this moment.
  const left = join(await desks.folder(), 'left')
  await cp(dataDir, left, { recursive: true })
  sink.answer = (response) => response.writeHead(200).end('ok')
  const after = await desks.start({ site, clock, dataDir: left })
  await heard(2)
  const [first, second] = sink.heard
  expect(first!.body).not.toContain('POSSIBLE REPEAT')
  expect(second!.body).toContain('POSSIBLE REPEAT')
  expect(second!.headers['idempotency-key']).toBe(first!.headers['idempotency-key'])
  const mei = await signedIn(after)
  const deliveries = async () => ((await mei.get('/api/v1/notices')).body as { deliveries: DeliveryJson[] }).deliveries
  await expect.poll(async () => (await deliveries())[0], soon).toMatchObject({ state: 'sent', possible_repeat: true })
}, 60_000)
