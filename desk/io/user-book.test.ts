import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '../../runtime/clock.ts'
import { at } from '../testing-site.ts'
import { SCRYPT_COST } from './passphrase.ts'
import { USERS_FILE, UserBook } from './user-book.ts'

/** As little as scrypt takes, so that the tests are about the book. */
const CHEAP = { N: 2, r: 1, p: 1 }
const HOUR_NS = 3_600_000_000_000n
let folder: string
let clock: SimulatedClock
const open = async () => {
  const book = new UserBook(folder, clock, CHEAP)
  await book.load()
  return book
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'desk-users-'))
  clock = new SimulatedClock(at(0))
})
// A touched session is written in the background: its last write may still be on the way.
afterEach(() => rm(folder, { recursive: true, maxRetries: 10, retryDelay: 50 }))

async function withMei() {
  const book = await open()
  const made = await book.makeFirstUser(await book.firstUserToken(), 'Mei', 'a long sentence')
  if ('refused' in made) throw new Error(made.refused)
  return { book, token: made.token }
}

describe('the first user', () => {
  test('is made once, by the newest link', async () => {
    const book = await open()
    const old = await book.firstUserToken()
    const token = await book.firstUserToken()
    expect(await book.makeFirstUser(old, 'Eve', 'a long sentence')).toEqual({ refused: 'token' })
    const made = await Promise.all([
      book.makeFirstUser(token, 'Mei', 'a long sentence'),
      book.makeFirstUser(token, 'Eve', 'a long sentence'),
    ])
    expect(made.map((m) => 'token' in m)).toEqual([true, false])
    expect(book.firstUserNeeded).toBe(false)
    expect(book.who((made[0] as { token: string }).token)).toEqual({ name: 'Mei', role: 'admin' })
  })
})

describe('sign-in', () => {
  test('takes the right passphrase only, and an unknown name like a wrong one', async () => {
    const { book } = await withMei()
    expect(await book.signIn('Mei', 'a wrong sentence')).toBeUndefined()
    expect(await book.signIn('Lin', 'a long sentence')).toBeUndefined()
    const token = await book.signIn('Mei', 'a long sentence')
    expect(book.who(token)).toEqual({ name: 'Mei', role: 'admin' })
    expect(book.who('made up')).toBeUndefined()
    await book.signOut(token)
    expect(book.who(token)).toBeUndefined()
  })

  test('survives a restart; neither passphrase nor token stands in the file, which only we may read', async () => {
    const { book, token } = await withMei()
    await book.close()
    const again = await open()
    expect(again.who(token)).toEqual({ name: 'Mei', role: 'admin' })
    const text = await readFile(join(folder, USERS_FILE), 'utf8')
    expect(text).not.toContain(token)
    expect(text).not.toContain('sentence')
    expect((await stat(join(folder, USERS_FILE))).mode & 0o777).toBe(0o600)
  })

  test('ends after twelve idle hours, not while it is used', async () => {
    const { book, token } = await withMei()
    for (let i = 0; i < 3; i++) {
      await clock.advance(11n * HOUR_NS)
      expect(book.who(token)?.name).toBe('Mei')
    }
    await clock.advance(12n * HOUR_NS + 1n)
    expect(book.who(token)).toBeUndefined()
  })

  test('costs what OWASP asks for', () => {
    expect(SCRYPT_COST).toEqual({ N: 32_768, r: 8, p: 3 })
  })

  test('a file that is not ours is refused, never overwritten', async () => {
    await writeFile(join(folder, USERS_FILE), 'not json')
    await expect(open()).rejects.toThrow('DATA_CORRUPT')
  })
})
