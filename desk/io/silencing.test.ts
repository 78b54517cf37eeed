import { describe, expect, test } from 'vitest'
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import type { ConditionRecord, Limit } from '../../domain/condition.ts'
import type { Ranges } from '../../domain/record.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { MemoryJournal } from '../testing-journal.ts'
import { at, limitOf, OUTBOX, OUTBOX_NEW, PANEL, pressed, record, testSite } from '../testing-site.ts'
import { AlarmDesk } from './alarm-desk.ts'

/** A later desk on the same journal is a restart. */
async function desk(journal = new MemoryJournal()) {
  const clock = new SimulatedClock(at(60))
  const live: AlarmJson[] = []
  const committed: Ranges[] = []
  const alarms = new AlarmDesk({
    ...{ site: testSite({ simulated: false }), journal, clock, log: silentLog },
    onAlarm: (alarm) => live.push(alarm),
    onEntry: () => {},
    onCommitted: (_node, _outbox, ranges) => committed.push(ranges),
    onRecovered: () => {},
  })
  await alarms.start()
  const settle = () => clock.advance(0n)
  const take = (offset: number, condition: ConditionRecord, outbox = OUTBOX) => {
    const identity = { node: 'north', outbox, stream: 'conditions', offset } as const
    alarms.records('north', [{ identity, historical: false, record: condition }])
    return settle()
  }
  const born = (condition: ConditionRecord) => {
    alarms.birth('north', OUTBOX, [{ record: condition, limit: PANEL }])
    return settle()
  }
  const entries = async (): Promise<JournalEntryJson[]> => journal.entries(undefined, 1000)
  const rows = () => alarms.list().map(({ id }) => id)
  return { alarms, journal, live, committed, take, born, entries, rows }
}

describe('a silencing at the panel', () => {
  test('is one entry of the journal and acknowledged to the edge; no alarm, no notice', async () => {
    const { take, born, entries, rows, live, committed } = await desk()
    await born({ ...pressed(1, 1, 1), occurrence: 0, onset_ns: null, returned_ns: null, value: null, peak: null })
    await take(7, pressed(1, 30))
    await take(8, pressed(1, 30, 31))
    expect(await entries()).toMatchObject([
      {
        kind: 'silenced',
        actor: 'panel:siren',
        alarm: null,
        occurrence: 1,
        body: { where: 'at the panel', node: 'north', output: 'siren', pressed_ns: String(at(30)), exercise: false },
      },
    ])
    expect(committed).toEqual([[[7, 7]], [[8, 8]]])
    expect(rows()).toEqual(['north:creek-red', 'north:roof-shaking'])
    expect(live).toEqual([])
  })

  test('told again and again, by records and births, in any order, it stays one; each press has its own', async () => {
    const { take, born, entries, committed } = await desk()
    await take(9, pressed(2, 40, 41))
    await take(7, pressed(1, 30))
    await born(pressed(2, 40, 41))
    await take(7, pressed(1, 30))
    await take(9, pressed(2, 40, 41))
    expect((await entries()).map(({ occurrence }) => occurrence)).toEqual([2, 1])
    expect(committed).toHaveLength(4)
  })

  test('that came while the desk was away is told by the birth, and not once more after a restart', async () => {
    const first = await desk()
    await first.born(pressed(1, 30, 31))
    await first.alarms.stop()
    const second = await desk(first.journal)
    await second.born(pressed(1, 30, 31))
    await second.take(7, pressed(1, 30))
    await second.take(8, pressed(1, 30, 31))
    expect((await second.entries()).map(({ kind, occurrence }) => [kind, occurrence])).toEqual([['silenced', 1]])
    expect(second.committed).toHaveLength(2)
    expect(second.rows()).not.toContain('north:panel-siren')
  })

  test('an outbox that was made anew counts from 1 again: that is another press', async () => {
    const { take, entries } = await desk()
    await take(7, pressed(1, 30, 31))
    await take(1, pressed(1, 50, 51), OUTBOX_NEW)
    expect((await entries()).map(({ body }) => (body as { outbox: string }).outbox)).toEqual([OUTBOX, OUTBOX_NEW])
  })

  test('is not acknowledged while the journal cannot be written, and stands in it once', async () => {
    const { alarms, journal, take, entries, committed } = await desk()
    journal.full = true
    await take(7, pressed(1, 30))
    expect(committed).toEqual([])
    journal.full = false
    await take(7, pressed(1, 30))
    expect(await entries()).toHaveLength(1)
    expect(committed).toEqual([[[7, 7]]])
    await alarms.stop()
  })

  test('a limit of a site file that merely begins so is an alarm, also where no birth has told of it', async () => {
    const { take, rows } = await desk()
    await take(7, record(1, 30, undefined, { limit_id: 'panel-heat', limit: 330, unit: 'K', value: 331, peak: 331 }))
    expect(rows()).toContain('north:panel-heat')
  })
})

describe('an alarm tells its kind', () => {
  test('and what the kind needs, as the birth has them; a limit without a kind has its direction', async () => {
    const { alarms, live } = await desk()
    const parameters = { limits: ['a', 'b', 'c'], within_s: 30 }
    const limit = { ...limitOf('creek-red'), kind: 'k_of_n', limit: 2, unit: '1', parameters }
    alarms.birth('north', OUTBOX, [{ record: record(1, 30, undefined, { value: 2, limit: 2, unit: '1' }), limit }])
    await alarms.note('start', 'desk', {})
    expect(live.at(-1)).toMatchObject({ limit_id: 'creek-red', kind: 'k_of_n', parameters })
    expect(alarms.list().find((a) => a.limit_id === 'roof-shaking')).toMatchObject({ kind: 'above', parameters: null })
  })

  test('and people are told its rule', async () => {
    const { alarms, entries } = await desk()
    const limit: Limit = { ...limitOf('creek-red'), name: 'Creek silent', kind: 'stale_s', limit: 60, unit: 's' }
    const silent = record(1, 30, undefined, { value: 60, peak: 60, limit: 60, unit: 's', exercise: false })
    alarms.birth('north', OUTBOX, [{ record: silent, limit }])
    await alarms.note('start', 'desk', {})
    const notice = (await entries()).find(({ kind }) => kind === 'notice')
    expect(notice?.body).toMatchObject({
      kind: 'stale_s',
      text: expect.stringMatching(/^Creek silent: no valid value for 60 s at 14:30/),
      rule: { en: 'no valid value for 60 s', 'zh-TW': '60 秒無有效數值' },
    })
  })
})
