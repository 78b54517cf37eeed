/** The plain mirror on the whole line, read by a program of others: mosquitto_sub. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientBook } from '../broker/io/client-book.ts'
import { have } from '../broker/real-tools.fixture.ts'
import type { Site } from '../domain/channel.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { bothDevices, siteOf } from './site.ts'
import { until } from './until.ts'

const run = promisify(execFile)
const installed = ['mosquitto_pub', 'mosquitto_sub'].every((tool) => have(tool, 'mosquitto-clients', tool, ['--help']))
type Said = { topic: string; body: Record<string, unknown>; text: string }

describe.skipIf(!installed)('the plain mirror, read with mosquitto_sub', () => {
  let site: Site
  let data: string
  let line: Line
  let simulator: Line
  let desk: Line
  let password: string

  beforeAll(async () => {
    const ports = {
      accelerometer: await freePort(),
      gauge: await freePort(),
      mqtt: await freePort(),
      desk: await freePort(),
    }
    site = await siteOf({ ...bothDevices(ports, { timeScale: 360, yonago: { lead_s: 1 } }), mirror: {} })
    data = await temporaryFolder()
    simulator = await startLine(site, data, ['sim'])
    line = await startLine(site, data, ['broker', 'ingest', 'edge'])
    desk = await startLine(site, data, ['desk'])
    password = await new ClientBook(data, site).addObserver('wallboard')
  }, 60_000)
  afterAll(async () => {
    for (const part of [desk, line, simulator]) await part?.stop()
    await removeFolder(data)
  })

  const door = () => ['-h', '127.0.0.1', '-p', String(site.file.broker.port)]
  const as = (id = 'wallboard.1') => [...door(), '-u', 'wallboard', '-P', password, '-i', id]
  /** What comes in so many seconds. */
  const hear = async (seconds: number, ...more: string[]): Promise<Said[]> => {
    const args = [...as(), '-t', 'plumbline/rehearsal/#', '-F', '%t %p', '-W', String(seconds), ...more]
    // It ends with 27 when its time is over.
    const { stdout } = await run('mosquitto_sub', args).catch((error: { stdout: string }) => error)
    return stdout
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => {
        const space = text.indexOf(' ')
        const payload = text.slice(space + 1)
        return { topic: text.slice(0, space), text: payload, body: payload.trim() === '' ? {} : JSON.parse(payload) }
      })
  }
  const retained = async () => new Map((await hear(2, '--retained-only')).map(({ topic, body }) => [topic, body]))

  test('who comes late finds the newest of every channel and alarm, as the desk knows them', async () => {
    const topics = await until(
      'both channels and an alarm that is open',
      async () => {
        const all = await retained().catch(() => new Map<string, Record<string, unknown>>())
        const open = all.get('plumbline/rehearsal/alarm/n1:shaking')?.['open'] === 1
        return all.has('plumbline/rehearsal/reading/dead-run/stage') && open && all
      },
      90_000,
    )
    expect(topics.get('plumbline/rehearsal/mirror')).toEqual({ online: true })
    const below = (part: string) =>
      [...topics.keys()].filter((topic) => topic.startsWith(`plumbline/rehearsal/${part}/`))
    expect(below('reading').sort()).toEqual(
      ['dead-run/rate_of_rise', 'dead-run/stage', 'yonago/pga'].map((id) => `plumbline/rehearsal/reading/${id}`),
    )
    // Beside these the conditions that every node has by itself.
    expect(below('alarm')).toEqual(
      expect.arrayContaining(['shaking', 'stage-2ft', 'stage-4ft'].map((id) => `plumbline/rehearsal/alarm/n1:${id}`)),
    )
    const stage = topics.get('plumbline/rehearsal/reading/dead-run/stage')!
    expect(stage).toMatchObject({
      channel: 'dead-run/stage',
      unit: 'm',
      quality: 'good',
      device: 'online',
      exercise: true,
    })
    // Dead Run between 18:00 and 03:00 UTC: 1.59 to 6.2 ft.
    expect(stage['value']).toBeGreaterThan(0.4)
    expect(stage['value']).toBeLessThan(2)
    expect(Date.parse(String(stage['time']))).toBeCloseTo(Number(stage['t_ms']), -1)
    expect(Math.abs(Date.now() - Number(stage['t_ms']))).toBeLessThan(60_000)
    expect(topics.get('plumbline/rehearsal/alarm/n1:shaking')).toMatchObject({
      ...{ name: 'Shaking', channel: 'yonago/pga', priority: 'critical', unacknowledged: 1, limit: 0.25 },
      ...{ unit: 'm/s²', exercise: true, onset: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/) },
    })
    const alarm = await new DeskClient(site.file.desk.port).alarm('n1:shaking')
    expect(topics.get('plumbline/rehearsal/alarm/n1:shaking')?.['occurrence']).toBe(alarm!.occurrence)
  }, 120_000)

  test('the newest of a channel comes at most once a second', async () => {
    const live = (await hear(6)).filter(({ topic }) => topic.endsWith('/yonago/pga'))
    // The retained one, and one a second.
    expect(live.length).toBeGreaterThan(2)
    expect(live.length).toBeLessThanOrEqual(8)
  }, 20_000)

  test('a channel of an older site file that is retained is taken away when the mirror comes', async () => {
    await desk.stop()
    const own = (await readFile(join(deskFolder(data, 'rehearsal'), 'mqtt-password'), 'utf8')).trim()
    const old = ['-t', 'plumbline/rehearsal/reading/gone/stage', '-m', '{"value":1}', '-r', '-q', '1']
    await run('mosquitto_pub', [...door(), '-u', 'rehearsal-desk', '-P', own, '-i', 'rehearsal-desk-mirror', ...old])
    expect((await retained()).has('plumbline/rehearsal/reading/gone/stage')).toBe(true)
    desk = await startLine(site, data, ['desk'])
    await until('it is gone', async () => !(await retained()).has('plumbline/rehearsal/reading/gone/stage'), 40_000)
  }, 60_000)

  test('a silent device, and a desk that is gone, are told as such', async () => {
    await simulator.stop()
    const reading = await until(
      'the device is away',
      async () => {
        const body = (await retained()).get('plumbline/rehearsal/reading/dead-run/stage')
        return body?.['device'] === 'offline' && body
      },
      60_000,
    )
    expect(reading).toMatchObject({ value: null, quality: 'missing', reason: expect.any(String) })
    await desk.stop()
    expect((await retained()).get('plumbline/rehearsal/mirror')).toEqual({ online: false })
  }, 90_000)

  test('nobody but the desk says anything there', async () => {
    const lie = ['-t', 'plumbline/rehearsal/reading/dead-run/stage', '-m', '{"value":9}', '-r', '-q', '1']
    await run('mosquitto_pub', [...as('wallboard.2'), ...lie]).catch(() => {})
    expect((await retained()).get('plumbline/rehearsal/reading/dead-run/stage')?.['value']).not.toBe(9)
  }, 20_000)
})
