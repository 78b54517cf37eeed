import { describe, expect, test } from 'vitest'
import { channelsOf, limitsOfNode, type Site, timeScaleOf } from './channel.ts'
import { type EdgeDrill, isShadow, shadowId, splitShadow, withDrill } from './drill.ts'
import type { Model } from './model.ts'
import { loadSite } from './site-load.ts'

const gauge: Model = {
  id: 'gauge',
  name: 'Stage gauge',
  source: 'test',
  points: [{ metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  measures: ['rate_of_rise'],
  poll_ms: 1000,
}

const TEXT = `
site: town
name: Town
nodes:
  - id: n1
    name: Bridge
    links:
      - id: bridge
        tcp: { host: 10.0.0.7 }
        timeout_ms: 700
        pause_ms: 20
        devices:
          - { id: bridge-gauge, name: Bridge gauge, model: gauge, unit_id: 4 }
  - id: n2
    name: Mill
    links:
      - id: mill
        tcp: { host: 10.0.0.8 }
        devices:
          - { id: mill-gauge, name: Mill gauge, model: gauge }
limits:
  - { id: bridge-high, name: Bridge high, channel: bridge-gauge/stage, above: 3, unit: m }
  - { id: bridge-rising, name: Bridge rising, channel: bridge-gauge/rate_of_rise, above: 1, unit: m/h }
  - { id: mill-high, name: Mill high, channel: mill-gauge/stage, above: 2, unit: m }
`

function site(): Site {
  const loaded = loadSite(
    TEXT,
    'town.yaml',
    { models: new Map([['gauge', gauge]]), recordings: new Set() },
    () => undefined,
  )
  if (!('site' in loaded)) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}

const drill: EdgeDrill = {
  id: 'spring',
  until_ns: '0',
  shadows: [{ device: 'bridge-gauge', host: '127.0.0.1', port: 5600, unit_id: 9, time_scale: 60 }],
}

describe('a drill on a site', () => {
  test('adds a marked shadow of the device and of its limits to the node that has the real one', () => {
    const drilled = withDrill(site(), drill)
    const [n1, n2] = drilled.file.nodes
    expect(n1!.links.map((l) => l.id)).toEqual(['bridge', 'drill.spring.bridge-gauge'])
    const shadow = n1!.links[1]!.devices[0]!
    expect(n1!.links[1]).toMatchObject({ tcp: { host: '127.0.0.1', port: 5600 }, timeout_ms: 700, pause_ms: 0 })
    expect(shadow).toMatchObject({ id: 'drill.spring.bridge-gauge', model: 'gauge', unit_id: 9 })
    expect(shadow.simulated).toBeDefined()
    expect(timeScaleOf(shadow)).toBe(60)
    expect(n2!.links).toHaveLength(1)
    expect(limitsOfNode(drilled, n1!).map((l) => `${l.id} ${l.channel}`)).toEqual([
      'bridge-high bridge-gauge/stage',
      'bridge-rising bridge-gauge/rate_of_rise',
      'drill.spring.bridge-high drill.spring.bridge-gauge/stage',
      'drill.spring.bridge-rising drill.spring.bridge-gauge/rate_of_rise',
    ])
  })

  test('leaves the real device, its limits, the hash and the site itself as they were', () => {
    const before = site()
    const drilled = withDrill(before, drill)
    expect(drilled.hash).toBe(before.hash)
    expect(drilled.file.nodes[0]!.links[0]).toEqual(before.file.nodes[0]!.links[0])
    expect(drilled.limits.slice(0, 3)).toEqual(before.limits)
    expect(before).toEqual(site())
    expect(channelsOf(drilled).filter((c) => !isShadow(c.device))).toEqual(channelsOf(before))
  })

  test('a shadow of a device that is not there is left out', () => {
    const away = { ...drill, shadows: [{ ...drill.shadows[0]!, device: 'old-gauge' }] }
    expect(withDrill(site(), away)).toEqual(site())
  })
})

test('the id of a shadow tells drill and device, and no hand-written id can be one', () => {
  expect(splitShadow(shadowId('spring', 'bridge-gauge'))).toEqual({ drill: 'spring', id: 'bridge-gauge' })
  expect(splitShadow('bridge-gauge')).toBeUndefined()
  expect(splitShadow('drill-1')).toBeUndefined()
  expect(isShadow('drill-1')).toBe(false)
})
