import { expect, test } from 'vitest'
import type { NodeJson } from '../domain/api.ts'
import { LiveModel } from './live-model.ts'
import type { LineState } from './site-conditions.ts'
import { systemParts } from './system.ts'
import { at, testSite } from './testing-site.ts'

const node: NodeJson = { id: 'north', state: 'online', since_ns: null, reason: null, site_hash_agrees: true }
const devices = new LiveModel(testSite())
  .devices()
  .map((device) => ({ ...device, state: 'online' as const, last_ns: String(at(60)) }))
const health = {
  ...{ t_ns: at(60), boot: 'b', taking: true, why: null, lag_s: 0, waiting_records: 0, quarantined_total: 0 },
  ...{ last_quarantined: null, dead_letter_total: 0, foreign_lost: [], store: null, last_backup_ns: null },
}
const good: LineState = {
  ...{ at: at(60.1), nodes: [node], devices, reading: () => undefined, readingAge_s: () => 0.5, brokerUp: true },
  ...{ brokerUp_s: 600, storeAway: undefined, ingest: { health, age_s: 1 }, clockTrusted: new Map() },
  ...{ stored: new Map([['creek', at(59.95)]]), diskFreePercent: 40, diskLeast_percent: 5, clockStep_s: 0 },
  ...{ clock: { synchronised: true, offset_s: 0.002 }, unsynchronised_s: 0, journalAway: undefined },
  ...{ journalBroken: undefined, disagreements: [], trueWithin: () => false, foreignLost: [] },
}
const partOf = (id: string, line: Partial<LineState> = {}) =>
  systemParts({ ...good, ...line }, new Map(), { free_bytes: 1, journal_seq: 1, clients: 0 }).find(
    (part) => part.id === id,
  )

test('the clock of the desk, as its time service says and as it was set', () => {
  expect(partOf('clock')).toMatchObject({ state: 'good', figures: { offset_s: 0.002, stepped_s: null } })
  expect(partOf('clock', { clock: {} })).toMatchObject({ state: 'unknown', figures: { offset_s: null } })
  expect(partOf('clock', { clock: { synchronised: false } })).toMatchObject({
    state: 'warning',
    detail: 'not synchronised with a time service',
  })
  expect(partOf('clock', { clock: { synchronised: true, offset_s: -3 } })).toMatchObject({
    state: 'bad',
    detail: '3.0 s off',
  })
  const step = { age_s: 120, by_s: -3600 }
  expect(partOf('clock', { clock: { synchronised: true, step } })).toMatchObject({
    state: 'warning',
    detail: 'stepped by -3600.0 s, 2 min ago',
    figures: { stepped_s: -3600 },
  })
})

test('the canary of each node: when what came back was measured, and how far it is behind', () => {
  // Stored up to 59.95 min, seen live up to 60 min, looked at 60.1 min.
  expect(partOf('canary/north')).toMatchObject({ state: 'good', figures: { last_seen_s: 9, delay_s: 3 } })
  expect(partOf('canary/north', { stored: new Map([['creek', at(59)]]) })).toMatchObject({
    state: 'bad',
    detail: '60 s behind',
    figures: { last_seen_s: 66, delay_s: 60 },
  })
  expect(partOf('canary/north', { stored: new Map() })).toMatchObject({
    state: 'bad',
    detail: 'nothing of it is stored',
    figures: { last_seen_s: null, delay_s: null },
  })
  // Whose fault it is, is told by other parts; this one must not look well meanwhile.
  for (const line of [{ storeAway: 'x' }, { stored: undefined }, { nodes: [{ ...node, state: 'offline' as const }] }])
    expect(partOf('canary/north', line)).toMatchObject({ state: 'unknown' })
})
