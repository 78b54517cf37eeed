import { afterEach, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { Client, signedIn, TestDesks, TestStore } from './testing.ts'
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

/** The store is away from the start on, for a desk that goes after some seconds and comes back after some more. */
async function storeAway(there_s: number, gone_s: number) {
  const [dataDir, clock, series] = [await desks.folder(), new SimulatedClock(at(0)), new TestStore()]
  series.away = true
  const s = (seconds: number) => BigInt(seconds) * NS_PER_S
  const first = await desks.start({ dataDir, clock, series })
  const mei = await signedIn(first)
  await clock.advance(s(there_s))
  await first.service.stop()
  await clock.advance(s(gone_s))
  const desk = await desks.start({ dataDir, clock, series })
  const client = new Client(desk.url, mei.cookie)
  const entries = async (kind: string) => {
    const { body } = await client.get('/api/v1/journal?limit=1000')
    return (body as { entries: JournalEntryJson[] }).entries.filter((e) => e.kind === kind && e.alarm === 'desk:store')
  }
  return { client, entries, series, pass: (seconds: number) => clock.advance(s(seconds)), desk, dataDir, clock }
}

test('a restart in the middle of a delay: raised when it would have been, and not late', async () => {
  // Raised after 30 s (`alarms.own.store` of the site file's defaults).
  const { entries, pass } = await storeAway(18, 1)
  await pass(10)
  expect(await entries('notice'), '29 s').toEqual([])
  await pass(2)
  const [onset, ...more] = await entries('onset')
  expect(onset!.body).toMatchObject({ onset_ns: expect.toSatisfy((t: string) => BigInt(t) - at(0) <= 2n * NS_PER_S) })
  expect(onset!.body).not.toHaveProperty('overdue_since_ns')
  expect(more).toEqual([])
})

test('a restart after it: raised once, with its true onset, marked late, and told so', async () => {
  const { entries, pass, series } = await storeAway(18, 600)
  await pass(12)
  const [onset, ...more] = await entries('onset')
  const due = BigInt((onset!.body as { overdue_since_ns: string }).overdue_since_ns)
  expect(Number(due - at(0)) / 1e9).toBeCloseTo(30, -1)
  expect(more).toEqual([])
  expect((await entries('notice')).map(({ body }) => (body as { text: string }).text)).toEqual([
    expect.stringMatching(/ at 14:00, learned 14:10 \(told late: due 14:00\)$/),
  ])
  // It ends by its own delay of 10 s, which nobody was away from.
  series.away = false
  await pass(30)
  expect((await entries('return')).map(({ body }) => 'overdue_since_ns' in (body as object))).toEqual([false])
})

test('what ended while the desk was away ends with the instant at which it did, once', async () => {
  const { series, pass, desk, dataDir, clock, client } = await storeAway(40, 1)
  await pass(12)
  series.away = false
  // Seen to be there again, and not yet for 10 s.
  await pass(7)
  const seen_ns = clock.now()
  await desk.service.stop()
  await clock.advance(600n * NS_PER_S)
  const again = await desks.start({ dataDir, clock, series })
  await pass(12)
  const there = new Client(again.url, client.cookie)
  const { entries } = (await there.get('/api/v1/journal?limit=1000')).body as { entries: JournalEntryJson[] }
  const returns = entries.filter(({ kind, alarm }) => kind === 'return' && alarm === 'desk:store')
  expect(returns).toMatchObject([{ body: { overdue_since_ns: expect.any(String), returned_ns: expect.any(String) } }])
  const { returned_ns } = returns[0]!.body as { returned_ns: string }
  expect(BigInt(returned_ns)).toBeLessThanOrEqual(seen_ns)
})
