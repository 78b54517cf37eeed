/** People and access over HTTP: what each may ask, what is written down about it, and what does not get through. */
import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { TokenMadeJson, UserInviteJson } from '../domain/api-desk.ts'
import { ROLES, type Role } from '../domain/roles.ts'
import { Client, signedIn, type TestDesk, TestDesks } from './testing.ts'
import { testSite } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

/** Somebody whom the admin invited, signed in. */
async function joined(desk: TestDesk, admin: Client, name: string, role: Role): Promise<Client> {
  const invited = (await admin.post('/api/v1/users', { name, role })).body as UserInviteJson
  const client = new Client(desk.url)
  const entered = await client.post('/api/v1/invitation', { token: invited.token, passphrase: `${name} says so` })
  expect(entered).toMatchObject({ status: 200, body: { user: { name, role } } })
  return client
}
const tokenFor = async (admin: Client, role: Role) =>
  ((await admin.post('/api/v1/tokens', { name: `for ${role}`, role })).body as TokenMadeJson).secret
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const journal = async (client: Client) =>
  (
    (await client.get('/api/v1/journal?limit=1000')).body as {
      entries: Array<{ kind: string; actor: string; body: unknown }>
    }
  ).entries

describe('people', () => {
  test('are invited, changed and removed by an admin, and every step is in the journal with who did it', async () => {
    const desk = await desks.start()
    const mei = await signedIn(desk)
    const lin = await joined(desk, mei, 'Lin', 'operator')
    expect((await lin.get('/api/v1/users')).status).toBe(403)
    expect((await mei.ask('PATCH', '/api/v1/users/lin', { role: 'viewer' })).body).toMatchObject({
      name: 'Lin',
      role: 'viewer',
    })
    expect((await lin.get('/api/v1/session')).body, 'signed out').toMatchObject({ user: null })
    const again = (await mei.ask('PATCH', '/api/v1/users/Lin', { reset: true })).body as UserInviteJson
    expect(again).toMatchObject({ user: { name: 'Lin' }, token: expect.stringMatching(/^[\w-]{43}$/) })
    const words = { name: 'Lin', passphrase: 'Lin says so' }
    expect((await lin.post('/api/v1/session', words)).status, 'the old passphrase').toBe(401)
    expect((await mei.ask('DELETE', '/api/v1/users/Lin')).status).toBe(200)
    expect((await lin.post('/api/v1/invitation', { token: again.token, passphrase: 'Lin says so' })).status).toBe(403)
    expect(await mei.ask('DELETE', '/api/v1/users/Mei')).toMatchObject({ status: 409, body: { code: 'LAST_ADMIN' } })
    expect(await mei.ask('PATCH', '/api/v1/users/Mei', { role: 'viewer' })).toMatchObject({ status: 409 })
    expect(await mei.ask('PATCH', '/api/v1/users/Nobody', { role: 'viewer' })).toMatchObject({ status: 404 })
    expect(await mei.post('/api/v1/users', { name: 'mei', role: 'viewer' })).toMatchObject({
      body: { code: 'CONFLICT' },
    })
    const entries = (await journal(mei)).filter(({ kind }) => kind === 'user' || kind === 'session')
    expect(entries.map(({ actor, body }) => `${actor}: ${(body as { what: string }).what}`)).toEqual([
      'Mei: first user made',
      'Mei: invited',
      'Lin: invitation taken up',
      'Mei: changed',
      'Mei: changed',
      'desk: sign-in refused',
      'Mei: removed',
    ])
    expect(JSON.stringify(entries)).not.toContain(again.token)
  })

  test('an operator answers alarms, an engineer steers, a viewer looks: each role against what is beyond it', async () => {
    const desk = await desks.start()
    const mei = await signedIn(desk)
    const asked: ReadonlyArray<[Role, string, string, unknown]> = [
      ['viewer', 'GET', '/api/v1/simulator', undefined],
      ['operator', 'POST', '/api/v1/alarms/north:creek-red/comment', { text: 'seen' }],
      ['operator', 'POST', '/api/v1/commands', { kind: 'silence', output: 'none' }],
      ['operator', 'POST', '/api/v1/drills', {}],
      ['engineer', 'POST', '/api/v1/commands', { kind: 'write', device: 'none', metric: 'x', value: 1 }],
      ['engineer', 'POST', '/api/v1/simulator/fault', {}],
      ['admin', 'GET', '/api/v1/users', undefined],
      ['admin', 'POST', '/api/v1/tokens', {}],
    ]
    for (const role of ROLES) {
      const people = role === 'admin' ? mei : await joined(desk, mei, `the ${role}`, role)
      const program = new Client(desk.url)
      const secret = await tokenFor(mei, role)
      for (const [needed, method, path, body] of asked) {
        const enough = ROLES.indexOf(role) >= ROLES.indexOf(needed)
        const statuses = [
          (await people.ask(method, path, body)).status,
          (await program.ask(method, path, body, bearer(secret))).status,
        ]
        for (const status of statuses) expect(status === 403, `${role}: ${method} ${path} gave ${status}`).toBe(!enough)
      }
    }
  })

  test('no passphrase that is wrong, no name that is unknown and nobody who is disabled can be told apart', async () => {
    const desk = await desks.start()
    const mei = await signedIn(desk)
    await joined(desk, mei, 'Lin', 'operator')
    await mei.ask('PATCH', '/api/v1/users/Lin', { disabled: true })
    await mei.post('/api/v1/users', { name: 'Invited', role: 'viewer' })
    const bodies = []
    for (const name of ['Mei', 'Nobody', 'Lin', 'Invited']) {
      const said = await new Client(desk.url).post('/api/v1/session', { name, passphrase: 'Lin says so' })
      expect(said.status).toBe(401)
      bodies.push(said.body)
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
  })

  test('who guesses at a name slows down strangers, not the person at her own browser', async () => {
    const desk = await behindProxy()
    const right = { name: 'Mei', passphrase: 'a long sentence' }
    const own = new Client(desk.url)
    const first = await own.ask('POST', '/api/v1/session', right, from('198.51.100.1'))
    const jar = first.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ')
    expect(jar).toContain('plumbline_yard_device=')
    for (let i = 0; i < 12; i++)
      await new Client(desk.url).ask('POST', '/api/v1/session', { ...right, passphrase: 'x' }, from(`203.0.113.${i}`))
    const stranger = await new Client(desk.url).ask('POST', '/api/v1/session', right, from('198.51.100.2'))
    expect(stranger.status, 'the name is slow for who is not known').toBe(429)
    const known = await new Client(desk.url, jar).ask('POST', '/api/v1/session', right, from('198.51.100.1'))
    expect(known.status).toBe(200)
  })
})

describe('sessions', () => {
  test('a token that somebody planted in the browser is never the one that signs in (fixation)', async () => {
    const desk = await desks.start()
    await signedIn(desk)
    const planted = `plumbline_yard=${'A'.repeat(43)}`
    const client = new Client(desk.url, planted)
    await client.post('/api/v1/session', { name: 'Mei', passphrase: 'a long sentence' })
    expect(client.cookie).not.toBe(planted)
    const before = client.cookie
    await client.post('/api/v1/session', { name: 'Mei', passphrase: 'a long sentence' })
    expect((await new Client(desk.url, before).get('/api/v1/session')).body, 'rotated').toMatchObject({ user: null })
    expect((await new Client(desk.url, planted).get('/api/v1/session')).body).toMatchObject({ user: null })
  })

  test('a change asked for by another page does not get through, whichever way it is tried', async () => {
    const desk = await desks.start()
    const { cookie } = await signedIn(desk)
    const path = '/api/v1/alarms/north:creek-red/comment'
    const tried = (headers: Record<string, string>, method = 'POST') =>
      new Client(desk.url, cookie).ask(method, path, { text: 'x' }, headers)
    expect((await tried({})).status).toBe(200)
    expect((await tried({ origin: desk.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await tried({ origin: 'http://evil.example' })).status, 'origin').toBe(403)
    expect((await tried({ origin: 'null' })).status, 'a sandboxed frame').toBe(403)
    expect((await tried({ 'sec-fetch-site': 'cross-site' })).status, 'fetch metadata').toBe(403)
    expect((await tried({ 'sec-fetch-site': 'same-site' })).status, 'a neighbour').toBe(403)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await tried({ 'content-type': type })).status, type).toBe(415)
    const bare = await fetch(desk.url + path, { method: 'POST', headers: { cookie: cookie! } })
    expect(bare.status, 'no body, no type').toBe(415)
    const set = (await new Client(desk.url).post('/api/v1/session', { name: 'Mei', passphrase: 'a long sentence' }))
      .headers
    for (const one of set.getSetCookie()) expect(one).toMatch(/HttpOnly;.*SameSite=Strict/)
  })

  test('a passphrase is changed by its person, in a session, and not by a program', async () => {
    const desk = await desks.start()
    const mei = await signedIn(desk)
    const other = new Client(desk.url)
    await other.post('/api/v1/session', { name: 'Mei', passphrase: 'a long sentence' })
    const path = '/api/v1/session/passphrase'
    const body = { passphrase: 'a long sentence', new_passphrase: 'another sentence' }
    const secret = await tokenFor(mei, 'admin')
    expect((await new Client(desk.url).ask('POST', path, body, bearer(secret))).status).toBe(403)
    expect((await mei.post(path, { ...body, passphrase: 'a guess' })).status).toBe(401)
    expect((await mei.post(path, body)).body).toMatchObject({ user: { name: 'Mei' } })
    expect((await mei.get('/api/v1/users')).status, 'goes on').toBe(200)
    expect((await other.get('/api/v1/session')).body, 'elsewhere it ended').toMatchObject({ user: null })
  })
})

describe('tokens', () => {
  test('Prometheus scrapes a real site with one; without, and after it is revoked, nobody does', async () => {
    const desk = await desks.start({ site: testSite({ simulated: false }) })
    const mei = await signedIn(desk)
    const made = (await mei.post('/api/v1/tokens', { name: 'prometheus', role: 'viewer' })).body as TokenMadeJson
    const scrape = () => new Client(desk.url).get('/metrics', bearer(made.secret))
    expect((await new Client(desk.url).get('/metrics')).status).toBe(401)
    expect(await scrape()).toMatchObject({ status: 200, body: expect.stringContaining('plumbline_desk_up') })
    const listed = (await mei.get('/api/v1/tokens')).body
    expect(listed).toMatchObject({ tokens: [{ name: 'prometheus', role: 'viewer', last_ns: expect.any(String) }] })
    expect(JSON.stringify(listed)).not.toContain(made.secret.slice(-43))
    expect((await mei.ask('DELETE', `/api/v1/tokens/${made.token.id}`)).status).toBe(200)
    expect(await scrape()).toMatchObject({ status: 401, body: { code: 'WRONG_CREDENTIALS' } })
    const kinds = (await journal(mei)).filter(({ kind }) => kind === 'token')
    expect(kinds.map(({ body }) => (body as { what: string }).what)).toEqual(['made', 'revoked'])
    expect(JSON.stringify(kinds)).not.toContain(made.secret.slice(-43))
  })

  test('a right token is not kept waiting by wrong ones of the same address', async () => {
    const desk = await desks.start({ site: testSite({ simulated: false }) })
    const mei = await signedIn(desk)
    const secret = await tokenFor(mei, 'viewer')
    const wrong = []
    for (let i = 0; i < 14; i++)
      wrong.push(
        (await new Client(desk.url).get('/metrics', bearer(`plumbline_${'0'.repeat(12)}_${'A'.repeat(43)}`))).status,
      )
    expect(wrong.slice(0, 10)).toEqual(Array(10).fill(401))
    expect(wrong.slice(-1)).toEqual([429])
    expect((await new Client(desk.url).get('/metrics', bearer(secret))).status).toBe(200)
  })

  test('ends when it says so, and one that has already ended is not made', async () => {
    const desk = await desks.start()
    const mei = await signedIn(desk)
    expect(await mei.post('/api/v1/tokens', { name: 'x', role: 'viewer', expires_ns: '1' })).toMatchObject({
      status: 400,
    })
    expect(await mei.post('/api/v1/tokens', { name: 'x', role: 'owner' })).toMatchObject({ status: 400 })
  })
})

const PUBLIC = 'https://desk.example'
/** A site whose desk stands on loopback behind a proxy on the same machine. */
function proxied(addresses = ['127.0.0.1']) {
  const site = testSite()
  return { ...site, file: { ...site.file, desk: { ...site.file.desk, proxy: { addresses }, public_url: PUBLIC } } }
}
const from = (address: string) => ({ 'x-forwarded-for': address })

/** The first user is made before there is a proxy; then the desk starts behind it on the same folder. */
async function behindProxy(addresses?: string[]): Promise<TestDesk> {
  const dataDir = await desks.folder()
  const before = await desks.start({ dataDir })
  await signedIn(before)
  await before.service.stop()
  return desks.start({ dataDir, site: proxied(addresses) })
}

describe('behind a proxy', () => {
  test('nothing is served before somebody can sign in', async () => {
    await expect(desks.start({ site: proxied() })).rejects.toThrow(/USAGE: .*without desk.proxy/)
  })

  test('a demo site on loopback is no longer read by everybody', async () => {
    const desk = await behindProxy()
    expect((await new Client(desk.url).get('/api/v1/alarms')).status).toBe(401)
  })

  test('what the proxy says of address, scheme and name is believed; of anybody else it is not', async () => {
    const words = { name: 'Mei', passphrase: 'a long sentence' }
    const forwarded = { ...from('198.51.100.1'), 'x-forwarded-proto': 'https', 'x-forwarded-host': 'desk.example' }
    const asked = async (addresses: string[]) => {
      const desk = await behindProxy(addresses)
      const client = new Client(desk.url)
      const entered = await client.ask('POST', '/api/v1/session', words, forwarded)
      const last = (await journal(client)).at(-1)
      return { entered, address: (last!.body as { address: string }).address }
    }
    const trusted = await asked(['127.0.0.1'])
    expect(trusted.address).toBe('198.51.100.1')
    expect(trusted.entered.headers.get('set-cookie')).toMatch(/; Secure/)
    expect(trusted.entered.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/)
    const stranger = await asked(['192.0.2.1'])
    expect(stranger.address).toBe('127.0.0.1')
    expect(stranger.entered.headers.get('set-cookie')).not.toMatch(/Secure/)
    expect(stranger.entered.headers.get('strict-transport-security')).toBeNull()
  })

  test('is called by its public name, and by no other', async () => {
    const desk = await behindProxy()
    expect(await askAs(desk.url, '/livez', { host: 'desk.example' })).toBe(200)
    expect(await askAs(desk.url, '/livez', { host: 'evil.example' })).toBe(403)
    const page = { origin: PUBLIC, 'sec-fetch-site': 'same-origin' }
    const words = { name: 'Mei', passphrase: 'a long sentence' }
    expect((await new Client(desk.url).ask('POST', '/api/v1/session', words, page)).status).toBe(200)
  })
})

/** Host as we say it: fetch does not let us. */
const askAs = (url: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url + path, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
