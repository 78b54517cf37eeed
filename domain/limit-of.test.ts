import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { qualityOfDevice } from './automatic-limits.ts'
import { limitsOfNode, type Site } from './channel.ts'
import { judgesValue, type Limit } from './condition.ts'
import type { Model } from './model.ts'
import { loadSite } from './site-load.ts'
import { decodePayload, encodePayload } from './sparkplug/codec.ts'
import { instant } from './time.ts'
import { conditionBirthMetric, conditionsOfBirth } from './wire/condition.ts'
import { showMistake } from './yaml-check.ts'

const gauge: Model = {
  id: 'gauge',
  name: 'Gauge',
  source: 'test',
  points: [
    {
      metric: 'stage',
      table: 'input',
      address: 0,
      type: 'float32',
      unit: 'm',
      range: { low: 0, high: 20 },
      quality: { spike: { suspect: 0.5 }, rate_of_change: { suspect_per_h: 36 } },
    },
  ],
  poll_ms: 1000,
}
const relay: Model = {
  id: 'relay',
  name: 'Relay box',
  source: 'test',
  points: [
    { metric: 'siren', table: 'coil', address: 0, type: 'bit', unit: '1', range: { low: 0, high: 1 }, writable: true },
    { metric: 'tilt', table: 'input', address: 0, type: 'float32', unit: 'rad', range: { low: -1, high: 1 } },
  ],
  poll_ms: 1000,
}
const models = new Map([gauge, relay].map((model) => [model.id, model]))

function load(): Site {
  const text = readFileSync(join(import.meta.dirname, 'cases', 'site', 'judging.yaml'), 'utf8')
  const loaded = loadSite(text, 'judging.yaml', { models, recordings: new Set() }, () => undefined)
  if (!('site' in loaded)) throw new Error(loaded.mistakes.map(showMistake).join('\n'))
  return loaded.site
}
const site = load()
const limit = (id: string): Limit => site.limits.find((l) => l.id === id)!

describe('limits of a site file in SI', () => {
  test.each([
    ['span', { kind: 'outside', direction: 'above', limit: 3, unit: 'm', parameters: { low: 1 } }],
    ['soon', { kind: 'reaching', direction: 'below', limit: 600, unit: 's', deadband: 60, latch: false }],
    ['silent', { kind: 'stale_s', limit: 300, unit: 's', deadband: 0, latch: false }],
    ['fault', { kind: 'failed_s', limit: 0, unit: 's' }],
    [
      'vote',
      { kind: 'k_of_n', limit: 2, unit: '1', latch: false, parameters: { limits: ['span', 'rise'], within_s: 60 } },
    ],
    ['tilted', { kind: 'above', latch: true }],
    ['one', { kind: 'k_of_n', latch: true }],
    ['tilt-silent', { kind: 'stale_s', latch: false }],
  ])('%s', (id, expected) => {
    expect(limit(id)).toMatchObject(expected)
  })

  test('a rate per hour is one per second, a level of the water its stage in metres', () => {
    expect(limit('rise').limit * 3600).toBeCloseTo(0.3048, 12)
    expect(limit('rise')).toMatchObject({ unit: 'm/s', parameters: { window_s: 900 } })
    expect(limit('soon').parameters!.target).toBeCloseTo(4 * 0.3048, 12)
    expect(limit('apart').limit).toBeCloseTo(0.05, 12)
    expect(limit('apart').parameters).toEqual({ channel: 'river-2/stage' })
  })

  test('only values of the channel itself share an axis with it', () => {
    expect(site.limits.filter(judgesValue).map((l) => l.id)).toEqual(['span', 'tilted'])
  })

  test('faults, outputs and silencing have limits that nobody wrote', () => {
    const ids = ['fault-river-stage', 'fault-river-2-stage', 'output-siren', 'panel-siren']
    expect(site.limits.slice(-4).map((l) => l.id)).toEqual(ids)
    expect(limitsOfNode(site, site.file.nodes[0]!).map((l) => l.id)).toEqual(expect.arrayContaining(ids))
    expect(limit('output-siren')).toMatchObject({
      kind: 'output_failed',
      channel: 'box/siren',
      parameters: { output: 'siren' },
    })
  })

  test('quality tests of the site stand over those of the model, in metres and per second', () => {
    const device = site.file.nodes[0]!.links[0]!.devices[0]!
    const tests = qualityOfDevice(device, gauge).get('stage')!
    expect(tests.spike!.suspect).toBeCloseTo(0.3048, 12)
    expect(tests.rate_of_change!.suspect).toBeCloseTo(0.01, 12)
  })
})

describe('kinds on the wire', () => {
  const record = {
    limit_id: 'span',
    state: false,
    occurrence: 0,
    at_ns: instant(1n),
    onset_ns: null,
    returned_ns: null,
    value: null,
    peak: null,
    limit: 3,
    unit: 'm',
    flag: 2,
    unconfirmed: false,
    exercise: false,
    time_unknown: false,
  } as const
  const through = (l: Limit): Limit => {
    const own = { ...record, limit_id: l.id, limit: l.limit, unit: l.unit }
    const bytes = encodePayload({ metrics: [conditionBirthMetric(own, l, 0)] })
    return conditionsOfBirth(decodePayload(bytes).metrics)[0]!.limit
  }
  test('every limit comes back from a birth as it was', () => {
    expect(site.limits.map(through)).toEqual(site.limits)
  })
  test('a kind of a later version stands as the text it came as, and is no value of the channel', () => {
    const later = through({ ...limit('span'), kind: 'wobbling' })
    expect([later.kind, judgesValue(later)]).toEqual(['wobbling', false])
  })
})
