import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Log } from '../domain/ports.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SERIES_FILE } from '../domain/series.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { SCHEMA, seriesFiles } from './files.ts'
import { EmbeddedWriter, openWriterThread } from './io/embedded-writer.ts'
import { open } from './io/write-program.ts'
import { pack } from './packed.ts'
import { at, gap, record, shaking, stage } from './records.fixture.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The writer's program on a connection of the test's own, so that the disk can be made to fill up. */
function openHere(): { db: DatabaseSync; append: (records: DeviceRecord[]) => unknown } {
  const { path, attach } = seriesFiles(folder)
  const db = new DatabaseSync(path)
  db.prepare('ATTACH ? AS exercise').run(attach[SCHEMA.exercise]!)
  const program = open(db)
  return { db, append: (records) => program['append']!(pack(records)) }
}
const rows = (db: DatabaseSync, table: string): number =>
  (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n

describe('a batch is stored whole or not at all', () => {
  const batch = (): DeviceRecord[] => [
    record({ readings: [stage(0, 1)], gaps: [gap(0, 1)] }),
    record({ readings: [stage(0, 9)], exercise: true }),
    ...Array.from({ length: 50 }, (_, k) => record({ blocks: [shaking(k * 1000, 1000)] })),
  ]

  test('a disk that fills up in its midst leaves nothing of it; the same batch goes in once there is room', () => {
    const { db, append } = openHere()
    const records = batch()
    const [{ pages }] = db.prepare('SELECT page_count AS pages FROM pragma_page_count').all() as [{ pages: number }]
    db.exec(`PRAGMA main.max_page_count = ${pages + 20}`)
    expect(() => append(records)).toThrow(expect.objectContaining({ errcode: 13 }))
    for (const table of [
      'channel',
      'reading',
      'block',
      'block_group',
      'gap',
      'committed',
      'exercise.reading',
      'exercise.committed',
    ])
      expect(rows(db, table)).toBe(0)
    db.exec('PRAGMA main.max_page_count = 1000000')
    expect(append(records)).toEqual(records.map(() => ({ kind: 'stored' })))
    expect([rows(db, 'channel'), rows(db, 'block'), rows(db, 'exercise.reading')]).toEqual([1, 50, 1])
    db.close()
  })
})

describe('what is committed stays short', () => {
  test('a node whose devices are real and simulated by turns does not fill the table with single offsets', () => {
    const { db, append } = openHere()
    db.exec('PRAGMA main.synchronous = OFF; PRAGMA exercise.synchronous = OFF')
    for (let offset = 1; offset <= 3000; offset++)
      append([record({ readings: [stage(offset, 1)], exercise: offset % 2 === 0 }, { outbox: 'box', offset })])
    expect(rows(db, 'committed')).toBeLessThan(600)
    expect(rows(db, 'exercise.committed')).toBeLessThan(600)
    expect(append([record({}, { outbox: 'box', offset: 1 }), record({}, { outbox: 'box', offset: 2998 })])).toEqual([
      { kind: 'duplicate' },
      { kind: 'duplicate' },
    ])
    db.close()
  })
})

describe('quarantine', () => {
  test('keeps the whole of what could not be stored, with who sent it and why', async () => {
    const writer = await openSeriesWriter(folder, silentLog)
    await writer.append([record({ blocks: [shaking(0, 2)] })])
    const other = shaking(0, 2)
    other.axes[0]!.samples[1] = 5
    const late = record({ blocks: [other] }, { outbox: 'box', offset: 12 })
    await writer.append([late])
    const identity = { node: 'gateway', outbox: 'box', stream: 'readings', offset: 13 } as const
    const rejected = { identity, device: 'dead-run', exercise: true, reason: 'block/x: no value', body: '{"a":1}' }
    await writer.quarantine([rejected, rejected])
    expect(await writer.committed('gateway', 'box', 'readings')).toEqual([[13, 13]])
    await writer.close()

    const real = new DatabaseSync(join(folder, SERIES_FILE.real))
    const [row] = real.prepare('SELECT * FROM quarantine').all() as Array<Record<string, string>>
    expect(row).toMatchObject({ node: 'gateway', outbox: 'box', stream: 'blocks', record_offset: 12, device: 'yonago' })
    expect(row!['reason']).toContain('other samples are stored')
    const body = JSON.parse(row!['body']!) as { samples: { base64: string }; t0_ns: string; axes: string }
    const bytes = Buffer.from(body.samples.base64, 'base64')
    expect(Array.from({ length: 6 }, (_, i) => bytes.readInt16LE(i * 2))).toEqual(
      other.axes.flatMap((axis) => [...axis.samples]),
    )
    expect([body.t0_ns, body.axes]).toEqual([String(at(0)), 'x,y,z'])
    real.close()
    const exercise = new DatabaseSync(join(folder, SERIES_FILE.exercise))
    expect(exercise.prepare('SELECT reason, body FROM quarantine').all()).toEqual([
      { reason: 'block/x: no value', body: '{"a":1}' },
    ])
    exercise.close()
  })
})

describe('files', () => {
  test('a reader waits for the store to be made, tells so once, and then reads', async () => {
    const said: string[] = []
    const line = (message: string) => void said.push(message)
    const log: Log = { info: line, warn: line, error: line, child: () => log }
    const reader = openSeriesReader(folder, log)
    for (let i = 0; i < 3; i++)
      await expect(reader.latest()).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining(SERIES_FILE.real),
      })
    const writer = await openSeriesWriter(folder, silentLog)
    await writer.append([record({ readings: [stage(0, 1)] })])
    expect(await reader.latest()).toHaveLength(1)
    expect(said).toEqual(['series store is away', 'series store is there'])
    await writer.close()
    expect(await reader.latest()).toHaveLength(1)
    await reader.close()
    await expect(reader.latest()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test('a store that is just being made is away, not corrupt', async () => {
    for (const file of Object.values(SERIES_FILE)) await writeFile(join(folder, file), '')
    const reader = openSeriesReader(folder, silentLog)
    await expect(reader.latest()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await reader.close()
  })

  test("a file of another program's is refused by name, by writer and reader, and left as it was", async () => {
    const path = join(folder, SERIES_FILE.real)
    const foreign = new DatabaseSync(path)
    foreign.exec('CREATE TABLE holiday (photo BLOB)')
    foreign.close()
    const bytes = await readFile(path)
    const refusal = { code: 'DATA_CORRUPT', message: expect.stringContaining(path) }
    await expect(openSeriesWriter(folder, silentLog)).rejects.toMatchObject(refusal)
    const reader = openSeriesReader(folder, silentLog)
    await expect(reader.latest()).rejects.toMatchObject(refusal)
    await reader.close()
    expect(await readFile(path)).toEqual(bytes)
  })

  test('a database thread that ended is replaced at the next batch, which is stored', async () => {
    const thread = await openWriterThread(folder)
    const writer = new EmbeddedWriter(folder, silentLog, thread)
    const first = record({ readings: [stage(0, 1)] })
    await writer.append([first])
    await thread.close()
    expect(await writer.append([first, record({ readings: [stage(1, 2)] })])).toEqual([
      { kind: 'duplicate' },
      { kind: 'stored' },
    ])
    await writer.close()
  })

  test('a writer that was closed says so', async () => {
    const writer = await openSeriesWriter(folder, silentLog)
    await writer.close()
    await expect(writer.append([record({})])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
