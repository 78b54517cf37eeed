import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identitiesOf } from '../access.ts'
import { Credentials } from './credentials.ts'

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-broker-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const open = (nodes = ['north', 'south']) => Credentials.open(data, 'yard', identitiesOf('yard', nodes))
const file = (...parts: string[]) => join(data, 'yard', ...parts)
const password = (...parts: string[]) => readFile(file(...parts, 'mqtt-password'))
const clients = async () =>
  JSON.parse(await readFile(file('broker', 'clients.json'), 'utf8')) as { clients: Record<string, unknown> }
const mode = async (path: string) => (await stat(path)).mode & 0o777

describe('at the first start', () => {
  test('each identity gets a random password in its own folder, readable by nobody else', async () => {
    const credentials = await open()
    const folders = [['edge', 'north'], ['edge', 'south'], ['ingest'], ['desk']]
    const users = ['north', 'south', 'yard-ingest', 'yard-desk']
    const all = new Set<string>()
    for (const [i, folder] of folders.entries()) {
      const secret = await password(...folder)
      expect(secret.toString()).toMatch(/^[\w-]{43}$/)
      all.add(secret.toString())
      expect(await mode(file(...folder, 'mqtt-password'))).toBe(0o600)
      expect(await mode(file(...folder))).toBe(0o700)
      expect(await credentials.verify(users[i]!, secret)).toBe(true)
    }
    expect(all.size).toBe(4)
    expect(await mode(file('broker', 'clients.json'))).toBe(0o600)
  })

  test('the broker keeps hashes, no password', async () => {
    await open()
    const kept = await readFile(file('broker', 'clients.json'), 'utf8')
    expect(kept).not.toContain((await password('desk')).toString())
    expect(Object.keys((await clients()).clients)).toEqual(['north', 'south', 'yard-ingest', 'yard-desk'])
  })
})

describe('a password', () => {
  test('of another identity, a wrong one and none are refused; so is an unknown name', async () => {
    const credentials = await open()
    expect(await credentials.verify('north', await password('edge', 'south'))).toBe(false)
    expect(await credentials.verify('north', Buffer.from('wrong'))).toBe(false)
    expect(await credentials.verify('north', Buffer.alloc(0))).toBe(false)
    expect(await credentials.verify('west', await password('edge', 'north'))).toBe(false)
    expect(await credentials.verify('constructor', Buffer.from('x'))).toBe(false)
  })

  test('that was verified is remembered, so that a storm of reconnects is cheap; a wrong one never is', async () => {
    const credentials = await open()
    const secret = await password('desk')
    expect(await credentials.verify('yard-desk', secret)).toBe(true)
    const begun = performance.now()
    for (let i = 0; i < 500; i++) expect(await credentials.verify('yard-desk', secret)).toBe(true)
    expect(performance.now() - begun, '500 times scrypt would take 20 s').toBeLessThan(2_000)
    expect(await credentials.verify('yard-desk', Buffer.from('wrong'))).toBe(false)
    expect(await credentials.verify('yard-ingest', secret)).toBe(false)
  })

  test('is checked for many clients at once without losing one', async () => {
    const credentials = await open()
    const right = await password('edge', 'north')
    const tries = Array.from({ length: 12 }, (_, i) =>
      credentials.verify('north', i % 3 === 0 ? right : Buffer.from(`wrong ${i}`)),
    )
    expect(await Promise.all(tries)).toEqual(Array.from({ length: 12 }, (_, i) => i % 3 === 0))
  })
})

describe('at a later start', () => {
  test('nothing changes', async () => {
    await open()
    const before = [await readFile(file('broker', 'clients.json')), await password('edge', 'north')]
    const credentials = await open()
    expect([await readFile(file('broker', 'clients.json')), await password('edge', 'north')]).toEqual(before)
    expect(await credentials.verify('north', before[1]!)).toBe(true)
  })

  test('a password file that was moved to another host is left alone', async () => {
    await open()
    const moved = await password('edge', 'north')
    await rm(file('edge', 'north'), { recursive: true })
    const credentials = await open()
    await expect(password('edge', 'north')).rejects.toThrow('ENOENT')
    expect(await credentials.verify('north', moved)).toBe(true)
  })

  test('without clients.json the passwords that are there still hold', async () => {
    await open()
    const kept = await password('edge', 'north')
    await rm(file('broker', 'clients.json'))
    const credentials = await open()
    expect(await password('edge', 'north')).toEqual(kept)
    expect(await credentials.verify('north', kept)).toBe(true)
  })

  test('an identity that left the site is removed; one that came gets its password', async () => {
    await open(['north', 'south'])
    const left = await password('edge', 'south')
    const credentials = await open(['north', 'west', 'constructor'])
    expect(Object.keys((await clients()).clients)).toEqual(['north', 'west', 'constructor', 'yard-ingest', 'yard-desk'])
    expect(await credentials.verify('south', left)).toBe(false)
    expect(await credentials.verify('west', await password('edge', 'west'))).toBe(true)
    expect(await credentials.verify('constructor', await password('edge', 'constructor'))).toBe(true)
  })

  test('an empty password file is no password: a new one is made', async () => {
    await open()
    await rm(file('broker', 'clients.json'))
    await writeFile(file('desk', 'mqtt-password'), '\n')
    await open()
    expect((await password('desk')).toString()).toMatch(/^[\w-]{43}$/)
  })

  test.each(['', 'nonsense', '{"version":2,"clients":{}}', '{"version":1,"clients":{"north":{"salt":1}}}', 'null'])(
    'clients.json of %j is named as corrupt and left as it is',
    async (text) => {
      await open()
      await writeFile(file('broker', 'clients.json'), text)
      await expect(open()).rejects.toThrow(`DATA_CORRUPT: ${file('broker', 'clients.json')}`)
      expect(await readFile(file('broker', 'clients.json'), 'utf8')).toBe(text)
    },
  )

  test('a data folder that cannot be written is named', async () => {
    // Root may write anywhere but in the kernel's own tree.
    const readOnly = process.getuid?.() === 0 ? '/sys' : data
    if (readOnly === data) await chmod(data, 0o500)
    const opening = Credentials.open(readOnly, 'yard', identitiesOf('yard', ['north']))
    await expect(opening).rejects.toThrow(`DATA_READ_ONLY: cannot write ${readOnly}`)
    await chmod(data, 0o700)
  })

  test('a data folder that is a file is named', async () => {
    await writeFile(join(data, 'yard'), '')
    await expect(open()).rejects.toThrow(/ENOTDIR|EEXIST|DATA_READ_ONLY/)
  })
})
