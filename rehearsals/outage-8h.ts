/**
 * Eight hours without uplink, on the simulated clock in one process: the real edge node with its outbox on disk, a gauge, a
 * ring of 100 Hz, and alarms that come and go meanwhile. Told is what the owner has afterwards, and what the outbox keeps.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { edgeFolder } from '../domain/data-folder.ts'
import type { Stream } from '../domain/record.ts'
import { type Instant, instantFromMs, NS_PER_S, secondsBetween } from '../domain/time.ts'
import { EdgeService } from '../edge/service.ts'
import { FakeGauge, FakeRing, MemoryBus } from '../edge/testing.ts'
import { ACCELEROMETER, testSite } from '../edge/testing-site.ts'
import { MemoryBroker, Owner } from '../edge/testing-uplink.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { removeFolder } from './line.ts'

/** The clock stands while a disk syncs, some 100,000 times: files in memory, where the system has them, save minutes. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const STREAMS: readonly Stream[] = ['conditions', 'readings', 'blocks']
const HALF_HOUR_S = 1800
/** The limit of the test site is 0.61 m: five minutes of every half hour are above. */
const stageAt = (into_s: number): number => (into_s % HALF_HOUR_S >= 600 && into_s % HALF_HOUR_S < 900 ? 0.7 : 0.5)
const sample = (counter: number, axis: number): number => (counter * 7 + axis * 331) % 1000

export type Outage = {
  readonly hours: number
  /** Blocks of 100 samples and gauge readings that time alone asks for, and what the owner has of them. */
  readonly blocks: Count
  readonly readings: Count
  /** Changes of the alarm in the outage, as the stage crossed its limit, and as they were told: in order, each once. */
  readonly conditions: Count
  /** Seconds from the line's return to the first live value, to the last condition, and to an empty outbox. */
  readonly live_s: number
  readonly conditions_s: number
  readonly drained_s: number
  /** Records of the backlog that came before the last condition of it. */
  readonly before_conditions: number
  /** Records that the node still keeps, and the bytes of its segments before the line came back and afterwards. */
  readonly left: number
  readonly bytes_before: number
  readonly bytes_after: number
}
type Count = { readonly expected: number; readonly missing: number; readonly doubled: number; readonly altered: number }

