/**
 * Database files as a power cut leaves them. SQLite appends each commit to its write-ahead log and syncs it before anything is
 * acknowledged; what it was writing then may be cut at any byte, or be anything. Everything acknowledged is there afterwards,
 * nothing else, and the next commit goes in. A file that is spoilt itself is refused by name and with a code.
 */
import { copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEntry } from '../desk/alarm.ts'
import { JOURNAL_FILE, openJournal, verifyJournal } from '../desk/io/journal.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SERIES_FILE } from '../domain/series.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from '../store/embedded.ts'
import { record, shaking, stage } from '../store/records.fixture.ts'
import { below, type Random, randomFrom } from './seeded.ts'
import { MEMORY } from './stories/simulated-line.ts'
import { EVER } from './truth.ts'

const COMMITS = 8
/** Tears that SQLite alone is asked about; of some the whole part is opened, in its thread. */
const ROUNDS = 60
const WHOLLY = 4
const isWhole = (round: number): boolean => round % (ROUNDS / WHOLLY) === 0

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(MEMORY, 'plumbline-torn-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The files of a database as they lie on the disk while it is in use. */
type Snapshot = { readonly path: string; readonly file: Buffer; readonly log: Buffer }
const snapshot = async (path: string): Promise<Snapshot> => ({
  path,
  file: await readFile(path),
  log: await readFile(`${path}-wal`),
})

/** Begins with everything of `durable`; of what the log gained until `after` a part is there, or something else. */
async function tear(durable: Snapshot, after: Snapshot, random: Random): Promise<string> {
  const unsynced = after.log.subarray(durable.log.length)
  const cut = below(random, unsynced.length)
  const kept = Buffer.from(unsynced.subarray(0, cut))
  // A file system may have given the file its length and not its bytes, or those of whatever lay there before.
  const rest = below(random, 3)
  const filler = Buffer.alloc(rest === 0 ? 0 : unsynced.length - cut, 0)
  if (rest === 2) for (let i = 0; i < filler.length; i++) filler[i] = below(random, 256)
  await writeFile(durable.path, durable.file)
  await writeFile(`${durable.path}-wal`, Buffer.concat([durable.log, kept, filler]))
  await rm(`${durable.path}-shm`, { force: true })
  return `cut ${cut} bytes into ${unsynced.length}, then ${['nothing', 'zeros', 'noise'][rest]}`
}

const entry = (n: number): NewEntry => ({
  at_ns: String(1_528_048_800_000_000_000n + BigInt(n)),
  ...{
    kind: 'comment',
    alarm: 'n1:high',
    occurrence: 1,
    actor: 'Mei',
    body: { text: `word ${n}` },
    dedupe: `word|${n}`,
  },
})
const stored = (n: number): DeviceRecord =>
  record({ readings: [stage(n, n)], blocks: [shaking(n * 100, 100)] }, { outbox: 'box', offset: n + 1 })

describe('torn at a random byte of what was being written', () => {
  test(`the journal has every entry that was acknowledged, and its chain is whole (${ROUNDS} times)`, async () => {
    const path = join(folder, JOURNAL_FILE)
    const journal = await openJournal(folder)
    const states: Snapshot[] = []
    for (let n = 0; n < COMMITS; n++) {
      await journal.append([entry(n)], [])
      states.push(await snapshot(path))
    }
    await journal.close()
    const random = randomFrom(20_261_201)
    for (let round = 0; round < ROUNDS; round++) {
      const k = below(random, COMMITS - 1)
      const how = await tear(states[k]!, states[k + 1]!, random)
      expect(await verifyJournal(path), how).toEqual({ rows: k + 1 })
      if (!isWhole(round)) continue
      const again = await openJournal(folder)
      const texts = (await again.entries(0, 100)).map(({ body }) => (body as { text: string }).text)
      expect(texts, how).toEqual(Array.from({ length: k + 1 }, (_, n) => `word ${n}`))
      expect(await again.append([entry(k + 1)], []), how).toHaveLength(1)
      await again.close()
      expect((await verifyJournal(path)).broken, how).toBeUndefined()
    }
  }, 60_000)

  test(`the store has every record that was acknowledged, once, and takes the next (${ROUNDS} times)`, async () => {
    const path = join(folder, SERIES_FILE.real)
    const writer = await openSeriesWriter(folder, silentLog)
    const states: Snapshot[] = []
    for (let n = 0; n < COMMITS; n++) {
      await writer.append([stored(n)])
      states.push(await snapshot(path))
    }
    await writer.close()
    const random = randomFrom(7)
    for (let round = 0; round < ROUNDS; round++) {
      const k = below(random, COMMITS - 1)
      const how = await tear(states[k]!, states[k + 1]!, random)
      expect(rowsOf(path), how).toEqual({ readings: k + 1, blocks: k + 1, whole: 'ok' })
      if (!isWhole(round)) continue
      const again = await openSeriesWriter(folder, silentLog)
      expect(await again.append([stored(k), stored(k + 1)]), how).toEqual([{ kind: 'duplicate' }, { kind: 'stored' }])
      const reader = openSeriesReader(folder, silentLog)
      const values = (await reader.readings('dead-run/stage', ...EVER, 100)).map(({ value }) => value)
      expect(values, how).toEqual(Array.from({ length: k + 2 }, (_, n) => n))
      expect(
        (await reader.blocks('yonago', 'acceleration', ...EVER)).map((b) => b.first_counter),
        how,
      ).toEqual(Array.from({ length: k + 2 }, (_, n) => n * 100))
      await reader.close()
      await again.close()
    }
  }, 60_000)
})

describe('a file that is spoilt itself', () => {
  const spoil: ReadonlyArray<readonly [string, (path: string) => Promise<void>]> = [
    ['its first page is gone', (path) => overwrite(path, 0, Buffer.alloc(4096))],
    ['the end of it is missing', async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ['every page but the first is noise', async (path) => overwrite(path, 4096, noise((await stat(path)).size - 4096))],
  ]

  test.each(spoil)('%s: the journal is refused by name, and left as it is', async (_, make) => {
    const path = join(folder, JOURNAL_FILE)
    const journal = await openJournal(folder)
    await journal.append(
      Array.from({ length: 400 }, (_, n) => entry(n)),
      [],
    )
    await journal.close()
    await make(path)
    const bytes = await readFile(path)
    const use = async () => {
      const again = await openJournal(folder)
      try {
        await again.entries(undefined, 100)
        await again.verifyTail()
        await again.append([entry(1000)], [])
      } finally {
        await again.close()
      }
    }
    await expect(use()).rejects.toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(path) })
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  test.each(spoil)('%s: the store is refused by name, by whoever writes and whoever reads', async (_, make) => {
    const path = join(folder, SERIES_FILE.real)
    const writer = await openSeriesWriter(folder, silentLog)
    await writer.append(Array.from({ length: 200 }, (_, n) => stored(n)))
    await writer.close()
    await copyFile(path, `${path}.whole`)
    await make(path)
    const refusal = { code: 'DATA_CORRUPT', message: expect.stringContaining(path) }
    const write = async () => {
      const again = await openSeriesWriter(folder, silentLog)
      try {
        await again.append([stored(1000)])
      } finally {
        await again.close()
      }
    }
    await expect(write()).rejects.toMatchObject(refusal)
    const reader = openSeriesReader(folder, silentLog)
    await expect(reader.readings('dead-run/stage', ...EVER, 100)).rejects.toMatchObject(refusal)
    await reader.close()
    // With the copy back everything is there.
    await copyFile(`${path}.whole`, path)
    const healed = openSeriesReader(folder, silentLog)
    expect(await healed.readings('dead-run/stage', ...EVER, 1000)).toHaveLength(200)
    await healed.close()
  })
})

function rowsOf(path: string) {
  const db = new DatabaseSync(path)
  try {
    const count = (table: string) => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n
    const { quick_check } = db.prepare('PRAGMA quick_check').get() as { quick_check: string }
    return { readings: count('reading'), blocks: count('block'), whole: quick_check }
  } finally {
    db.close()
  }
}

async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.length, at)
  await file.close()
}

function noise(length: number): Buffer {
  const random = randomFrom(3)
  return Buffer.from(Array.from({ length }, () => below(random, 256)))
}
