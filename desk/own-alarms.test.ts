import { afterEach, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { Client, signedIn, TestDesks } from './testing.ts'
import { at } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

const listed = async (client: Client): Promise<AlarmJson[]> =>
  ((await client.get('/api/v1/alarms')).body as { alarms: AlarmJson[] }).alarms

test('the broker is away: one alarm of the desk, an ordinary one, and everything else is unknown with that cause', async () => {
  const dataDir = await desks.folder()
  const clock = new SimulatedClock(at(0))
  const desk = await desks.start({ dataDir, clock })
  const mei = await signedIn(desk)
  await clock.advance(14n * NS_PER_S)
  expect(
    (await listed(mei)).filter(({ node }) => node === 'desk'),
    'none before its delay',
  ).toEqual([])
  await clock.advance(120n * NS_PER_S)
  const own = (await listed(mei)).filter(({ node }) => node === 'desk')
  expect(
    own.map(({ id, state }) => [id, state]),
    'one cause, one fault',
  ).toEqual([['desk:broker', 'unacknowledged']])
  expect(own[0]).toMatchObject({ priority: 'high', kind: 'broker', occurrence: 1, unknown: null, exercise: true })
  for (const alarm of await listed(mei)) if (alarm.node !== 'desk') expect(alarm.unknown?.cause, alarm.id).toBeTruthy()

  const path = '/api/v1/alarms/desk:broker'
  const seen = await mei.post(`${path}/acknowledge`, { etag: own[0]!.etag, occurrence: 1 })
  expect(seen.body).toMatchObject({ state: 'acknowledged', acknowledged_by: 'Mei' })
  await desk.service.stop()
  const again = await desks.start({ dataDir, clock })
  await clock.advance(60n * NS_PER_S)
  const client = new Client(again.url, mei.cookie)
  expect((await listed(client)).find(({ id }) => id === 'desk:broker')).toMatchObject({
    state: 'acknowledged',
    occurrence: 1,
  })
  const { entries } = (await client.get('/api/v1/journal?limit=1000')).body as { entries: JournalEntryJson[] }
  const notices = entries.filter(({ kind, alarm }) => kind === 'notice' && alarm === 'desk:broker')
  expect(notices, 'told once').toMatchObject([
    { body: { rule: { en: expect.any(String), 'zh-TW': expect.any(String) } } },
  ])
})
