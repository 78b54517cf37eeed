import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { MaintenanceJson } from '../domain/api-desk.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { Client, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { at } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

const alarm = async (client: Client, id = 'north:creek-red'): Promise<AlarmJson> => {
  const { body } = await client.get('/api/v1/alarms')
  return (body as { alarms: AlarmJson[] }).alarms.find((one) => one.id === id)!
}
const journal = async (client: Client): Promise<JournalEntryJson[]> =>
  ((await client.get('/api/v1/journal?limit=1000')).body as { entries: JournalEntryJson[] }).entries
const path = '/api/v1/alarms/north:creek-red'

describe('alarms put aside over HTTP', () => {
  const shared = new TestDesks()
  let desk: TestDesk
  let mei: Client
  beforeAll(async () => {
    desk = await shared.start()
    mei = await signedIn(desk)
  })
  afterAll(() => shared.end())

  test('shelve, and what it says; unshelve; each with name and reason in the journal', async () => {
    const { etag } = await alarm(mei)
    const shelved = await mei.post(`${path}/shelve`, { etag, minutes: 30, reason: ' gauge is cleaned ' })
    expect(shelved.body).toMatchObject({
      state: 'shelved',
      aside: {
        underlying: 'normal',
        shelved: { by: 'Mei', one_shot: false, reason: 'gauge is cleaned' },
        suppressed: null,
        out_of_service: null,
      },
    })
    const { shelved: entry } = (shelved.body as AlarmJson).aside!
    expect(BigInt(entry!.until_ns) - BigInt(entry!.at_ns)).toBeGreaterThan(1799n * NS_PER_S)
    const back = await mei.post(`${path}/unshelve`, { etag: (shelved.body as AlarmJson).etag })
    expect(back.body).toMatchObject({ state: 'normal', aside: null })
    expect((await journal(mei)).filter(({ kind }) => kind.includes('shelve'))).toMatchObject([
      { kind: 'shelve', actor: 'Mei', body: { reason: 'gauge is cleaned', from: 'normal', to: 'shelved' } },
      { kind: 'unshelve', actor: 'Mei', body: { because: 'person', from: 'shelved', to: 'normal' } },
    ])
  })

  test.each([
    ['a stale view', { etag: '0', minutes: 30, reason: 'x' }, 409, 'STALE'],
    ['longer than the site allows', { minutes: 481, reason: 'x' }, 400, 'SHELVE_TOO_LONG'],
    ['without a reason', { minutes: 5, reason: '  ' }, 400, 'BAD_REQUEST'],
    ['for no time', { minutes: 0, reason: 'x' }, 400, 'BAD_REQUEST'],
    ['with a key too much', { minutes: 5, reason: 'x', by: 'Lin' }, 400, 'BAD_REQUEST'],
  ])('shelving %s is refused with its code', async (_, body, status, code) => {
    const { etag } = await alarm(mei)
    expect(await mei.post(`${path}/shelve`, { etag, ...body })).toMatchObject({ status, body: { error: { code } } })
    expect((await alarm(mei)).state).toBe('normal')
  })

  test('an alarm that is not there, one that is not shelved, a second acknowledgement', async () => {
    const body = { etag: '0', minutes: 5, reason: 'x' }
    expect((await mei.post('/api/v1/alarms/north:none/shelve', body)).status).toBe(404)
    const { etag } = await alarm(mei)
    const none = await mei.post(`${path}/unshelve`, { etag })
    expect(none).toMatchObject({ status: 409, body: { error: { code: 'REFUSED' } } })
    const twice = await mei.post(`${path}/acknowledge`, { etag, occurrence: 0 })
    expect(twice).toMatchObject({ status: 409, body: { error: { code: 'REFUSED' } } })
  })

  test('out of service with a permit, and back', async () => {
    const { etag } = await alarm(mei)
    const out = await mei.post(`${path}/out-of-service`, { etag, reason: 'permit 17' })
    expect(out.body).toMatchObject({
      state: 'out-of-service',
      aside: { out_of_service: { by: 'Mei', until_ns: null, reason: 'permit 17' } },
    })
    const back = await mei.post(`${path}/return-to-service`, { etag: (out.body as AlarmJson).etag })
    expect(back.body).toMatchObject({ state: 'normal', aside: null })
  })

  test('a maintenance window suppresses every alarm of its devices, and no other', async () => {
    const now = BigInt(((await mei.get('/api/v1/alarms')).body as { now_ns: string }).now_ns)
    const until_ns = String(now + 3600n * NS_PER_S)
    const asked = { name: 'Cleaning', devices: ['creek'], until_ns, reason: 'yearly' }
    const planned = await mei.post('/api/v1/maintenance', asked)
    expect(planned.body).toMatchObject({ status: 'running', by: 'Mei', devices: ['creek'], ended_by: null })
    await expect.poll(async () => (await alarm(mei)).state).toBe('suppressed')
    expect((await alarm(mei)).aside?.suppressed).toMatchObject({ cause: 'maintenance', reason: 'Cleaning: yearly' })
    expect((await alarm(mei, 'north:roof-shaking')).state).toBe('normal')
    const { id } = planned.body as MaintenanceJson
    expect((await mei.post(`/api/v1/maintenance/${id}/end`, {})).body).toMatchObject({
      status: 'ended',
      ended_by: 'Mei',
    })
    await expect.poll(async () => (await alarm(mei)).state).toBe('normal')
    expect((await mei.post(`/api/v1/maintenance/${id}/end`, {})).status).toBe(409)
    expect((await mei.get('/api/v1/maintenance')).body).toMatchObject({ windows: [{ id, status: 'ended' }] })
    expect((await journal(mei)).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['maintenance', 'suppress', 'unsuppress']),
    )
  })

  test.each([
    ['devices that are none', { devices: ['mill'] }, 'mill'],
    ['an end before its beginning', { until_ns: '1' }, 'until_ns'],
    ['an instant beyond all time', { until_ns: '9999999999999999999' }, '63 bits'],
  ])('a window with %s is refused', async (_, wrong, said) => {
    const asked = { name: 'Cleaning', devices: ['creek'], until_ns: '4000000000000000000', reason: 'yearly', ...wrong }
    const refused = await mei.post('/api/v1/maintenance', asked)
    expect(refused).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining(said) } } })
  })

  test('who is not signed in puts nothing aside', async () => {
    const nobody = new Client(desk.url)
    for (const verb of ['shelve', 'unshelve', 'out-of-service', 'return-to-service'])
      expect((await nobody.post(`${path}/${verb}`, { etag: '0' })).status, verb).toBe(401)
    expect((await nobody.post('/api/v1/maintenance', {})).status).toBe(401)
  })
})

