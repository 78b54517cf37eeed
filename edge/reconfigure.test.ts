import { describe, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { withDrill } from '../domain/drill.ts'
import type { SiteFile, SiteLink, SiteNode } from '../domain/site.ts'
import { changeBetween, isNoChange, needRestart } from './reconfigure.ts'
import { testSite } from './testing-site.ts'

const { site } = testSite()
const copy = (): Site => ({ ...site, file: structuredClone(site.file) })
const linkOf = (of: Site): SiteLink => of.file.nodes[0]!.links[0]!
/** The site with something changed in its one link. */
function changed(change: (link: { -readonly [K in keyof SiteLink]: SiteLink[K] }) => void): Site {
  const next = copy()
  change(linkOf(next))
  return next
}
const between = (after: Site) => {
  const { closedLinks, stopped, ended, started, limits } = changeBetween(site, after, 'edge-1')
  return { closed: [...closedLinks], stopped: [...stopped], ended: [...ended], started: [...started], limits }
}
const none = { closed: [], stopped: [], ended: [], started: [], limits: false }

describe('what changes between two sites', () => {
  test('nothing where only names of keys stand in another order, or the hash differs', () => {
    const after = changed((link) => {
      link.devices = link.devices.map((d) => Object.fromEntries(Object.entries(d).reverse()) as typeof d)
    })
    expect(between({ ...after, hash: 'other' })).toEqual(none)
    expect(isNoChange(changeBetween(site, after, 'edge-1'))).toBe(true)
  })

  test.each<[string, Site, Partial<ReturnType<typeof between>>]>([
    [
      'a device entry: it alone stops and starts',
      changed((link) => {
        link.devices = link.devices.map((d) => (d.id === 'roof' ? { ...d, poll_ms: 500 } : d))
      }),
      { stopped: ['roof'], started: ['roof'], limits: true },
    ],
    [
      'link settings: its connection is closed, all on it start anew',
      changed((link) => {
        link.timeout_ms = 300
      }),
      { closed: ['bus'], stopped: ['dead-run', 'roof'], started: ['dead-run', 'roof'], limits: true },
    ],
    [
      'a device that is gone: it is told bad',
      changed((link) => {
        link.devices = link.devices.slice(1)
      }),
      { stopped: ['dead-run'], ended: ['dead-run'], limits: true },
    ],
    [
      'a new device',
      changed((link) => {
        link.devices = [...link.devices, { ...link.devices[0]!, id: 'new' }]
      }),
      { started: ['new'], limits: true },
    ],
    [
      'another model: what its channels said no longer holds',
      { ...site, models: new Map([...site.models].map(([id, m]) => [id, id === 'gauge' ? { ...m, poll_ms: 9 } : m])) },
      { stopped: ['dead-run'], ended: ['dead-run'], started: ['dead-run'], limits: true },
    ],
    ['a limit: devices are polled on', { ...site, limits: [] }, { limits: true }],
  ])('%s', (_, after, expected) => {
    expect(between(after)).toEqual({ ...none, ...expected })
  })

  test('a drill adds its shadows and touches nothing else; its end takes them away again', () => {
    const place = { device: 'dead-run', host: '127.0.0.1', port: 1, unit_id: 1, time_scale: 1 }
    const drilled = withDrill(site, { id: 'd', until_ns: '1', shadows: [place] })
    expect(between(drilled)).toEqual({ ...none, started: ['drill.d.dead-run'], limits: true })
    const back = changeBetween(drilled, site, 'edge-1')
    expect([[...back.closedLinks], [...back.stopped], [...back.ended]]).toEqual([
      ['drill.d.dead-run'],
      ['drill.d.dead-run'],
      ['drill.d.dead-run'],
    ])
  })
})

test('settings that a running node does not take over are named', () => {
  const next = copy()
  const [node] = next.file.nodes as [SiteNode]
  const file = { ...next.file, broker: { host: 'elsewhere', port: 1 }, nodes: [{ ...node, name: 'Other' }] } as SiteFile
  expect(needRestart(site, { ...next, file }, 'edge-1')).toEqual(['broker'])
})
