/** The whole room while its site changes: what stays is polled on, what goes is told and handed over, drills come and go. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import type { EdgeDrill } from '../domain/drill.ts'
import type { Model } from '../domain/model.ts'
import type { Log } from '../domain/ports.ts'
import type { SiteDevice, SiteFile, SiteLink } from '../domain/site.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { instantFromMs } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { EdgeService } from './service.ts'
import { FakeGauge, FakeRing, MemoryBus } from './testing.ts'
import { ACCELEROMETER, testSite } from './testing-site.ts'
import { MemoryBroker, Owner } from './testing-uplink.ts'

const S = 1_000_000_000n
let dataDir: string
let clock: SimulatedClock
let broker: MemoryBroker
let owner: Owner
let buses: Map<string, MemoryBus>
let stage_m: number
let ring: FakeRing
let lines: string[]
let log: Log
const running: EdgeService[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  clock = new SimulatedClock(instantFromMs(Date.UTC(2026, 2, 1)))
  broker = new MemoryBroker()
  owner = new Owner('test', (topic, payload, retain) => setImmediate(() => broker.publish(topic, payload, retain)))
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    owner.take({ topic, payload })
  }
  buses = new Map()
  ring = new FakeRing(ACCELEROMETER.ring!, clock.now(), (counter, axis) => (counter * 7 + axis) % 1000)
  stage_m = 0.5
  lines = []
  log = createLog({ write: (line) => lines.push(line), pretty: false })
})
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(site: Site = testSite().site): Promise<EdgeService> {
  const openLink = (link: SiteLink) => {
    const bus = new MemoryBus(clock)
    bus.devices.set(1, new FakeGauge(() => stage_m))
    bus.devices.set(2, ring)
    buses.set(link.id, bus)
    return bus
  }
  const world = { clock, log, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
  const node = site.file.nodes[0]!
  const service = new EdgeService({ site, node, dataDir, brokerUrl: 'mqtt://x:1', ...world })
  await service.start()
  running.push(service)
  owner.state(true, Number(clock.now() / 1_000_000n))
  return service
}

/** The test site with other devices, on one link unless told otherwise. */
function siteWith(change: (devices: SiteDevice[]) => SiteDevice[], more: Partial<Site> = {}, link = {}): Site {
  const { site } = testSite()
  const [node] = site.file.nodes
  const links = [{ ...node!.links[0]!, devices: change(node!.links[0]!.devices), ...link }] as SiteLink[]
  const file = { ...site.file, nodes: [{ ...node!, links }] } as SiteFile
  return { ...site, hash: 'another', file, ...more }
}
const node = (type: string) => owner.messages.filter((m) => m.node === 'edge-1' && m.type === type)
const birthMetric = (name: string) =>
  node('NBIRTH')
    .at(-1)
    ?.payload.metrics.find((m) => m.name === name)?.value
const grid = () => {
  const counters = owner.blocks.map((b) => b.first_counter).sort((a, b) => a - b)
  expect(counters).toEqual(counters.map((_, i) => counters[0]! + i * 100))
  return counters.length
}

