import { describe, expect, test } from 'vitest'
import type { DeviceJson, NodeJson, ReadingJson } from '../domain/api.ts'
import { type Instant, type Monotonic, monotonic, toIso } from '../domain/time.ts'
import type { IngestHealth } from '../domain/wire/ingest-health.ts'
import { LiveModel } from './live-model.ts'
import { ownDefinitions } from './own-alarms.ts'
import { OwnTracker, ownRecord } from './own-tracker.ts'
import { isSettled, judge, type LineState } from './site-conditions.ts'
import { at, testSite } from './testing-site.ts'

const SITE = testSite()
const OWN = ownDefinitions(SITE)
const MODEL = new LiveModel(SITE)

const node: NodeJson = { id: 'north', state: 'online', since_ns: null, reason: null, site_hash_agrees: true }
const devices = MODEL.devices().map(
  (device): DeviceJson => ({ ...device, state: 'online', reason: null, last_ns: String(at(60)) }),
)
const reading = (channel: string): ReadingJson => ({
  ...{ channel, value: 1.2, t_ns: String(at(60)), flag: 1, reason: null, detail: null, exercise: true },
})
const health: IngestHealth = {
  ...{ t_ns: at(60), boot: 'b', taking: true, why: null, lag_s: 0, waiting_records: 0, quarantined_total: 0 },
  ...{ last_quarantined: null, dead_letter_total: 0, store: null, last_backup_ns: null, foreign_lost: [] },
}
/** All is well. */
const good: LineState = {
  ...{ at: at(60), nodes: [node], devices, reading, readingAge_s: () => 0.5, brokerUp: true, brokerUp_s: 600 },
  ...{ storeAway: undefined, ingest: { health, age_s: 1 }, clockTrusted: new Map([['north', true]]) },
  foreignLost: [],
  stored: new Map(devices.map(({ id }) => [id, at(60)])),
  ...{
    diskFreePercent: 40,
    diskLeast_percent: 5,
    clockStep_s: 0,
    clock: {},
    unsynchronised_s: 0,
    journalAway: undefined,
    journalBroken: undefined,
  },
  ...{ disagreements: [], trueWithin: () => false },
}
const holding = (line: Partial<LineState>): string[] =>
  [...OWN].flatMap(([id, definition]) => (judge(definition, { ...good, ...line }).is === true ? [id] : []))
const untold = (line: Partial<LineState>): string[] =>
  [...OWN].flatMap(([id, definition]) => (judge(definition, { ...good, ...line }).is === undefined ? [id] : []))

