/** A store of an older version goes on in this one, with a copy beside it; one of a newer version is left alone. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SERIES_FILE } from '../domain/series.ts'
import { addNs } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { oldReadings, oldRecords } from './old-store.fixture.ts'
import { at, record, shaking, stage } from './records.fixture.ts'
import { TestStore } from './test-store.fixture.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What version 1 had: all but the tables of rollups and sealed hours. */
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
    db.exec(
      'DROP TABLE rollup; DROP TABLE touched; DROP TABLE horizon; DROP TABLE sealed; DROP TABLE chunk; PRAGMA user_version = 1',
    )
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

test('files that version 2 wrote go on: every reading to the bit, then sealed; rollups, quarantine and acknowledgements stay', async () => {
  for (const name of ['series', 'series-exercise']) {
    const file = await readFile(new URL(`./cases/${name}-v2.db.gz`, import.meta.url))
    await writeFile(join(folder, `${name}.db`), gunzipSync(file))
  }
  const stored = (channel: string, seed: number, exercise: boolean) =>
    oldReadings(channel, seed).map((reading) => ({ ...reading, exercise }))
  const newest = oldReadings('dead-run/stage', 1).at(-1)!
  const whole = [...stored('dead-run/stage', 1, false), { ...newest, t_ns: addNs(newest.t_ns, 1n), exercise: false }]
  const old = new DatabaseSync(join(folder, SERIES_FILE.real), { readOnly: true })
  const rollupsOf = (db: DatabaseSync) => {
    const statement = db.prepare('SELECT * FROM rollup')
    statement.setReadBigInts(true)
    return statement.all()
  }
  const rollups = rollupsOf(old)
  expect(rollups.length).toBeGreaterThan(60)
  expect(old.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 })
  old.close()

  const store = new TestStore(folder)
  const ask = () => [
    store.readings('dead-run/stage', at(-1e6), at(1e6), 100_000),
    store.readings('creek/stage', at(-1e6), at(1e6), 100_000),
  ]
  const expected = [whole, stored('creek/stage', 2, true)]
  expect(ask()).toEqual(expected)
  expect(rollupsOf(store.db)).toEqual(rollups)
  store.seal()
  expect(store.rows('sealed').map(({ n }) => n)).toEqual([360, 269])
  expect(ask()).toEqual(expected)
  expect(store.rows('quarantine')).toHaveLength(1)
  const [again] = oldRecords()
  expect(store.append(again!)).toEqual([{ kind: 'duplicate' }])
  expect(store.append({ ...again!, identity: { ...again!.identity, offset: 77 } })).toEqual([{ kind: 'duplicate' }])
  expect(store.rows('block')).toHaveLength(2)
  store.close()
  const copy = new DatabaseSync(join(folder, `${SERIES_FILE.real}.v2`))
  expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(copy.prepare('SELECT count(*) AS n FROM reading').get()).toEqual({ n: whole.length })
  copy.close()
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
    message: expect.stringMatching(/written by a newer Plumbline \(series file version 99, this one knows 3\)/),
  })
  expect(await readFile(path)).toEqual(bytes)
})
