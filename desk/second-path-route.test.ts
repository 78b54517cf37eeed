/** The webhook of the second alarm path over HTTP, and what the desk makes of it. */
import { afterEach, describe, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { TokenMadeJson } from '../domain/api-desk.ts'
import { OWN_NODE } from '../domain/ids.ts'
import { NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { GRACE_S } from './second-path.ts'
import { Client, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { at } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

const OURS = { site: 'yard', path: 'second', alertname: 'Creek' }
/** As Grafana 9.4 to 13 send it, with what nobody reads here. */
const message = (...alerts: Array<{ status: string; labels: object }>) => ({
  ...{ receiver: 'Plumbline desk', status: 'firing', version: '1', orgId: 1, externalURL: 'http://grafana/' },
  ...{ title: '[FIRING:1]', groupLabels: {}, commonLabels: {}, truncatedAlerts: 0, groupKey: '{}' },
  alerts: alerts.map((alert) => ({ ...alert, startsAt: '2018-06-03T06:00:00Z', fingerprint: 'a', values: { B: 2.1 } })),
})
const WATCHDOG = { status: 'firing', labels: { ...OURS, watchdog: 'true' } }
const RED = { status: 'firing', labels: { ...OURS, alarm: 'north:creek-red' } }

async function tokenOf(desk: TestDesk, role: string): Promise<{ mei: Client; headers: Record<string, string> }> {
  const mei = await signedIn(desk)
  const made = (await mei.post('/api/v1/tokens', { name: 'grafana', role })).body as TokenMadeJson
  return { mei, headers: { authorization: `Bearer ${made.secret}` } }
}

describe('notifications of Grafana', () => {
  test('are taken with a token of an operator, and from nobody else', async () => {
    const desk = await desks.start()
    const { headers } = await tokenOf(desk, 'operator')
    const grafana = new Client(desk.url)
    const send = (body: unknown, more?: Record<string, string>) => grafana.post('/api/v1/grafana-alerts', body, more)
    expect(await send(message(WATCHDOG, RED), headers)).toMatchObject({ status: 200, body: { taken: 2 } })
    const stranger = { ...RED, labels: { ...RED.labels, site: 'other' } }
    expect((await send(message(stranger), headers)).body).toEqual({ taken: 0 })
    expect((await send(message(RED))).status).toBe(401)
    expect((await send(message(RED), { authorization: 'Bearer wrong' })).status).toBe(401)
  })

  test('a viewer may not speak for the second path', async () => {
    const desk = await desks.start()
    const { headers } = await tokenOf(desk, 'viewer')
    expect((await new Client(desk.url).post('/api/v1/grafana-alerts', message(RED), headers)).status).toBe(403)
  })

  test.each([
    [{}],
    [{ alerts: 'many' }],
    [{ alerts: [{ status: 'firing' }] }],
    [{ alerts: [{ status: 'maybe', labels: {} }] }],
    [{ alerts: [{ status: 'firing', labels: { a: 1 } }] }],
    [{ alerts: Array.from({ length: 2001 }, () => RED) }],
  ])('what is none is refused with what was expected', async (body) => {
    const desk = await desks.start()
    const { headers } = await tokenOf(desk, 'operator')
    const answer = await new Client(desk.url).post('/api/v1/grafana-alerts', body, headers)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain('body')
  })

  test('that it disagrees is journalled once, and that it agrees again', async () => {
    const clock = new SimulatedClock(at(0))
    const desk = await desks.start({ clock })
    const { mei, headers } = await tokenOf(desk, 'operator')
    const grafana = new Client(desk.url)
    const send = (...alerts: Array<{ status: string; labels: object }>) =>
      grafana.post('/api/v1/grafana-alerts', message(...alerts), headers)
    const pass = (seconds: number) => clock.advance(BigInt(seconds) * NS_PER_S)
    const entries = async () =>
      ((await mei.get('/api/v1/journal?limit=1000')).body as { entries: JournalEntryJson[] }).entries
        .filter(({ kind }) => kind === 'second-path')
        .map(({ body }) => body)
    await send(WATCHDOG, RED)
    await pass(GRACE_S)
    expect(await entries()).toEqual([])
    await send(WATCHDOG)
    await pass(30)
    const missed = 'north:creek-red: beyond its limit in what is stored, no alarm at the desk'
    expect(await entries()).toEqual([{ agrees: false, disagreements: [missed] }])
    await send(WATCHDOG, { ...RED, status: 'resolved' })
    await pass(10)
    expect(await entries()).toEqual([
      { agrees: false, disagreements: [missed] },
      { agrees: true, disagreements: [] },
    ])
  })

  test('a disagreement that lasts is an alarm of the desk, and over when they agree again', async () => {
    const clock = new SimulatedClock(at(0))
    const desk = await desks.start({ clock })
    const { mei, headers } = await tokenOf(desk, 'operator')
    const send = (...alerts: Array<{ status: string; labels: object }>) =>
      new Client(desk.url).post('/api/v1/grafana-alerts', message(...alerts), headers)
    const alarm = async () =>
      ((await mei.get('/api/v1/alarms')).body as { alarms: AlarmJson[] }).alarms.find(
        ({ id }) => id === `${OWN_NODE}:second-path`,
      )
    /** The watchdog every minute, as Grafana repeats it. */
    const pass = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        await send(WATCHDOG)
        await clock.advance(60n * NS_PER_S)
      }
    }
    const { after_s, clear_after_s } = desk.site.file.alarms.own.second_path
    await send(WATCHDOG, RED)
    await pass(2)
    // Not even listed before it was first raised.
    expect((await alarm())?.state ?? 'normal').toBe('normal')
    await pass(Math.ceil((GRACE_S + after_s) / 60))
    expect(await alarm()).toMatchObject({ state: 'unacknowledged', priority: 'high', occurrence: 1 })
    await send({ ...RED, status: 'resolved' })
    await pass(Math.ceil(clear_after_s / 60) + 1)
    expect(await alarm()).toMatchObject({ state: 'returned-unacknowledged', occurrence: 1 })
  })
})
