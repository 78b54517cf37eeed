/**
 * No alarm is missed: a condition that rises and clears while the uplink is cut, while the desk is dead, or in packets that
 * are lost, is told as late exactly once; one that is still true is told at once with its true onset.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlarmJson } from '../domain/alarm.ts'
import type { Site } from '../domain/channel.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { MqttProxy } from './mqtt-proxy.ts'
import { ServiceProcess } from './processes.ts'
import { siteFileText, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

const POLL_MS = 50
/** Longer than a resend's first time-out, so that a second telling would show. */
const SETTLE_MS = 3000
const ALARM = 'n1:high'

let data: string
let site: Site
let device: StageDevice
let proxy: MqttProxy
let server: Line
let edge: Line
let desk: ServiceProcess
let client: DeskClient
let mqtt: number

beforeEach(async () => {
  data = await temporaryFolder()
  device = new StageDevice()
  const file = {
    site: 'late',
    name: 'Late alarms',
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
                poll_ms: POLL_MS,
                simulated: { play: { recording: 'usgs-dead-run-2018' } },
              },
            ],
          },
        ],
      },
    ],
    limits: [{ id: 'high', name: 'Gauge high', channel: 'gauge/stage', above: 1, unit: 'm', deadband: 0.2 }],
    broker: { port: await freePort() },
    desk: { port: await freePort() },
  }
  site = await siteOf(file)
  mqtt = site.file.broker.port
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  server = await startLine(site, data, ['broker', 'ingest'])
  desk = new ServiceProcess(['desk', '--site', path, '--data', data])
  await desk.start()
  proxy = new MqttProxy(mqtt)
  await proxy.start()
  edge = await startLine(site, data, ['edge'], { mqttPort: proxy.port })
  client = new DeskClient(site.file.desk.port)
  await until('the desk knows the alarm and the gauge is fresh', async () => {
    const readings = await client.readings()
    return (
      (await client.alarm(ALARM))?.state === 'normal' &&
      readings.some((r) => r.channel === 'gauge/stage' && r.value === 0)
    )
  })
})

afterEach(async () => {
  await edge.stop()
  await proxy.stop()
  await desk.stop()
  await server.stop()
  await device.stop()
  await removeFolder(data)
})

/** Rises and clears; resolves with the wall instants [ms] at which the device first showed each. */
async function riseAndClear(): Promise<{ rose_ms: number; cleared_ms: number }> {
  const rose_ms = await setStage(2)
  await pause(4 * POLL_MS)
  const cleared_ms = await setStage(0)
  await pause(4 * POLL_MS)
  return { rose_ms, cleared_ms }
}

async function setStage(stage_m: number): Promise<number> {
  device.set(stage_m)
  await until('the device was read', () => device.seen)
  return device.served_wall_ms
}

const near = (ns: string | null, ms: number) => Math.abs(Number(BigInt(ns!) / 1_000_000n) - ms) < 2 * POLL_MS
const alarmIn = (state: AlarmJson['state']) =>
  until(`the alarm is ${state}`, async () => {
    const alarm = await client.alarm(ALARM).catch(() => undefined)
    return alarm?.state === state && alarm
  })

/** After everything has settled: one notice an occurrence, no more. */
async function toldOnce(occurrences: number): Promise<void> {
  await pause(SETTLE_MS)
  const notices = await client.notices(ALARM)
  expect(notices.map((n) => n.occurrence)).toEqual(Array.from({ length: occurrences }, (_, i) => i + 1))
}

describe('a condition that rises and clears unseen is told late, exactly once', () => {
  test('(a) while the uplink is cut', async () => {
    proxy.cut()
    const { rose_ms, cleared_ms } = await riseAndClear()
    await pause(500)
    proxy.mend()
    const alarm = await alarmIn('returned-unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    expect(near(alarm.returned_ns, cleared_ms)).toBe(true)
    await toldOnce(1)
    expect(JSON.stringify((await client.notices(ALARM))[0]!.body)).toMatch(/LATE/)
  }, 40_000)

  test('(a) three times during one cut: three late notices, none twice', async () => {
    proxy.cut()
    for (let i = 0; i < 3; i++) await riseAndClear()
    proxy.mend()
    await until('all three are told', async () => (await client.notices(ALARM)).length >= 3)
    await pause(SETTLE_MS)
    const notices = await client.notices(ALARM)
    expect(notices.map((n) => n.occurrence).sort()).toEqual([1, 2, 3])
    expect((await client.alarm(ALARM))!.state).toBe('returned-unacknowledged')
  }, 40_000)

  test('(b) while the desk is dead', async () => {
    await desk.kill()
    const { rose_ms } = await riseAndClear()
    await desk.start()
    const alarm = await alarmIn('returned-unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    await toldOnce(1)
  }, 40_000)

  test('(c) in packets that are lost on the way', async () => {
    let dropping = true
    proxy.swallow((topic) => dropping && topic.endsWith('/NDATA/n1'))
    const { rose_ms } = await riseAndClear()
    dropping = false
    expect(proxy.swallowed).toBeGreaterThanOrEqual(2)
    const alarm = await alarmIn('returned-unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    await toldOnce(1)
  }, 40_000)
})

describe('a condition that is still true is told at once, with its true onset', () => {
  test('after the uplink was cut', async () => {
    proxy.cut()
    const rose_ms = await setStage(2)
    await pause(1500)
    proxy.mend()
    const alarm = await alarmIn('unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    await toldOnce(1)
  }, 40_000)

  test('after the desk was dead', async () => {
    await desk.kill()
    const rose_ms = await setStage(2)
    await pause(1000)
    await desk.start()
    const alarm = await alarmIn('unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    await toldOnce(1)
  }, 40_000)

  test('when its packet was lost', async () => {
    let dropping = true
    proxy.swallow((topic) => dropping && topic.endsWith('/NDATA/n1'))
    const rose_ms = await setStage(2)
    await pause(4 * POLL_MS)
    dropping = false
    const alarm = await alarmIn('unacknowledged')
    expect(near(alarm.onset_ns, rose_ms)).toBe(true)
    await toldOnce(1)
  }, 40_000)
})
