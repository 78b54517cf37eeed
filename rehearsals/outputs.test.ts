/**
 * Local outputs over real sockets: the siren sounds, is read back, silenced, and limited in time with the uplink cut; what
 * cannot be driven is an alarm; a node that is killed in mid-siren goes on with it; a drill moves no real relay. And commands
 * from the desk, carried out by the node or refused by it, with the person in the journal.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CommandJson } from '../domain/api.ts'
import type { Site } from '../domain/channel.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { MqttProxy } from './mqtt-proxy.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import { RelayBoard } from './relay-board.ts'
import { deadRun, siteFileText, siteOf } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { pause, until } from './until.ts'

const [SIREN, HORN, ADVICE] = [1, 2, 3] as const
const HORN_S = 2
const gauge = new StageDevice()
const board = new RelayBoard()
let data: string
let path: string
let site: Site
let server: Line
let proxy: MqttProxy
let edge: ServiceProcess
let client: DeskClient

const SCENARIO = `
name: flood
description: The shadow of the gauge rises through its level.
loop: false
duration_s: 60
water_time_scale: 180
timeline:
  - at_s: 0
    device: gauge
    play: { recording: usgs-dead-run-2018, from: 2018-06-03T21:00:00Z, to: 2018-06-03T23:30:00Z }
`

beforeAll(async () => {
  const relay = (n: number) => ({ device: 'board', point: `relay_${n}` })
  const link = (id: string, port: number, device: object) => ({
    ...{ id, tcp: { host: '127.0.0.1', port }, timeout_ms: 300 },
    devices: [device],
  })
  const file = {
    site: 'gate',
    name: 'Gate house',
    nodes: [
      {
        id: 'n1',
        name: 'Node',
        links: [
          link('river', await gauge.start(), { id: 'gauge', name: 'Gauge', model: 'sim-stage-gauge', poll_ms: 100 }),
          link('panel', await board.start(), { id: 'board', name: 'Board', model: 'sim-relay-8', poll_ms: 500 }),
          link('played', await freePort(), deadRun(180, { lead_s: 100_000 })),
        ],
        outputs: [
          {
            ...{ id: 'siren', name: 'Siren', drives: relay(SIREN), when: { any: ['high'] }, until_acknowledged: true },
            ...{ max_s: 600, silence: { device: 'board', point: 'button_1' }, poll_ms: 100 },
          },
          { id: 'horn', name: 'Horn', drives: relay(HORN), when: { any: ['high'] }, hold: true, max_s: HORN_S },
        ],
      },
    ],
    limits: [{ id: 'high', name: 'River high', channel: 'gauge/stage', above: 1, unit: 'm', deadband: 0.2 }],
    broker: { port: await freePort() },
    desk: { port: await freePort() },
  }
  data = await temporaryFolder()
  path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  site = await siteOf(file)
  server = await startLine(site, data, ['broker', 'ingest', 'desk', 'sim'])
  proxy = new MqttProxy(site.file.broker.port)
  await proxy.start()
  edge = new ServiceProcess([
    ...['edge', '--site', path, '--data', data, '--node', 'n1', '--mqtt-port', String(proxy.port)],
  ])
  await edge.start()
  client = new DeskClient(site.file.desk.port)
  await client.firstUser(server.announced[0]!.split(' ').at(-1)!, 'officer')
  await until('the desk hears of the board', async () =>
    (await client.readings()).some(({ channel, value }) => channel === 'board/relay_1' && value === 0),
  )
}, 60_000)

afterAll(async () => {
  await edge.stop()
  await proxy.stop()
  await server.stop()
  await gauge.stop()
  await board.stop()
  await removeFolder(data)
})

/** Calm water, nothing pressed, a board that works, an uplink that is there, and both outputs off. */
beforeEach(async () => {
  gauge.set(0)
  board.release()
  board.broken = false
  proxy.mend()
  await until('the water is calm', () => gauge.seen)
  if (board.relay(SIREN)) await press()
  await until('all is off', () => !board.relay(SIREN) && !board.relay(HORN))
  board.writes.length = 0
})