export async function outage8h(hours = 8): Promise<Outage> {
  const data = await mkdtemp(join(MEMORY, 'plumbline-outage-'))
  const begun = instantFromMs(Date.UTC(2026, 0, 1))
  const clock = new SimulatedClock(begun)
  const broker = new MemoryBroker()
  const owner = new Owner('test', (topic, payload, retain) =>
    setImmediate(() => broker.publish(topic, payload, retain)),
  )
  const arrived = new Arrivals(clock, owner)
  const publish = broker.publish.bind(broker)
  broker.publish = (topic, payload, retain) => {
    publish(topic, payload, retain)
    owner.take({ topic, payload })
    arrived.look()
    // What was said is kept as records; eight hours of packets are not.
    broker.log.length = 0
    owner.messages.length = 0
  }
  const { site, node } = eachSecond(testSite())
  const openLink = () => {
    const bus = new MemoryBus(clock)
    bus.devices.set(1, new FakeGauge((at) => stageAt(secondsBetween(at, begun))))
    bus.devices.set(2, new FakeRing(ACCELEROMETER.ring!, begun, sample))
    return bus
  }
  const world = { clock, log: silentLog, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
  const service = new EdgeService({ site, node, dataDir: data, brokerUrl: 'mqtt://x:1', ...world })
  const segments = edgeFolder(data, site.file.site, node.id)
  try {
    await service.start()
    owner.state(true, 1)
    await clock.advance(60n * NS_PER_S)
    broker.cutAll()
    await clock.advance(BigInt(hours * 3600) * NS_PER_S)
    const bytes_before = await bytesIn(join(segments, 'outbox'))
    const mended = clock.now()
    arrived.mended = mended
    broker.heal()
    owner.state(true, 2)
    const left = () => STREAMS.reduce((sum, stream) => sum + service.stats()!.streams[stream].backlog_records, 0)
    let drained_s = 0
    // One record a second is always on its way.
    while (drained_s < 3600 && left() > 3) {
      await clock.advance(NS_PER_S)
      drained_s++
    }
    await clock.advance(60n * NS_PER_S)
    const now_s = secondsBetween(clock.now(), begun)
    return {
      hours,
      blocks: blocksTold(owner, now_s),
      readings: readingsTold(owner, begun, now_s),
      conditions: conditionsTold(owner, begun, now_s),
      live_s: arrived.live_s,
      conditions_s: arrived.conditions_s,
      drained_s,
      before_conditions: arrived.beforeConditions,
      left: left(),
      bytes_before,
      bytes_after: await bytesIn(join(segments, 'outbox')),
    }
  } finally {
    await service.stop()
    await removeFolder(data)
  }
}

/** Every device is polled once a second: eight hours are 57,600 polls. */
function eachSecond({ site, node }: ReturnType<typeof testSite>): ReturnType<typeof testSite> {
  const links = node.links.map((link) => ({
    ...link,
    devices: link.devices.map((device) => ({ ...device, poll_ms: 1000 })),
  }))
  const slow = { ...node, links }
  return { site: { ...site, file: { ...site.file, nodes: [slow] } }, node: slow }
}

/** When, after the line is back, what came first. */
class Arrivals {
  readonly #clock: SimulatedClock
  readonly #owner: Owner
  mended: Instant | undefined
  live_s = Number.POSITIVE_INFINITY
  conditions_s = 0
  beforeConditions = 0
  #conditions = 0
  #records = 0
  #recordsAtMend: number | undefined

  constructor(clock: SimulatedClock, owner: Owner) {
    this.#clock = clock
    this.#owner = owner
  }

  look(): void {
    const { records, conditions } = this.#owner
    if (this.mended !== undefined) {
      this.#recordsAtMend ??= this.#records
      const into_s = secondsBetween(this.#clock.now(), this.mended)
      if (records.size > this.#records && into_s < this.live_s) {
        const newest = [...records.values()].at(-1)!
        const at = newest.readings[0]?.t_ns ?? newest.blocks[0]?.t0_ns
        if (at !== undefined && at >= this.mended) this.live_s = into_s
      }
      if (conditions.size > this.#conditions && [...conditions.values()].at(-1)!.record.at_ns < this.mended) {
        this.conditions_s = into_s
        this.beforeConditions = this.#records - this.#recordsAtMend
      }
    }
    this.#conditions = conditions.size
    this.#records = records.size
  }
}

function blocksTold(owner: Owner, now_s: number): Count {
  const counters = owner.blocks.map((block) => block.first_counter)
  const seen = new Set(counters)
  const altered = owner.blocks.filter((block) =>
    block.axes.some((axis, a) => axis.samples.some((value, i) => value !== sample(block.first_counter + i, a))),
  ).length
  const [first, expected] = [Math.min(...[...seen].slice(0, 10)), Math.floor(now_s) - 3]
  const missing = Array.from({ length: expected }, (_, i) => first + i * 100).filter((c) => !seen.has(c)).length
  return { expected, missing, doubled: counters.length - seen.size, altered }
}

function readingsTold(owner: Owner, begun: Instant, now_s: number): Count {
  const readings = [...owner.records.values()]
    .flatMap((record) => record.readings)
    .filter(({ channel }) => channel === 'dead-run/stage')
  const seconds = readings.map(({ t_ns }) => Math.floor(secondsBetween(t_ns, begun) + 1e-3))
  const seen = new Set(seconds)
  const altered = readings.filter(
    ({ value, t_ns }) => Math.abs((value ?? Number.NaN) - stageAt(secondsBetween(t_ns, begun))) > 1e-6,
  ).length
  const expected = Math.floor(now_s) - 5
  const missing = Array.from({ length: expected }, (_, i) => i + 2).filter((second) => !seen.has(second)).length
  return { expected, missing, doubled: seconds.length - seen.size, altered }
}

function conditionsTold(owner: Owner, begun: Instant, now_s: number): Count {
  const told = [...owner.conditions.values()]
    .map(({ record }) => record)
    .filter(({ limit_id, at_ns, occurrence }) => limit_id === 'high' && occurrence > 0 && at_ns > begun)
    .sort((a, b) => Number(a.at_ns - b.at_ns))
  const crossings: { at_s: number; state: boolean }[] = []
  for (let half = 0; half < now_s; half += HALF_HOUR_S)
    for (const [into_s, state] of [
      [600, true],
      [900, false],
    ] as const)
      if (half + into_s < now_s) crossings.push({ at_s: half + into_s, state })
  const of = (at_s: number, state: boolean) =>
    told.filter((one) => one.state === state && Math.abs(secondsBetween(one.at_ns, begun) - at_s) < 3).length
  const counts = crossings.map(({ at_s, state }) => of(at_s, state))
  return {
    expected: crossings.length,
    missing: counts.filter((n) => n === 0).length,
    doubled: counts.filter((n) => n > 1).length,
    altered: told.length - counts.reduce((a, b) => a + b, 0),
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((a, b) => a + b, 0)
}
