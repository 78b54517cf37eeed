/** Commands and numbers of the whole room: NCMD in, a register written and read back, the answer out; `/metrics` over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import type { Model } from '../domain/model.ts'
import type { SiteFile, SiteNode } from '../domain/site.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { instantFromMs } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { EdgeService } from './service.ts'
import { FakeGauge, FakeRing, MemoryBus } from './testing.ts'
import { ACCELEROMETER, GAUGE, testSite } from './testing-site.ts'
import { MemoryBroker, Owner } from './testing-uplink.ts'

const S = 1_000_000_000n
let dataDir: string
let clock: SimulatedClock
let broker: MemoryBroker
let owner: Owner
let service: EdgeService | undefined
let written: number[]

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
  written = []
})
afterEach(async () => {
  await service?.stop()
  service = undefined
  await rm(dataDir, { recursive: true, force: true })
})

const GATE = { metric: 'gate', table: 'holding', address: 40, type: 'uint16', unit: '1', writable: true } as const
async function start(more: Partial<SiteNode> = {}) {
  const { site: plain } = testSite()
  const model: Model = { ...GAUGE, points: [...GAUGE.points!, { ...GATE, range: { low: 0, high: 3 } }] }
  const node = { ...plain.file.nodes[0]!, ...more } as SiteNode
  const file = { ...plain.file, nodes: [node] } as SiteFile
  const site: Site = { ...plain, file, models: new Map([...plain.models, [model.id, model]]) }
  const openLink = () => {
    const bus = new MemoryBus(clock)
    const gauge = new FakeGauge(() => 0.5)
    const word = gauge.word.bind(gauge)
    gauge.word = (table, address, at) => (address === GATE.address ? (written.at(-1) ?? 0) : word(table, address, at))
    bus.devices.set(1, gauge)
    bus.devices.set(2, new FakeRing(ACCELEROMETER.ring!, clock.now(), () => 0))
    bus.writeRegisters = async (_unit, address, values) => {
      if (address === GATE.address) written.push(values[0]!)
    }
    return bus
  }
  const world = { clock, log: silentLog, connectMqtt: broker.connect, openLink, password: async () => 'secret' }
  service = new EdgeService({ site, node, dataDir, brokerUrl: 'mqtt://x:1', ...world })
  await service.start()
  await clock.advance(3n * S)
}
const command = async (more: object) => {
  const expires_ns = String(clock.now() + 60n * S)
  const body = {
    id: 'one',
    kind: 'write',
    device: 'dead-run',
    metric: 'gate',
    value: 2,
    by: 'Mei',
    expires_ns,
    ...more,
  }
  owner.command('edge-1', { name: 'Node Control/Command', value: JSON.stringify(body), datatype: DataType.String })
  await clock.advance(2n * S)
  const all = owner.messages.flatMap((m) => m.payload.metrics.filter(() => m.type === 'NDATA'))
  return all.filter((m) => m.name === 'Node Control/Command Result').map((m) => JSON.parse(String(m.value)))
}

test('a write is carried out and confirmed; the same id again is only answered', async () => {
  await start()
  expect(await command({})).toEqual([{ id: 'one', ok: true, detail: 'written and read back' }])
  expect(await command({})).toHaveLength(2)
  expect(written).toEqual([2])
})

test.each([
  ['beyond its range', { value: 4 }, 'out-of-range'],
  ['of a point that may not be written', { metric: 'stage' }, 'not-writable'],
  ['that has expired', { expires_ns: '1' }, 'expired'],
  ['to sound for ever', { kind: 'sound', output: 'siren', for_s: 1e9 }, 'for_s'],
  ['to sound what is not there', { kind: 'sound', output: 'siren', for_s: 5 }, 'no output siren'],
  ['to sound that has expired', { kind: 'sound', output: 'siren', for_s: 5, expires_ns: '1' }, 'expires_ns'],
  ['of a kind that is none', { kind: 'reboot' }, 'expected write, silence or sound'],
])('a command %s is refused and answered', async (_, more, why) => {
  await start()
  const [answer] = await command(more)
  expect(answer).toMatchObject({ id: 'one', ok: false, detail: expect.stringContaining(why) })
  expect(written).toEqual([])
})

test('serves its numbers: one series an entry of the site, histograms that add up, nothing else', async () => {
  const port = await freePort()
  await start({ metrics: { host: '127.0.0.1', port } })
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (series: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    )
  const { acquisition, streams } = service!.stats()!
  const polls = acquisition.devices.find((d) => d.device === 'dead-run')!.polls
  expect(polls).toBeGreaterThan(2)
  const labels = 'device="dead-run",link="bus"'
  expect(value(`plumbline_polls_total{${labels}}`)).toBe(polls)
  expect(value(`plumbline_poll_duration_seconds_bucket{${labels},le="+Inf"}`)).toBe(polls)
  expect(value(`plumbline_poll_duration_seconds_count{${labels}}`)).toBe(polls)
  expect(value('plumbline_outbox_backlog_records{stream="readings"}')).toBe(streams.readings.backlog_records)
  expect(value('plumbline_clock_trusted')).toBe(1)
  expect(value('plumbline_uplink_up{uplink="node"}')).toBe(1)
  // Every sample line follows the text format; every family is announced once, before its samples.
  const names = new Set<string>()
  for (const line of page.trimEnd().split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (type !== null) {
      expect(names.has(type[1]!)).toBe(false)
      names.add(type[1]!)
    } else if (!line.startsWith('# HELP ')) {
      expect(line).toMatch(/^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+$/)
      expect(
        names.has(line.split(/[{ ]/)[0]!.replace(/_(bucket|sum|count)$/, '')) || names.has(line.split(/[{ ]/)[0]!),
      ).toBe(true)
    }
  }
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(405)
  await service!.stop()
  service = undefined
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow()
})
