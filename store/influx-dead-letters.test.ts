/** What an InfluxDB refused stands in quarantine until it is stored: listed, explained, tried again. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SeriesReader } from '../domain/ports.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import type { DeadLetters } from './dead-letter.ts'
import { type StrictFake, startStrictFake } from './influx/strict-fake.fixture.ts'
import { type InfluxSettings, openInfluxDeadLetters, openInfluxReader, openInfluxWriter } from './influx.ts'
import { DISCARDED_FILE, discard } from './io/discarded.ts'
import { at, record, shaking, stage } from './records.fixture.ts'

const SAID = 'failure writing points to database: partial write: field type conflict'
const REFUSES = { status: 422, body: JSON.stringify({ code: 'unprocessable entity', message: SAID }) }

let folder: string
let fake: StrictFake
let settings: InfluxSettings
let reader: SeriesReader
const open: DeadLetters[] = []
const letters = async (readOnly = false): Promise<DeadLetters> => {
  const opened = await openInfluxDeadLetters(settings, folder, silentLog, new SystemClock(), readOnly)
  open.push(opened)
  return opened
}
const committed = async () => {
  const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
  const { quarantined } = await writer.health()
  const ranges = await writer.committed('gateway', 'box', 'readings')
  await writer.close()
  return { quarantined, ranges }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'influx-'))
  fake = await startStrictFake({ version: 'v2' })
  settings = { site: 'test', url: fake.url, database: 'x' }
  reader = openInfluxReader(settings, silentLog)
  const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
  await writer.append([record({ readings: [stage(0, 1)] }, { outbox: 'box', offset: 1 })])
  fake.meddle = () => REFUSES
  await writer.append([
    record({ readings: [stage(1, 2)] }, { outbox: 'box', offset: 2 }),
    record({ blocks: [shaking(0, 10)], exercise: true }),
    record({ readings: [stage(0, 9)] }, { outbox: 'box', offset: 3 }),
  ])
  fake.meddle = undefined
  await writer.close()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await reader.close()
  await fake.end()
  await rm(folder, { recursive: true })
})

test('they are listed page by page with who sent them and why, also while ingest runs', async () => {
  const running = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
  const opened = await letters(true)
  const all = await opened.list(10)
  expect(all.map(({ id, device, offset, reason }) => [id, device, offset > 0, reason.slice(0, 40)])).toEqual([
    ['real-1', 'dead-run', true, 'InfluxDB refused it: failure writing poi'],
    ['exercise-2', 'yonago', true, 'InfluxDB refused it: failure writing poi'],
    ['real-3', 'dead-run', true, 'dead-run/stage at 2018-06-03T18:00:00.00'],
  ])
  expect((await opened.list(2, 'real-1')).map(({ id }) => id)).toEqual(['exercise-2', 'real-3'])
  expect(await opened.find('real-1')).toMatchObject({ node: 'gateway', outbox: 'box', stream: 'readings', offset: 2 })
  expect(await opened.find('real-2')).toBeUndefined()
  await expect(opened.find('7')).rejects.toMatchObject({ code: 'USAGE' })
  await running.close()
})

test('what is stored at last leaves; what is refused again, or conflicts, stays as it was', async () => {
  const opened = await letters()
  const before = await opened.list(10)
  fake.meddle = () => REFUSES
  expect(await opened.retry('real-1')).toEqual({ why: expect.stringContaining('field type conflict') })
  fake.meddle = undefined
  expect(await opened.retry('real-3')).toEqual({ why: expect.stringContaining('stored is 1 (flag 1), came 9') })
  expect(await opened.list(10)).toEqual(before)

  for (const id of ['real-1', 'exercise-2']) expect(await opened.retry(id)).toEqual({ stored: true })
  expect((await opened.list(10)).map(({ id }) => id)).toEqual(['real-3'])
  await expect(opened.retry('real-1')).rejects.toMatchObject({ code: 'USAGE' })
  expect((await reader.readings('dead-run/stage', at(0), at(9), 9)).map((r) => r.value)).toEqual([1, 2])
  expect(await reader.blocks('yonago', 'acceleration', at(0), at(9))).toEqual([{ ...shaking(0, 10), exercise: true }])
  expect(await committed()).toEqual({ quarantined: 1, ranges: [[1, 3]] })
})

test('what it will never take is discarded with a reason and kept beside the store, also while the server is away', async () => {
  const opened = await letters()
  await fake.end()
  const before = await opened.list(10)
  for (const { id } of before) await discard(opened, folder, id, { by: 'lin', because: 'wrong type', at: at(0) })
  expect(await opened.list(10)).toEqual([])
  const lines = (await readFile(join(folder, DISCARDED_FILE), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(before)
  await expect(discard(opened, folder, 'real-1', { by: 'lin', because: 'x', at: at(0) })).rejects.toMatchObject({
    code: 'USAGE',
  })
})

test('a kill between InfluxDB and the quarantine: the letter is there, and tried again it is stored once', async () => {
  const first = await letters()
  const [letter] = await first.list(1)
  const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
  // As the retry writes it, without its last step.
  await writer.append([record({ readings: [stage(1, 2)] }, { outbox: 'dead letter', offset: 1 })])
  await writer.close()
  expect(await first.retry(letter!.id)).toEqual({ stored: true })
  expect((await reader.readings('dead-run/stage', at(0), at(9), 9)).map((r) => r.value)).toEqual([1, 2])
})

test('while the server is away a letter stays', async () => {
  const opened = await letters()
  await fake.end()
  await expect(opened.retry('real-1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await opened.list(10)).toHaveLength(3)
})
