/** The state database of version 1 goes on in this one, with a copy beside it; one of a newer version is left alone. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openState, STATE_FILE } from './io/writer.ts'
import type { Commit, Known } from './state.ts'

let path: string
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'influx-state-'))
  path = join(folder, STATE_FILE)
})
afterEach(() => rm(folder, { recursive: true }))

const OWNER = JSON.stringify(['gateway', 'old', 'readings'])
const CHANNEL = JSON.stringify(['real', 'dead-run/stage'])
const GAP = JSON.stringify(['real', 'dead-run', 'timeout'])
const NEWEST_NS = 1_528_045_200_123_456_789n

/** To the letter what version 1 made: the tables without `touched`. */
function fileOfVersion1(): void {
  const db = new DatabaseSync(path)
  db.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE range (owner TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
      PRIMARY KEY (owner, low)) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (owner TEXT PRIMARY KEY, newest_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE gap (
      owner TEXT NOT NULL, from_ns INTEGER NOT NULL, shift_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL,
      channels TEXT NOT NULL, expected INTEGER NOT NULL, missing INTEGER NOT NULL,
      PRIMARY KEY (owner, from_ns, shift_ns)) STRICT, WITHOUT ROWID;
    CREATE TABLE quarantine (
      id INTEGER PRIMARY KEY, node TEXT NOT NULL, outbox TEXT NOT NULL, stream TEXT NOT NULL,
      record_offset INTEGER NOT NULL, device TEXT NOT NULL, exercise INTEGER NOT NULL, reason TEXT NOT NULL,
      body TEXT NOT NULL) STRICT;
    PRAGMA application_id = ${0x504c4d49};
    PRAGMA user_version = 1;`)
  db.prepare('INSERT INTO range VALUES (?, ?, ?), (?, ?, ?)').run(OWNER, 1, 40, OWNER, 42, 50)
  db.prepare('INSERT INTO mark VALUES (?, ?)').run(CHANNEL, NEWEST_NS)
  db.prepare('INSERT INTO gap VALUES (?, ?, ?, ?, ?, ?, ?)').run(GAP, 5_000_000n, 0, 9_000_000n, '["a/b"]', 4, 3)
  db.prepare('INSERT INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, 0, ?, ?)').run(
    ...(['gateway', 'old', 'readings', 44, 'dead-run', 'conflict', '[]'] as const),
  )
  db.close()
}

const NO_COMMIT: Commit = { identities: [], marks: [], ranges: [], gaps: [], refused: [], touched: [] }

test('what version 1 knew is known, rollups are marked from now on, and version 1 lies beside it whole', async () => {
  fileOfVersion1()
  const state = await openState(folder)
  expect(await state.call('committed', 'gateway', 'old', 'readings')).toEqual([
    [1, 40],
    [42, 50],
  ])
  const known = await state.call<Known>('look', {
    identities: [41, 42].map((offset) => ({ node: 'gateway', outbox: 'old', stream: 'readings', offset })),
    marks: [CHANNEL],
    ranges: [],
    gaps: [[GAP, 5_000_000n]],
  })
  expect(known).toMatchObject({ committed: [false, true], marks: [NEWEST_NS] })
  expect(known.gaps[0]).toEqual([
    { from_ns: 5_000_000n, shift_ns: 0, to_ns: 9_000_000n, channels: '["a/b"]', expected: 4, missing: 3 },
  ])
  expect(await state.call('health')).toEqual({ quarantined: 1 })
  expect(await state.call('touched')).toEqual([])
  const touched = [{ owner: CHANNEL, hour: 424_457 }]
  await state.call('commit', { ...NO_COMMIT, touched })
  expect(await state.call('touched')).toEqual(touched)
  await state.close()

  const copy = new DatabaseSync(`${path}.v1`, { readOnly: true })
  expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(copy.prepare('SELECT low, high FROM range').all()).toEqual([
    { low: 1, high: 40 },
    { low: 42, high: 50 },
  ])
  expect(copy.prepare("SELECT name FROM sqlite_schema WHERE name = 'touched'").all()).toEqual([])
  copy.close()
  // Opened again it is one of the present version, and no second copy is made.
  await rm(`${path}.v1`)
  const again = await openState(folder)
  expect(await again.call('touched')).toEqual(touched)
  await again.close()
  await expect(readFile(`${path}.v1`)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a newer version is refused, and not one byte is changed', async () => {
  fileOfVersion1()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  const bytes = await readFile(path)
  await expect(openState(folder)).rejects.toMatchObject({
    code: 'DATA_CORRUPT',
    message: expect.stringContaining('version 99'),
  })
  expect(await readFile(path)).toEqual(bytes)
})