describe('a site file that changes', () => {
  test('removes a device: told bad, dead, out of the births; the ring beside it is polled on, on the same connection', async () => {
    const service = await start()
    await clock.advance(10n * S)
    const before = grid()
    await service.apply(siteWith((devices) => devices.filter((d) => d.id === 'roof'), { limits: [] }))
    expect(owner.types('edge-1').slice(-4)).toEqual(['DDATA dead-run', 'DDEATH dead-run', 'NBIRTH', 'DBIRTH roof'])
    const last = [...owner.records.values()].filter((r) => r.device === 'dead-run').at(-1)!
    expect(last.readings[0]).toMatchObject({ channel: 'dead-run/stage', value: null, flag: 9, reason: 'removed' })
    expect(birthMetric('site/hash')).toBe('another')
    await clock.advance(10n * S)
    expect(grid()).toBeGreaterThanOrEqual(before + 9)
    expect(owner.types('edge-1-blocks')).not.toContain('DDEATH roof')
    expect(buses.get('bus')!.closed).toBe(false)
    expect([...owner.records.values()].flatMap((r) => r.gaps)).toEqual([])
  })

  test('that is the same but for its hash changes the births only', async () => {
    const service = await start()
    await clock.advance(5n * S)
    const [bus] = buses.values()
    await service.apply(siteWith((devices) => devices))
    expect(buses.get('bus')).toBe(bus)
    expect(owner.types('edge-1')).not.toContain('DDEATH dead-run')
    expect(birthMetric('site/hash')).toBe('another')
  })

  test('adds a device, and changes the limit of another while it is polled on', async () => {
    const service = await start()
    await clock.advance(5n * S)
    const limits = testSite().site.limits.map((limit) => ({ ...limit, limit: 0.4, deadband: 0 }))
    const second = (devices: SiteDevice[]) => [...devices, { ...devices[0]!, id: 'second', name: 'Second' }]
    await service.apply(siteWith(second, { limits }))
    await clock.advance(5n * S)
    expect(owner.types('edge-1')).toContain('DBIRTH second')
    expect(owner.types('edge-1')).not.toContain('DDEATH dead-run')
    expect([...owner.conditions.values()].map((c) => [c.record.limit_id, c.record.limit, c.record.state])).toEqual([
      ['high', 0.4, true],
    ])
  })

  test('moves a link: its devices are polled there, what the ring held meanwhile is not lost', async () => {
    const service = await start()
    await clock.advance(5n * S)
    grid()
    const [old] = buses.values()
    await service.apply(siteWith((devices) => devices, {}, { timeout_ms: 500 }))
    await clock.advance(5n * S)
    expect(old!.closed).toBe(true)
    expect(buses.get('bus')).not.toBe(old)
    expect(
      owner
        .types('edge-1')
        .filter((t) => t.endsWith(' dead-run'))
        .at(-1),
    ).toBe('DDATA dead-run')
    expect(service.stats()?.acquisition.devices.map((d) => [d.device, d.online])).toEqual([
      ['dead-run', true],
      ['roof', true],
    ])
    expect(grid()).toBeGreaterThanOrEqual(8)
  })

  test('of another node or site is refused, and nothing changes', async () => {
    const service = await start()
    await clock.advance(3n * S)
    const other = siteWith((devices) => devices)
    const [one] = other.file.nodes
    await expect(
      service.apply({ ...other, file: { ...other.file, nodes: [{ ...one!, id: 'edge-9' }] } }),
    ).rejects.toThrow(/expected node edge-1, got edge-9/)
    await expect(service.apply({ ...other, file: { ...other.file, site: 'elsewhere' } })).rejects.toThrow(
      /expected test/,
    )
    const births = node('NBIRTH').length
    await clock.advance(3n * S)
    expect(node('NBIRTH')).toHaveLength(births)
    expect(owner.types('edge-1').at(-1)).toContain('DATA')
  })
})

describe('the backlog of a site that is no more', () => {
  const offline = () => {
    broker.cutAll()
  }

  test('of a removed device is handed over under a birth that names it, also after a restart', async () => {
    const service = await start()
    await clock.advance(5n * S)
    offline()
    await clock.advance(10n * S)
    const rest = siteWith((devices) => devices.filter((d) => d.id === 'roof'), { limits: [] })
    await service.apply(rest)
    await clock.advance(2n * S)
    await running.splice(0)[0]!.stop()
    const before = owner.stages.length
    broker.reachable = true
    await start(rest)
    await clock.advance(20n * S)
    expect(owner.stages.length).toBeGreaterThanOrEqual(before + 9)
    const types = owner.types('edge-1').filter((t) => t.endsWith('dead-run'))
    expect(types.slice(-1)).toEqual(['DDEATH dead-run'])
    expect(running[0]!.stats()!.streams.readings.backlog_records).toBe(0)
  })

  test('of a ring whose scale changed is read by its old scale, what follows by the new one', async () => {
    const service = await start()
    await clock.advance(5n * S)
    const g = 9.80665
    offline()
    await clock.advance(10n * S)
    const model: Model = { ...ACCELEROMETER, ring: { ...ACCELEROMETER.ring!, full_scale: 4 } }
    const models = new Map([...testSite().site.models, [model.id, model]])
    const changedAt = clock.now()
    await service.apply(siteWith((devices) => devices, { models }))
    await clock.advance(5n * S)
    broker.heal()
    await clock.advance(30n * S)
    const scales = owner.blocks.map((b) => [b.t0_ns < changedAt - S, b.scale] as const)
    expect(scales.filter(([old]) => old).length).toBeGreaterThan(10)
    for (const [old, scale] of scales.filter(([old], i) => old || owner.blocks[i]!.t0_ns > changedAt + 2n * S))
      expect(scale).toBeCloseTo(((old ? 2 : 4) * g) / 32768, 12)
    expect(grid()).toBeGreaterThan(40)
    expect(service.stats()!.streams.blocks.backlog_records).toBe(0)
  })

  test('of a removed limit: it stays in the birth until its owner has committed it', async () => {
    owner.acknowledges = false
    const service = await start()
    stage_m = 0.7
    await clock.advance(5n * S)
    await service.apply(siteWith((devices) => devices, { limits: [] }))
    expect(birthMetric('condition/high')).toBe(true)
    owner.acknowledges = true
    await clock.advance(30n * S)
    expect(birthMetric('condition/high')).toBeUndefined()
  })
})

