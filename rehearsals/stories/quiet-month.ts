/**
 * A month in which nothing happens: a gauge with the noise of its sensor and the warmth of each day, and for two hours a
 * building in the wind whose natural frequency wanders by 0.3 %. Nobody may be told of anything, and nothing may look unknown.
 * The limits stand where people set them: as near to the quiet as five times its spread.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Instant, instantFromMs, NS_PER_S, secondsBetween } from '../../domain/time.ts'
import { EdgeService } from '../../edge/service.ts'
import { type FakeDevice, FakeGauge, FakeRing, MemoryBus } from '../../edge/testing.ts'
import { MemoryBroker, Owner } from '../../edge/testing-uplink.ts'
import { loadModels } from '../../models/load.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { removeFolder } from '../line.ts'
import { randomFrom } from '../seeded.ts'
import { siteOf } from '../site.ts'
import type { Row } from './row.ts'
import { MEMORY } from './simulated-line.ts'

const BEGUN = instantFromMs(Date.UTC(2026, 6, 1))
const POLL_S = 60
/** The second in which a node starts is not whole, and says so. */
const BEGINNING_S = 2
const NOISE_M = 0.003
const WARMTH_M = 0.015
const STAGE_M = 1.2

export async function quietMonth({ days = 30, building_s = 7200 } = {}): Promise<Row> {
  const noise = gaussFrom(randomFrom(20260701))
  const stage = (at_s: number): number =>
    STAGE_M + WARMTH_M * Math.sin((2 * Math.PI * at_s) / 86_400) + NOISE_M * noise()
  const gauge = await told(days * 86_400, GAUGE_SITE, () => new FakeGauge((at) => stage(secondsBetween(at, BEGUN))))

  const ring = (await loadModels(['sim-accelerometer-3axis'])).get('sim-accelerometer-3axis')!.ring!
  const building = await told(
    building_s,
    BUILDING_SITE,
    () => new FakeRing(ring, BEGUN, swayInTheWind(ring.sample_rate_hz)),
  )
  return {
    promised: `${days} quiet days of a gauge and ${building_s / 3600} h of a building in the wind: nobody is told of anything`,
    counted: `gauge: ${gauge.readings} readings, ${gauge.raised} alarms, ${gauge.bad} not good; building: ${building.blocks} blocks, ${building.raised} alarms, ${building.bad} not good`,
    holds:
      gauge.raised + building.raised + gauge.bad + building.bad === 0 &&
      gauge.readings > days * 1400 &&
      building.blocks > building_s - 60,
  }
}

/** Three modes' worth of motion is not needed: one, 0.4 gal wide, whose 0.5 Hz wander by 0.3 % over the hour, and white noise. */
function swayInTheWind(rate_hz: number) {
  const count_m_s2 = (2 * 9.80665) / 32_768
  const noise = gaussFrom(randomFrom(7))
  return (counter: number, axis: number): number => {
    const at_s = counter / rate_hz
    const wander = (0.003 * 3600) / (2 * Math.PI)
    const phase = 2 * Math.PI * 0.5 * (at_s - wander * Math.cos((2 * Math.PI * at_s) / 3600))
    return Math.round((0.004 * (axis === 2 ? 0.1 : 1) * Math.sin(phase) + 0.0005 * noise()) / count_m_s2)
  }
}

const nodeWith = (device: object) => ({
  site: 'story',
  name: 'Story',
  nodes: [{ id: 'n1', name: 'n1', links: [{ id: 'line', tcp: { host: '127.0.0.1', port: 5020 }, devices: [device] }] }],
})
/** Five spreads of the noise beyond the warmest hour. */
const NEAR_M = STAGE_M + WARMTH_M + 5 * NOISE_M
const GAUGE_SITE = {
  ...nodeWith({ id: 'quay', name: 'Quay', model: 'sim-stage-gauge', unit_id: 1, poll_ms: POLL_S * 1000 }),
  limits: [
    { id: 'high', name: 'High', channel: 'quay/stage', above: NEAR_M, unit: 'm', deadband: 0.01, on_delay_s: 120 },
    {
      id: 'rising',
      name: 'Rising',
      channel: 'quay/stage',
      rising_faster_than: { per_h: 0.1, window_s: 1800 },
      unit: 'm',
    },
    { id: 'silent', name: 'Silent', channel: 'quay/stage', stale_s: 300 },
  ],
}
const BUILDING_SITE = {
  ...nodeWith({ id: 'roof', name: 'Roof', model: 'sim-accelerometer-3axis', unit_id: 1 }),
  limits: [{ id: 'shaken', name: 'Shaken', channel: 'roof/pga', above: 2.5, unit: 'gal', deadband: 0.5, latch: false }],
}

async function told(for_s: number, file: object, deviceOf: () => FakeDevice) {
  const data = await mkdtemp(join(MEMORY, 'plumbline-quiet-'))
  const site = await siteOf(file)
  const clock = new SimulatedClock(BEGUN as Instant)
  const broker = new MemoryBroker()
  const owner = new Owner('story', (topic, payload, retain) =>
    setImmediate(() => broker.publish(topic, payload, retain)),
  )
  const counts = { readings: 0, blocks: 0, raised: 0, bad: 0 }
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    owner.take({ topic, payload })
    for (const { readings, blocks } of owner.records.values()) {
      counts.blocks += blocks.length
      for (const { channel, flag, t_ns } of readings) {
        if (channel === 'quay/stage') counts.readings++
        if (flag !== 1 && flag !== 2 && secondsBetween(t_ns, BEGUN) > BEGINNING_S) counts.bad++
      }
    }
    for (const { record } of owner.conditions.values()) if (record.state) counts.raised++
    // A month is not kept.
    owner.records.clear()
    owner.conditions.clear()
    owner.arrivals.clear()
    owner.messages.length = 0
    broker.log.length = 0
  }
  const openLink = () => {
    const bus = new MemoryBus(clock)
    bus.devices.set(1, deviceOf())
    return bus
  }
  const world = { clock, log: silentLog, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
  const edge = new EdgeService({ site, node: site.file.nodes[0]!, dataDir: data, brokerUrl: 'mqtt://x:1', ...world })
  try {
    await edge.start()
    owner.state(true, 1)
    await clock.advance(BigInt(for_s) * NS_PER_S)
    return counts
  } finally {
    await edge.stop()
    await removeFolder(data)
  }
}

/** Box and Muller: normal, spread 1. */
function gaussFrom(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
