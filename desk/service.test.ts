import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Client, signedIn, type TestDesk, TestDesks, tokenOf } from './testing.ts'
import { testSite } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

/** A request whose Host header is what we say: fetch does not let us. */
const askAs = (url: string, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url + path, { headers, method }, (response: IncomingMessage) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })

describe('what is there', () => {
  const shared = new TestDesks()
  let desk: TestDesk
  beforeAll(async () => {
    desk = await shared.start()
  })
  afterAll(() => shared.end())

  test('site, devices, newest readings, alarms: SI, instants as strings, EXERCISE marked', async () => {
    const client = new Client(desk.url)
    const site = await client.get('/api/v1/site')
    expect(site.body).toMatchObject({
      site: 'yard',
      exercise: true,
      hash: desk.site.hash,
      software: 'plumbline test',
      waters: [{ id: 'creek', levels: [{ id: 'red', stage_m: 2 }] }],
    })
    expect((await client.get('/api/v1/devices')).body).toMatchObject({
      devices: [{ id: 'creek', state: 'unknown' }, { id: 'roof' }],
    })
    await expect
      .poll(async () => (await client.get('/api/v1/readings/latest')).body)
      .toMatchObject({ readings: [{ channel: 'creek/stage', value: 1.25, exercise: true }] })
    expect((await client.get('/api/v1/alarms')).body).toMatchObject({
      now_ns: expect.stringMatching(/^\d{19}$/),
      alarms: [
        {
          id: 'north:creek-red',
          state: 'normal',
          occurrence: 0,
          onset_ns: null,
          limit: 2,
          exercise: true,
          latch: false,
        },
        { id: 'north:roof-shaking', state: 'normal', unit: 'm/s²', latch: true },
      ],
    })
  })

  test('the console is served, and nothing but our own origin may be loaded', async () => {
    const page = await new Client(desk.url).get('/')
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('console') })
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await new Client(desk.url).get('/../users.json')).status).toBe(404)
    expect(await new Client(desk.url).get('/nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    })
  })

  test('without a built console the API runs and the page says what is missing', async () => {
    const desk = await desks.start({ consoleDir: '/nowhere' })
    const client = new Client(desk.url)
    expect(await client.get('/')).toMatchObject({ status: 503, body: expect.stringContaining('CONSOLE_NOT_BUILT') })
    expect((await client.get('/api/v1/alarms')).status).toBe(200)
  })

  test('series, blocks and gaps of the store; 503 while it is away', async () => {
    const client = new Client(desk.url)
    const span = 'from=2018-06-03T06:00:00Z&to=2018-06-03T06:05:00Z'
    expect((await client.get(`/api/v1/series?channel=creek/stage&${span}`)).body).toEqual({
      channel: 'creek/stage',
      unit: 'm',
      columns: [['1528005660000000000', 1, 1.25, 1.5, 4, 3]],
    })
    expect((await client.get(`/api/v1/blocks?channel=roof/acceleration/x&${span}`)).body).toMatchObject({
      device: 'roof',
      group: 'acceleration',
      blocks: [{ t0_ns: '1528005660000000000', first_counter: 100, axes: { x: [0, 0], y: [1, -1], z: [2, -2] } }],
    })
    expect((await client.get(`/api/v1/gaps?${span}`)).body).toMatchObject({
      gaps: [{ channels: ['creek/stage'], missing: 60, reason: 'edge-down' }],
    })
    desk.store.away = true
    for (const path of [
      `series?channel=creek/stage&${span}`,
      `blocks?channel=roof/acceleration&${span}`,
      `gaps?${span}`,
    ])
      expect(await client.get(`/api/v1/${path}`), path).toMatchObject({
        status: 503,
        body: { error: { code: 'STORE_UNAVAILABLE' } },
      })
    expect((await client.get('/readyz')).body).toMatchObject({ ready: false, checks: { store: { ok: false } } })
    desk.store.away = false
    expect((await client.get(`/api/v1/gaps?${span}`)).status).toBe(200)
  })

  test.each([
    ['series?from=1&to=2', 400, 'query: must have required properties channel'],
    ['series?channel=creek/stage&from=1&to=soon', 400, 'query.to: expected ISO 8601'],
    ['series?channel=creek/stage&from=2&to=1', 400, 'query.to: expected an instant after from'],
    ['series?channel=creek/stage&from=1&to=2&points=0', 400, 'query.points: must be >= 1, got 0'],
    ['series?channel=creek/none&from=1&to=2', 404, 'there is no channel creek/none'],
    ['blocks?channel=creek/stage&from=1&to=2', 404, 'there are no blocks of creek/stage'],
    ['blocks?channel=roof/acceleration&from=1&to=700000000000', 400, 'at most 600 s'],
    ['journal?limit=5000', 400, 'query.limit: must be <= 1000'],
  ])('%s is refused with %i', async (path, status, message) => {
    expect(await new Client(desk.url).get(`/api/v1/${path}`)).toMatchObject({
      status,
      body: { error: { message: expect.stringContaining(message) } },
    })
  })

  test('health: alive, but not ready without a broker; counts for Prometheus', async () => {
    const client = new Client(desk.url)
    expect((await client.get('/livez')).status).toBe(200)
    await expect
      .poll(async () => (await client.get('/readyz')).body)
      .toEqual({
        ready: false,
        checks: {
          journal: { ok: true },
          store: { ok: true },
          broker: { ok: false, why: 'not connected: never tried' },
        },
      })
    const text = (await client.get('/metrics')).body as string
    expect(text).toContain('plumbline_desk_alarms{state="normal",letter="A"} 2')
    expect(text).toContain('plumbline_desk_up{part="broker"} 0')
    expect(text).toContain('plumbline_desk_journal_seq 1')
  })
})

