import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Model } from './model.ts'
import { canonicalJson, type Known, loadSite } from './site-load.ts'
import { showMistake } from './yaml-check.ts'

const folder = join(import.meta.dirname, 'cases', 'site')
const gauge: Model = {
  id: 'gauge',
  name: 'Stage gauge',
  source: 'test',
  points: [{ metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  measures: ['rate_of_rise'],
  poll_ms: 1000,
}
const accelerometer: Model = {
  id: 'accelerometer',
  name: 'Accelerometer',
  source: 'test',
  ring: {
    group: 'acceleration',
    table: 'holding',
    header_address: 0,
    samples_address: 32,
    axes: ['x', 'y', 'z'],
    sample_rate_hz: 100,
    depth: 600,
    block_samples: 100,
    unit: 'g',
    full_scale: 2,
  },
  measures: ['pga'],
  poll_ms: 200,
}
const relay: Model = {
  id: 'relay',
  name: 'Relay box',
  source: 'test',
  points: [
    { metric: 'siren', table: 'coil', address: 0, type: 'bit', unit: '1', range: { low: 0, high: 1 }, writable: true },
    { metric: 'button', table: 'discrete', address: 0, type: 'bit', unit: '1', range: { low: 0, high: 1 } },
  ],
  poll_ms: 1000,
}
const known: Known = {
  models: new Map([
    ['gauge', gauge],
    ['accelerometer', accelerometer],
    ['relay', relay],
  ]),
  recordings: new Set(['dead-run']),
}
const load = (name: string, env: Record<string, string> = {}) =>
  loadSite(readFileSync(join(folder, name), 'utf8'), name, known, (key) => env[key])

/** Each bad file stands beside a file with exactly the lines it must give. */
describe('a site file with mistakes names every one of them', () => {
  for (const name of readdirSync(folder).filter((f) => f.endsWith('.bad.yaml')))
    test(name, () => {
      const loaded = load(name)
      expect('mistakes' in loaded && loaded.mistakes.map(showMistake)).toEqual(
        readFileSync(join(folder, name.replace('.bad.yaml', '.expected.txt')), 'utf8')
          .trimEnd()
          .split('\n'),
      )
    })
})

describe('a site file that is right', () => {
  const site = (text: string, env: Record<string, string> = {}) => {
    const loaded = loadSite(text, 'site.yaml', known, (key) => env[key])
    if (!('site' in loaded)) throw new Error(loaded.mistakes.map(showMistake).join('\n'))
    return loaded.site
  }
  const good = readFileSync(join(folder, 'good.yaml'), 'utf8')

  test('gives limits in SI: 2 ft = 0.6096 m exactly, 25 gal = 0.25 m/s²', () => {
    const { limits } = site(good)
    expect(limits.map(({ id, limit, unit }) => [id, limit, unit])).toEqual([
      ['high', 0.6096, 'm'],
      ['shaking', 0.25, 'm/s²'],
    ])
    expect(limits[0]!.deadband).toBeCloseTo(0.06096, 12)
  })

  test('latches accelerations by default, stages not', () => {
    expect(site(good).limits.map((l) => l.latch)).toEqual([false, true])
  })

  test('keeps the hash when only comments and the environment differ, and changes it with any value', () => {
    const withPort = good.replace('port: 1502', 'port: "${GATE_PORT:-1502}"')
    expect(site(`# note\n${good}`).hash).toBe(site(good).hash)
    expect(site(withPort, { GATE_PORT: '1600' }).hash).toBe(site(withPort).hash)
    expect(site(good.replace('above: 2', 'above: 2.01')).hash).not.toBe(site(good).hash)
  })

  test('replaces ${NAME:-value} with the type that YAML gives it', () => {
    const text = good.replace('port: 1502', 'port: "${GATE_PORT:-1502}"')
    expect(site(text).file.nodes[0]!.links[0]!.tcp!.port).toBe(1502)
    expect(site(text, { GATE_PORT: '1600' }).file.nodes[0]!.links[0]!.tcp!.port).toBe(1600)
  })
})

test('canonical JSON orders keys and has no spaces', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}')
})