describe('a restart', () => {
  /** As after kill -9: nothing but what the journal holds. */
  test('what expired meanwhile is carried out once, and marked late', async () => {
    const dataDir = await desks.folder()
    const before = new SimulatedClock(at(0))
    const first = await desks.start({ dataDir, clock: before })
    const mei = await signedIn(first)
    await mei.post(`${path}/shelve`, { etag: (await alarm(mei)).etag, minutes: 30, reason: 'cleaning' })
    const roof = '/api/v1/alarms/north:roof-shaking'
    const { etag } = await alarm(mei, 'north:roof-shaking')
    await mei.post(`${roof}/shelve`, { etag, minutes: 120, reason: 'test of the building' })
    await mei.post('/api/v1/maintenance', { name: 'W', devices: ['roof'], until_ns: String(at(45)), reason: 'w' })
    await first.service.stop()

    const clock = new SimulatedClock(at(60))
    const second = await desks.start({ dataDir, clock })
    const again = new Client(second.url, mei.cookie)
    expect((await alarm(again)).state).toBe('normal')
    expect((await alarm(again, 'north:roof-shaking')).aside).toMatchObject({ shelved: { by: 'Mei' }, suppressed: null })
    const ends = (rows: JournalEntryJson[]) =>
      rows
        .filter(({ kind, body }) => kind.startsWith('un') || (body as { what?: string }).what === 'ended')
        .map(({ kind, body }) => [kind, (body as { late?: boolean }).late])
    const late = [
      ['maintenance', true],
      ['unsuppress', true],
      ['unshelve', true],
    ]
    expect(ends(await journal(again))).toEqual(expect.arrayContaining(late))
    await clock.advance(59n * 60n * NS_PER_S)
    expect((await alarm(again, 'north:roof-shaking')).state).toBe('shelved')
    await clock.advance(2n * 60n * NS_PER_S)
    expect((await alarm(again, 'north:roof-shaking')).state).toBe('normal')
    expect(ends(await journal(again))).toHaveLength(4)
  })

  test('the clock set back by an hour lengthens nothing that is shelved, also over a restart', async () => {
    const dataDir = await desks.folder()
    const clock = new SimulatedClock(at(0))
    const desk = await desks.start({ dataDir, clock })
    const mei = await signedIn(desk)
    await mei.post(`${path}/shelve`, { etag: (await alarm(mei)).etag, minutes: 30, reason: 'cleaning' })
    await clock.advance(NS_PER_S)
    clock.stepWall(-3600n * NS_PER_S)
    await clock.advance(29n * 60n * NS_PER_S)
    expect((await alarm(mei)).state).toBe('shelved')
    await clock.advance(2n * 60n * NS_PER_S)
    expect((await alarm(mei)).state).toBe('normal')
    await mei.post(`${path}/shelve`, { etag: (await alarm(mei)).etag, minutes: 480, reason: 'cleaning' })
    await desk.service.stop()
    // Off, the battery of the clock empty: it comes back a day early.
    const early = new SimulatedClock(at(-1440))
    const second = await desks.start({ dataDir, clock: early })
    await early.advance(481n * 60n * NS_PER_S)
    expect((await alarm(new Client(second.url, mei.cookie))).state, 'never longer than alarms.shelve_max_min').toBe(
      'normal',
    )
  })
})
