import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ROLES } from '../../domain/roles.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { nameKey } from '../people.ts'
import { at } from '../testing-site.ts'
import { hashPassphrase, SCRYPT_COST } from './passphrase.ts'
import { PeopleFile, USERS_FILE } from './people-file.ts'
import { SessionBook } from './session-book.ts'
import { TokenBook } from './token-book.ts'
import { type Entered, isPersonName, UserBook } from './user-book.ts'

/** As little as scrypt takes, so that the tests are about the book. */
const CHEAP = { N: 2, r: 1, p: 1 }
const HOUR_NS = 3_600_000_000_000n
let folder: string
let clock: SimulatedClock
const open = async () => {
  const file = new PeopleFile(folder)
  await file.load()
  const sessions = new SessionBook(file, clock)
  const users = new UserBook(file, sessions, clock, CHEAP)
  const close = async () => {
    await users.close()
    await file.close()
  }
  return { file, sessions, users, tokens: new TokenBook(file, clock), close }
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'desk-users-'))
  clock = new SimulatedClock(at(0))
})
// A touched session is written in the background: its last write may still be on the way.
afterEach(() => rm(folder, { recursive: true, maxRetries: 10, retryDelay: 50 }))

const tokenIn = (entered: Entered): string => {
  if ('refused' in entered) throw new Error(entered.refused)
  return entered.token
}

async function withMei() {
  const books = await open()
  const { users } = books
  const made = await users.makeFirstUser(await users.firstUserToken(), 'Mei', 'a long sentence')
  return { ...books, token: tokenIn(made) }
}
async function withLin(role: (typeof ROLES)[number] = 'operator') {
  const books = await withMei()
  const invited = await books.users.invite({ name: 'Lin', role }, 'Mei')
  if ('refused' in invited) throw new Error(invited.refused)
  return { ...books, link: invited.token }
}

describe('the first user', () => {
  test('is made once, by the newest link', async () => {
    const { users, sessions } = await open()
    const old = await users.firstUserToken()
    const token = await users.firstUserToken()
    expect(await users.makeFirstUser(old, 'Eve', 'a long sentence')).toEqual({ refused: 'wrong' })
    const made = await Promise.all([
      users.makeFirstUser(token, 'Mei', 'a long sentence'),
      users.makeFirstUser(token, 'Eve', 'a long sentence'),
    ])
    expect(made.map((m) => 'token' in m)).toEqual([true, false])
    expect(users.firstUserNeeded).toBe(false)
    expect(sessions.who(tokenIn(made[0]!))).toEqual({ name: 'Mei', role: 'admin' })
  })
})