async function press(): Promise<void> {
  board.release()
  await pause(300)
  board.press(1)
  await until('the button silences', () => !board.relay(SIREN))
  board.release()
}
const of = (relay: number) => board.writes.filter((write) => write.relay === relay).map(({ on }) => on)

describe('with the uplink cut', () => {
  test('the limit sets the coil, the longest time ends one, the button the other; the journal hears of it later', async () => {
    const silencedBefore = (await client.journal()).filter(({ kind }) => kind === 'silenced').length
    proxy.cut()
    gauge.set(2)
    await until('the siren sounds', () => board.relay(SIREN) && board.relay(HORN), 3000)
    await until('the horn stops by itself', () => !board.relay(HORN), (HORN_S + 2) * 1000)
    const horn = board.writes.filter(({ relay }) => relay === HORN)
    const sounded_ms = horn[1]!.at_ms - horn[0]!.at_ms
    expect(sounded_ms).toBeGreaterThan(HORN_S * 1000 - 50)
    expect(sounded_ms).toBeLessThan(HORN_S * 1000 + 700)
    expect(board.relay(SIREN)).toBe(true)
    await press()
    // The cause goes on, and neither sounds again.
    await pause(1500)
    expect([board.relay(SIREN), board.relay(HORN)]).toEqual([false, false])
    expect([of(SIREN), of(HORN)]).toEqual([
      [true, false],
      [true, false],
    ])
    proxy.mend()
    const entry = await until('the journal tells who silenced it where', async () => {
      const told = (await client.journal()).filter(({ kind }) => kind === 'silenced')
      return told.length > silencedBefore ? told.at(-1) : undefined
    })
    expect(entry).toMatchObject({ actor: 'panel:siren', body: { where: 'at the panel', output: 'siren' } })
  }, 40_000)

  test('a board that lost power gets its siren back', async () => {
    proxy.cut()
    gauge.set(2)
    await until('the siren sounds', () => board.relay(SIREN), 3000)
    board.powerCycle()
    expect(board.relay(SIREN)).toBe(false)
    await until('it is looked at again and set', () => board.relay(SIREN), 15_000)
  }, 40_000)

  test('a node that is killed in mid-siren leaves it on, and takes it over when it is back', async () => {
    proxy.cut()
    gauge.set(2)
    await until('the siren sounds', () => board.relay(SIREN), 3000)
    // The state is written within 500 ms.
    await pause(800)
    await edge.kill()
    await pause(500)
    expect(board.relay(SIREN)).toBe(true)
    board.writes.length = 0
    await edge.start()
    await pause(1500)
    expect(board.relay(SIREN)).toBe(true)
    expect(of(SIREN)).not.toContain(false)
    await press()
    await pause(1000)
    // The occurrence that goes on was answered: it sounds no second time.
    expect(board.relay(SIREN)).toBe(false)
  }, 40_000)
})

test('a relay that cannot be written is an alarm, and returns once it can', async () => {
  board.broken = true
  gauge.set(2)
  await until(
    'the failure is an alarm',
    async () => (await client.alarm('n1:output-siren'))?.state === 'unacknowledged',
  )
  expect(board.relay(SIREN)).toBe(false)
  board.broken = false
  await until('the siren sounds', () => board.relay(SIREN), 35_000)
  await until('the alarm returns', async () => {
    const state = (await client.alarm('n1:output-siren'))?.state
    return state === 'returned-unacknowledged'
  })
}, 60_000)

test('a drill raises its alarm and moves no relay', async () => {
  const started = await client.post('/drills', {
    ...{ name: 'Flood', owner: 'Chen', scenario: { text: SCENARIO }, shadows: ['gauge'], max_minutes: 2 },
  })
  expect(started.status, JSON.stringify(started.body)).toBe(200)
  const { id } = started.body as { id: string }
  await until(
    'the drill raises',
    async () => {
      const alarm = await client.alarm(`n1:drill.${id}.high`)
      return alarm?.state === 'unacknowledged'
    },
    60_000,
  )
  await pause(1500)
  expect([board.relay(SIREN), board.relay(HORN)]).toEqual([false, false])
  expect(board.writes.filter(({ on }) => on)).toEqual([])
  await client.post(`/drills/${id}/end`, {})
}, 90_000)

