import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ID_PATTERN } from '../domain/ids.ts'
import { type DrillBody, DrillBook } from './drill.ts'
import { at } from './testing-site.ts'

const started = (drill: string, minute: number) => ({
  at_ns: String(at(minute)),
  actor: 'Lin',
  seq: minute,
  body: {
    ...{ what: 'started', drill, name: `The ${drill}`, owner: 'Mei', recipients: ['a'], shadows: [] },
    ...{ scenario: { name: 'quiet' }, until_ns: String(at(minute + 30)) },
  } satisfies DrillBody,
})
const ended = (drill: string, minute: number) => ({
  at_ns: String(at(minute)),
  actor: 'Lin',
  seq: minute,
  body: { what: 'ended', drill, why: 'asked', ended_ns: String(at(minute)) } satisfies DrillBody,
})

describe('which drill an alarm belongs to', () => {
  const book = new DrillBook()
  for (const entry of [started('dawn', 10), ended('dawn', 20), started('dusk', 30)]) book.apply(entry)

  test.each([
    ['a simulated device before any drill', 'creek-red', true, 9, undefined],
    ['at the start', 'creek-red', true, 10, 'dawn'],
    ['just before the end', 'creek-red', true, 19.9, 'dawn'],
    ['at the end', 'creek-red', true, 20, undefined],
    ['in the one that runs', 'creek-red', true, 31, 'dusk'],
    ['a real device, whatever runs', 'creek-red', false, 31, undefined],
    ['a shadow, by its name alone', 'drill.dawn.creek-red', false, 31, 'dawn'],
    ['a shadow of a drill that this desk never began', 'drill.noon.creek-red', false, 31, 'noon'],
  ])('%s', (_, limit, simulated, minute, drill) => {
    expect(book.markOf(limit, simulated, at(minute))?.id).toBe(drill)
  })

  test('only the shadows of the drill that runs are there', () => {
    expect(['creek-red', 'drill.dawn.creek-red', 'drill.dusk.creek-red'].map((id) => book.isGone(id))).toEqual([
      ...[false, true, false],
    ])
    expect(book.current?.id).toBe('dusk')
  })
})

test('an entry that waited for the journal does not bring back a drill that has ended', () => {
  const book = new DrillBook()
  for (const entry of [started('dawn', 10), ended('dawn', 20)]) book.apply(entry)
  book.apply({ at_ns: String(at(12)), actor: 'desk', body: { what: 'running', drill: 'dawn' } })
  expect(book.current).toBeUndefined()
  expect(book.get('dawn')).toMatchObject({ status: 'ended', first_seq: 10, last_seq: 20 })
})

describe('ids', () => {
  test('come from the name where it can be written so', () => {
    const book = new DrillBook()
    expect(book.newId('  Île-de-France: Crue n° 3! ')).toBe('ile-de-france-crue-n-3')
    expect(book.newId('防汛演習')).toBe('drill-1')
    book.apply(started('drill-1', 1))
    book.apply(ended('drill-1', 2))
    expect(book.newId('防汛演習')).toBe('drill-2')
  })

  test('fit the pattern and are never used again', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 90 }), { maxLength: 20 }), (names) => {
        const book = new DrillBook()
        const ids = names.map((name, i) => {
          const id = book.newId(name)
          book.apply(started(id, i))
          return id
        })
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of ids) expect(id).toMatch(new RegExp(ID_PATTERN))
      }),
    )
  })
})
