import { describe, expect, test } from 'vitest'
import { type Alarm, type NewEntry, newAlarm } from './alarm.ts'
import { type AlarmEvent, etagOf, step } from './alarm-machine.ts'
import { drillReport, REPORT_OCCURRENCES_MAX } from './drill-report.ts'
import { at, contextOf, OUTBOX, record } from './testing-site.ts'

const DRILL = { id: 'dawn', name: 'Dawn', recipients: ['night shift'] }

/** One alarm of the drill, or a real one, told event by event; its journal is what the report is made from. */
class Told {
  readonly journal: NewEntry[]
  #alarm: Alarm
  readonly #real: boolean

  constructor(id: string, journal: NewEntry[], real = false) {
    this.#alarm = newAlarm(id)
    this.journal = journal
    this.#real = real
  }
  take(minute: number, event: AlarmEvent): this {
    const context = { ...contextOf(), drillAt: () => (this.#real ? null : DRILL) }
    const { alarm, entries, refused } = step(this.#alarm, event, at(minute), context)
    expect(refused).toBeUndefined()
    this.#alarm = alarm
    this.journal.push(...entries)
    return this
  }
  /** The desk learns at `minute` of occurrence `n`. */
  learns(minute: number, n: number, onset: number, returned?: number): this {
    const exercise = !this.#real
    return this.take(minute, {
      ...{ kind: 'condition', source: 'record', outbox: OUTBOX },
      record: record(n, onset, returned, { exercise }),
    })
  }
  acknowledged(minute: number, by: string, comment?: string): this {
    const occurrence = this.#alarm.present!.n
    return this.take(minute, {
      kind: 'acknowledge',
      occurrence,
      etag: etagOf(this.#alarm),
      by,
      ...(comment && { comment }),
    })
  }
}

describe('the report of a drill', () => {
  test('one alarm: told 6 s after its onset, acknowledged 90 s after that, returned', () => {
    const journal: NewEntry[] = []
    new Told('north:drill.dawn.creek-red', journal)
      .learns(1.1, 1, 1)
      .acknowledged(2.6, 'Mei', 'on my way')
      .take(3, { kind: 'comment', by: 'Lin', text: 'gate is shut' })
      .learns(5, 1, 1, 4)
    const report = drillReport(DRILL, journal, true)
    expect(report.occurrences).toEqual([
      {
        alarm: 'north:drill.dawn.creek-red',
        limit_id: 'drill.dawn.creek-red',
        name: 'Creek above red',
        channel: 'creek/stage',
        occurrence: 1,
        onset_ns: String(at(1)),
        late: false,
        told_after_s: 6,
        acknowledged: { by: 'Mei', after_s: 90, comment: 'on my way' },
        comments: [{ at_ns: String(at(3)), by: 'Lin', text: 'gate is shut' }],
        returned_ns: String(at(4)),
        peak: 2.31,
        kind: 'above',
        rule: null,
        limit: 2,
        unit: 'm',
      },
    ])
    expect(report).toMatchObject({
      drill: { id: 'dawn', name: 'Dawn' },
      summary: { raised: 1, told: 1, acknowledged: 1, not_acknowledged: 0, ack_median_s: 90, ack_longest_s: 90 },
      real: { count: 0 },
      complete: true,
    })
  })

  test('median and longest over what was acknowledged; what was not is counted apart', () => {
    const journal: NewEntry[] = []
    new Told('north:drill.dawn.a', journal).learns(1, 1, 1).acknowledged(2, 'Mei')
    new Told('north:drill.dawn.b', journal).learns(1, 1, 1).acknowledged(5, 'Lin')
    new Told('north:drill.dawn.c', journal).learns(1, 1, 1).take(9, { kind: 'drill-ended', peak: 2.9 })
    const { summary, occurrences } = drillReport(DRILL, journal, true)
    // 60 s and 240 s: median of two is their mean.
    expect(summary).toEqual({
      ...{ raised: 3, told: 3, acknowledged: 2, not_acknowledged: 1 },
      ...{ ack_median_s: 150, ack_longest_s: 240 },
    })
    expect(occurrences[2], 'still true when the drill ended').toMatchObject({
      acknowledged: null,
      returned_ns: null,
      peak: 2.9,
    })
  })

  test('one acknowledgement answers every occurrence up to it, each after its own time; a late one says so', () => {
    const journal: NewEntry[] = []
    new Told('north:drill.dawn.a', journal).learns(6, 1, 1, 2).learns(7, 2, 7).acknowledged(8, 'Mei').learns(9, 3, 9)
    expect(drillReport(DRILL, journal, true).occurrences).toMatchObject([
      { occurrence: 1, late: true, told_after_s: 300, acknowledged: { after_s: 120 } },
      { occurrence: 2, late: false, told_after_s: 0, acknowledged: { after_s: 60 } },
      { occurrence: 3, acknowledged: null },
    ])
  })

  test('a real alarm is counted apart; an earlier occurrence of a simulated device is neither', () => {
    const journal: NewEntry[] = []
    new Told('north:creek-red', journal, true).learns(3, 7, 3).acknowledged(4, 'Mei')
    new Told('north:drill.dawn.creek-red', journal).learns(5, 1, 5)
    const before = drillReport(DRILL, journal, true)
    expect(before).toMatchObject({
      summary: { raised: 1, acknowledged: 0 },
      real: { count: 1, alarms: [{ alarm: 'north:creek-red', name: 'Creek above red', occurrence: 7 }] },
    })
    const exercise = { ...journal[0]!, body: { ...(journal[0]!.body as object), exercise: true } }
    expect(drillReport(DRILL, [exercise], true)).toMatchObject({ summary: { raised: 0 }, real: { count: 0 } })
  })

  test('alarms of another drill are not counted', () => {
    const journal: NewEntry[] = []
    new Told('north:drill.dawn.creek-red', journal).learns(5, 1, 5)
    expect(drillReport({ id: 'dusk', name: 'Dusk' }, journal, true)).toMatchObject({
      ...{ summary: { raised: 0, ack_median_s: null }, real: { count: 0 } },
    })
  })

  test('beyond its limit it counts on and says that it is not complete', () => {
    const journal: NewEntry[] = []
    const told = new Told('north:drill.dawn.a', journal)
    for (let n = 1; n <= REPORT_OCCURRENCES_MAX + 2; n++) told.learns(n, n, n)
    const report = drillReport(DRILL, journal, true)
    expect(report.summary.raised).toBe(REPORT_OCCURRENCES_MAX + 2)
    expect(report.occurrences).toHaveLength(REPORT_OCCURRENCES_MAX)
    expect(report.complete).toBe(false)
    expect(drillReport(DRILL, [], false).complete, 'it still runs').toBe(false)
  })
})