describe('sign-in', () => {
  test('takes the right passphrase only, and an unknown name like a wrong one', async () => {
    const { users, sessions } = await withMei()
    expect(await users.signIn('Mei', 'a wrong sentence')).toEqual({ refused: 'wrong' })
    expect(await users.signIn('Lin', 'a long sentence')).toEqual({ refused: 'wrong' })
    const token = tokenIn(await users.signIn('mei', 'a long sentence'))
    expect(sessions.who(token)).toEqual({ name: 'Mei', role: 'admin' })
    expect(sessions.who('made up')).toBeUndefined()
    await sessions.signOut(token)
    expect(sessions.who(token)).toBeUndefined()
  })

  test('gives a new token each time, and the one that the browser came with ends (session fixation)', async () => {
    const { users, sessions, token } = await withMei()
    const next = tokenIn(await users.signIn('Mei', 'a long sentence', { former: token }))
    expect(next).not.toBe(token)
    expect(sessions.who(token)).toBeUndefined()
    const planted = 'A'.repeat(43)
    const own = tokenIn(await users.signIn('Mei', 'a long sentence', { former: planted }))
    expect(own).not.toBe(planted)
    expect(sessions.who(planted)).toBeUndefined()
    expect(sessions.who(next)?.name, 'another browser goes on').toBe('Mei')
  })

  test('survives a restart; neither passphrase nor token stands in the file, which only we may read', async () => {
    const { close, token } = await withMei()
    await close()
    const again = await open()
    expect(again.sessions.who(token)).toEqual({ name: 'Mei', role: 'admin' })
    const text = await readFile(join(folder, USERS_FILE), 'utf8')
    expect(text).not.toContain(token)
    expect(text).not.toContain('sentence')
    expect((await stat(join(folder, USERS_FILE))).mode & 0o777).toBe(0o600)
  })

  test('ends after twelve idle hours, not while it is used, and after a week in any case', async () => {
    const { sessions, users, token } = await withMei()
    for (let hours = 11n; hours <= 165n; hours += 11n) {
      await clock.advance(11n * HOUR_NS)
      expect(sessions.who(token)?.name).toBe('Mei')
    }
    await clock.advance(4n * HOUR_NS)
    expect(sessions.who(token), 'a week').toBeUndefined()
    const idle = tokenIn(await users.signIn('Mei', 'a long sentence'))
    await clock.advance(12n * HOUR_NS + 1n)
    expect(sessions.who(idle)).toBeUndefined()
  })

  test('costs what OWASP asks for', () => {
    expect(SCRYPT_COST).toEqual({ N: 32_768, r: 8, p: 3 })
  })

  test('a crowd of strangers waits in its own line; who is known comes next', async () => {
    const { users } = await withMei()
    const strangers = Array.from({ length: 20 }, () => users.signIn('Mei', 'a guess'))
    const order: string[] = []
    const known = users.signIn('Mei', 'a long sentence', { known: true }).then((entered) => {
      order.push('known')
      return entered
    })
    const all = strangers.map((guess) =>
      guess.then((entered) => order.push('refused' in entered ? entered.refused : 'in')),
    )
    expect(tokenIn(await known)).toMatch(/^[\w-]{43}$/)
    await Promise.all(all)
    expect(order.filter((what) => what === 'busy')).toHaveLength(4)
    expect(order.filter((what) => what === 'wrong')).toHaveLength(16)
    expect(order.indexOf('known')).toBeLessThan(order.indexOf('wrong') + 2)
  })
})

describe('a file of before', () => {
  const mei = async () => ({
    name: 'Mei',
    role: 'admin',
    passphrase: await hashPassphrase('a long sentence', CHEAP),
    made_ns: '5',
  })

  test('version 1 is taken over: people, roles and sessions go on, and the old file is kept beside', async () => {
    const { createHash } = await import('node:crypto')
    const token_hash = createHash('sha256').update('old token').digest('hex')
    const session = { token_hash, name: 'Mei', seen_ns: String(at(0)) }
    const old = { version: 1, users: [await mei()], sessions: [session], first_user_token_hash: null }
    await writeFile(join(folder, USERS_FILE), JSON.stringify(old))
    const { sessions, users, close } = await open()
    expect(sessions.who('old token')).toEqual({ name: 'Mei', role: 'admin' })
    expect(tokenIn(await users.signIn('Mei', 'a long sentence'))).toMatch(/./)
    await close()
    expect(JSON.parse(await readFile(join(folder, `${USERS_FILE}.v1`), 'utf8'))).toEqual(old)
    expect((await stat(join(folder, `${USERS_FILE}.v1`))).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(join(folder, USERS_FILE), 'utf8'))).toMatchObject({ version: 2 })
  })

  test.each([
    'not json',
    '[]',
    '{"version":3,"users":[],"sessions":[]}',
    '{"version":2,"users":[{}],"sessions":[],"tokens":[]}',
  ])('%s is refused, never overwritten', async (text) => {
    await writeFile(join(folder, USERS_FILE), text)
    await expect(open()).rejects.toThrow('DATA_CORRUPT')
    expect(await readFile(join(folder, USERS_FILE), 'utf8')).toBe(text)
  })
})

