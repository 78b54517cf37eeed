/** A store of an older version goes on in this one, with a copy beside it; one of a newer version is left alone. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SERIES_FILE } from '../domain/series.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { at, record, shaking, stage } from './series-store.suite.ts'
import { TestStore } from './test-store.fixture.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What version 1 had: all but the three tables of the rollups. */
async function storeOfVersion1(): Promise<void> {
  const writer = await openSeriesWriter(folder, silentLog)
  const early = stage(-60 * 365 * 86_400, 3)
  await writer.append([
    record({ readings: [stage(0, 1), stage(7200, 2), early] }),
    record({ blocks: [shaking(0, 100)] }),
  ])
  await writer.close()
  for (const file of Object.values(SERIES_FILE)) {
    const db = new DatabaseSync(join(folder, file))
    db.exec('DROP TABLE rollup; DROP TABLE touched; DROP TABLE horizon; PRAGMA user_version = 1')
    db.close()
  }
}

test('version 1 becomes the present one; everything is there and gets its rollups', async () => {
  await storeOfVersion1()
  const reader = openSeriesReader(folder, silentLog)
  await expect(reader.latest()).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('of version 1'),
  })
  const store = new TestStore(folder)
  expect(store.rows('touched')).toHaveLength(4)
  store.tend()
  expect(store.rows('rollup WHERE grain_s = 3600').map((r) => r['count'])).toEqual([1, 1, 1, 100, 100, 100])
  store.close()
  expect(await reader.readings('dead-run/stage', at(0), at(10_000), 10)).toHaveLength(2)
  await reader.close()
  for (const file of Object.values(SERIES_FILE)) {
    const copy = new DatabaseSync(join(folder, `${file}.v1`))
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
    expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    if (file === SERIES_FILE.real) expect(copy.prepare('SELECT count(*) AS n FROM reading').get()).toEqual({ n: 3 })
    copy.close()
  }
})

test('a newer version is refused by name, and not one byte is changed', async () => {
  const writer = await openSeriesWriter(folder, silentLog)
  await writer.close()
  const path = join(folder, SERIES_FILE.real)
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  const bytes = await readFile(path)
  await expect(openSeriesWriter(folder, silentLog)).rejects.toMatchObject({
    code: 'DATA_CORRUPT',
    message: expect.stringMatching(/written by a newer Plumbline \(series file version 99, this one knows 2\)/),
  })
  expect(await readFile(path)).toEqual(bytes)
})
