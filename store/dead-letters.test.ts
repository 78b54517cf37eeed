/** What is in quarantine can be read by a person and tried again through the same checks; it leaves only when it is stored. */
import { appendFile, chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../runtime/log.ts'
import { type DeadLetters, readable } from './dead-letter.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { openDeadLetters } from './io/dead-letters.ts'
import { countDiscarded, DISCARDED_FILE, discard } from './io/discarded.ts'
import { bodyJson } from './quarantine-body.ts'
import { at, gap, record, shaking, stage } from './records.fixture.ts'
import { TestStore } from './test-store.fixture.ts'

let folder: string
let letters: DeadLetters
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
  const writer = await openSeriesWriter(folder, silentLog)
  const other = shaking(0, 10)
  other.axes[0]!.samples[3]! += 1
  await writer.append([
    record({ readings: [stage(0, 1)], blocks: [shaking(0, 10)] }),
    record({ readings: [stage(0, 2)] }, { outbox: 'box', offset: 42 }),
    record({ blocks: [other] }),
    record({ gaps: [gap(0, 60)], exercise: true }),
    record({ gaps: [gap(0, 60, { missing: 1 })], exercise: true }),
  ])
  const identity = { node: 'gateway', outbox: 'box', stream: 'readings', offset: 43 } as const
  const rejected = { identity, device: 'dead-run', exercise: false, reason: 'block/x: no value' }
  await writer.quarantine([{ ...rejected, body: '[{"name":"block/x","value":null}]' }])
  await writer.close()
  letters = await openDeadLetters(folder, false)
})
afterEach(async () => {
  await letters.close()
  await rm(folder, { recursive: true })
})

test('all are listed, page by page, with who sent them and why', async () => {
  const pages: string[][] = []
  for (let after: string | undefined; ; ) {
    const page = await letters.list(3, after)
    pages.push(page.map(({ id }) => id))
    after = page.at(-1)?.id
    if (page.length < 3) break
  }
  expect(pages).toEqual([['real-1', 'real-2', 'real-3'], ['exercise-1']])
  expect(await letters.find('real-1')).toMatchObject({
    node: 'gateway',
    outbox: 'box',
    stream: 'readings',
    offset: 42,
    device: 'dead-run',
    reason: expect.stringContaining('stored is 1 (flag 1), came 2 (flag 1)'),
  })
  await expect(letters.find('somewhere-1')).rejects.toMatchObject({ code: 'USAGE' })
})

test('what still conflicts stays, what never was a record says so; nothing stored is touched', async () => {
  expect(await letters.retry('real-1')).toEqual({ why: expect.stringContaining('stored is 1') })
  expect(await letters.retry('real-2')).toEqual({ why: expect.stringContaining('other samples are stored') })
  expect(await letters.retry('real-3')).toEqual({ why: expect.stringContaining('breaks the layout of the wire') })
  expect(await letters.retry('exercise-1')).toEqual({ why: expect.stringContaining('stored is 5 of 5') })
  expect(await letters.list(10)).toHaveLength(4)
})

test('what fits at last is stored whole, gets its rollups, and leaves the quarantine', async () => {
  await letters.close()
  const store = new TestStore(folder)
  store.tend()
  store.db.exec('DELETE FROM reading; DELETE FROM block; DELETE FROM exercise.gap')
  store.close()
  letters = await openDeadLetters(folder, false)
  for (const id of ['real-1', 'real-2', 'exercise-1']) expect(await letters.retry(id)).toEqual({ stored: true })
  expect((await letters.list(10)).map(({ id }) => id)).toEqual(['real-3'])
  const reader = openSeriesReader(folder, silentLog)
  expect((await reader.readings('dead-run/stage', at(0), at(1), 9)).map((r) => r.value)).toEqual([2])
  const [block] = await reader.blocks('yonago', 'acceleration', at(0), at(1))
  expect(block!.axes.map((a) => a.samples.length)).toEqual([10, 10, 10])
  expect(block!.axes[0]!.samples[3]).toBe(shaking(0, 10).axes[0]!.samples[3]! + 1)
  expect(await reader.gaps(at(0), at(60))).toMatchObject([{ missing: 1, exercise: true }])
  expect(await reader.series('yonago/acceleration/x', at(0), at(3600), 1)).toMatchObject([{ count: 10 }])
  await reader.close()
})

const why = { by: 'lin', because: ' a broken converter, replaced on 2 June ', at: at(0) }
const kept = async () =>
  (await readFile(join(folder, DISCARDED_FILE), 'utf8')).split('\n').filter((line) => line.startsWith('{'))

test('what can never be stored is discarded with a reason, kept whole elsewhere, and the quarantine is empty', async () => {
  const before = await letters.list(10)
  for (const { id } of before) await discard(letters, folder, id, why)
  expect(await letters.list(10)).toEqual([])
  expect((await kept()).map((line) => JSON.parse(line) as object)).toEqual(
    before.map((letter) => ({
      discarded_at: '2018-06-03T18:00:00.000Z',
      discarded_by: 'lin',
      discarded_because: 'a broken converter, replaced on 2 June',
      ...letter,
    })),
  )
  expect((await stat(join(folder, DISCARDED_FILE))).mode & 0o777).toBe(0o600)
  expect(await countDiscarded(folder)).toBe(4)
  const writer = await openSeriesWriter(folder, silentLog)
  expect((await writer.health()).quarantined).toBe(0)
  await writer.close()
})

test('without a reason, or of one that is not there, nothing is discarded', async () => {
  for (const because of ['', '  ', 'x'.repeat(501)])
    await expect(discard(letters, folder, 'real-1', { ...why, because })).rejects.toMatchObject({ code: 'USAGE' })
  await expect(discard(letters, folder, 'real-9', why)).rejects.toMatchObject({ code: 'USAGE' })
  expect(await letters.list(10)).toHaveLength(4)
  expect(await countDiscarded(folder)).toBe(0)
})

test('a letter that cannot be kept elsewhere stays; a line torn by a power cut spoils no other', async () => {
  const lines = { ...letters, drop: async () => Promise.reject(new Error('killed')) }
  await expect(discard(lines, folder, 'real-1', why)).rejects.toThrow('killed')
  expect(await letters.find('real-1'), 'in both').toBeDefined()
  await appendFile(join(folder, DISCARDED_FILE), '{"discarded_at":"2018')
  await discard(letters, folder, 'real-1', why)
  expect((await kept()).map((line) => line.endsWith('}'))).toEqual([true, false, true])

  await rm(join(folder, DISCARDED_FILE))
  if (process.getuid?.() === 0) return
  await chmod(folder, 0o500)
  await expect(discard(letters, folder, 'real-2', why)).rejects.toMatchObject({ code: 'DATA_READ_ONLY' })
  await chmod(folder, 0o700)
  expect(await letters.find('real-2')).toBeDefined()
})

test('every body that the store or ingest writes is read back', () => {
  const { identity, ...whole } = record({ readings: [stage(0, 1)], blocks: [shaking(0, 2)], gaps: [gap(0, 1)] })
  expect(readable(bodyJson({ identity, ...whole }))).toMatchObject({
    parts: { readings: [stage(0, 1)], blocks: [shaking(0, 2)], gaps: [gap(0, 1)] },
  })
  for (const nonsense of ['', 'null', '7', '[]', '{"t_ns":1}', '{"t0_ns":1}', '{"from_ns":{}}', '{"base64":"x"}'])
    expect(readable(nonsense)).toHaveProperty('why')
})
