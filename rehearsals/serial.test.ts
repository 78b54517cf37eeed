/** Every kind of link, from the site file over a real wire: what the sensors hold arrives unchanged, and nothing else. */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { endpointOf, kindOf, type LinkKind, type Site } from '../domain/channel.ts'
import { blockLength } from '../domain/reading.ts'
import type { SiteLink } from '../domain/site.ts'
import { addNs } from '../domain/time.ts'
import { Acquisition } from '../edge/acquisition.ts'
import { openModbus } from '../edge/io/modbus-link.ts'
import { MemoryLife, MemoryRecorder, MemoryState } from '../edge/testing.ts'
import { openPtyPair } from '../firmware-sim/io/pty-pair.ts'
import { dropFolder, haveTool, makeFolder } from '../firmware-sim/io/real-tools.fixture.ts'
import { SerialWireProxy } from '../firmware-sim/io/serial-wire-proxy.ts'
import { TcpWireProxy } from '../firmware-sim/io/tcp-wire-proxy.ts'
import { SimulatorService } from '../firmware-sim/service.ts'
import type { WireFaults } from '../firmware-sim/wire-proxy.ts'
import { loadRecording } from '../recordings/load.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { freePort } from './ports.ts'
import { siteOf } from './site.ts'
import { until } from './until.ts'

const TIMEOUT_MS = 150
/**
 * RTU cannot tell a reply that is later than two time-outs from the next one: a machine that runs a whole test suite must not be
 * held up for so long.
 */
const PATIENT_MS = 450
/** A silent unit holds its line for the time-out and for the drain after it. */
const HELD_MS = 2 * TIMEOUT_MS + 100
const FORMAT = { baud: 115_200, parity: 'none', stop_bits: 1 } as const

const clock = new SystemClock()
const folder = makeFolder()
const serial = haveTool('socat', 'socat') && (await haveSerialPort())
type Kind = Exclude<LinkKind, 'tls'>
const KINDS: Kind[] = ['tcp', 'rtu_over_tcp', ...(serial ? (['rtu'] as const) : [])]

async function haveSerialPort(): Promise<boolean> {
  const there = await import('serialport').then(
    () => true,
    () => false,
  )
  if (!there && process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error('the npm package serialport is missing')
  if (!there) console.info('the npm package serialport is missing: the tests of serial lines are skipped')
  return there
}

const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})
afterAll(() => dropFolder(folder))

const gauge = (id: string, unit_id: number, from: string) => ({
  id,
  name: id,
  model: 'sim-stage-gauge',
  unit_id,
  simulated: { time_scale: 180, play: { recording: 'usgs-dead-run-2018', from } },
})
const DEVICES = [
  {
    id: 'tower',
    name: 'tower',
    model: 'sim-accelerometer-3axis',
    unit_id: 1,
    simulated: { play: { recording: 'jma-yonago-2000', from: '2000-10-06T13:30:20+09:00' } },
  },
  gauge('river', 2, '2018-06-03T20:00:00Z'),
  gauge('creek', 3, '2018-06-03T22:00:00Z'),
]

type Wire = { setFaults(faults: WireFaults): void; readonly counts: SerialWireProxy['counts'] }
type Rig = { site: Site; simulator: SimulatorService; recorder: MemoryRecorder; life: MemoryLife; wire: Wire }

/** One link of a kind with three devices, and a wire that can be spoiled between them and the edge. */
async function start(kind: Kind, timeout_ms = TIMEOUT_MS): Promise<Rig> {
  const rig = await startDevices(kind, timeout_ms)
  const { site, recorder, life } = rig
  const acquisition = new Acquisition({
    site,
    node: site.file.nodes[0]!,
    clock,
    log: silentLog,
    openLink: openModbus(clock, silentLog),
    recorder,
    life,
    state: new MemoryState(),
  })
  acquisition.start()
  cleanups.push(() => acquisition.stop())
  return rig
}

async function startDevices(kind: Kind, timeout_ms = TIMEOUT_MS): Promise<Rig> {
  const [place, wire] = kind === 'rtu' ? await serialWire() : await tcpWire(kind)
  const node = { id: 'n1', name: 'n1', links: [{ id: 'bus', ...place, timeout_ms, devices: DEVICES }] }
  const site = await siteOf({ site: 'serial', name: 'Serial', nodes: [node] })
  expect(kindOf(site.file.nodes[0]!.links[0]!)).toBe(kind)
  const simulator = new SimulatorService({ site: behind(site, wire.behind), clock, log: silentLog, loadRecording })
  await simulator.start()
  cleanups.push(() => simulator.stop())
  return { site, simulator, recorder: new MemoryRecorder(), life: new MemoryLife(), wire: wire.proxy }
}

