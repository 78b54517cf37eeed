/**
 * The disk of an edge node runs full in an outage, on a small disk of its own and the simulated clock: it measures and
 * decides on, counts what it cannot record, says so to the desk when the line is back, and records again by itself.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromIso, instant, NS_PER_S, secondsBetween } from '../domain/time.ts'
import { EdgeService } from '../edge/service.ts'
import { FakeGauge, FakeRing, MemoryBus } from '../edge/testing.ts'
import { ACCELEROMETER, testSite } from '../edge/testing-site.ts'
import { MemoryBroker, Owner } from '../edge/testing-uplink.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { mayMount } from '../runtime/mount.fixture.ts'

const BEGUN = fromIso('2026-03-01T00:00:00Z')!
const s = (seconds: number) => BigInt(seconds) * NS_PER_S
const mount = mayMount()

describe.skipIf(!mount)('a full disk at the edge (needs the right to mount)', () => {
  let disk: string
  let clock: SimulatedClock
  let broker: MemoryBroker
  let owner: Owner
  let service: EdgeService
  let stage_m: number
  let lines: string[]

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'plumbline-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=224k', 'tmpfs', disk])
    clock = new SimulatedClock(BEGUN)
    broker = new MemoryBroker()
    owner = new Owner('test', (topic, payload, retain) => setImmediate(() => broker.publish(topic, payload, retain)))
    const publish = broker.publish.bind(broker)
    broker.publish = (topic, payload, retain) => {
      publish(topic, payload, retain)
      owner.take({ topic, payload })
    }
    stage_m = 0.5
    lines = []
    // Segments far smaller than the disk, limits far larger: the disk is full first.
    const roomy = { max_mib: 0.25, max_age_h: 24 }
    const { site, node } = testSite({ conditions: roomy, readings: roomy, blocks: roomy })
    const ring = new FakeRing(ACCELEROMETER.ring!, BEGUN, (counter, axis) => (counter * 7 + axis) % 1000)
    const openLink = () => {
      const bus = new MemoryBus(clock)
      bus.devices.set(1, new FakeGauge(() => stage_m))
      bus.devices.set(2, ring)
      return bus
    }
    const log = createLog({ write: (line) => lines.push(line), pretty: false })
    const world = { clock, log, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
    service = new EdgeService({ site, node, dataDir: disk, brokerUrl: 'mqtt://x:1', ...world })
    await service.start()
    owner.state(true, 1)
    await clock.advance(s(10))
  })
  afterEach(async () => {
    await service.stop()
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  const readings = () => service.stats()!.streams.readings
  /** Whole seconds since the start of which the owner has the stage, or was told that nobody has it. */
  function toldOf(channel: string): { had: number; lost: number } {
    const records = [...owner.records.values()]
    const had = new Set(records.flatMap((r) => r.readings.filter((x) => x.channel === channel).map((x) => x.t_ns)))
    const gaps = records.flatMap((r) => r.gaps).filter((g) => g.channels.includes(channel))
    expect(gaps.every((g) => g.reason === 'disk-full')).toBe(true)
    return { had: had.size, lost: gaps.reduce((sum, g) => sum + g.missing, 0) }
  }

  test('in an outage: counted, told as a gap, alarmed; unaided it records again when the line is back', {
    timeout: 240_000,
  }, async () => {
    broker.cutAll()
    while (readings().unrecorded < 30) await clock.advance(s(10))
    // A crossing that no disk could take: the present state is told with the next birth.
    stage_m = 0.7
    await clock.advance(s(5))
    const during = readings()
    expect(during.unrecorded).toBeGreaterThan(30)
    expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)

    broker.heal()
    owner.state(true, 2)
    await clock.advance(s(45))
    const after = readings()
    await clock.advance(s(60))
    expect(readings().unrecorded).toBe(after.unrecorded)
    expect(readings().appended).toBeGreaterThanOrEqual(after.appended + 59)
    expect(readings().backlog_records).toBeLessThan(5)
    expect(lines.filter((line) => line.includes('outbox: recording again'))).toHaveLength(1)

    // Each poll is stored, or counted in a gap of its reason: none is silently missing.
    const { had, lost } = toldOf('dead-run/stage')
    const polls = Math.floor(secondsBetween(clock.now(), BEGUN))
    expect(lost).toBeGreaterThanOrEqual(10)
    expect(Math.abs(had + lost - polls)).toBeLessThanOrEqual(2)
    const samples = owner.blocks.reduce((sum, b) => sum + b.axes[0]!.samples.length, 0)
    const missing = toldOf('roof/acceleration/x').lost
    expect(missing).toBeGreaterThan(0)
    expect(Math.abs(samples + missing - polls * 100)).toBeLessThanOrEqual(300)

    // The desk knows of the loss, and of the crossing that happened meanwhile.
    const births = owner.messages.filter((m) => m.node === 'edge-1' && m.type === 'NBIRTH')
    const high = births.at(-1)!.payload.metrics.find((m) => m.name === 'condition/high')
    expect(high).toMatchObject({ value: true })
    // Its own record found no place either: the birth tells it.
    const losing = births.map((b) => b.payload.metrics.find((m) => m.name === 'condition/outbox-edge-1')?.value)
    expect(losing).toContain(true)
    await clock.advance(s(90))
    const told = [...owner.conditions.values()].map((c) => c.record).filter((c) => c.limit_id === 'outbox-edge-1')
    const newest = told.reduce((a, b) => (b.at_ns > a.at_ns ? b : a))
    expect(newest.state).toBe(false)
  })

  test('filled by another program with the line up: everything still goes out live, and the alarm comes and goes', {
    timeout: 240_000,
  }, async () => {
    const other = join(disk, 'other')
    fillUp(other)
    // Until the segment being written needs another page of the disk.
    while (readings().unrecorded < 5) await clock.advance(s(5))
    stage_m = 0.7
    await clock.advance(s(15))
    stage_m = 0.5
    await clock.advance(s(15))
    rmSync(other)
    await clock.advance(s(120))
    expect(lines.filter((line) => line.includes('outbox: recording again'))).toHaveLength(1)
    const { had, lost } = toldOf('dead-run/stage')
    expect(lost).toBe(0)
    expect(Math.abs(had - Math.floor(secondsBetween(clock.now(), BEGUN)))).toBeLessThanOrEqual(2)
    const records = [...owner.conditions.values()].map((c) => c.record)
    expect(records.filter((c) => c.limit_id === 'high').map((c) => c.state)).toEqual([true, false])
    expect(records.filter((c) => c.limit_id === 'outbox-edge-1').map((c) => c.state)).toEqual([true, false])
    expect(service.stats()!.lost).toBe(0)
    expect(instant(clock.now())).toBeGreaterThan(BEGUN)
  })
})

function fillUp(path: string): void {
  for (let bytes = 256 * 1024; bytes >= 1024; bytes = Math.floor(bytes / 2))
    for (;;)
      try {
        writeFileSync(path, new Uint8Array(bytes), { flag: 'a' })
      } catch {
        break
      }
}
