import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { CapJson } from '../domain/api-desk.ts'
import { loadSite } from '../domain/site-load.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { Client, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { record, siteText, testModels } from './testing-site.ts'
import { clock, TestBroker, TestEdge } from './testing-wire.ts'

const desks = new TestDesks()
const broker = new TestBroker()
let edge: TestEdge
beforeEach(() => broker.start())
afterEach(async () => {
  await edge.stop()
  await desks.end()
  await broker.stop()
})

const loaded = loadSite(
  `${siteText(false)}cap: { sender: desk@example.org }\n`,
  'cap.yaml',
  { models: testModels, recordings: new Set(['any']) },
  () => undefined,
)
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { site } = loaded

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const alerts = async (client: Client) => ((await client.get('/api/v1/cap')).body as { alerts: CapJson[] }).alerts
const start = (dataDir: string): Promise<TestDesk> =>
  desks.start({ site, dataDir, brokerUrl: broker.url, connectMqtt: connectMqtt(clock, silentLog) })

test('a draft is for people; released it is public; after a restart the return cancels it', async () => {
  const dataDir = await desks.folder()
  const first = await start(dataDir)
  const mei = await signedIn(first)
  const outside = new Client(first.url)
  edge = new TestEdge(broker.url)
  edge.start()
  await until(async () => (edge.up ? true : undefined))
  // A gauge that gives good values: what is told of it is known.
  const t_ns = clock.now()
  await edge.readings('creek', [{ channel: 'creek/stage', value: 2.05, t_ns, half_width_ns: 0n, flag: 1 }])
  await until(async () => {
    const { alarms } = (await mei.get('/api/v1/alarms')).body as { alarms: AlarmJson[] }
    return alarms.find(({ id }) => id === 'north:creek-red')?.unknown === null ? true : undefined
  })
  await edge.condition(record(1, 0, undefined, { exercise: false }))
  const draft = await until(async () => (await alerts(mei))[0])
  expect(draft).toMatchObject({ status: 'Draft', msg_type: 'Alert', alarm: 'north:creek-red', exercise: false })
  const path = `/cap/${draft.id}.xml`
  expect((await outside.get(path)).status).toBe(404)
  expect((await mei.get(path)).body).toContain('<status>Draft</status>')
  expect((await outside.get('/cap/feed.atom')).body).not.toContain(draft.id)
  const act = `/api/v1/cap/${draft.id}`
  expect((await outside.post(`${act}/release`, { etag: draft.etag })).status).toBe(401)
  expect((await mei.post(`${act}/release`, { etag: 'old' })).status).toBe(409)
  expect((await mei.post('/api/v1/cap/none/release', { etag: 'old' })).status).toBe(404)
  const released = await mei.post(`${act}/release`, { etag: draft.etag, comment: 'seen from the bridge' })
  expect(released).toMatchObject({ status: 200, body: { status: 'Actual', released_by: 'Mei' } })
  expect((await mei.post(`${act}/release`, { etag: (released.body as CapJson).etag })).status).toBe(409)
  const shown = await outside.get(path)
  expect(shown.headers.get('content-type')).toContain('application/cap+xml')
  expect(shown.body).toContain('<status>Actual</status>')
  expect((await outside.get('/cap/feed.atom')).body).toContain(path)
  await first.service.stop()

  const second = await start(dataDir)
  const again = new Client(second.url, mei.cookie)
  expect((await new Client(second.url).get(path)).body).toBe(shown.body)
  await until(async () => (edge.up ? true : undefined))
  await edge.condition(record(1, 0, 5, { exercise: false }))
  const cancel = await until(async () => (await alerts(again)).find(({ msg_type }) => msg_type === 'Cancel'))
  expect(cancel).toMatchObject({ status: 'Draft', references: [draft.identifier] })
  const put = await again.post(`/api/v1/cap/${cancel.id}/withdraw`, { etag: cancel.etag })
  expect(put.body).toMatchObject({ status: 'Draft', withdrawn_by: 'Mei' })
  const stands = (await alerts(again)).find(({ id }) => id === draft.id)!
  expect((await again.post(`${act}/withdraw`, { etag: stands.etag })).body).toMatchObject({ withdrawn_by: 'Mei' })
  expect((await alerts(again))[0]).toMatchObject({ msg_type: 'Cancel', status: 'Actual', references: [draft.id] })
  const { entries } = (await again.get('/api/v1/journal?kind=cap&limit=100')).body as { entries: JournalEntryJson[] }
  expect(entries.map(({ actor, body }) => `${actor} ${(body as { what: string }).what}`)).toEqual([
    'desk drafted',
    'Mei released',
    'desk drafted',
    'Mei withdrawn',
    'Mei drafted',
    'Mei released',
    'Mei withdrawn',
  ])
}, 120_000)
