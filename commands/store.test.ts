/** Backup, check, export and dead letters of a site's store, as a person runs them. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { openJournal } from '../desk/io/journal.ts'
import { deskFolder, ingestFolder } from '../domain/data-folder.ts'
import type { SeriesWriter } from '../domain/ports.ts'
import { SERIES_FILE } from '../domain/series.ts'
import { siteExample } from '../domain/site-example.ts'
import { lockFolder } from '../runtime/folder-lock.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from '../store/embedded.ts'
import { at, record, shaking, stage } from '../store/records.fixture.ts'
import { backup } from './backup.ts'
import type { Command } from './command.ts'
import { deadLetter } from './dead-letter.ts'
import { exportCommand, pour } from './export.ts'
import { store } from './store.ts'

let folder: string
let site: string
let writer: SeriesWriter
const SITE = 'shop'

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-'))
  site = join(folder, 'site.yaml')
  await writeFile(site, stringify({ ...siteExample, site: SITE }))
  await mkdir(deskFolder(folder, SITE), { recursive: true })
  writer = await openSeriesWriter(ingestFolder(folder, SITE), silentLog)
  await writer.append([record({ readings: [stage(0, 1), stage(60, 2)] }), record({ blocks: [shaking(0, 100)] })])
  await writer.append([record({ readings: [stage(0, 9)] }, { outbox: 'box', offset: 7 })])
})
afterEach(async () => {
  await writer.close()
  await rm(folder, { recursive: true })
})

async function run(command: Command, ...args: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += Buffer.from(chunk as Uint8Array).toString('utf8')
    return true
  })
  try {
    const code = await command.run([...args, '--site', site, '--data', folder])
    return { code, out }
  } finally {
    spy.mockRestore()
  }
}

describe('backup', () => {
  test('is whole while others write, verified, and a store of its own', async () => {
    const journal = await openJournal(deskFolder(folder, SITE))
    const to = join(folder, 'backups')
    const writing = Promise.all(
      Array.from({ length: 20 }, (_, i) => writer.append([record({ readings: [stage(100 + i, i)] })])),
    )
    const { code, out } = await run(backup, '--to', to)
    await writing
    await journal.close()
    expect(code).toBe(0)
    expect(out).toMatch(/desk\/journal\.db: .* sound\n {2}journal: 0 rows, the chain is whole/)
    const made = join(to, (await readdir(to))[0]!)
    const manifest = JSON.parse(await readFile(join(made, 'manifest.json'), 'utf8')) as { files: { path: string }[] }
    expect(manifest.files.map(({ path }) => path)).toEqual([
      'desk/journal.db',
      `ingest/${SERIES_FILE.exercise}`,
      `ingest/${SERIES_FILE.real}`,
    ])
    expect(await readFile(join(made, 'site.yaml'))).toEqual(await readFile(site))
    const reader = openSeriesReader(join(made, 'data', 'ingest'), silentLog)
    expect((await reader.readings('dead-run/stage', at(0), at(100), 10)).map((r) => r.value)).toEqual([1, 2])
    await reader.close()
    const again = await openSeriesWriter(join(made, 'data', 'ingest'), silentLog)
    expect(await again.committed('gateway', 'box', 'readings')).toEqual([[7, 7]])
    await again.close()
  })

  test('of a broken file is none: nothing of it is left', async () => {
    await writer.close()
    const path = join(ingestFolder(folder, SITE), SERIES_FILE.real)
    const bytes = await readFile(path)
    bytes.fill(0xff, 4096, 3 * 4096)
    await writeFile(path, bytes)
    await expect(run(backup, '--to', join(folder, 'backups'))).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
    expect(await readdir(join(folder, 'backups'))).toEqual([])
    await expect(run(store, 'check')).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
  })
})

test('store check says of each file that it is sound and what it holds', async () => {
  const { code, out } = await run(store, 'check')
  expect(code).toBe(0)
  expect(out).toMatch(/series\.db: sound, version 3; .*2 reading/)
  expect(out).toMatch(/series-exercise\.db: sound/)
})

describe('export', () => {
  const asked = ['--channel', 'dead-run/stage', '--from', '2018-06-03', '--to', '2018-06-04T00:00:00Z']
  test('goes to standard output with unit and flag', async () => {
    const { out } = await run(exportCommand, ...asked, '--format', 'csv')
    expect(out.split('\n').slice(1, 3)).toEqual([
      '2018-06-03T18:00:00.000Z,1528048800000000000,1234567,dead-run/stage,1,m,1,,,false',
      '2018-06-03T18:01:00.000Z,1528048860000000000,1234567,dead-run/stage,2,m,1,,,false',
    ])
  })
  test('or into a file, which is there only when it is whole', async () => {
    const path = join(folder, 'out.jsonl')
    expect((await run(exportCommand, ...asked, '--format', 'jsonl', '--out', path)).code).toBe(0)
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2)
    await rm(ingestFolder(folder, SITE), { recursive: true })
    const failed = join(folder, 'failed.csv')
    await expect(run(exportCommand, ...asked, '--format', 'csv', '--out', failed)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect((await readdir(folder)).filter((name) => name.startsWith('failed'))).toEqual([])
  })
  test('names what is wrong with the call', async () => {
    for (const [args, why] of [
      [['--channel', 'stage', '--from', '2018-06-03', '--to', '2018-06-04', '--format', 'csv'], /--channel DEVICE/],
      [['--channel', 'a/b', '--from', 'noon', '--to', '2018-06-04', '--format', 'csv'], /--from: expected a time/],
      [['--channel', 'a/b', '--from', '2018-06-04', '--to', '2018-06-03', '--format', 'csv'], /after --from/],
      [[...asked, '--format', 'xlsx'], /one of csv, jsonl, miniseed/],
      [[...asked, '--format', 'miniseed', '--station', 'toolong'], /--station/],
    ] as const)
      await expect(run(exportCommand, ...args)).rejects.toThrow(why)
  })
  test('waits for a slow reader and stops when told to', async () => {
    const slow = new PassThrough({ highWaterMark: 10 })
    const stop = new AbortController()
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield Buffer.alloc(100)
      }
    }
    const poured = pour(endless(), slow, stop.signal)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(given).toBe(1)
    stop.abort()
    expect(await poured).toBe(130)
  })
})

describe('dead letters', () => {
  test('are listed and explained while ingest runs, and tried again when it does not', async () => {
    expect((await run(deadLetter, 'list')).out).toMatch(
      /^real-1 {2}dead-run {2}\(gateway readings 7\) {2}dead-run\/stage at .*\n1 in quarantine\n$/,
    )
    const { out } = await run(deadLetter, 'explain', 'real-1')
    expect(out).toContain('record 7 of stream readings, node gateway, outbox box')
    expect(out).toContain('"t_ns": "1528048800000000000 (2018-06-03T18:00:00.000Z)"')
    const release = await lockFolder(ingestFolder(folder, SITE))
    await expect(run(deadLetter, 'retry', 'all')).rejects.toMatchObject({ code: 'DATA_IN_USE' })
    await release()
    await writer.close()
    const retried = await run(deadLetter, 'retry', 'all')
    expect(retried.code).toBe(3)
    expect(retried.out).toMatch(/^real-1: not stored: .*\n0 stored, 1 left in quarantine\n$/)
  })

  test('one that can never be stored is discarded with a reason, ingest stopped, and told of ever after', async () => {
    const discarding = ['discard', 'real-1', '--reason', 'sent twice by a restored node'] as const
    const release = await lockFolder(ingestFolder(folder, SITE))
    await expect(run(deadLetter, ...discarding)).rejects.toMatchObject({ code: 'DATA_IN_USE' })
    await release()
    await writer.close()
    await expect(run(deadLetter, 'discard', 'real-1')).rejects.toMatchObject({ code: 'USAGE' })
    await expect(run(deadLetter, 'retry', 'all', '--reason', 'x')).rejects.toMatchObject({ code: 'USAGE' })
    expect((await run(deadLetter, ...discarding)).out).toMatch(/^real-1: discarded; kept in .*discarded\.jsonl\n$/)
    expect((await run(deadLetter, 'list')).out).toMatch(/^nothing is in quarantine\n1 discarded, kept in /)
    const kept = JSON.parse(await readFile(join(ingestFolder(folder, SITE), 'discarded.jsonl'), 'utf8')) as object
    expect(kept).toMatchObject({
      discarded_because: 'sent twice by a restored node',
      discarded_by: expect.stringMatching(/./),
      offset: 7,
    })
  })
})
