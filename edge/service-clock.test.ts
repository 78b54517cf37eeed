/** The whole room on a clock that is wrong at first, or is stepped: nothing gets a wrong instant, nothing is lost. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import type { SiteFile, SiteNode } from '../domain/site.ts'
import { fromIso, type Instant, instantFromMs } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { EdgeService } from './service.ts'
import { FakeGauge, FakeRing, MemoryBus } from './testing.ts'
import { ACCELEROMETER, testSite } from './testing-site.ts'
import { MemoryBroker, Owner } from './testing-uplink.ts'

const S = 1_000_000_000n
const TRUE = fromIso('2026-11-22T12:00:00Z')!
let dataDir: string
let clock: SimulatedClock
let broker: MemoryBroker
let owner: Owner
let lines: string[]
let stage_m: number
let ring: FakeRing
let service: EdgeService | undefined

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  broker = new MemoryBroker()
  owner = new Owner('test', (topic, payload, retain) => setImmediate(() => broker.publish(topic, payload, retain)))
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    owner.take({ topic, payload })
  }
  lines = []
  stage_m = 0.5
})
afterEach(async () => {
  await service?.stop()
  service = undefined
  await rm(dataDir, { recursive: true, force: true })
})

async function start(
  wall: Instant,
  more: { node?: Partial<SiteNode>; synchronised?: () => boolean | undefined; offset_s?: number; boot?: number } = {},
) {
  clock ??= new SimulatedClock(wall)
  const { site: plain } = testSite()
  const node = { ...plain.file.nodes[0]!, ...more.node } as SiteNode
  const site: Site = { ...plain, file: { ...plain.file, nodes: [node] } as SiteFile }
  ring ??= new FakeRing(ACCELEROMETER.ring!, clock.now(), (counter, axis) => (counter * 7 + axis) % 1000)
  const openLink = () => {
    const bus = new MemoryBus(clock)
    bus.devices.set(1, new FakeGauge(() => stage_m))
    bus.devices.set(2, ring)
    return bus
  }
  const log = createLog({ write: (line) => lines.push(line), pretty: false })
  service = new EdgeService({
    site,
    node,
    dataDir,
    brokerUrl: 'mqtt://x:1',
    clock,
    log,
    connectMqtt: broker.connect,
    openLink,
    password: async () => 'secret',
    boot: new Uint8Array(16).fill(more.boot ?? 7),
    clockProbe: async () => {
      const synchronised = more.synchronised?.()
      return synchronised === undefined ? undefined : { synchronised, ...(synchronised && { offset_s: more.offset_s }) }
    },
  })
  await service.start()
  owner.state(true, 1)
}
beforeEach(() => {
  clock = undefined as never
  ring = undefined as never
})
/** As NTP sets it; the devices keep their own time. */
const setWall = (to: Instant) => {
  ring.booted = (ring.booted + (to - clock.now())) as Instant
  clock.stepWall(to - clock.now())
}
const birth = (name: string) =>
  owner.messages
    .findLast((m) => m.node === 'edge-1' && m.type === 'NBIRTH')
    ?.payload.metrics.find((m) => m.name === name)?.value
const stages = () =>
  [...owner.records.values()]
    .flatMap((r) => r.readings)
    .filter((r) => r.channel === 'dead-run/stage' && r.value !== null)
    .map((r) => r.t_ns)
    .sort((a, b) => (a < b ? -1 : 1))

