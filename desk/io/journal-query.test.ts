import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEntry } from '../alarm.ts'
import { exportJournal, JOURNAL_FILE, type Journal, type JournalFilter, openJournal, verifyJournal } from './journal.ts'
import { SPAN, statementOf } from './journal-query.ts'

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

const T0 = 1_528_005_600n
const s = (seconds: number): string => String((T0 + BigInt(Math.round(seconds))) * 1_000_000_000n)
const entry = (seconds: number, more: Partial<NewEntry> = {}): NewEntry => ({
  ...{
    at_ns: s(seconds),
    kind: 'comment',
    alarm: 'n:a',
    occurrence: 1,
    actor: 'Mei',
    body: { text: 'x' },
    dedupe: null,
  },
  ...more,
})
const seqs = async (filter: JournalFilter, limit = 100) => (await journal.page(filter, limit)).map(({ seq }) => seq)

describe('pages', () => {
  beforeEach(async () => {
    const kinds = ['onset', 'notice', 'state'] as const
    for (let i = 0; i < 30; i++)
      await journal.append(
        [entry(i * 60, { kind: kinds[i % 3]!, alarm: i % 2 ? 'n:a' : 'n:b', actor: i % 5 ? 'desk' : 'Mei' })],
        [],
      )
  })

  test('forward from a row, back from a row, and the newest', async () => {
    expect(await seqs({ after: 3 }, 3)).toEqual([4, 5, 6])
    expect(await seqs({ before: 10 }, 3)).toEqual([7, 8, 9])
    expect(await seqs({}, 2)).toEqual([29, 30])
    expect(await seqs({ after: 30 })).toEqual([])
  })

  test('by time, alarm, person, kind, and together', async () => {
    expect(await seqs({ from_ns: s(60), to_ns: s(240) })).toEqual([2, 3, 4])
    expect(await seqs({ alarm: 'n:b', before: 8 })).toEqual([1, 3, 5, 7])
    expect(await seqs({ actor: 'Mei' })).toEqual([1, 6, 11, 16, 21, 26])
    expect(await seqs({ kind: 'notice', alarm: 'n:a', from_ns: s(600) })).toEqual([14, 20, 26])
    expect(await seqs({ alarm: 'n:none' })).toEqual([])
  })

  test('exported whole, whatever the page', () => {
    expect([...exportJournal(path(), { alarm: 'n:b' })].map(({ seq }) => seq)).toHaveLength(15)
  })

  test('every filter is answered by an index', () => {
    const db = new DatabaseSync(path(), { readOnly: true })
    const filters: JournalFilter[] = [
      ...[
        {},
        { alarm: 'a' },
        { kind: 'notice' },
        { actor: 'Mei' },
        { alarm: 'a', kind: 'state' },
        { actor: 'Mei', kind: 'state' },
      ],
      ...[
        { from_ns: '1', to_ns: '2' },
        { alarm: 'a', from_ns: '1' },
      ],
    ]
    const howOf = (sql: string, ...values: Array<string | number | bigint>) =>
      (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as Array<{ detail: string }>)
        .map(({ detail }) => detail)
        .join('; ')
    expect(howOf(SPAN)).not.toMatch(/SCAN journal/)
    for (const filter of filters)
      for (const forward of [true, false]) {
        const { sql, values } = statementOf(filter, forward)
        const how = howOf(sql, 0, 1, ...values, 10)
        expect(how, sql).toMatch(/SEARCH journal USING (INDEX|INTEGER PRIMARY KEY)/)
        expect(how, sql).not.toMatch(/SCAN|TEMP B-TREE/)
      }
    db.close()
  })
})

test('the clock set back and forth reorders nothing, and every time is found', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -20, max: 120 }) }, fc.integer({ min: -7200, max: 7200 })),
        { minLength: 1, maxLength: 60 },
      ),
      fc.tuple(fc.integer({ min: -4000, max: 4000 }), fc.integer({ min: 0, max: 4000 })),
      async (steps, [from, length]) => {
        const base = (await journal.page({}, 1))[0]?.seq ?? 0
        let now = 0
        const times = steps.map((step) => (now += step))
        await journal.append(
          times.map((time) => entry(time, { alarm: `n:${base}` })),
          [],
        )
        const wanted = times.flatMap((time, i) => (time >= from && time < from + length ? [base + 1 + i] : []))
        const filter = { after: base, from_ns: s(from), to_ns: s(from + length) }
        expect(await seqs(filter)).toEqual(wanted)
      },
    ),
    { numRuns: 25 },
  )
  expect((await verifyJournal(path())).broken).toBeUndefined()
})

describe('retention', () => {
  test('removes the oldest, seals what was there, and the chain stays whole', async () => {
    for (let i = 0; i < 20; i++) await journal.append([entry(i * 86_400)], [{ id: 'n:a', body: '{}' }])
    const hash = (await journal.page({ after: 9 }, 1))[0]!.hash
    const anchor = await journal.retain(s(10 * 86_400), 1000, s(20 * 86_400))
    expect(anchor).toMatchObject({
      seq: 21,
      kind: 'chain',
      body: { what: 'anchor', removed_from: 1, removed_to: 10, hash },
    })
    expect((await seqs({ after: 0 }))[0]).toBe(11)
    expect(await verifyJournal(path())).toEqual({ rows: 11, removed_to: 10 })
    expect(await journal.retain(s(10 * 86_400), 1000, s(20 * 86_400)), 'nothing more of that age').toBeUndefined()
    await journal.append([entry(21 * 86_400)], [])
    await journal.close()
    journal = await openJournal(folder)
    expect((await journal.verifyTail()).broken).toBeUndefined()
  })

  test('never what is still needed, never the last row', async () => {
    for (let i = 0; i < 5; i++) await journal.append([entry(i)], [])
    expect(await journal.retain(s(1000), 3, s(1000))).toMatchObject({ body: { removed_to: 2 } })
    expect(await journal.retain(s(1000), 3, s(1000))).toBeUndefined()
    expect(await journal.retain(s(1000), 1000, s(1000))).toMatchObject({ body: { removed_to: 5 } })
  })

  test('rows taken away without a seal, or with another, are found', async () => {
    for (let i = 0; i < 9; i++) await journal.append([entry(i)], [])
    await journal.retain(s(3), 1000, s(9))
    await journal.close()
    const db = new DatabaseSync(path())
    expect(() => db.exec('DELETE FROM journal WHERE seq = 5')).toThrow('append-only')
    db.exec('INSERT INTO journal_anchor VALUES (5); DELETE FROM journal WHERE seq <= 5')
    db.close()
    expect((await verifyJournal(path())).broken?.why).toContain('a row is missing')
    journal = await openJournal(folder)
  })
})
