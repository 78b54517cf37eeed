/** A small site for this room's tests: one river gauge and one accelerometer behind one edge node, both simulated. */
import type { Site } from '../domain/channel.ts'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import type { Model } from '../domain/model.ts'
import type { SiteText } from '../domain/ports.ts'
import { loadSite } from '../domain/site-load.ts'
import { siteReport } from '../domain/site-report.ts'
import { type Instant, instant, NS_PER_S } from '../domain/time.ts'
import type { AlarmContext } from './alarm-machine.ts'

const gauge: Model = {
  id: 'gauge',
  name: 'River gauge',
  source: 'made for tests',
  points: [{ metric: 'stage', table: 'holding', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  measures: ['rate_of_rise'],
  poll_ms: 1000,
}
const accelerometer: Model = {
  id: 'accelerometer',
  name: 'Accelerometer',
  source: 'made for tests',
  ring: {
    group: 'acceleration',
    table: 'input',
    header_address: 0,
    samples_address: 100,
    axes: ['x', 'y', 'z'],
    sample_rate_hz: 100,
    depth: 6000,
    block_samples: 100,
    unit: 'g',
    full_scale: 2,
  },
  measures: ['pga'],
  poll_ms: 500,
}

/** `roof`: the gauge is real, the accelerometer is simulated. */
export type Simulated = boolean | 'roof'
/** Simulated and real devices share no link. */
const OWN_LINK = `      - id: loft
        tcp: { host: 127.0.0.1, port: 5021 }
        devices:
`
const PLAYED = ', simulated: { play: { recording: any } }'

export const testModels = new Map([gauge, accelerometer].map((m) => [m.id, m]))

export const siteText = (simulated: Simulated): string => `
site: yard
name: The yard
time_zone: Asia/Taipei
waters:
  - { id: creek, name: Creek, kind: river, datum: gauge zero, unit: m, gauge: creek/stage, levels: [
      { id: red, name: Red, stage: 2, severity: major, meaning: leave } ] }
nodes:
  - id: north
    name: Gateway north
    links:
      - id: bus
        tcp: { host: 127.0.0.1, port: 5020 }
        devices:
          - { id: creek, name: Creek gauge, model: gauge${simulated === true ? PLAYED : ''} }
${simulated === 'roof' ? OWN_LINK : ''}          - { id: roof, name: Roof, model: accelerometer, unit_id: 2${simulated === false ? '' : PLAYED} }
limits:
  - { id: creek-red, name: Creek above red, channel: creek/stage, level: creek/red, deadband: 0.1, priority: high }
  - { id: roof-shaking, name: Roof shaking, channel: roof/pga, above: 80, unit: gal, priority: critical }
`

export function testSite(options: { simulated?: Simulated } = {}): Site {
  const known = { models: testModels, recordings: new Set(['any']) }
  const loaded = loadSite(siteText(options.simulated ?? true), 'test.yaml', known, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}

/** The file of that site; `now`: what stands in it meanwhile. */
export const testSiteText = (now = siteText(true)): SiteText => ({
  text: siteText(true),
  read: async () => siteReport(now, 'test.yaml', { models: testModels, recordings: new Set(['any']) }, () => undefined),
})

/** 2018-06-03T06:00:00Z, 14:00 in Taipei; `minutes` later. */
export const at = (minutes: number): Instant =>
  instant(1_528_005_600n * NS_PER_S + BigInt(Math.round(minutes * 60)) * NS_PER_S)

export const OUTBOX = '00000000-0000-4000-8000-000000000001'
export const OUTBOX_NEW = '00000000-0000-4000-8000-000000000002'

const SITE = testSite()
export const limitOf = (id: string, latch = false): Limit => ({ ...SITE.limits.find((l) => l.id === id)!, latch })

/** The limit by which an edge node tells that the siren was silenced at the panel. */
export const PANEL: Limit = {
  ...limitOf('creek-red'),
  ...{ id: 'panel-siren', name: 'Siren: silenced at the panel', kind: 'silenced', limit: 1, unit: '1' },
  ...{ deadband: 0, priority: 'low', parameters: { output: 'siren' } },
}

/** A press on the button; over at minute `over`. */
export const pressed = (n: number, minute: number, over?: number): ConditionRecord =>
  record(n, minute, over, { limit_id: PANEL.id, value: 1, peak: 1, limit: 1, unit: '1', exercise: false })

export const contextOf = (latch = false): AlarmContext => ({
  node: 'north',
  time_zone: 'Asia/Taipei',
  limit: limitOf('creek-red', latch),
  shelve_max_ns: 8n * 3600n * NS_PER_S,
  re_alarm_ns: 2n * 3600n * NS_PER_S,
})

/** Occurrence `n` as the edge tells it: risen at `onset`, and over since `returned` where that is given. Minutes. */
export function record(
  n: number,
  onset: number,
  returned?: number,
  more: Partial<ConditionRecord> = {},
): ConditionRecord {
  return {
    limit_id: 'creek-red',
    state: returned === undefined,
    occurrence: n,
    at_ns: at(returned ?? onset),
    onset_ns: at(onset),
    returned_ns: returned === undefined ? null : at(returned),
    value: returned === undefined ? 2.05 : 1.85,
    peak: returned === undefined ? 2.05 : 2.31,
    limit: 2,
    unit: 'm',
    flag: 1,
    unconfirmed: false,
    exercise: true,
    time_unknown: false,
    ...more,
  }
}

/** What a birth says of a limit that was never raised in its outbox. */
export const neverRaised = (minute: number): ConditionRecord =>
  record(0, minute, minute, { onset_ns: null, returned_ns: null, value: null, peak: null })