describe('a command', () => {
  const commands = async () => (await client.journal()).filter(({ kind }) => kind === 'command')

  test('writes a relay, is read back, and stands in the journal with who asked', async () => {
    const asked = { kind: 'write', device: 'board', metric: `relay_${ADVICE}`, value: 1 }
    const { status, body } = await client.post('/commands', asked)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body as CommandJson).toMatchObject({ node: 'n1', by: 'officer', outcome: 'done', asked })
    expect(board.relay(ADVICE)).toBe(true)
    expect(of(ADVICE)).toEqual([true])
    expect((await commands()).slice(-2)).toMatchObject([
      { actor: 'officer', body: { what: 'asked', ...asked } },
      { actor: 'n1', body: { what: 'done', by: 'officer', detail: 'written and read back' } },
    ])
  })

  test('for what an output drives, or beyond the range, is refused by the node and changes nothing', async () => {
    for (const [metric, value, why] of [
      ['relay_1', 1, 'driven-by-output'],
      ['relay_4', 2, 'out-of-range'],
      ['button_1', 1, 'not-writable'],
      ['relay_9', 1, 'no-point'],
    ] as const) {
      const { status, body } = await client.post('/commands', { kind: 'write', device: 'board', metric, value })
      expect([status, body]).toMatchObject([
        409,
        { error: { code: 'COMMAND_REFUSED', message: expect.stringContaining(why) } },
      ])
    }
    expect(board.writes.filter(({ on }) => on)).toEqual([])
  })

  test('for what is not there never leaves the desk', async () => {
    const before = (await commands()).length
    expect((await client.post('/commands', { kind: 'write', device: 'boat', metric: 'm', value: 1 })).status).toBe(404)
    expect((await client.post('/commands', { kind: 'silence', output: 'bell' })).status).toBe(404)
    expect((await client.post('/commands', { kind: 'reboot' })).status).toBe(400)
    expect((await commands()).length).toBe(before)
  })

  test('from the command line silences the siren, and says so', async () => {
    gauge.set(2)
    await until('the siren sounds', () => board.relay(SIREN), 3000)
    const ran = await runCommand(['silence', 'siren', '--site', path, '--data', data])
    expect([ran.code, ran.stderr, ran.stdout]).toEqual([0, '', 'n1: silenced\n'])
    await until('it is quiet', () => !board.relay(SIREN), 3000)
    expect((await commands()).at(-2)!.actor).toMatch(/^local:/)
    const wrote = await runCommand(['write', 'board/relay_5', '1', '--site', path, '--data', data])
    expect([wrote.code, wrote.stderr]).toEqual([0, ''])
    expect(board.relay(5)).toBe(true)
    const refused = await runCommand(['write', 'board/relay_1', '1', '--site', path, '--data', data])
    expect([refused.code, refused.stderr.split(': ')[0]]).toEqual([2, 'COMMAND_REFUSED'])
  }, 40_000)

  test('whose answers are lost is carried out once', async () => {
    const before = (await commands()).length
    const asked = client.post('/commands', { kind: 'write', device: 'board', metric: 'relay_6', value: 1 })
    let swallowed = 0
    proxy.swallow((topic) => topic.includes('/NDATA/') && swallowed++ < 3)
    const begun = performance.now()
    const { status } = await asked
    // Asked again after a second at least.
    expect(performance.now() - begun).toBeGreaterThan(900)
    proxy.swallow(() => false)
    expect(status).toBe(200)
    expect(of(6)).toEqual([true])
    expect((await commands()).length).toBe(before + 2)
  }, 40_000)
})
