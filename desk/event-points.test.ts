import { describe, expect, test } from 'vitest'
import type { JournalEntryJson, JournalKind } from '../domain/alarm.ts'
import type { SeriesPoint } from '../domain/ports.ts'
import { FIELD } from '../domain/series.ts'
import { type AboutAlarm, eventPoint, Places } from './event-points.ts'
import { at, limitOf, testSite } from './testing-site.ts'

const places = new Places(testSite({ simulated: 'roof' }))
const creek: AboutAlarm = { node: 'north', limit: limitOf('creek-red'), exercise: false }
const entry = (seq: number, kind: JournalKind, body: object, more: Partial<JournalEntryJson> = {}) => ({
  ...{ seq, at_ns: String(at(1)), kind, alarm: 'north:creek-red', occurrence: 3, actor: 'desk', body, hash: '' },
  ...more,
})
const point = (row: JournalEntryJson, about: AboutAlarm | null = creek): SeriesPoint =>
  eventPoint('yard', row, about ?? undefined, places)!

describe('a journal entry as a point', () => {
  test('an onset: where it is, what it was, and when it began', () => {
    const body = { outbox: 'o', onset_ns: String(at(0)), value: 2.05, peak: 2.05, limit: 2, unit: 'm', late: false }
    expect(point(entry(12, 'onset', { ...body, exercise: false }))).toEqual({
      kind: 'real',
      measurement: 'event',
      tags: {
        ...{ site: 'yard', alarm: 'north:creek-red', node: 'north', limit: 'creek-red', channel: 'creek/stage' },
        ...{ priority: 'high', device: 'creek', structure: '', floor: '', water: 'creek', kind: 'onset' },
      },
      fields: {
        ...{ seq: 12n, shift_ns: 12n, occurrence: 3n, exercise: 0n, onset_ns: at(0), actor: 'desk' },
        ...{ value: 2.05, peak: 2.05, limit_value: 2, unit: 'm', text: 'Creek above red: raised: 2.05 m' },
      },
      t_ns: at(1) + 12n,
    })
  })

  test('only an entry of kind state carries a state, as word and rank', () => {
    const { fields } = point(entry(13, 'state', { from: 'normal', to: 'unacknowledged', because: 'raise' }))
    expect(fields).toMatchObject({
      state: 'unacknowledged',
      state_rank: 8n,
      text: 'Creek above red: normal -> unacknowledged (raise)',
    })
    expect(point(entry(14, 'notice', { text: 'LATE: Creek', late: true })).fields).toMatchObject({
      state: undefined,
      text: 'LATE: Creek',
    })
  })

  test('entries of one instant and one alarm stand apart, as many as an outage brings', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => point(entry(999_000 + i, 'state', { to: 'normal' })))
    expect(new Set(rows.map(({ t_ns }) => t_ns)).size).toBe(5000)
    expect(rows.every(({ t_ns, fields }) => t_ns - (fields[FIELD.event.shift_ns] as bigint) === at(1))).toBe(true)
  })

  test('what is an exercise goes with the exercises: by its mark, by its drill, by its alarm', () => {
    expect(point(entry(1, 'return', { exercise: true })).kind).toBe('exercise')
    expect(point(entry(2, 'acknowledge', { drill: { id: 'd', name: 'D' } })).kind).toBe('exercise')
    expect(point(entry(3, 'acknowledge', {}), { ...creek, exercise: true }).fields).toMatchObject({ exercise: 1n })
    // The site has a real gauge: what belongs to no alarm is real.
    expect(point(entry(4, 'start', {}, { alarm: null }), null).kind).toBe('real')
  })

  test('an alarm that the site file does not know keeps its name', () => {
    const { tags } = point(entry(5, 'onset', {}, { alarm: 'north:gone' }), null)
    expect(tags).toMatchObject({ alarm: 'north:gone', node: 'north', limit: 'gone' })
  })

  test('sign-ins stay in the journal; a node is named by its tag', () => {
    expect(eventPoint('yard', entry(6, 'session', {}, { alarm: null }), undefined, places)).toBeUndefined()
    const died = entry(7, 'node', { from: 'online', to: 'offline', reason: 'away' }, { alarm: null, actor: 'north' })
    expect(point(died, null)).toMatchObject({
      tags: { site: 'yard', node: 'north', kind: 'node' },
      fields: { text: 'edge node north offline: away' },
    })
  })
})
