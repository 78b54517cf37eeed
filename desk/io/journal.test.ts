import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEntry } from '../alarm.ts'
import { CHAIN_START } from '../journal-chain.ts'
import { JOURNAL_FILE, type Journal, openJournal, verifyJournal } from './journal.ts'

let folder: string
let journal: Journal
const path = () => join(folder, JOURNAL_FILE)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'desk-journal-'))
  journal = await openJournal(folder)
})
afterEach(async () => {
  await journal.close()
  await rm(folder, { recursive: true })
})

const entry = (text: string, dedupe: string | null = null): NewEntry => ({
  at_ns: '1528005600000000001',
  kind: 'comment',
  alarm: 'north:creek-red',
  occurrence: 1,
  actor: 'Mei',
  body: { text },
  dedupe,
})
const write = async (count: number) => {
  for (let i = 1; i <= count; i++) await journal.append([entry(`word ${i}`)], [])
}
/** What somebody with the file and an editor would do. */
const tamper = async (...statements: string[]) => {
  await journal.close()
  const db = new DatabaseSync(path())
  for (const statement of statements) db.exec(statement)
  db.close()
}

describe('the journal', () => {
  test('keeps entries in the order in which they were written, chained, whatever the clock says', async () => {
    const [first] = await journal.append([entry('first')], [])
    const [second] = await journal.append([{ ...entry('second'), at_ns: '5' }], [])
    expect(first).toMatchObject({ seq: 1, at_ns: '1528005600000000001', body: { text: 'first' } })
    expect(second).toMatchObject({ seq: 2, at_ns: '5' })
    expect((await journal.entries(0, 10)).map((e) => e.seq)).toEqual([1, 2])
    expect((await journal.entries(undefined, 1)).map((e) => e.seq)).toEqual([2])
    expect((await journal.entries(1, 10)).map((e) => e.hash)).toEqual([second!.hash])
    expect(CHAIN_START).toHaveLength(64)
    expect(await verifyJournal(path())).toEqual({ rows: 2 })
  })

  test('writes an entry with a known key once', async () => {
    expect(await journal.append([entry('told', 'notice|a|1')], [])).toHaveLength(1)
    expect(await journal.append([entry('told again', 'notice|a|1'), entry('other')], [])).toMatchObject([
      { seq: 2, body: { text: 'other' } },
    ])
  })

  test('writes all entries and alarms of a transaction or none', async () => {
    const wrong = { ...entry('wrong'), actor: null as unknown as string }
    await expect(journal.append([entry('right'), wrong], [{ id: 'a', body: '{}' }])).rejects.toThrow('NOT NULL')
    expect(await journal.entries(0, 10)).toEqual([])
    expect(await journal.alarms()).toEqual([])
    await journal.append([entry('right')], [{ id: 'a', body: '{"n":1}' }])
    await journal.append([entry('right')], [{ id: 'a', body: '{"n":2}' }])
    expect(await journal.alarms()).toEqual([{ id: 'a', body: '{"n":2}' }])
  })

  test('is there after a restart and goes on with the same chain', async () => {
    await write(2)
    await journal.close()
    journal = await openJournal(folder)
    await write(1)
    expect(await verifyJournal(path())).toEqual({ rows: 3 })
  })

  test('refuses to change or forget', async () => {
    await write(2)
    await journal.close()
    const db = new DatabaseSync(path())
    expect(() => db.exec("UPDATE journal SET actor = 'Lin'")).toThrow('append-only')
    expect(() => db.exec('DELETE FROM journal')).toThrow('append-only')
    db.close()
  })

  const unlock = ['DROP TRIGGER journal_no_update', 'DROP TRIGGER journal_no_delete']
  test.each([
    ['another person', "UPDATE journal SET actor = 'Lin' WHERE seq = 3", 3, 'its hash is not that of its content'],
    [
      'another word',
      `UPDATE journal SET body = '{"text":"x"}' WHERE seq = 2`,
      2,
      'its hash is not that of its content',
    ],
    ['another instant', 'UPDATE journal SET at_ns = at_ns + 1 WHERE seq = 4', 4, 'its hash is not that of its content'],
    ['a row taken out', 'DELETE FROM journal WHERE seq = 3', 4, 'expected row 3 here'],
    ['the first row taken out', 'DELETE FROM journal WHERE seq = 1', 2, 'expected row 1 here'],
    ['a row written anew', 'UPDATE journal SET hash = prev, prev = hash WHERE seq = 2', 2, 'its prev is not the hash'],
  ])('%s is found: the first row that does not fit is named', async (_, statement, seq, why) => {
    await write(5)
    await tamper(...unlock, statement)
    expect((await verifyJournal(path())).broken).toMatchObject({ seq, why: expect.stringContaining(why) })
    journal = await openJournal(folder)
    expect((await journal.verifyTail()).broken?.seq, 'also at the next start').toBe(seq)
  })

  test('a tail cut off is found by the alarms that were written with it', async () => {
    await journal.append([entry('a')], [])
    await journal.append([entry('b')], [{ id: 'a', body: '{}' }])
    await tamper(...unlock, 'DELETE FROM journal WHERE seq = 2')
    expect((await verifyJournal(path())).broken).toMatchObject({ seq: 2, why: expect.stringContaining('missing') })
  })

  test('a file that is no database is refused with its name', async () => {
    await expect(verifyJournal(join(folder, 'none.db'))).rejects.toThrow('none.db')
  })
})