describe('the first user and the sessions', () => {
  test('the printed link makes one admin, once; the cookie is for no script and no other page', async () => {
    const desk = await desks.start()
    expect(desk.announced).toEqual([expect.stringMatching(`${desk.url}/#/first-user\\?token=[\\w-]{43}`)])
    const client = new Client(desk.url)
    expect((await client.get('/api/v1/session')).body).toEqual({ user: null, first_user_needed: true })
    const body = { token: tokenOf(desk), name: ' Mei ', passphrase: 'a long sentence' }
    expect((await client.post('/api/v1/first-user', { ...body, passphrase: 'short' })).status).toBe(400)
    expect((await client.post('/api/v1/first-user', { ...body, name: 'desk' })).status).toBe(400)
    const made = await client.post('/api/v1/first-user', body)
    expect(made).toMatchObject({
      status: 200,
      body: { user: { name: 'Mei', role: 'admin' }, first_user_needed: false },
    })
    expect(made.headers.get('set-cookie')).toMatch(/^plumbline_yard=[\w-]+;.*HttpOnly;.*SameSite=Strict/)
    expect((await client.post('/api/v1/first-user', body)).status).toBe(403)
    expect((await client.get('/api/v1/journal')).body).toMatchObject({
      entries: [
        { kind: 'start', actor: 'desk', body: { software: 'plumbline test' } },
        { kind: 'session', actor: 'Mei', body: { what: 'first user made' } },
      ],
    })
  })

  test('a session survives a restart, and no link is printed any more', async () => {
    const dataDir = await desks.folder()
    const desk = await desks.start({ dataDir })
    const { cookie } = await signedIn(desk)
    await desk.service.stop()
    const again = await desks.start({ dataDir })
    expect(again.announced).toEqual([])
    expect((await new Client(again.url, cookie).get('/api/v1/session')).body).toMatchObject({ user: { name: 'Mei' } })
  })

  test('sign-in, sign-out, a wrong passphrase, too many of them', async () => {
    const desk = await desks.start()
    await signedIn(desk)
    const client = new Client(desk.url)
    const wrong = { name: 'Mei', passphrase: 'another sentence' }
    expect(await client.post('/api/v1/session', wrong)).toMatchObject({
      status: 401,
      body: { error: { code: 'WRONG_CREDENTIALS' } },
    })
    const right = { name: 'Mei', passphrase: 'a long sentence' }
    expect((await client.post('/api/v1/session', right)).body).toMatchObject({ user: { name: 'Mei', role: 'admin' } })
    const { cookie } = client
    expect((await client.ask('DELETE', '/api/v1/session')).body).toMatchObject({ user: null })
    expect((await new Client(desk.url, cookie).get('/api/v1/session')).body).toMatchObject({ user: null })
    const many = await Promise.all(Array.from({ length: 12 }, () => client.post('/api/v1/session', wrong)))
    const limited = many.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('a real site is read by nobody without a session; the demo site by everybody on this machine', async () => {
    const desk = await desks.start({ site: testSite({ simulated: false }) })
    const paths = ['site', 'devices', 'readings/latest', 'alarms', 'journal', 'live', 'gaps?from=1&to=2']
    for (const path of paths) expect((await new Client(desk.url).get(`/api/v1/${path}`)).status, path).toBe(401)
    expect((await new Client(desk.url).get('/metrics')).status).toBe(401)
    expect((await new Client(desk.url).get('/readyz')).status).toBe(503)
    const client = await signedIn(desk)
    expect((await client.get('/api/v1/alarms')).status).toBe(200)
    expect((await client.get('/api/v1/made-up')).status).toBe(404)
  })

  test('another page, another host name, a form: refused', async () => {
    const desk = await desks.start()
    const { cookie } = await signedIn(desk)
    const path = '/api/v1/alarms/north:creek-red/comment'
    const client = new Client(desk.url, cookie)
    expect((await client.post(path, { text: 'x' }, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await client.post(path, { text: 'x' }, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await client.post(path, { text: 'x' }, { origin: desk.url })).status).toBe(200)
    expect(await askAs(desk.url, '/api/v1/alarms', { host: 'evil.example' })).toBe(403)
    expect(await askAs(desk.url, '/', { host: 'localhost:1' })).toBe(200)
  })

  test('beyond loopback it starts only when somebody can sign in, and then nothing is read without', async () => {
    const dataDir = await desks.folder()
    await expect(desks.start({ dataDir, host: '0.0.0.0' })).rejects.toThrow(
      /USAGE: desk.host 0.0.0.0 .* nobody can sign in/,
    )
    const local = await desks.start({ dataDir })
    const { cookie } = await signedIn(local)
    await local.service.stop()
    const open = await desks.start({ dataDir, host: '0.0.0.0' })
    expect((await new Client(open.url).get('/api/v1/site')).status).toBe(401)
    expect((await new Client(open.url, cookie).get('/api/v1/site')).status).toBe(200)
  })
})

describe('start and stop', () => {
  test('a port in use is named, with how to move it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(desks.start({ port })).rejects.toThrow(
      `PORT_IN_USE: 127.0.0.1:${port} is already in use; move it with desk.port in the site file or --port`,
    )
    other.close()
  })

  test('stops at once with live clients connected', async () => {
    const desk = await desks.start()
    const stream = await fetch(`${desk.url}/api/v1/live`)
    const socket = new WebSocket(`${desk.url.replace('http', 'ws')}/api/v1/live/blocks?device=roof`)
    await new Promise((resolve) => socket.once('open', resolve))
    const idle = await fetch(`${desk.url}/livez`)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    const before = performance.now()
    await desk.service.stop()
    expect(performance.now() - before).toBeLessThan(2000)
    await closed
    await expect(stream.text()).rejects.toThrow()
    expect(idle.status).toBe(200)
  })
})

describe('waveforms', () => {
  test('are given only of devices that have them, and to no other page', async () => {
    const desk = await desks.start()
    const refused = (path: string, origin?: string) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(`${desk.url.replace('http', 'ws')}${path}`, origin ? { origin } : {})
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
        socket.on('error', () => {})
        socket.on('open', () => resolve(101))
      })
    expect(await refused('/api/v1/live/blocks?device=creek')).toBe(404)
    expect(await refused('/api/v1/live/blocks')).toBe(400)
    expect(await refused('/api/v1/live/blocks?device=roof', 'http://evil.example')).toBe(403)
    expect(await refused('/api/v1/live/blocks?device=roof', desk.url)).toBe(101)
    expect((await new Client(desk.url).get('/api/v1/live/blocks?device=roof')).status, 'not a WebSocket').toBe(404)
  })
})