describe('a drill', () => {
  const drill = (more: Partial<EdgeDrill> = {}, seconds = 600): string =>
    JSON.stringify({
      id: 'spring',
      until_ns: String(clock.now() + BigInt(seconds) * S),
      shadows: [{ device: 'dead-run', host: '127.0.0.1', port: 5999, unit_id: 1, time_scale: 1 }],
      ...more,
    })
  const command = (value: string) => {
    owner.command('edge-1', { name: 'Node Control/Drill', value, datatype: DataType.String })
    return clock.advance(3n * S)
  }
  const shadow = 'drill.spring.dead-run'

  test('polls the shadow, marked as exercise, raises its limits under names of its own; real devices go on', async () => {
    await start()
    await clock.advance(5n * S)
    stage_m = 0.5
    await command(drill())
    expect(birthMetric('Node Control/Drill')).toBe('spring')
    expect(birthMetric('site/hash')).toBe('site-hash')
    const birth = owner.messages.find((m) => m.type === 'DBIRTH' && m.device === shadow)!
    expect(birth.payload.metrics.find((m) => m.name === 'stage')?.properties?.['exercise']?.value).toBe(true)
    buses.get(shadow)!.devices.set(1, new FakeGauge(() => 0.9))
    await clock.advance(3n * S)
    expect(
      [...owner.conditions.values()].map(({ record }) => [record.limit_id, record.exercise, record.state]),
    ).toEqual([['drill.spring.high', true, true]])
    expect(owner.types('edge-1')).not.toContain('DDEATH dead-run')
  })

  test('is left on command, and by itself when its time is over, also after a restart', async () => {
    await start()
    await command(drill())
    await command('{"id":null}')
    expect(birthMetric('Node Control/Drill')).toBeNull()
    expect(owner.types('edge-1')).toContain(`DDEATH ${shadow}`)
    await command(drill({ id: 'autumn' }, 15))
    await running.splice(0)[0]!.stop()
    await start()
    await clock.advance(3n * S)
    expect(birthMetric('Node Control/Drill')).toBe('autumn')
    await clock.advance(12n * S)
    expect(birthMetric('Node Control/Drill')).toBeNull()
    await running.splice(0)[0]!.stop()
    await start()
    await clock.advance(3n * S)
    expect(birthMetric('Node Control/Drill')).toBeNull()
    expect(owner.types('edge-1').at(-1)).not.toContain('drill')
  })

  test.each([
    ['not JSON', () => 'x'],
    ['a device that the site does not have', () => drill({ shadows: [{ ...place(), device: 'nowhere' }] })],
    ['a foreign host', () => drill({ shadows: [{ ...place(), host: '10.0.0.7' }] })],
    ['a bad port', () => drill({ shadows: [{ ...place(), port: 0 }] })],
    ['the same device twice', () => drill({ shadows: [place(), place()] })],
    ['a drill that is over', () => drill({}, -1)],
    ['a drill without end', () => drill({}, 86_400)],
  ])('with %s is refused, told, and changes nothing', async (_, body) => {
    await start()
    await clock.advance(3n * S)
    const births = node('NBIRTH').length
    await command(body())
    expect(node('NBIRTH')).toHaveLength(births)
    expect(lines.some((line) => line.includes('a drill was refused') && line.includes('expected'))).toBe(true)
  })
  const place = () => ({ device: 'dead-run', host: '127.0.0.1', port: 5999, unit_id: 1, time_scale: 1 })
})
