import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite, type SqliteClient, type SqliteOptions, transferred } from './sqlite-worker.ts'

const program = new URL('./sqlite-worker.fixture.ts', import.meta.url)
let folder: string
let path: string
const opened: SqliteClient[] = []

const open = async (options: Partial<SqliteOptions> = {}): Promise<SqliteClient> => {
  const client = await openSqlite({ path, synchronous: 'FULL', program, ...options })
  opened.push(client)
  return client
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-'))
  path = join(folder, 'deep', 'notes.db')
})
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close()
  await rm(folder, { recursive: true })
})

describe('a database in its own thread', () => {
  test('keeps nanoseconds and bytes, and is there after a restart', async () => {
    const t_ns = 1_716_508_800_123_456_789n
    const first = await open()
    expect(await first.call('add', t_ns, new Uint8Array([1, 2, 255]))).toBe(1)
    await first.close()
    const rows = await (await open()).call('all')
    expect(rows).toEqual([{ t_ns, body: new Uint8Array([1, 2, 255]) }])
  })

  test('commits as the caller asked: WAL, full sync, a lock is waited for', async () => {
    const client = await open()
    expect(await client.call('pragma', 'journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(await client.call('pragma', 'synchronous')).toEqual({ synchronous: 2 })
    expect(await client.call('pragma', 'busy_timeout')).toEqual({ timeout: 5000 })
  })

  test('buffers named as transferred are moved, others are copied', async () => {
    const client = await open()
    const kept = new Uint8Array([7])
    await client.call('add', 1n, kept)
    expect(kept).toEqual(new Uint8Array([7]))
    const moved = new Uint8Array([8])
    await client.call('add', 2n, transferred(moved, [moved.buffer]))
    expect(moved.length).toBe(0)
    expect(await client.call('all')).toHaveLength(2)
  })

  test('a reader in another thread sees what was committed while the writer goes on', async () => {
    const writer = await open()
    await writer.call('add', 1n, new Uint8Array(1))
    const reader = await open({ readOnly: true, programOptions: 'reader' })
    expect(await reader.call('all')).toHaveLength(1)
    await writer.call('add', 2n, new Uint8Array(1))
    expect(await reader.call('all')).toHaveLength(2)
  })
})

describe('what goes wrong has a code', () => {
  test('a reader of a file that is not there yet', async () => {
    await expect(open({ readOnly: true, programOptions: 'reader' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })

  test('a file that is no database', async () => {
    path = join(folder, 'notes.db')
    await writeFile(path, 'These are not the bytes of a database, whatever the name says. '.repeat(40))
    await expect(open()).rejects.toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(path) })
  })

  test('a path that cannot be a folder', async () => {
    await writeFile(join(folder, 'deep'), '')
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining(folder) })
  })

  test('a full disk refuses that write and leaves the rest as it was', async () => {
    const client = await open({ programOptions: 8 })
    await client.call('add', 1n, new Uint8Array(10))
    const full = client.call('add', 2n, new Uint8Array(100_000))
    await expect(full).rejects.toMatchObject({ code: 'DATA_FULL', message: expect.stringContaining('SQLite 13') })
    expect(await client.call('all')).toHaveLength(1)
  })

  test('an error of the program keeps its code; a slip of the program is our bug, with its stack', async () => {
    const client = await open()
    await expect(client.call('refuse')).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      message: 'DATA_IN_USE: said the program',
    })
    await expect(client.call('stumble')).rejects.toMatchObject({
      code: 'BUG',
      stack: expect.stringContaining('sqlite-worker.fixture'),
    })
    await expect(client.call('nothing-of-that-name')).rejects.toMatchObject({ code: 'BUG' })
    expect(await client.call('all')).toEqual([])
  })

  test('a call that is given up rejects at once: one that runs ends, one that waits is never begun', async () => {
    const client = await open()
    const [running, waiting] = [new AbortController(), new AbortController()]
    const spins = client.callUntil(running.signal, 'spin')
    const waits = client.callUntil(waiting.signal, 'add', 1n, new Uint8Array(1))
    const behind = client.callUntil(new AbortController().signal, 'add', 2n, new Uint8Array(2))
    waiting.abort(new Error('left before'))
    await expect(waits).rejects.toThrow('left before')
    running.abort(new Error('left'))
    await expect(spins).rejects.toThrow('left')
    expect(await behind).toBe(1)
    expect(await client.call('all')).toMatchObject([{ t_ns: 2n }])
    await expect(client.callUntil(AbortSignal.abort(new Error('gone')), 'spin')).rejects.toThrow('gone')
  })

  test('a thread that dies rejects every call that waits, and those after', async () => {
    const client = await open()
    const died = client.call('die')
    const behind = client.call('all')
    await expect(died).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(behind).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(client.call('all')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(client.alive).toBe(false)
  })
})

describe('closing', () => {
  test('answers what was asked before', async () => {
    const client = await open()
    const added = client.call('add', 1n, new Uint8Array(1))
    await client.close()
    expect(await added).toBe(1)
  })

  test('ends a thread that hangs, and rejects its call', async () => {
    const client = await open()
    const hanging = expect(client.call('hang', 60_000)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const began = performance.now()
    await client.close()
    await hanging
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
