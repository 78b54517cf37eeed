import { expect, test } from 'vitest'
import type { JournalEntryJson } from '../../../domain/alarm.ts'
import { bodyText, filterOf, joinPages, journalQuery } from './journal.ts'

const entry = (seq: number): JournalEntryJson => ({
  seq,
  at_ns: '0',
  kind: 'comment',
  alarm: null,
  occurrence: null,
  actor: 'Lin',
  body: null,
  hash: '',
})

test('the address is the filter; an empty field asks for nothing', () => {
  expect(filterOf({ list: 'history', actor: 'Lin', kind: ' ' })).toEqual({ actor: 'Lin' })
  expect(journalQuery({ actor: 'Lin' }, 40)).toMatchObject({ actor: 'Lin', limit: '100', before: '40' })
})

test('pages join newest first, no row twice', () =>
  expect(joinPages([entry(9), entry(8)], [entry(8), entry(7)]).map((e) => e.seq)).toEqual([9, 8, 7]))

test('an entry says what a person wrote, else its first figures', () => {
  expect(bodyText({ minutes: 30, reason: 'Gauge is being cleaned' })).toBe('Gauge is being cleaned')
  expect(bodyText({ value: 1.22, limit: 1.2, nested: {} })).toBe('value 1.22, limit 1.2')
  expect([bodyText(null), bodyText({}), bodyText('plain')]).toEqual(['', '', 'plain'])
})

test('a change of state is told in the words of the reader; one of a newer desk stands as it came', () => {
  const states = { unacknowledged: '未確認', normal: '正常' }
  expect(bodyText({ because: 'return', from: 'unacknowledged', to: 'normal' }, states)).toBe('未確認 → 正常')
  expect(bodyText({ from: 'unacknowledged', to: 'resting' }, states)).toBe('from unacknowledged, to resting')
})