describe('the alarms about the line', () => {
  test('while all is well none holds, and each can be told', () => {
    expect(holding({})).toEqual([])
    expect(untold({})).toEqual([])
    expect([...OWN.keys()]).toEqual([
      ...['broker', 'store', 'ingest', 'quarantine', 'disk', 'journal', 'second-path', 'clock'],
      ...['edge-offline-north', 'site-differs-north', 'clock-north', 'canary-north'],
      ...['device-silent-creek', 'data-stale-creek', 'data-suspect-creek'],
      ...['device-silent-roof', 'data-stale-roof', 'data-suspect-roof'],
    ])
  })

  test.each([
    [
      'an edge node is away: one fault, whatever it hides',
      { nodes: [{ ...node, state: 'offline' as const }] },
      'edge-offline-north',
    ],
    ['another site file', { nodes: [{ ...node, site_hash_agrees: false }] }, 'site-differs-north'],
    [
      'no broker: one fault, the nodes are not to be told',
      { brokerUp: false, nodes: [{ ...node, state: 'unknown' as const }] },
      'broker',
    ],
    ['no store', { storeAway: 'STORE_UNAVAILABLE: locked' }, 'store'],
    [
      'ingest takes nothing',
      { ingest: { health: { ...health, taking: false, why: 'DATA_FULL' }, age_s: 1 } },
      'ingest',
    ],
    ['ingest has fallen silent', { ingest: { health, age_s: 31 } }, 'ingest'],
    ['ingest was never heard', { ingest: undefined }, 'ingest'],
    ['records in quarantine', { ingest: { health: { ...health, dead_letter_total: 3 }, age_s: 1 } }, 'quarantine'],
    ['disk', { diskFreePercent: 4.9 }, 'disk'],
    ['clock set back by an hour', { clockStep_s: -3600 }, 'clock'],
    ['a clock that is half a second off its time service', { clock: { offset_s: 0.5 } }, 'clock'],
    ['no time service for six minutes', { unsynchronised_s: 360 }, 'clock'],
    ['a node does not trust its clock', { clockTrusted: new Map([['north', false]]) }, 'clock-north'],
    ['journal', { journalAway: 'DATA_FULL: journal.db' }, 'journal'],
    ['a row of the journal was changed', { journalBroken: 'row 3' }, 'journal'],
    ['the second path disagrees', { disagreements: ['north:creek-red: true there, false here'] }, 'second-path'],
    ['nothing arrives in the store', { stored: new Map([['creek', at(50)]]) }, 'canary-north'],
    ['nothing has ever arrived in the store', { stored: new Map() }, 'canary-north'],
  ] satisfies Array<[string, Partial<LineState>, string]>)('%s', (_, line, id) => {
    expect(holding(line)).toEqual([id])
  })

  test('a device that does not answer is one fault: its values are not judged', () => {
    const silent = devices.map((device) => (device.id === 'creek' ? { ...device, state: 'offline' as const } : device))
    expect(holding({ devices: silent, readingAge_s: (channel) => (channel.startsWith('creek/') ? 600 : 1) })).toEqual([
      'device-silent-creek',
    ])
  })

  test('an online device whose values do not move on, or are suspect', () => {
    expect(holding({ readingAge_s: (channel) => (channel.startsWith('creek/') ? 3.1 : 1) })).toEqual([
      'data-stale-creek',
    ])
    const doubtful = (channel: string) => ({
      ...reading(channel),
      ...(channel === 'creek/stage' && { flag: 3 as const, reason: 'spike' }),
    })
    expect(holding({ reading: doubtful })).toEqual(['data-suspect-creek'])
    expect(judge(OWN.get('data-suspect-creek')!, { ...good, reading: doubtful }).detail).toBe('creek/stage: spike')
  })

  test('what a fault hides is not to be told, and so neither raised nor cleared', () => {
    expect(untold({ brokerUp: false })).toEqual(expect.arrayContaining(['ingest', 'edge-offline-north']))
    expect(untold({ nodes: [{ ...node, state: 'offline' }] })).toEqual(
      expect.arrayContaining([
        'site-differs-north',
        'clock-north',
        'canary-north',
        'device-silent-creek',
        'data-stale-roof',
      ]),
    )
    expect(untold({ storeAway: 'x' })).toContain('canary-north')
    expect(untold({ disagreements: undefined })).toEqual(['second-path'])
  })

  test('each says its rule in both languages, with what was found', () => {
    for (const [id, definition] of OWN) {
      const rule = definition.rule('12 %')
      expect(rule.en, id).toContain('(12 %)')
      expect(rule['zh-TW'], id).toMatch(/[一-鿿].*\(12 %\)/)
      expect(definition.limit.name, id).not.toContain('{}')
    }
  })

  test('priority off leaves one out; what the edge judges is not judged twice', () => {
    const { file } = SITE
    const off = {
      ...SITE,
      file: {
        ...file,
        alarms: {
          ...file.alarms,
          own: { ...file.alarms.own, disk: { ...file.alarms.own.disk, priority: 'off' as const } },
        },
      },
    }
    expect(ownDefinitions(off).has('disk')).toBe(false)
    const judged = { ...SITE, limits: [...SITE.limits, { ...SITE.limits[0]!, id: 'silent', kind: 'stale_s' as const }] }
    expect(ownDefinitions(judged).has('device-silent-creek')).toBe(false)
    expect(ownDefinitions(judged).has('device-silent-roof')).toBe(true)
  })

  test('data of foreign nodes that are lost: an alarm for each node that has a name for it, one for all others', () => {
    const { file } = SITE
    const foreign = ['plant', 'Pump PLC', '*']
    const own = ownDefinitions({ ...SITE, file: { ...file, ingest: { ...file.ingest, foreign } } })
    const of = (id: string, lost: LineState['foreignLost']) => judge(own.get(id)!, { ...good, foreignLost: lost })
    const loss = (node: string, minute: number) => ({
      ...{ node, messages: 3, gaps: 2, since_ns: at(0), last_ns: at(minute) },
    })
    const lost = [loss('plant', 5), loss('Pump PLC', 6), loss('weather', 7)]
    expect([...own.keys()].filter((id) => id.startsWith('foreign'))).toEqual(['foreign-lost-plant', 'foreign-lost'])
    expect(of('foreign-lost-plant', lost)).toEqual({
      is: true,
      detail: `plant: 3 messages, 2 gaps since ${toIso(at(0)).slice(0, 19)}Z`,
      since_ns: at(5),
    })
    expect(of('foreign-lost', lost)).toMatchObject({
      detail: expect.stringMatching(/^Pump PLC: .*, weather: /),
      since_ns: at(7),
    })
    expect(of('foreign-lost', [loss('plant', 5)]).is).toBe(false)
    expect(of('foreign-lost-plant', undefined).is, 'ingest was never heard').toBeUndefined()
    expect(own.get('foreign-lost-plant'), 'at once').toMatchObject({ id: 'desk:foreign-lost-plant', after_s: 0 })
  })

  test('k of n across nodes', () => {
    const { file } = SITE
    const vote = {
      id: 'both',
      name: 'Both',
      k: 2,
      limits: ['creek-red', 'roof-shaking'],
      within_s: 60,
      priority: 'critical' as const,
    }
    const both = ownDefinitions({ ...SITE, file: { ...file, alarms: { ...file.alarms, k_of_n: [vote] } } }).get('both')!
    const with_ = (...ids: string[]) =>
      judge(both, { ...good, trueWithin: (id, within_s) => within_s === 60 && ids.includes(id) })
    expect(with_('creek-red').is).toBe(false)
    expect(with_('creek-red', 'roof-shaking')).toEqual({ is: true, detail: 'creek-red, roof-shaking' })
    expect(both).toMatchObject({ id: 'desk:both', limit: { priority: 'critical' } })
  })
})

