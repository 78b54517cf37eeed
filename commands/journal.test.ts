import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { JOURNAL_FILE, openJournal } from '../desk/io/journal.ts'
import { STATE_LETTER } from '../domain/alarm.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { alarms } from './alarms.ts'
import { journal } from './journal.ts'
import { TOP } from './load-site.ts'

let data: string
let path: string
const SITE = join(TOP, 'site.example.yaml')

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'journal-command-'))
  const folder = deskFolder(data, 'demo')
  await mkdir(folder, { recursive: true })
  path = join(folder, JOURNAL_FILE)
  const file = await openJournal(folder)
  const entry = (second: number, actor: string, text: string) => ({
    ...{ at_ns: String(1_528_005_600n * 1_000_000_000n + BigInt(second) * 1_000_000_000n), kind: 'comment' as const },
    ...{ alarm: 'edge-1:dead-run-flood', occurrence: 1, actor, body: { text }, dedupe: null },
  })
  await file.append([entry(0, 'Mei', 'seen'), entry(60, 'Lin', '=cmd, "quoted"'), entry(120, 'Mei', 'gate closed')], [])
  await file.close()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(data, { recursive: true })
})

async function said(run: () => Promise<number>): Promise<string> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  try {
    expect(await run()).toBe(0)
  } finally {
    write.mockRestore()
  }
  return out
}
const exported = (...flags: string[]) => said(() => journal.run(['export', '--site', SITE, '--data', data, ...flags]))

test('journal export: CSV with a header line, a line for each entry; no text of a person becomes a formula', async () => {
  const lines = (await exported()).split('\r\n')
  expect(lines[0]).toBe('seq,at,at_ns,kind,alarm,occurrence,actor,body,hash')
  expect(lines.slice(1, 4).map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
    '1,2018-06-03T06:00:00.000Z,1528005600000000000,comment',
    '2,2018-06-03T06:01:00.000Z,1528005660000000000,comment',
    '3,2018-06-03T06:02:00.000Z,1528005720000000000,comment',
  ])
  expect(lines[2]).not.toMatch(/(^|,)=/)
  expect(lines.slice(4)).toEqual([''])
})

test('journal export: by person and time, as JSON lines, into a file that only its owner reads', async () => {
  const out = join(data, 'out.jsonl')
  const span = ['--from', '2018-06-03T06:00:30Z', '--to', '2018-06-03T15:00:00+08:00']
  expect(await exported('--format', 'json', '--actor', 'Mei', ...span, '--out', out)).toBe('')
  const rows = (await readFile(out, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(rows).toMatchObject([{ seq: 3, actor: 'Mei', body: { text: 'gate closed' } }])
  expect((await stat(out)).mode & 0o777).toBe(0o600)
  await expect(exported('--from', 'yesterday')).rejects.toMatchObject({ code: 'USAGE' })
  await expect(exported('--format', 'xml')).rejects.toMatchObject({ code: 'USAGE' })
})

test('journal export: a chain that does not fit is not given away as if it did, nor is a journal that is not there', async () => {
  const db = new DatabaseSync(path)
  db.exec("DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'Lin' WHERE seq = 1")
  db.close()
  await expect(exported()).rejects.toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining('row 1') })
  const nowhere = () => journal.run(['export', '--site', SITE, '--data', join(data, 'none')])
  await expect(nowhere()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

test('alarms table: a column for every state of the standard, and no cell that is undefined', async () => {
  const text = await said(() => alarms.run(['table']))
  const [head = '', ...rows] = text.trimEnd().split('\n')
  const letters = Object.values(STATE_LETTER)
  expect(head.trim().split(/\s+/)).toEqual([...letters].sort())
  const cells = new Map(rows.map((row) => [row.split(/\s+/)[0], row.trim().split(/\s+/).slice(1)]))
  for (const row of cells.values()) expect(row).toHaveLength(letters.length)
  expect([...cells.values()].flat().filter((cell) => !/^([A-I](\|[A-I])?|-|\*)$/.test(cell))).toEqual([])
  // ISA-18.2: acknowledged and still true is C, and only a raise leads from normal to B.
  expect(cells.get('acknowledge')![1]).toBe('C')
  expect([...cells].filter(([, row]) => row[0] === 'B').map(([event]) => event)).toEqual(['raise', 'still-true'])
  await expect(alarms.run(['tables'])).rejects.toMatchObject({ code: 'USAGE' })
})
