/** The whole room: a gauge on an in-memory bus, the outbox on disk, an owner that acknowledges; on the simulated clock. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { instantFromMs } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { EdgeService } from './service.ts'
import { FakeGauge, FakeRing, MemoryBus } from './testing.ts'
import { ACCELEROMETER, testSite } from './testing-site.ts'
import { MemoryBroker, Owner } from './testing-uplink.ts'

const S = 1_000_000_000n
let dataDir: string
let clock: SimulatedClock
let broker: MemoryBroker
let owner: Owner
let stage_m = 0.5

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  clock = new SimulatedClock(instantFromMs(Date.UTC(2026, 0, 1)))
  broker = new MemoryBroker()
  owner = new Owner('test', (topic, payload, retain) => setImmediate(() => broker.publish(topic, payload, retain)))
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    owner.take({ topic, payload })
  }
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

function edge(): EdgeService {
  const { site, node } = testSite()
  const openLink = () => {
    const bus = new MemoryBus(clock)
    bus.devices.set(1, new FakeGauge(() => stage_m))
    bus.devices.set(2, new FakeRing(ACCELEROMETER.ring!, clock.now(), (counter, axis) => (counter * 7 + axis) % 1000))
    return bus
  }
  const world = { clock, log: silentLog, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
  return new EdgeService({ site, node, dataDir, brokerUrl: 'mqtt://x:1', ...world })
}

test('what the gauge and the ring hold reaches the owner; a crossing in an outage is told afterwards; stop is clean', async () => {
  stage_m = 0.5
  const service = edge()
  await service.start()
  owner.state(true, 1)
  await clock.advance(20n * S)
  expect(owner.types('edge-1')).toContain('DBIRTH dead-run')
  expect(owner.blocks.length).toBeGreaterThan(10)
  const before = owner.stages.length
  expect(before).toBeGreaterThan(15)

  broker.cutAll()
  stage_m = 0.7
  await clock.advance(20n * S)
  stage_m = 0.5
  await clock.advance(20n * S)
  expect(owner.stages).toHaveLength(before)
  broker.heal()
  await clock.advance(10n * S)
  expect(owner.stages.filter((v) => v > 0.6).length).toBeGreaterThanOrEqual(19)
  const told = [...owner.conditions.values()].filter((c) => c.record.limit_id === 'high')
  expect(told.map((c) => [c.historical, c.record.state, c.record.occurrence])).toEqual([
    [true, true, 1],
    [true, false, 1],
  ])
  const counters = owner.blocks.map((b) => b.first_counter).sort((a, b) => a - b)
  expect(counters).toEqual(counters.map((_, i) => counters[0]! + i * 100))
  await clock.advance(5n * S)
  expect(service.stats()?.streams.conditions.backlog_records).toBe(0)

  await service.stop()
  expect(service.stats()).toBeUndefined()
  expect(['edge-1', 'edge-1-blocks'].map((id) => owner.types(id).at(-1))).toEqual(['NDEATH', 'NDEATH'])

  const again = edge()
  await again.start()
  await clock.advance(3n * S)
  expect(owner.types('edge-1').slice(-6)).toContain('NBIRTH')
  await again.stop()
})