describe('other people', () => {
  test('set their passphrase by the link, once; before that nobody signs in under their name', async () => {
    const { users, sessions, link } = await withLin('engineer')
    expect(await users.signIn('Lin', '')).toEqual({ refused: 'wrong' })
    expect(await users.acceptInvitation('made up', 'lin says so')).toEqual({ refused: 'wrong' })
    const token = tokenIn(await users.acceptInvitation(link, 'lin says so'))
    expect(sessions.who(token)).toEqual({ name: 'Lin', role: 'engineer' })
    expect(await users.acceptInvitation(link, 'eve says so')).toEqual({ refused: 'wrong' })
    expect(users.list()).toMatchObject([
      { name: 'Mei', role: 'admin' },
      { name: 'Lin', role: 'engineer', disabled: false, invited_until_ns: null },
    ])
  })

  test('an invitation ends after three days', async () => {
    const { users, link } = await withLin()
    await clock.advance(72n * HOUR_NS)
    expect(await users.acceptInvitation(link, 'lin says so')).toEqual({ refused: 'wrong' })
  })

  test('a name is there once, however it is written', async () => {
    const { users } = await withLin()
    for (const name of ['lin', ' LIN ', 'Ｌｉｎ'])
      expect(await users.invite({ name, role: 'viewer' }, 'Mei'), name).toEqual({ refused: 'taken' })
  })

  test('role, disabled, reset, removed: each ends every session of the person at once', async () => {
    for (const body of [{ role: 'viewer' }, { disabled: true }, { reset: true }, undefined] as const) {
      const { users, sessions, link, close } = await withLin()
      const token = tokenIn(await users.acceptInvitation(link, 'lin says so'))
      if (body === undefined) await users.remove('Lin')
      else await users.change('lin', body)
      expect(sessions.who(token), JSON.stringify(body)).toBeUndefined()
      const entered = await users.signIn('Lin', 'lin says so')
      expect('token' in entered, JSON.stringify(body)).toBe(body !== undefined && 'role' in body)
      await close()
      await rm(join(folder, USERS_FILE))
    }
  })

  test('who is disabled comes in again when enabled, with the old passphrase; a link of before does not help meanwhile', async () => {
    const { users, link } = await withLin()
    await users.change('Lin', { disabled: true })
    expect(await users.acceptInvitation(link, 'lin says so')).toEqual({ refused: 'wrong' })
    await users.change('Lin', { disabled: false })
    tokenIn(await users.acceptInvitation(link, 'lin says so'))
    await users.change('Lin', { disabled: true })
    expect(await users.signIn('Lin', 'lin says so')).toEqual({ refused: 'wrong' })
    await users.change('Lin', { disabled: false })
    tokenIn(await users.signIn('Lin', 'lin says so'))
  })

  test('who changes their own role goes on under a new token', async () => {
    const { users, sessions, token, link } = await withLin('admin')
    tokenIn(await users.acceptInvitation(link, 'lin says so'))
    const changed = await users.change('Mei', { role: 'engineer' }, true)
    if ('refused' in changed) throw new Error(changed.refused)
    expect(sessions.who(token)).toBeUndefined()
    expect(sessions.who(changed.session)).toEqual({ name: 'Mei', role: 'engineer' })
  })

  test("one's own passphrase is changed by who knows it; other browsers are signed out", async () => {
    const { users, sessions, token } = await withMei()
    expect(await users.changePassphrase('Mei', 'a guess', 'new sentence')).toEqual({ refused: 'wrong' })
    const next = tokenIn(await users.changePassphrase('Mei', 'a long sentence', 'new sentence'))
    expect([sessions.who(token), sessions.who(next)?.name]).toEqual([undefined, 'Mei'])
    expect(await users.signIn('Mei', 'a long sentence')).toEqual({ refused: 'wrong' })
    tokenIn(await users.signIn('Mei', 'new sentence'))
  })

  test('whatever admins do to one another, one of them can still sign in', async () => {
    const admins = ['Mei', 'Lin', 'Eve']
    const action = fc.record({
      who: fc.constantFrom(...admins),
      body: fc.constantFrom(
        { role: 'viewer' } as const,
        { role: 'admin' } as const,
        { disabled: true },
        { disabled: false },
        { reset: true },
        undefined,
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        const { users, file, link, close } = await withLin('admin')
        await users.acceptInvitation(link, 'lin says so')
        const invited = await users.invite({ name: 'Eve', role: 'admin' }, 'Mei')
        if ('token' in invited) await users.acceptInvitation(invited.token, 'eve says so')
        for (const { who, body } of actions) await (body === undefined ? users.remove(who) : users.change(who, body))
        const able = file.people.users.filter((u) => u.role === 'admin' && !u.disabled && u.passphrase !== null)
        await close()
        await rm(join(folder, USERS_FILE))
        expect(able.length).toBeGreaterThan(0)
      }),
      { numRuns: 25 },
    )
  })

  test('the last admin gets a new link only from this machine', async () => {
    const { users } = await withMei()
    expect(await users.change('Mei', { reset: true })).toEqual({ refused: 'last-admin' })
    expect(await users.change('Mei', { reset: true }, false, true)).toMatchObject({
      link: { token: expect.any(String) },
    })
  })

  test('nobody is called like a machine, or like no one', () => {
    const machines = ['desk', 'edge-1']
    for (const name of ['Mei', '陳美玲', 'O’Brien-Šmíd', 'mei@example.org', '..'])
      expect(isPersonName(name, machines), name).toBe(true)
    for (const name of ['Desk', 'ＤＥＳＫ', 'edge-1', 'local:mei', 'token:x', '', ' ', 'a\nb', 'a/b', '\u202emei'])
      expect(isPersonName(name, machines), JSON.stringify(name)).toBe(false)
    expect(nameKey(' Ｍei')).toBe('mei')
  })
})

