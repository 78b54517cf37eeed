/** Ids as Sparkplug 3.0 asks for them: the site file allows nothing that MQTT or Sparkplug would refuse, and no id twice. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksNodeId, deskHostId, ID_PATTERN, ingestHostId } from '../ids.ts'
import type { Model } from '../model.ts'
import { loadSite } from '../site-load.ts'
import { deviceTopic, nodeTopic, parseStateTopic, parseTopic, stateTopic } from './topics.ts'

const gauge: Model = {
  ...{ id: 'gauge', name: 'Gauge', source: 'test', poll_ms: 1000 },
  points: [{ metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
}
const known = { models: new Map([['gauge', gauge]]), recordings: new Set<string>() }
const siteText = ({ site = 'harbour', node = 'gate', device = 'river', second = 'well', next = 'lock' }) => `
site: ${JSON.stringify(site)}
name: Harbour site
nodes:
  - id: ${JSON.stringify(node)}
    name: Gate house
    links:
      - id: bus
        tcp: { host: 127.0.0.1, port: 1502 }
        devices:
          - { id: ${JSON.stringify(device)}, name: River gauge, model: gauge, unit_id: 1 }
          - { id: ${JSON.stringify(second)}, name: Well gauge, model: gauge, unit_id: 2 }
  - id: ${JSON.stringify(next)}
    name: Lock
    links:
      - id: lock-bus
        tcp: { host: 127.0.0.2, port: 1502 }
        devices:
          - { id: sluice, name: Sluice gauge, model: gauge }
`
const mistakes = (ids: Parameters<typeof siteText>[0]): readonly string[] => {
  const loaded = loadSite(siteText(ids), 'site.yaml', known, () => undefined)
  return 'mistakes' in loaded ? loaded.mistakes.map((mistake) => JSON.stringify(mistake)) : []
}

test('the site of these tests is right but for what they change', () => {
  expect(mistakes({})).toEqual([])
})

describe.each([
  ['tck-id-topic-structure-namespace-valid-group-id', 'site'],
  ['tck-id-intro-group-id-chars', 'site'],
  ['tck-id-topic-structure-namespace-valid-edge-node-id', 'node'],
  ['tck-id-intro-edge-node-id-chars', 'node'],
  ['tck-id-topic-structure-namespace-valid-device-id', 'device'],
  ['tck-id-intro-device-id-chars', 'device'],
])('%s', (_, key) => {
  test.each(['a+b', 'a/b', 'a#b', '+', '#', '', 'a\u0000b', 'Gate', 'tür'])('refuses %j', (id) => {
    expect(mistakes({ [key]: id }).length).toBeGreaterThan(0)
  })
})

test('tck-id-case-sensitivity-sparkplug-ids: ids are lower case, so none differ in case only', () => {
  expect(mistakes({ node: 'lock', next: 'LOCK' }).length).toBeGreaterThan(0)
  expect(new RegExp(ID_PATTERN).test('A')).toBe(false)
})

test('tck-id-topic-structure-namespace-unique-device-id: a device id stands once', () => {
  expect(mistakes({ device: 'river', second: 'river' }).join()).toContain('device id')
})

test.each([
  'tck-id-topic-structure-namespace-unique-edge-node-descriptor',
  'tck-id-intro-edge-node-id-uniqueness',
  'tck-id-payloads-nbirth-edge-node-descriptor',
])('%s: an edge node id stands once, that of the second Sparkplug node of a gateway among them', () => {
  expect(mistakes({ node: 'gate', next: 'gate' }).length).toBeGreaterThan(0)
  expect(mistakes({ node: 'gate', next: blocksNodeId('gate') }).length).toBeGreaterThan(0)
})

test('tck-id-operational-behavior-host-application-host-id: no two hosts of any sites have one id', () => {
  const id = fc.stringMatching(new RegExp(ID_PATTERN))
  fc.assert(
    fc.property(id, id, (a, b) => {
      expect(ingestHostId(a)).not.toBe(deskHostId(b))
      if (a !== b) expect([ingestHostId(a), deskHostId(a)]).not.toEqual([ingestHostId(b), deskHostId(b)])
    }),
  )
})

test('topics of all such ids are read as they were written', () => {
  const id = fc.stringMatching(new RegExp(ID_PATTERN))
  fc.assert(
    fc.property(id, id, id, (group, node, device) => {
      expect(parseTopic(nodeTopic(group, 'NBIRTH', node))).toEqual({ group, type: 'NBIRTH', node })
      expect(parseTopic(deviceTopic(group, 'DDATA', node, device))).toEqual({ group, type: 'DDATA', node, device })
      expect(parseStateTopic(stateTopic(node))).toBe(node)
    }),
  )
})
