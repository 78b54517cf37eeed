/**
 * The desk against its own description: every route is described and every answer has the shape it promises; every route
 * under every role from the wrong side; and whatever comes from outside, never a 500, never a hang.
 */
import { connect } from 'node:net'
import fc from 'fast-check'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { TokenMadeJson } from '../domain/api-desk.ts'
import { ROUTES, routes } from '../domain/api-schemas/index.ts'
import { ProblemJson } from '../domain/api-schemas/problem.ts'
import type { ApiRoute } from '../domain/api-schemas/route.ts'
import { pathOf } from '../domain/openapi.ts'
import { ROLES, type Role } from '../domain/roles.ts'
import { Client, type Reply, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { testSite, testSiteText } from './testing-site.ts'

const desks = new TestDesks()
let desk: TestDesk
let admin: Client
/** Of a site with real sensors, where nothing is open; a secret for each role. */
let real: TestDesk
const secrets = {} as Record<Role, string>
type Documented = Record<string, Record<string, { operationId: string }>>
let documented: Documented
let served: readonly ApiRoute[]

beforeAll(async () => {
  desk = await desks.start({ siteText: testSiteText() })
  admin = await signedIn(desk)
  real = await desks.start({ site: testSite({ simulated: false }) })
  const mei = await signedIn(real)
  for (const role of ROLES)
    secrets[role] = ((await mei.post('/api/v1/tokens', { name: role, role })).body as TokenMadeJson).secret
  documented = ((await admin.get('/docs/openapi.json')).body as { paths: Documented }).paths
  served = routes.filter((route) => documented[pathOf(route)]?.[route.method.toLowerCase()] !== undefined)
}, 60_000)
afterAll(() => desks.end())

const SPAN = 'from=2018-06-03T06:00:00Z&to=2018-06-03T06:05:00Z'
const LIVE = new Set<string>([ROUTES.live.path, ROUTES.liveBlocks.path])
const fill = ({ path }: ApiRoute, value: string) => path.replaceAll(/:\w+/g, () => encodeURIComponent(value))
const mistakes = (schema: object, value: unknown) =>
  Value.Errors(schema as never, value).map(({ instancePath, message }) => `${instancePath}: ${message}`)

describe('what is described', () => {
  test('is OpenAPI 3.1 with an operation of its own for each route, and pages for people without scripts', async () => {
    const spec = (await admin.get('/docs/openapi.json')).body as Record<string, unknown>
    expect(spec).toMatchObject({ openapi: '3.1.0', info: { title: 'Plumbline desk' } })
    const ids = Object.values(documented).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(served.length).toBeGreaterThan(35)
    for (const path of ['/docs', '/docs/errors']) {
      const page = await admin.get(path)
      expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<!doctype html>') })
      expect(page.body).not.toMatch(/<script|style=|https?:\/\//)
    }
    expect((await admin.get('/docs')).body).toContain('/api/v1/alarms/{id}/acknowledge')
  })

  test('every list that is described as CSV is asked for here', () => {
    const asked = new Set<ApiRoute>(GOOD.map(([name]) => ROUTES[name]))
    expect(served.filter((route) => route.csv !== undefined && !asked.has(route)).map(({ path }) => path)).toEqual([])
  })

  /** Answers a good request to a route gets, by its shape. */
  const GOOD: ReadonlyArray<[keyof typeof ROUTES, string]> = [
    ['site', ''],
    ['siteFile', ''],
    ['devices', ''],
    ['latest', ''],
    ['series', `?channel=creek/stage&${SPAN}`],
    ['blocks', `?channel=roof/acceleration&${SPAN}`],
    ['gaps', `?${SPAN}`],
    ['spectrum', `?device=roof&axis=x&${SPAN}`],
    ['helicorder', '?channel=roof/acceleration/x&day=2018-06-03&columns=60'],
    ['alarms', ''],
    ['groups', ''],
    ['quality', `?${SPAN}`],
    ['maintenance', ''],
    ['journal', '?limit=5'],
    ['events', ''],
    ['drills', ''],
    ['cap', ''],
    ['notices', ''],
    ['contacts', ''],
    ['system', ''],
    ['session', ''],
    ['users', ''],
    ['tokens', ''],
    ['livez', ''],
  ]
  test.each(GOOD)(
    '%s answers in its shape; a list also as CSV, and not at all where it is known',
    async (name, query) => {
      const route: ApiRoute = ROUTES[name]
      const answer = await admin.get(route.path + query)
      expect(answer.status, JSON.stringify(answer.body)).toBe(200)
      expect(mistakes(route.answer, answer.body)).toEqual([])
      if (route.csv === undefined) return
      const etag = answer.headers.get('etag')
      expect(etag, `${route.path} is described as a list`).not.toBeNull()
      // Being asked is itself the news here: when somebody was last here.
      const moves = name === 'users'
      const again = await admin.get(route.path + query, { 'if-none-match': etag! })
      expect(again.status, etag!).toBe(moves ? 200 : 304)
      const csv = await admin.get(route.path + query, { accept: 'text/csv' })
      expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
    },
  )

  test('what changes something answers in its shape too', async () => {
    const asked: ReadonlyArray<[ApiRoute, string, unknown]> = [
      [ROUTES.comment, 'north:creek-red', { text: 'seen' }],
      [ROUTES.invite, '', { name: 'Contract', role: 'viewer' }],
      [ROUTES.changeUser, 'Contract', { role: 'operator' }],
      [ROUTES.changeUser, 'Contract', { reset: true }],
      [ROUTES.removeUser, 'Contract', undefined],
      [ROUTES.makeToken, '', { name: 'contract', role: 'viewer' }],
    ]
    for (const [route, id, body] of asked) {
      const answer = await admin.ask(route.method, fill(route, id), body)
      expect(answer.status, `${route.path} ${JSON.stringify(answer.body)}`).toBe(200)
      expect(mistakes(route.answer, answer.body), route.path).toEqual([])
    }
  })
})

describe('every role, every route', () => {
  test('from the wrong side: nobody, and each role below, is refused; the others are let in', async () => {
    const wrong: string[] = []
    for (const route of served.filter(({ path }) => !LIVE.has(path))) {
      const needed = route.access === 'read' ? 'viewer' : route.access
      if (needed === 'open') continue
      const ask = (headers: Record<string, string>) =>
        new Client(real.url).ask(
          route.method,
          fill(route, 'none'),
          route.method === 'GET' || route.method === 'DELETE' ? undefined : {},
          headers,
        )
      const nobody = await ask({})
      if (nobody.status !== 401) wrong.push(`nobody: ${route.method} ${route.path} gave ${nobody.status}`)
      for (const role of ROLES) {
        const { status } = await ask({ authorization: `Bearer ${secrets[role]}` })
        const enough = ROLES.indexOf(role) >= ROLES.indexOf(needed)
        if ((status === 403) === enough || status === 401)
          wrong.push(`${role}: ${route.method} ${route.path} gave ${status}`)
      }
    }
    expect(wrong).toEqual([])
  }, 120_000)
})

describe('whatever comes', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '..',
      '../../users.json',
      '%00',
      '%ff',
      '__proto__',
      'constructor',
      '\u0000',
      '9'.repeat(400),
      '-1',
      '1e999',
      'NaN',
      '[]',
      '{}',
      "' OR 1=1 --",
      '\ud800',
    ),
  )
  const sound = (text: string) => {
    try {
      return encodeURIComponent(text)
    } catch {
      return '%ED%A0%80'
    }
  }
  const header = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,30}[\x21-\x7e]$/)
  const request = fc.record({
    route: fc.nat(),
    param: hostile,
    query: fc.array(
      fc.tuple(
        fc.constantFrom(
          'from',
          'to',
          'channel',
          'points',
          'limit',
          'after',
          'format',
          'day',
          'device',
          'axis',
          'alarm',
          'x',
        ),
        hostile,
      ),
      { maxLength: 4 },
    ),
    body: fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.string(),
      fc.constant('{"__proto__":{"role":"admin"}}'),
      fc.constant('[[[['),
    ),
    headers: fc.dictionary(
      fc.constantFrom(
        'cookie',
        'last-event-id',
        'if-none-match',
        'accept',
        'x-plumbline-actor',
        'authorization',
        'x-forwarded-for',
      ),
      header,
      { maxKeys: 3 },
    ),
  })
  const known = (status: number) => status < 500 || status === 503

  test('params, queries, bodies, headers and cookies: never a 500, never a hang, and every refusal is a problem', async () => {
    const before = process.memoryUsage().heapUsed
    await fc.assert(
      fc.asyncProperty(request, async ({ route: n, param, query, body, headers }) => {
        const plain = served.filter(({ path }) => !LIVE.has(path))
        const route = plain[n % plain.length]!
        const text = query.map(([name, value]) => `${name}=${sound(value)}`).join('&')
        const path = `${route.path.replaceAll(/:\w+/g, () => sound(param) || 'x')}?${text}`
        const changes = route.method !== 'GET'
        const answer: Reply = await hit(desk.url + path, route.method, changes ? body : undefined, {
          ...(changes && { 'content-type': 'application/json' }),
          // Not to sign out: later tests need the session.
          ...(headers.cookie === undefined && route !== ROUTES.signOut && { cookie: admin.cookie! }),
          ...headers,
        })
        expect(
          known(answer.status),
          `${route.method} ${path} gave ${answer.status} ${JSON.stringify(answer.body)}`,
        ).toBe(true)
        if (answer.status >= 400 && route !== ROUTES.readyz) expect(mistakes(ProblemJson, answer.body)).toEqual([])
      }),
      { numRuns: 400 },
    )
    expect(process.memoryUsage().heapUsed - before, 'bounded').toBeLessThan(200 * 1024 * 1024)
  }, 120_000)

  /** One answer within ten seconds, whatever was asked. */
  async function hit(
    url: string,
    method: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Reply> {
    const response = await fetch(url, {
      method,
      headers,
      signal: AbortSignal.timeout(10_000),
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json')
    return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers }
  }

  test('Last-Event-ID: a live line opens with a snapshot or goes on, whatever it says', async () => {
    for (const id of ['', 'x', '-1', 'abc-1', `${'9'.repeat(60)}`, '__proto__-1', 'a-1e9']) {
      const gone = new AbortController()
      const line = await fetch(`${desk.url}/api/v1/live`, { headers: { 'last-event-id': id }, signal: gone.signal })
      const first = await line.body!.getReader().read()
      expect(new TextDecoder().decode(first.value), id).toContain('retry: 1000')
      gone.abort()
    }
    expect((await admin.get('/livez')).status).toBe(200)
  })

  test('a client that comes back goes on behind the last event that it saw', async () => {
    const read = async (headers: Record<string, string>) => {
      const gone = new AbortController()
      const reader = (await fetch(`${desk.url}/api/v1/live`, { headers, signal: gone.signal })).body!.getReader()
      let text = ''
      while (!/event: (snapshot|alarm)[\s\S]*\n\n$/.test(text))
        text += new TextDecoder().decode((await reader.read()).value)
      gone.abort()
      return text
    }
    const id = /^id: (\S+)$/m.exec(await read({}))![1]!
    await admin.post('/api/v1/alarms/north:creek-red/comment', { text: 'while it was away' })
    const again = await read({ 'last-event-id': id })
    expect(again).toContain('event: alarm')
    expect(again).toContain('while it was away')
    expect(again).not.toContain('event: snapshot')
  })

  test('WebSocket frames of any kind close that socket and nothing else', async () => {
    const url = `${desk.url.replace('http', 'ws')}/api/v1/live/blocks?device=roof`
    for (const frame of ['x', Buffer.alloc(100_000), Buffer.from([0xff, 0xfe])]) {
      const socket = new WebSocket(url)
      await new Promise((resolve) => socket.once('open', resolve))
      socket.on('error', () => {})
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.send(frame)
      await closed
    }
    // Bytes that are no frame at all, straight on the wire.
    const { port } = desk.service
    await new Promise<void>((resolve) => {
      const raw = connect(port, '127.0.0.1', () => {
        raw.write(
          'GET /api/v1/live/blocks?device=roof HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        )
        raw.once('data', () => raw.write(Buffer.alloc(4096, 0xff)))
      })
      raw.on('error', () => {}).once('close', () => resolve())
    })
    expect((await admin.get('/livez')).status).toBe(200)
  })
})
