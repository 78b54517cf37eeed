import { afterEach, expect, test } from 'vitest'
import type { DeliveryJson, ExplainJson, SystemJson } from '../domain/api-desk.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { siteWith } from './telling/testing-telling.ts'
import { signedIn, TestDesks } from './testing.ts'
import { at } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

test('one alarm explained, the quality of all, the parts of the line, the journal as CSV', async () => {
  const clock = new SimulatedClock(at(0))
  const desk = await desks.start({ clock })
  const mei = await signedIn(desk)
  await clock.advance(20n * NS_PER_S)
  const explained = (await mei.get('/api/v1/alarms/desk:broker/explain')).body as ExplainJson
  expect(explained).toMatchObject({
    alarm: 'desk:broker',
    limit: { priority: 'high' },
    occurrences: [{ occurrence: 1, returned_ns: null }],
  })
  expect(explained.rule?.['zh-TW']).toMatch(/[一-鿿]/)
  expect(explained.journal_seqs.length).toBeGreaterThanOrEqual(3)
  expect((await mei.get('/api/v1/alarms/desk:none/explain')).status).toBe(404)

  const span = 'from=2018-06-03T05:00:00Z&to=2018-06-03T07:00:00Z'
  expect((await mei.get(`/api/v1/alarm-quality?${span}`)).body).toMatchObject({
    annunciated: 1,
    priorities: { high: 1 },
    top: [{ alarm: 'desk:broker', count: 1, share: 1 }],
    targets: { average_per_10_min: 1 },
  })

  const { parts } = (await mei.get('/api/v1/system')).body as SystemJson
  const state = (id: string) => parts.find((part) => part.id === id)?.state
  expect([state('broker'), state('journal'), state('ingest'), state('node/north')]).toEqual([
    'bad',
    'good',
    'unknown',
    'unknown',
  ])

  const csv = await mei.get('/api/v1/journal?format=csv&alarm=desk:broker')
  expect(csv.headers.get('content-type')).toContain('text/csv')
  expect(String(csv.body).split('\r\n')[0]).toBe('seq,at,at_ns,kind,alarm,occurrence,actor,body,hash')
  expect(String(csv.body)).toContain(',notice,desk:broker,1,desk,')
  const page = (await mei.get(`/api/v1/journal?kind=notice&${span}`)).body as { entries: unknown[] }
  expect(page.entries).toHaveLength(1)
})

test('who was told of an alarm stands with it, and in the list of messages', async () => {
  const clock = new SimulatedClock(at(0))
  const desk = await desks.start({ clock, site: siteWith() })
  const mei = await signedIn(desk)
  await clock.advance(60n * NS_PER_S)
  const { deliveries } = (await mei.get('/api/v1/alarms/desk:broker/explain')).body as ExplainJson
  expect(deliveries).toHaveLength(2)
  expect(deliveries.map(({ contact }) => contact).sort()).toEqual(['mei', 'trainee'])
  expect(deliveries[0]).toMatchObject({ alarm: 'desk:broker', channel: 'phone' })
  const listed = (await mei.get('/api/v1/notices?alarm=desk:broker')).body as { deliveries: DeliveryJson[] }
  expect(listed.deliveries).toEqual(deliveries)
  expect((await mei.get('/api/v1/notices?alarm=north:creek-red')).body).toEqual({ deliveries: [] })
  const { contacts } = (await mei.get('/api/v1/contacts')).body as { contacts: Array<{ id: string }> }
  expect(contacts.map(({ id }) => id)).toEqual(['mei', 'lin', 'chief', 'trainee'])
})