/** The simulator listens behind the proxy: the same site but for the port. */
const behind = (site: Site, port: number | undefined): Site => {
  if (port === undefined) return site
  const moved = structuredClone(site.file)
  const link = moved.nodes[0]!.links[0]!
  const place = link.tcp ?? link.rtu_over_tcp
  place!.port = port
  return { ...site, file: moved }
}

async function tcpWire(kind: 'tcp' | 'rtu_over_tcp') {
  const [port, behind] = [await freePort(), await freePort()]
  const proxy = new TcpWireProxy({
    host: '127.0.0.1',
    port,
    path: 'proxy',
    link: 'bus',
    upstream: { host: '127.0.0.1', port: behind },
    framing: kind === 'tcp' ? 'mbap' : 'rtu',
    seed: 7,
    clock,
    log: silentLog,
  })
  await proxy.listen()
  cleanups.push(() => proxy.close())
  return [{ [kind]: { port } }, { behind, proxy }] as const
}

async function serialWire() {
  const name = (end: string) => `${folder}/${cleanups.length}-${end}`
  const pairs = [
    await openPtyPair(name('edge'), name('master')),
    await openPtyPair(name('devices'), name('simulator')),
  ] as const
  cleanups.push(...pairs.map((pair) => () => pair.close()))
  const settings = (device: string) => ({ ...FORMAT, device, path: 'proxy' })
  const [master, devices] = [settings(pairs[0].b), settings(pairs[1].a)]
  const proxy = new SerialWireProxy({ link: 'bus', master, devices, seed: 7, clock, log: silentLog })
  await proxy.open()
  cleanups.push(() => proxy.close())
  return [{ rtu: { ...FORMAT, path: pairs[0].a, simulator_path: pairs[1].b } }, { behind: undefined, proxy }] as const
}

/** Every sample and reading that was recorded against what the device held. */
function expectTruth({ simulator, recorder }: Rig): void {
  const tower = simulator.accelerometer('tower')
  const wrong = recorder.blocks.flatMap((block) =>
    block.axes.flatMap(({ samples }, axis) =>
      [...samples].flatMap((raw, i) => (raw === tower.rawSample(block.first_counter + i, axis) ? [] : [{ axis, i }])),
    ),
  )
  expect(wrong).toEqual([])
  for (const id of ['river', 'creek'])
    for (const { value, t_ns, half_width_ns } of recorder.of(`${id}/stage`).filter((r) => r.value !== null)) {
      const around = [-1n, 1n].map((side) => addNs(t_ns, side * (half_width_ns + 5_000_000n)))
      expect(around.map((at) => Math.fround(simulator.gauge(id).valueAt(at)))).toContain(value)
    }
}

/** First and last counter recorded; no sample twice, none left out. */
function expectUnbroken({ recorder }: Rig): void {
  const { blocks } = recorder
  const next = blocks.map((block) => block.first_counter + blockLength(block))
  expect(blocks.slice(1).map((block) => block.first_counter)).toEqual(next.slice(0, -1))
  expect(recorder.blockGaps).toEqual([])
}

const samplesOf = (recorder: MemoryRecorder) => recorder.blocks.reduce((sum, block) => sum + blockLength(block), 0)
const goodOf = (recorder: MemoryRecorder, id: string) => recorder.of(`${id}/stage`).filter((r) => r.flag === 1)
const badOf = (recorder: MemoryRecorder, id: string) => recorder.of(`${id}/stage`).filter((r) => r.value === null)