test('boots in 1970: readings wait, the alarm goes out marked; with the time known all are sent with their true instants', async () => {
  await start(instantFromMs(10_000))
  const begun = clock.monotonic()
  await clock.advance(10n * S)
  expect(birth('clock/trusted')).toBe(false)
  expect(owner.records.size).toBe(0)
  stage_m = 0.7
  await clock.advance(10n * S)
  const [early] = [...owner.conditions.values()]
  expect(early!.record).toMatchObject({ state: true, occurrence: 1, time_unknown: true })
  expect(lines.filter((line) => line.includes('the time is not known'))).toHaveLength(1)

  setWall(TRUE)
  const offset = TRUE - clock.monotonic()
  await clock.advance(30n * S)
  expect(birth('clock/trusted')).toBe(true)
  const at = stages()
  const trueBegin = begun + offset
  expect(at[0]).toBeGreaterThanOrEqual(trueBegin)
  expect(at[0]! - trueBegin).toBeLessThan(2n * S)
  // Without a break from before the clock was set to after it, but for the poll that was given up.
  for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeLessThanOrEqual(3n * S)
  expect(at.length).toBeGreaterThanOrEqual(47)
  const gaps = [...owner.records.values()].flatMap((r) => r.gaps)
  expect(gaps.every((g) => g.missing <= 2)).toBe(true)
  const blocks = owner.blocks.sort((a, b) => a.first_counter - b.first_counter)
  expect(blocks.map((b) => b.first_counter)).toEqual(blocks.map((_, i) => blocks[0]!.first_counter + i * 100))
  for (const b of blocks) expect(Math.abs(Number(b.t0_ns) - ring.truth_ns(b.first_counter))).toBeLessThan(20e6)
  expect(service!.stats()!.streams.readings.backlog_records).toBeLessThan(3)
  // The alarm is the same occurrence; births tell its true onset.
  const condition = owner.messages
    .findLast((m) => m.node === 'edge-1' && m.type === 'NBIRTH')!
    .payload.metrics.find((m) => m.name === 'condition/high')!
  expect(condition.properties?.['time_unknown']?.value).toBe(false)
  expect(Number(condition.properties!['onset_ns']!.value) - Number(trueBegin)).toBeLessThan(13e9)
})

test('`ntp`: waits for the time service to say so, says why it waits, and trusts on when the service goes', async () => {
  let synchronised: boolean | undefined
  await start(TRUE, { node: { clock: 'ntp' }, synchronised: () => synchronised, offset_s: -0.0025 })
  await clock.advance(40n * S)
  expect(owner.records.size).toBe(0)
  expect(service!.stats()!.clock.offset_s).toBeNull()
  expect(lines.find((line) => line.includes('the time is not known'))).toContain('neither chronyc nor timedatectl')
  synchronised = true
  await clock.advance(40n * S)
  expect(stages().length).toBeGreaterThan(60)
  expect(service!.stats()!.clock.offset_s).toBe(-0.0025)
  synchronised = false
  await clock.advance(40n * S)
  expect(service!.stats()!.clock.offset_s).toBeNull()
  expect(service!.stats()!.clock.trusted).toBe(true)
  expect(lines.filter((line) => line.includes('not synchronised any more'))).toHaveLength(1)
})

test.each([
  ['back 10 min', -600n],
  ['forward 1 h', 3600n],
])(
  'a step %s is told, counted and published; what follows is stamped by the new time, and every record arrives',
  async (_, by) => {
    await start(TRUE)
    await clock.advance(10n * S)
    const before = stages().length
    setWall((clock.now() + by * S) as Instant)
    const from = clock.now()
    await clock.advance(20n * S)
    expect(lines.filter((line) => line.includes('the clock was stepped'))).toHaveLength(1)
    const told = owner.messages.flatMap((m) => (m.type === 'NDATA' ? m.payload.metrics : []))
    expect(told.find((m) => m.name === 'clock/step_count')?.value).toBe(1n)
    expect(Number(told.find((m) => m.name === 'clock/last_step_s')?.value)).toBeCloseTo(Number(by), 0)
    const after = stages().filter((t) => t >= from && t <= clock.now())
    expect(after.length).toBeGreaterThanOrEqual(18)
    expect(stages().length - before).toBeGreaterThanOrEqual(18)
    expect(service!.stats()!.lost).toBe(0)
  },
)

/** A boot of 40 s in 1970, ended; then one that knows the time. Nobody was there to take anything meanwhile. */
async function afterALostBoot(meanwhile: () => void = () => {}) {
  await start(instantFromMs(10_000))
  owner.state(false, 2)
  await clock.advance(40n * S)
  await service!.stop()
  meanwhile()
  setWall(TRUE)
  const began = TRUE - 40n * S
  await start(TRUE, { boot: 8 })
  owner.state(true, 3)
  return { began }
}

