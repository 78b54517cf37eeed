/** One link of a kind with three simulated devices, and a wire that can be spoiled between them and the edge. */
import { afterAll, afterEach, expect } from 'vitest'
import { kindOf, type LinkKind, type Site } from '../../domain/channel.ts'
import { Acquisition } from '../../edge/acquisition.ts'
import { openModbus } from '../../edge/io/modbus-link.ts'
import { MemoryLife, MemoryRecorder, MemoryState } from '../../edge/testing.ts'
import { openPtyPair } from '../../firmware-sim/io/pty-pair.ts'
import { dropFolder, makeFolder } from '../../firmware-sim/io/real-tools.fixture.ts'
import { SerialWireProxy } from '../../firmware-sim/io/serial-wire-proxy.ts'
import { TcpWireProxy } from '../../firmware-sim/io/tcp-wire-proxy.ts'
import { SimulatorService } from '../../firmware-sim/service.ts'
import type { WireFaults } from '../../firmware-sim/wire-proxy.ts'
import { loadRecording } from '../../recordings/load.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { freePort } from '../../runtime/free-port.fixture.ts'
import { silentLog } from '../../runtime/log.ts'
import { siteOf } from '../site.ts'

export const TIMEOUT_MS = 150
const FORMAT = { baud: 115_200, parity: 'none', stop_bits: 1 } as const

export type Kind = Exclude<LinkKind, 'tls'>

export const clock = new SystemClock()
export const folder = makeFolder()
export const cleanups: Array<() => Promise<unknown>> = []
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
export const DEVICES = [
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
export type Rig = { site: Site; simulator: SimulatorService; recorder: MemoryRecorder; life: MemoryLife; wire: Wire }

/** The edge asks from now on. */
export async function start(kind: Kind, timeout_ms = TIMEOUT_MS): Promise<Rig> {
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

export async function startDevices(kind: Kind, timeout_ms = TIMEOUT_MS): Promise<Rig> {
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
