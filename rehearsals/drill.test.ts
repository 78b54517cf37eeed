/**
 * A drill on a site with a real gauge: its shadow floods while the real one stays calm, then the real one rises, too. The
 * real alarm stays real, the drill's is marked, answered and reported, and nothing of the drill is left afterwards.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlarmJson } from '../domain/alarm.ts'
import type { DrillJson, DrillReportJson } from '../domain/api.ts'
import { instant, NS_PER_S } from '../domain/time.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { deadRun, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

const SCENARIO = `
name: bridge-flood
description: The bridge gauge rises through its level.
loop: false
duration_s: 120
water_time_scale: 180
timeline:
  - at_s: 0
    device: bridge
    play: { recording: usgs-dead-run-2018, from: 2018-06-03T21:00:00Z, to: 2018-06-03T23:30:00Z }
`

let line: Line
let client: DeskClient
const gauge = new StageDevice()
let drill: DrillJson
/** Alarm of the drill, after its start, and the real one. */
let [marked, real]: AlarmJson[] = []
let report: DrillReportJson

beforeAll(async () => {
  const [real_port, sim_port, mqtt, desk] = [await gauge.start(), await freePort(), await freePort(), await freePort()]
  const link = (id: string, port: number, device: object) => ({
    id,
    tcp: { host: '127.0.0.1', port },
    devices: [device],
  })
  const site = await siteOf({
    site: 'town',
    name: 'Town',
    nodes: [
      {
        id: 'n1',
        name: 'Bridge',
        links: [
          link('bridge', real_port, { id: 'bridge', name: 'Bridge gauge', model: 'sim-stage-gauge', poll_ms: 200 }),
          link('river', sim_port, deadRun(180, { lead_s: 30_000 })),
        ],
      },
    ],
    limits: [
      { id: 'bridge-high', name: 'Bridge high', channel: 'bridge/stage', above: 4, unit: 'ft', deadband: 0.2 },
      { id: 'run-high', name: 'Run high', channel: 'dead-run/stage', above: 4, unit: 'ft', deadband: 0.2 },
    ],
    broker: { port: mqtt },
    desk: { port: desk },
  })
  line = await startLine(site, await temporaryFolder())
  client = new DeskClient(desk)
  await client.firstUser(line.announced[0]!.split(' ').at(-1)!, 'officer')
  await until('the real gauge is read', async () => (await client.readings()).some((r) => r.channel === 'bridge/stage'))

  drill = await started()
  const id = `n1:drill.${drill.id}.bridge-high`
  marked = (await until('the drill raises its alarm', async () => raised(await client.alarm(id)), 60_000))!
  await pause(1000)
  const etag = (await client.alarm(id))!.etag
  const acknowledged = await client.post(`/alarms/${encodeURIComponent(id)}/acknowledge`, {
    occurrence: marked.occurrence,
    etag,
    comment: 'underpass closed',
  })
  expect(acknowledged.status).toBe(200)
  gauge.set(2)
  real = (await until('the real gauge raises its own', async () => raised(await client.alarm('n1:bridge-high'))))!
  await client.post(`/drills/${drill.id}/end`, {})
  await until('the shadow is gone', async () => (await client.devices()).every((d) => !d.id.startsWith('drill.')))
  report = (await client.get<{ report: DrillReportJson }>(`/drills/${drill.id}`)).report
}, 120_000)

afterAll(async () => {
  const { data } = line
  await line.stop()
  await gauge.stop()
  await removeFolder(data)
})

async function started(): Promise<DrillJson> {
  const answer = await client.post('/drills', {
    name: 'Spring flood',
    owner: 'Chen, flood officer',
    recipients: ['drill@town.example'],
    scenario: { text: SCENARIO },
    shadows: ['bridge'],
    max_minutes: 5,
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  const { id } = answer.body as DrillJson
  return (await until(
    'the drill runs',
    async () => {
      const { drill: now } = await client.get<{ drill: DrillJson }>(`/drills/${id}`)
      return now.status === 'running' ? now : undefined
    },
    30_000,
  ))!
}

const raised = (alarm: AlarmJson | undefined) => (alarm?.state === 'unacknowledged' ? alarm : undefined)

describe('a drill', () => {
  test('runs on a shadow of the real device, through the edge, marked', () => {
    expect(marked).toMatchObject({
      channel: `drill.${drill.id}.bridge/stage`,
      exercise: true,
      drill: { id: drill.id, name: 'Spring flood' },
      unit: 'm',
    })
    // 4 ft: the limit of the real gauge, once more.
    expect(marked!.limit).toBeCloseTo(1.2192, 6)
  })

  test('leaves a real alarm real: not marked, not mixed, told as ever', async () => {
    expect(real).toMatchObject({ channel: 'bridge/stage', exercise: false, value: 2 })
    expect(real!.drill ?? null).toBeNull()
    expect(await client.notices('n1:bridge-high')).toHaveLength(1)
    expect(report.real).toMatchObject({ count: 1, alarms: [{ alarm: 'n1:bridge-high' }] })
  })

  test('is reported: what was raised when, who answered after how long', () => {
    expect(report.complete).toBe(true)
    expect(report.occurrences).toMatchObject([
      {
        limit_id: `drill.${drill.id}.bridge-high`,
        onset_ns: marked!.onset_ns,
        acknowledged: { by: 'officer', comment: 'underpass closed' },
      },
    ])
    const [one] = report.occurrences
    expect(one!.acknowledged!.after_s).toBeGreaterThanOrEqual(0.9)
    expect(one!.told_after_s).toBeLessThan(5)
    expect(report.summary).toMatchObject({ raised: 1, told: 1, acknowledged: 1, not_acknowledged: 0 })
  })

  test('leaves nothing behind: no alarm of it stands, the real gauge was never masked, its data lie apart', async () => {
    const alarm = await client.alarm(`n1:drill.${drill.id}.bridge-high`)
    expect(alarm?.state ?? 'normal').toBe('normal')
    expect((await client.devices()).map((d) => [d.id, d.state])).toEqual([
      ['bridge', 'online'],
      ['dead-run', 'online'],
    ])
    const store = await openStore(line.site, line.data)
    try {
      const from = instant(BigInt(drill.started_ns))
      const to = instant(BigInt(Date.now()) * 1_000_000n + NS_PER_S)
      const shadow = await store.readings(`drill.${drill.id}.bridge/stage`, from, to, 10_000)
      expect(shadow.length).toBeGreaterThan(5)
      expect(shadow.every((reading) => reading.exercise)).toBe(true)
      const own = await store.readings('bridge/stage', from, to, 10_000)
      expect(own.every((reading) => !reading.exercise && (reading.value === 0 || reading.value === 2))).toBe(true)
      // Polled five times a second all the while.
      const times = own.map((reading) => Number(reading.t_ns) / 1e9).sort((a, b) => a - b)
      expect(Math.max(...times.slice(1).map((t, i) => t - times[i]!))).toBeLessThan(2)
    } finally {
      await store.close()
    }
  })
})