test('a boot that ended without the time is dated by a sensor whose counter ran through', async () => {
  const { began } = await afterALostBoot()
  await clock.advance(30n * S)
  const early = () => stages().filter((t) => t < TRUE)
  expect(early()).toEqual([])
  expect(service!.stats()!.timeless).toBeGreaterThan(38)
  await clock.advance(50n * S)
  // The gauge has no clock of its own: it was read in the same boot as the ring. 100 ppm of a minute are 6 ms.
  expect(early().length).toBeGreaterThanOrEqual(38)
  expect(early().length).toBeLessThanOrEqual(41)
  early().forEach((t, i) => {
    expect(Math.abs(Number(t - began) / 1e9 - i)).toBeLessThan(0.1)
  })
  const old = [...owner.records.values()]
    .flatMap((r) => r.readings)
    .filter((r) => r.t_ns < TRUE && r.channel === 'dead-run/stage')
  expect(old.every((r) => r.half_width_ns > 1_000_000n && r.half_width_ns < 100_000_000n)).toBe(true)
  for (const b of owner.blocks) expect(Math.abs(Number(b.t0_ns) - ring.truth_ns(b.first_counter))).toBeLessThan(100e6)
  const counters = new Set(owner.blocks.map((b) => b.first_counter))
  for (let counter = 0; counter < 4000; counter += 100) expect(counters.has(counter), String(counter)).toBe(true)
  expect(service!.stats()!.streams.readings.dropped).toBe(0)
  expect(service!.stats()!.timeless).toBe(0)
  expect(service!.stats()!.streams.readings.backlog_records).toBeLessThan(5)
  expect(lines.some((line) => line.includes('are dated by a sensor'))).toBe(true)
}, 120_000)

test('one that nothing dates is given up: counted, told as a gap of unknown time, alarmed, and its room is free again', async () => {
  await afterALostBoot(() => ring.restart(clock.now()))
  await clock.advance(80n * S)
  const gaps = [...owner.records.values()].flatMap((r) => r.gaps).filter((g) => g.reason === 'clock-unknown')
  const stage = gaps.filter((g) => g.channels.includes('dead-run/stage'))
  expect(stage.reduce((sum, g) => sum + g.missing, 0)).toBeGreaterThanOrEqual(38)
  const axes = gaps.filter((g) => g.channels.includes('roof/acceleration/x'))
  // 36 whole blocks or more of 100 samples.
  expect(axes.reduce((sum, g) => sum + g.missing, 0)).toBeGreaterThanOrEqual(3600)
  for (const g of gaps) {
    expect(g.from_ns).toBeLessThan(fromIso('2026-01-02T00:00:00Z')!)
    expect(Math.abs(Number(g.to_ns - TRUE))).toBeLessThan(2e9)
  }
  const told = [...owner.conditions.values()].filter((c) => c.record.limit_id === 'outbox-edge-1')
  expect(told.map((c) => c.record.state)).toContain(true)
  const { readings, blocks } = service!.stats()!.streams
  expect(readings.dropped).toBeGreaterThanOrEqual(38)
  expect([readings.backlog_records, blocks.backlog_records].every((n) => n < 5)).toBe(true)
  expect(lines.filter((line) => line.includes('are given up'))).toHaveLength(1)
  // No other gap pretends to know when it was.
  const others = [...owner.records.values()].flatMap((r) => r.gaps).filter((g) => g.reason !== 'clock-unknown')
  expect(others.every((g) => g.missing < 20_000)).toBe(true)

  // Given up once, also over a restart.
  await service!.stop()
  await start(clock.now(), { boot: 8 })
  owner.state(true, 4)
  await clock.advance(70n * S)
  expect(lines.filter((line) => line.includes('are given up'))).toHaveLength(1)
}, 120_000)