describe('their delays', () => {
  const definition = OWN.get('edge-offline-north')!
  const s = (seconds: number): [Instant, Monotonic] => [at(seconds / 60), monotonic(BigInt(seconds) * 1_000_000_000n)]
  const [yes, no, unknown] = [
    { is: true, detail: 'x' },
    { is: false, detail: '' },
    { is: undefined, detail: '' },
  ]

  test('raised after 30 s without a break, with the onset when it began; over after 5 s', () => {
    const tracker = new OwnTracker()
    expect(tracker.judge(definition, yes, ...s(0))).toBeUndefined()
    expect(tracker.judge(definition, yes, ...s(29))).toBeUndefined()
    expect(tracker.judge(definition, no, ...s(29))).toBeUndefined()
    expect(tracker.judge(definition, yes, ...s(30))).toBeUndefined()
    expect(tracker.judge(definition, yes, ...s(60))).toMatchObject({ isTrue: true, since_ns: at(0.5) })
    expect(tracker.judge(definition, no, ...s(61))).toBeUndefined()
    expect(tracker.judge(definition, no, ...s(66))).toMatchObject({ isTrue: false, since_ns: at(61 / 60) })
  })

  test('an event is raised with its own instant', () => {
    const lost = { ...definition, after_s: 0, clear_after_s: 60 }
    const tracker = new OwnTracker()
    expect(tracker.judge(lost, { ...yes, since_ns: at(7) }, ...s(600))).toMatchObject({ isTrue: true, since_ns: at(7) })
    expect(tracker.judge(lost, no, ...s(601))).toBeUndefined()
    // Another one within the minute is the same occurrence, and lasts a minute more.
    expect(tracker.judge(lost, { ...yes, since_ns: at(11) }, ...s(660))).toBeUndefined()
    expect(tracker.judge(lost, no, ...s(661))).toBeUndefined()
    expect(tracker.judge(lost, no, ...s(720))).toBeUndefined()
    expect(tracker.judge(lost, no, ...s(721))).toMatchObject({ isTrue: false, since_ns: at(661 / 60) })
    expect(tracker.judge(lost, { ...yes, since_ns: at(13) }, ...s(780))).toMatchObject({
      isTrue: true,
      since_ns: at(13),
    })
  })

  test('not to be told: neither raised nor over, and the time begins anew', () => {
    const tracker = new OwnTracker()
    tracker.restore(definition.id, true)
    tracker.judge(definition, no, ...s(0))
    expect(tracker.judge(definition, unknown, ...s(4))).toBeUndefined()
    expect(tracker.unknownSince(definition.id)).toBe(at(4 / 60))
    expect(tracker.judge(definition, no, ...s(6))).toBeUndefined()
    expect(tracker.isTrue(definition.id)).toBe(true)
    expect(tracker.judge(definition, no, ...s(11))).toMatchObject({ isTrue: false })
    expect(tracker.unknownSince(definition.id)).toBeUndefined()
  })

  test('a restart begins nothing anew: the time that the desk was away counts', () => {
    const before = new OwnTracker()
    before.judge(definition, yes, ...s(0))
    expect(before.pending()).toEqual([{ id: definition.id, is: true, since_ns: String(at(0)) }])
    const after = new OwnTracker()
    for (const pending of before.pending()) after.resume(pending, ...s(20))
    // Before the line can have answered nobody knows that the node is away, or that it is not.
    expect(after.judge(definition, no, ...s(20), false)).toBeUndefined()
    expect(after.judge(definition, unknown, ...s(22), false)).toBeUndefined()
    expect(after.pending()).toEqual(before.pending())
    expect(after.judge(definition, yes, ...s(29))).toBeUndefined()
    expect(after.judge(definition, yes, ...s(30))).toMatchObject({ isTrue: true, since_ns: at(0), due_ns: at(0.5) })
    expect(after.pending()).toEqual([])
  })

  test('what expired meanwhile is due since then; what is no longer so by now is dropped', () => {
    const pending = { id: definition.id, is: true, since_ns: String(at(0)) }
    const after = new OwnTracker()
    after.resume(pending, ...s(3600))
    expect(after.judge(definition, yes, ...s(3604), false)).toBeUndefined()
    expect(after.judge(definition, yes, ...s(3605))).toMatchObject({ since_ns: at(0), due_ns: at(0.5) })
    expect(after.judge(definition, yes, ...s(3606)), 'once').toBeUndefined()

    const back = new OwnTracker()
    back.restore(definition.id, false)
    back.resume(pending, ...s(3600))
    expect(back.judge(definition, no, ...s(3605))).toBeUndefined()
    expect(back.judge(definition, yes, ...s(3606))).toBeUndefined()
    expect(back.pending()).toEqual([{ ...pending, since_ns: String(at(60.1)) }])
  })

  test('one that was ending when the desk went ends as it would have; one that had ended already pends for nothing', () => {
    const over = { id: definition.id, is: false, since_ns: String(at(1)) }
    const after = new OwnTracker()
    after.restore(definition.id, true)
    after.resume(over, ...s(120))
    expect(after.judge(definition, no, ...s(125))).toMatchObject({
      isTrue: false,
      since_ns: at(1),
      due_ns: at(65 / 60),
    })
    // Journalled, and the desk died before it forgot what pended.
    const again = new OwnTracker()
    again.restore(definition.id, false)
    again.resume(over, ...s(130))
    expect(again.pending()).toEqual([])
  })

  test('a clock that was set back meanwhile ends nothing early and lengthens nothing beyond the delay', () => {
    const after = new OwnTracker()
    after.resume({ id: definition.id, is: true, since_ns: String(at(60)) }, ...s(0))
    expect(after.judge(definition, yes, ...s(29))).toBeUndefined()
    expect(after.judge(definition, yes, ...s(30))).toMatchObject({ isTrue: true, since_ns: at(60) })
  })

  test('what holds for one look only is not held back by a restart', () => {
    const lost = { ...definition, kind: 'foreign_lost' as const, after_s: 0 }
    const after = new OwnTracker()
    after.restore(lost.id, false)
    expect(after.judge(lost, yes, ...s(0), false)).toMatchObject({ isTrue: true })
  })

  test('the line has five seconds from the broker on to answer; without a broker the desk goes on after ten', () => {
    expect(isSettled({ ...good, brokerUp_s: 4.9 }, 60)).toBe(false)
    expect(isSettled({ ...good, brokerUp_s: 5 }, 5)).toBe(true)
    expect(isSettled({ ...good, brokerUp: false, brokerUp_s: 0 }, 9.9)).toBe(false)
    expect(isSettled({ ...good, brokerUp: false, brokerUp_s: 0 }, 10)).toBe(true)
  })

  test('a node that the desk has not heard itself is away since the newest that is stored of it', () => {
    const unheard = { ...good, nodes: [{ ...node, state: 'unknown' as const }] }
    const stored = new Map([
      ['creek', at(41)],
      ['roof', at(44)],
    ])
    expect(judge(definition, { ...unheard, stored })).toMatchObject({ is: true, since_ns: at(44) })
    // An instant of a clock that is ahead says nothing.
    expect(judge(definition, { ...unheard, stored: new Map([['roof', at(61)]]) }).since_ns).toBeUndefined()
    expect(judge(definition, { ...unheard, stored: undefined }).since_ns).toBeUndefined()
  })

  test('each occurrence has the next number, also after a restart', () => {
    const change = { definition, isTrue: true, since_ns: at(1), detail: '' }
    const first = ownRecord(change, null, at(2))
    expect(first).toMatchObject({
      limit_id: 'edge-offline-north',
      state: true,
      occurrence: 1,
      onset_ns: at(1),
      returned_ns: null,
      exercise: true,
    })
    const present = {
      ...first,
      n: 1,
      outbox: 'desk',
      onset_ns: String(at(1)),
      returned_ns: null,
      learned_ns: String(at(2)),
    }
    expect(ownRecord({ ...change, isTrue: false, since_ns: at(5) }, present, at(6))).toMatchObject({
      state: false,
      occurrence: 1,
      onset_ns: at(1),
      returned_ns: at(5),
    })
    expect(ownRecord({ ...change, since_ns: at(9) }, present, at(9))).toMatchObject({ occurrence: 2, onset_ns: at(9) })
  })
})