describe.each(KINDS)('a link of the kind %s', (kind) => {
  test('gives ring and gauges unchanged, every unit its own', async () => {
    const rig = await start(kind, PATIENT_MS)
    await until('3 s of samples and 3 readings a gauge', () => {
      const { recorder } = rig
      return samplesOf(recorder) >= 300 && ['river', 'creek'].every((id) => goodOf(recorder, id).length >= 3)
    })
    expectTruth(rig)
    expectUnbroken(rig)
    expect(rig.recorder.of('river/stage')[0]!.value).not.toBe(rig.recorder.of('creek/stage')[0]!.value)
    expect(new Set(rig.life.events)).toEqual(new Set(['tower online', 'river online', 'creek online']))
  })

  test('one dead unit of three leaves the others on schedule', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.simulator.setFault('creek', 'hang')
    await until('the dead one is offline', () => rig.life.events.includes('creek offline timeout'))
    const rivers = goodOf(rig.recorder, 'river')
    // Against the grid of whole seconds: on a busy machine a unit may itself overrun the short time-out, and is then told bad.
    const after_s = rivers.map((r) => Number(r.t_ns - rivers[0]!.t_ns) / 1e9)
    const late_ms = after_s.map((s) => Math.abs(s - Math.round(s)) * 1000)
    expect(rivers.length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...late_ms)).toBeLessThan(HELD_MS)
    // A tick without a good reading is there only where the device itself was told bad: none is missing silently.
    expect(Math.round(after_s.at(-1)!) + 1 - rivers.length).toBeLessThanOrEqual(badOf(rig.recorder, 'river').length)
    expectTruth(rig)
    expectUnbroken(rig)
    rig.simulator.setFault('creek', 'none')
    await until('it comes back', () => rig.life.events.at(-1) === 'creek online')
  })

  test('a late reply never becomes the data of another request', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.wire.setFaults({ way: 'replies', delay: { chance: 0.3, ms: TIMEOUT_MS + 20, jitter_ms: TIMEOUT_MS - 60 } })
    await until('8 replies came late', () => rig.wire.counts.replies.delay >= 8, 40_000)
    rig.wire.setFaults({})
    const before = samplesOf(rig.recorder)
    const stages = goodOf(rig.recorder, 'river').length
    await until(
      'data flow again',
      () => samplesOf(rig.recorder) > before && goodOf(rig.recorder, 'river').length > stages,
    )
    expectTruth(rig)
    expectUnbroken(rig)
  }, 60_000)

  test('asked on and on, one unit never answers with what it was asked before', async () => {
    const { site, simulator, wire } = await startDevices(kind, PATIENT_MS)
    const tower = simulator.accelerometer('tower')
    await until('the ring holds 4 s', () => tower.newestCounter(clock.now()) >= 400)
    const link = openModbus(clock, silentLog)(site.file.nodes[0]!.links[0]!)
    cleanups.push(() => link.close())
    wire.setFaults({ way: 'replies', delay: { chance: 0.4, ms: PATIENT_MS + 5, jitter_ms: 40 } })
    const asked = Array.from({ length: 40 }, (_, i) => i * 10)
    const answers = await Promise.all(
      asked.map((counter) =>
        link.readRegisters(1, 'holding', 32 + counter * 3, 30).then(
          ({ registers }) => Array.from(registers, (word) => (word << 16) >> 16),
          (error) => error.reason as string,
        ),
      ),
    )
    const truth = (counter: number) =>
      Array.from({ length: 30 }, (_, i) => tower.rawSample(counter + Math.floor(i / 3), i % 3))
    for (const [i, answer] of answers.entries())
      expect(answer, `request ${i}`).toEqual(typeof answer === 'string' ? 'timeout' : truth(asked[i]!))
    expect(answers.filter((answer) => typeof answer === 'string').length).toBe(wire.counts.replies.delay)
    expect(wire.counts.replies.delay).toBeGreaterThan(8)
  }, 60_000)

  // Modbus TCP has no CRC: a spoilt bit is TCP's to notice; there a reply only loses bytes or its number.
  test('a line that spoils replies costs polls, never truth', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.wire.setFaults({ ...(kind !== 'tcp' && { corrupt: 0.1 }), truncate: 0.1, misnumber: 0.1, way: 'replies' })
    const spoilt = () => {
      const { corrupt, truncate, misnumber } = rig.wire.counts.replies
      return corrupt + truncate + misnumber
    }
    await until('10 replies were spoilt', () => spoilt() >= 10, 40_000)
    rig.wire.setFaults({})
    const before = samplesOf(rig.recorder)
    await until('data flow again', () => samplesOf(rig.recorder) > before)
    expectTruth(rig)
    expectUnbroken(rig)
  }, 60_000)
})

test.skipIf(!serial)(
  'a serial port that is not there is one clear error, naming the place in the site file',
  async () => {
    const place = { path: `${folder}/none`, simulator_path: `${folder}/neither` }
    const links = [{ id: 'bus', rtu: place, devices: DEVICES }]
    const site = await siteOf({ site: 'serial', name: 'Serial', nodes: [{ id: 'n1', name: 'n1', links }] })
    const simulator = new SimulatorService({ site, clock, log: silentLog, loadRecording })
    const expected = `SITE_INVALID: nodes[0].links[0].rtu.simulator_path: expected a serial port that can be opened, got ${folder}/neither`
    await expect(simulator.start()).rejects.toThrow(expected)
    const link = openModbus(clock, silentLog)(site.file.nodes[0]!.links[0] as SiteLink)
    await expect(link.readRegisters(1, 'holding', 0, 1)).rejects.toMatchObject({ reason: 'closed' })
    expect(endpointOf(site.file.nodes[0]!.links[0]!)).toBe(place.path)
    await link.close()
  },
)