describe('tokens of programs', () => {
  test('are shown once, known by hash, and end when revoked or when their time is up', async () => {
    const { tokens, close } = await open()
    const ends = String(clock.now() + HOUR_NS)
    const made = await tokens.make({ name: 'prometheus', role: 'viewer', expires_ns: ends }, 'Mei')
    const lasting = await tokens.make({ name: 'historian', role: 'engineer' }, 'Mei')
    if (made === undefined || lasting === undefined) throw new Error('refused')
    expect(made.secret).toMatch(/^plumbline_[0-9a-f]{12}_[\w-]{43}$/)
    expect(tokens.who(made.secret)).toEqual({ name: 'token:prometheus', role: 'viewer' })
    expect(tokens.who(`${made.secret.slice(0, -1)}${made.secret.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined()
    expect(tokens.who(`plumbline_${lasting.token.id}_${made.secret.slice(-43)}`), 'another id').toBeUndefined()
    expect(await tokens.make({ name: 'Prometheus', role: 'admin' }, 'Mei'), 'a name twice').toBeUndefined()
    await close()
    expect(await readFile(join(folder, USERS_FILE), 'utf8')).not.toContain(made.secret.slice(-43))
    const again = await open()
    expect(again.tokens.who(made.secret)?.role, 'after a restart').toBe('viewer')
    await clock.advance(HOUR_NS)
    expect(again.tokens.who(made.secret)).toBeUndefined()
    expect(again.tokens.who(lasting.secret)?.name).toBe('token:historian')
    expect(await again.tokens.revoke(lasting.token.id)).toMatchObject({
      name: 'historian',
      last_ns: String(clock.now()),
    })
    expect(again.tokens.who(lasting.secret)).toBeUndefined()
    expect(await again.tokens.revoke(lasting.token.id)).toBeUndefined()
    await again.close()
  })
})
