/** Drills over HTTP and on the wire, and the command line's own way in. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../domain/alarm.ts'
import type { DrillJson, DrillReportJson } from '../domain/api.ts'
import { deskFolder, LOCAL_FILE, type LocalDesk } from '../domain/data-folder.ts'
import { isShadow, shadowId } from '../domain/drill.ts'
import { instant } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { connectMqtt } from '../runtime/mqtt-connection.ts'
import { Client, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { TestSimulator } from './testing-simulator.ts'
import { record, testSite } from './testing-site.ts'
import { clock, TestBroker, TestEdge, TestStream } from './testing-wire.ts'

const desks = new TestDesks()
const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await desks.end()
})
const soon = { timeout: 8000, interval: 20 }
const SITE = testSite({ simulated: 'roof' })
const ASKED = { name: 'Dawn', owner: 'Mei', recipients: ['night shift'], scenario: { name: 'flash-flood' } }

const localOf = async (dataDir: string): Promise<LocalDesk> =>
  JSON.parse(await readFile(join(deskFolder(dataDir, 'yard'), LOCAL_FILE), 'utf8')) as LocalDesk
const bearer = (token: string, actor = 'ops') => ({ authorization: `Bearer ${token}`, 'x-plumbline-actor': actor })
const journal = async (client: Client, kind: string): Promise<JournalEntryJson[]> => {
  const { body } = await client.get('/api/v1/journal?limit=1000')
  return (body as { entries: JournalEntryJson[] }).entries.filter((entry) => entry.kind === kind)
}

describe('a drill on the wire', () => {
  const broker = new TestBroker()
  let edge: TestEdge
  let desk: TestDesk
  let mei: Client
  const simulator = new TestSimulator(SITE)
  const shadow = shadowId('dawn', 'creek')
  const limit_id = shadowId('dawn', 'creek-red')

  beforeEach(async () => {
    await broker.start()
    edge = new TestEdge(broker.url)
    edge.hash = SITE.hash
    desk = await desks.start({
      ...{ site: SITE, brokerUrl: broker.url, clock, connectMqtt: connectMqtt(clock, silentLog), simulator },
    })
    mei = await signedIn(desk)
    edge.start()
    ends.push(async () => {
      await edge.stop()
      await broker.stop()
    })
  })
  const devices = async () =>
    ((await mei.get('/api/v1/devices')).body as { devices: Array<{ id: string; state: string }> }).devices
  const alarms = async () => ((await mei.get('/api/v1/alarms')).body as { alarms: AlarmJson[] }).alarms
  const drill = async () => (await mei.get('/api/v1/drills/dawn')).body as { drill: DrillJson; report: DrillReportJson }

  test('shadow device and alarm come and go; the report says who answered; a real alarm stays apart', async () => {
    await expect.poll(async () => (await devices())[0], soon).toMatchObject({ id: 'creek', state: 'online' })
    const begun = await mei.post('/api/v1/drills', { ...ASKED, shadows: ['creek'] })
    expect(begun).toMatchObject({ status: 200, body: { id: 'dawn', started_by: 'Mei' } })
    await expect.poll(async () => (await drill()).drill.status, soon).toBe('running')
    await expect.poll(async () => (await devices()).at(-1), soon).toMatchObject({ id: shadow, state: 'online' })
    expect((await mei.get('/api/v1/site')).body).toMatchObject({ limits: [{}, {}, { id: limit_id, limit: 2 }] })

    const now = clock.now()
    const rise = { at_ns: now, onset_ns: now }
    await edge.condition(record(1, 0, undefined, { ...rise, limit_id }))
    await edge.condition(record(9, 0, undefined, { ...rise, exercise: false }))
    await expect.poll(async () => (await alarms()).filter((a) => a.state === 'unacknowledged').length, soon).toBe(2)
    const raised = (await alarms()).find((a) => a.limit_id === limit_id)!
    expect(raised).toMatchObject({ exercise: true, drill: { id: 'dawn', name: 'Dawn' }, channel: `${shadow}/stage` })
    const answer = { occurrence: 1, etag: raised.etag, comment: 'seen' }
    expect((await mei.post(`/api/v1/alarms/${raised.id}/acknowledge`, answer)).status).toBe(200)

    expect((await mei.post('/api/v1/drills/dawn/end', {})).body).toMatchObject({ status: 'ended', ended_by: 'Mei' })
    await expect.poll(() => edge.drill, soon).toBeNull()
    expect((await devices()).map(({ id }) => id)).toEqual(['creek', 'roof'])
    expect((await alarms()).map(({ limit_id: id, state }) => [id, state])).toEqual([
      ['creek-red', 'unacknowledged'],
      ['roof-shaking', 'normal'],
    ])
    const { report } = await drill()
    expect(report).toMatchObject({
      occurrences: [{ limit_id, name: 'Creek above red', acknowledged: { by: 'Mei', comment: 'seen' } }],
      summary: { raised: 1, told: 1, acknowledged: 1, not_acknowledged: 0 },
      real: { count: 1, alarms: [{ alarm: 'north:creek-red', occurrence: 9 }] },
      complete: true,
    })
    expect(report.occurrences[0]!.told_after_s).toBeGreaterThanOrEqual(0)
    const notices = await journal(mei, 'notice')
    expect(notices.map(({ body }) => (body as { recipients?: string[] }).recipients)).toEqual([
      ['night shift'],
      undefined,
    ])
    const late = await mei.get(
      `/api/v1/series?channel=${shadow}/stage&from=2018-06-03T06:00:00Z&to=2018-06-03T06:05:00Z`,
    )
    expect(late, 'what it measured is kept').toMatchObject({ status: 200, body: { unit: 'm' } })
  })

  test('a live client sees the drill, and a snapshot without its devices when it is over', async () => {
    await expect.poll(async () => (await devices())[0]?.state, soon).toBe('online')
    const stream = new TestStream()
    ends.push(() => stream.close())
    await stream.open(desk.url, mei.cookie)
    await expect.poll(() => stream.of('snapshot').length, soon).toBe(1)
    expect(stream.of('snapshot')[0]).toMatchObject({ drill: null })
    await mei.post('/api/v1/drills', { ...ASKED, shadows: ['creek'] })
    await expect.poll(() => stream.of('drill').at(-1), soon).toMatchObject({ status: 'running' })
    expect(stream.of('snapshot').at(-1)).toMatchObject({ drill: { id: 'dawn' } })
    await expect.poll(() => stream.of('device').some((d) => isShadow(String(d['id']))), soon).toBe(true)
    await mei.post('/api/v1/drills/dawn/end', {})
    await expect
      .poll(() => stream.of('snapshot').at(-1), soon)
      .toMatchObject({ drill: null, devices: [{ id: 'creek' }, { id: 'roof' }] })
  })

  test('an edge node that comes back from a drill that is over is told to leave it', async () => {
    await expect.poll(async () => (await devices())[0]?.state, soon).toBe('online')
    edge.drill = { id: 'noon', until_ns: String(instant(clock.now() + 60_000_000_000n)), shadows: [] }
    await edge.born('north')
    await expect.poll(() => edge.drill, soon).toBeNull()
  })
})

describe('drills over HTTP', () => {
  const start = async (simulator = new TestSimulator(SITE)) => {
    const dataDir = await desks.folder()
    const desk = await desks.start({ site: SITE, dataDir, simulator })
    return { desk, dataDir, simulator, mei: await signedIn(desk) }
  }

  test('only who is signed in may begin one, and every mistake is said', async () => {
    const { desk, mei } = await start()
    expect((await new Client(desk.url).post('/api/v1/drills', ASKED)).status).toBe(401)
    for (const [body, status, message] of [
      [{ ...ASKED, owner: '' }, 400, 'body.owner'],
      [{ ...ASKED, name: 'two\nlines' }, 400, 'body.name: expected a line of text'],
      [{ ...ASKED, scenario: {} }, 400, 'either name or text'],
      [{ ...ASKED, scenario: { name: 'moonrise' } }, 400, 'SCENARIO_INVALID'],
      [{ ...ASKED, max_minutes: 5000 }, 400, 'body.max_minutes'],
      [{ ...ASKED, shadows: ['roof'] }, 409, 'DRILL_REFUSED'],
    ] as const)
      expect(await mei.post('/api/v1/drills', body), message).toMatchObject({
        status,
        body: { error: { message: expect.stringContaining(message) } },
      })
    expect((await mei.get('/api/v1/drills/none')).status).toBe(404)
    expect((await mei.post('/api/v1/drills/none/end', {})).status).toBe(404)
  })

  test('a desk without a simulator, or with one that is away, says so', async () => {
    const { mei, simulator } = await start()
    simulator.away = true
    for (const ask of [() => mei.post('/api/v1/drills', ASKED), () => mei.get('/api/v1/simulator')])
      expect(await ask()).toMatchObject({ status: 503, body: { error: { code: 'SIMULATOR_UNAVAILABLE' } } })
    const bare = await desks.start({ site: SITE })
    const lin = await signedIn(bare)
    expect((await lin.get('/api/v1/simulator')).status).toBe(503)
  })

  test('the simulator by hand: who is signed in, and the journal says who did what', async () => {
    const { desk, mei } = await start()
    expect((await new Client(desk.url).get('/api/v1/simulator')).status).toBe(401)
    const post = (path: string, body: object) => mei.post(`/api/v1/simulator/${path}`, body)
    const file = { name: 'quake.csv', base64: 'MQo=' }
    expect((await post('play', { as: 'roof', files: [file], speed: 2 })).body).toMatchObject({ id: 'play-1', speed: 2 })
    expect((await post('steer', { play: 'play-1', action: 'seek', position_s: 5 })).body).toMatchObject({
      position_s: 5,
    })
    expect((await post('scenario', { name: 'earthquake' })).body).toMatchObject({ seed: 11 })
    expect((await post('scenario', { stop: true })).status).toBe(200)
    expect((await post('wire', { node: 'north', link: 'loft', faults: { drop: 0.1 } })).body).toMatchObject({
      faults: { drop: 0.1 },
    })
    expect((await post('fault', { device: 'roof', kind: 'hang' })).status).toBe(200)
    expect((await mei.get('/api/v1/simulator')).body).toMatchObject({
      devices: [{ id: 'roof', fault: 'hang' }],
      scenario: null,
    })
    expect(
      (await journal(mei, 'simulator')).map(({ actor, body }) => [actor, (body as { what: string }).what]),
    ).toEqual(
      ['play', 'steer', 'scenario', 'scenario stopped', 'wire faults', 'device fault'].map((what) => ['Mei', what]),
    )
    expect(JSON.stringify(await journal(mei, 'simulator'))).not.toContain(file.base64)

    for (const [path, body, status] of [
      ['play', { as: 'creek', files: [file] }, 409],
      ['play', { as: 'roof', files: [] }, 400],
      ['steer', { play: 'play-9', action: 'pause' }, 409],
      ['steer', { play: 'play-1', action: 'seek' }, 400],
      ['wire', { node: 'north', link: 'loft', faults: { drop: 2 } }, 400],
      ['wire', { node: 'north', link: 'bus', faults: {} }, 400],
      ['scenario', { name: 'a', text: 'b' }, 400],
    ] as const)
      expect((await post(path, body)).status, `${path} ${JSON.stringify(body)}`).toBe(status)
    expect((await journal(mei, 'simulator')).length, 'what was refused was not done').toBe(6)
  })
})

describe('the way in of the command line', () => {
  const real = testSite({ simulated: false })

  test('a token that only the owner of the folder can read, gone when the desk stops', async () => {
    const dataDir = await desks.folder()
    const desk = await desks.start({ site: real, dataDir })
    const path = join(deskFolder(dataDir, 'yard'), LOCAL_FILE)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await localOf(dataDir)).toEqual({
      port: desk.service.port,
      host: '127.0.0.1',
      token: expect.stringMatching(/^[\w-]{43}$/),
    })
    const before = (await localOf(dataDir)).token
    await desk.service.stop()
    await expect(stat(path)).rejects.toThrow('ENOENT')
    await desks.start({ site: real, dataDir })
    expect((await localOf(dataDir)).token).not.toBe(before)
  })

  test('acts as an admin under the name of who runs it; a wrong token and a name that is none are refused', async () => {
    const dataDir = await desks.folder()
    const desk = await desks.start({ site: real, dataDir })
    const { token } = await localOf(dataDir)
    const client = new Client(desk.url)
    const ask = (headers: Record<string, string>) => client.get('/api/v1/session', headers)
    expect((await ask(bearer(token, encodeURIComponent('陳 Mei')))).body).toMatchObject({
      user: { name: 'local:陳 Mei', role: 'admin' },
    })
    const path = '/api/v1/alarms/north:creek-red/comment'
    expect((await client.post(path, { text: 'by hand' }, bearer(token))).body).toMatchObject({
      comments: [{ by: 'local:ops' }],
    })
    expect((await ask({ authorization: `Bearer ${token}` })).status, 'nobody named').toBe(400)
    expect((await ask(bearer(token, '%0A'))).status).toBe(400)
    const wrong = await Promise.all(Array.from({ length: 14 }, () => ask(bearer(`${token}x`))))
    expect(wrong[0]).toMatchObject({ status: 401, body: { error: { code: 'WRONG_CREDENTIALS' } } })
    expect(wrong.at(-1)).toMatchObject({ status: 429 })
    expect((await client.get('/api/v1/alarms')).status, 'without a token it stays closed').toBe(401)
  })

  test('no person may be called like it', async () => {
    const desk = await desks.start({ site: real })
    const name = 'Local:root'
    const token = /first-user\?token=(\S+)/.exec(desk.announced.join('\n'))![1]
    const made = await new Client(desk.url).post('/api/v1/first-user', { token, name, passphrase: 'a long sentence' })
    expect(made.status).toBe(400)
  })
})
