/** Stop and go on: every part stops within 3 s, flushed, and a restart continues where it was. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { openStore, removeFolder, temporaryFolder } from './line.ts'
import { ServiceProcess } from './processes.ts'
import { siteFileText, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

let data: string
let path: string
let desk: number
const device = new StageDevice()
const file = async () => ({
  site: 'restart',
  name: 'Restart',
  nodes: [
    {
      id: 'n1',
      name: 'Node',
      links: [
        {
          id: 'river',
          tcp: { port: await device.start() },
          devices: [
            {
              id: 'gauge',
              name: 'Gauge',
              model: 'sim-stage-gauge',
              poll_ms: 100,
              simulated: { play: { recording: 'usgs-dead-run-2018' } },
            },
          ],
        },
      ],
    },
  ],
  limits: [
    { id: 'high', name: 'High', channel: 'gauge/stage', above: 1, unit: 'm', deadband: 0.2 },
    { id: 'higher', name: 'Higher', channel: 'gauge/stage', above: 3, unit: 'm', deadband: 0.2, latch: true },
  ],
  broker: { port: await freePort() },
  desk: { port: await freePort() },
})
let services: ServiceProcess[]
let site: Awaited<ReturnType<typeof siteOf>>

beforeAll(async () => {
  data = await temporaryFolder()
  path = join(data, 'site.yaml')
  const content = await file()
  writeFileSync(path, siteFileText(content))
  site = await siteOf(content)
  desk = site.file.desk.port
  services = [['broker'], ['ingest'], ['desk'], ['edge', '--node', 'n1']].map(
    (words) => new ServiceProcess([...words, '--site', path, '--data', data]),
  )
})
afterAll(async () => {
  for (const service of services) await service.kill()
  await device.stop()
  await removeFolder(data)
})

test('alarms, acknowledgements, outbox, series and occurrence counters survive a stop of everything', async () => {
  const client = new DeskClient(desk)
  for (const service of services) await service.start()
  const link = services[2]!.output.stdout.match(/http:\S+first-user\S+/)![0]
  await client.firstUser(link, 'Ada Officer')
  await until('the gauge is read', async () => (await client.readings()).some((r) => r.channel === 'gauge/stage'))
  device.set(4)
  const raised = await until('both alarms', async () => {
    const alarms = [await client.alarm('n1:high'), await client.alarm('n1:higher')]
    return alarms.every((a) => a?.state === 'unacknowledged') && alarms
  })
  const answer = await client.post('/alarms/n1:high/acknowledge', {
    occurrence: 1,
    etag: raised[0]!.etag,
    comment: 'seen on the camera',
  })
  expect(answer.status).toBe(200)
  device.set(2)
  await until(
    'the higher one is latched',
    async () => (await client.alarm('n1:higher'))?.state === 'latched-unacknowledged',
  )
  await pause(500)

  for (const service of [...services].reverse()) {
    const { code, took_ms } = await service.stop()
    expect(code).toBe(0)
    expect(took_ms).toBeLessThan(3000)
  }
  for (const service of services) await service.start()
  const [high, higher] = await until('the alarms are known again', async () => {
    const alarms = [
      await client.alarm('n1:high').catch(() => undefined),
      await client.alarm('n1:higher').catch(() => undefined),
    ]
    return alarms[0] !== undefined && alarms[1] !== undefined && alarms
  })
  expect(high).toMatchObject({
    state: 'acknowledged',
    occurrence: 1,
    acknowledged_by: 'Ada Officer',
    onset_ns: raised[0]!.onset_ns,
  })
  expect(higher).toMatchObject({ state: 'latched-unacknowledged', occurrence: 1, onset_ns: raised[1]!.onset_ns })

  // The session survives too: the same cookie resets the latched alarm once it is acknowledged.
  expect((await client.post('/alarms/n1:higher/reset', { etag: higher!.etag })).status).toBe(409)
  const acknowledged = await client.post('/alarms/n1:higher/acknowledge', { occurrence: 1, etag: higher!.etag })
  expect(acknowledged.status).toBe(200)
  const reset = await client.post('/alarms/n1:higher/reset', { etag: (acknowledged.body as { etag: string }).etag })
  expect(reset.body).toMatchObject({ state: 'normal' })

  device.set(4)
  const again = await until('the next occurrence', async () => {
    const alarm = await client.alarm('n1:higher')
    return alarm?.state === 'unacknowledged' && alarm
  })
  expect(again.occurrence).toBe(2)
  expect((await client.notices('n1:high')).map((n) => n.occurrence)).toEqual([1])
  expect((await client.notices('n1:higher')).map((n) => n.occurrence)).toEqual([1, 2])

  await pause(1000)
  const store = await openStore(site, data)
  const readings = await store.readings('gauge/stage', 0n as never, 9_000_000_000_000_000_000n as never, 100_000)
  expect(new Set(readings.map((r) => r.t_ns)).size).toBe(readings.length)
  expect(readings.map((r) => r.value)).toEqual(expect.arrayContaining([4, 2]))
  await store.close()
}, 90_000)

test('`start` stops on SIGINT within 3 s with code 0', async () => {
  const ports = { PLUMBLINE_SIM_PORT_1: String(await freePort()), PLUMBLINE_SIM_PORT_2: String(await freePort()) }
  const all = new ServiceProcess(
    [
      'start',
      '--data',
      join(data, 'demo'),
      '--port',
      String(await freePort()),
      '--mqtt-port',
      String(await freePort()),
    ],
    ports,
  )
  await all.start()
  await pause(3000)
  const { code, took_ms } = await all.stop('SIGINT')
  expect(code).toBe(0)
  expect(took_ms).toBeLessThan(3000)
}, 60_000)
