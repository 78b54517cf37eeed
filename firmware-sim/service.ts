/**
 * Guide to this room: the devices that we cannot have on a desk, as Modbus servers that play real recordings.
 *
 * A site entry with `simulated` becomes a device (`make-device.ts`): an accelerometer with a ring of samples
 * (`accelerometer.ts`) or a queue (`fifo-device.ts`), which share `sampler.ts`, or a sensor of single values (`gauge.ts`).
 * All are a `point-device.ts`: a pure function from an instant to registers, with its own clock (`device-time.ts`) and rounds
 * of its recording (`play.ts`), or what somebody plays into it (`program.ts`, `columns.ts`). `modbus-frame.ts` and `answer.ts`
 * turn requests into replies, faults included; `io/` carries them over TCP, a serial line or RTU over TCP, spoilt by
 * `wire-proxy.ts` where it is told to, `memory-link.ts` without a socket. `physics/` moves buildings and water, `scenario/`
 * makes of them what each device plays. `live/` is what can be done while they run (play, scenario, wire faults, drill); other
 * processes reach it by `io/control-server.ts`.
 * Everything here is an exercise: the site marks it so, and the edge says it in the device's birth.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { devicesOf, type PlacedDevice, type Site } from '../domain/channel.ts'
import { simFolder } from '../domain/data-folder.ts'
import { invariant } from '../domain/errors.ts'
import type { Clock, Log, ModbusLink, Service } from '../domain/ports.ts'
import type { ScenarioStatus, SimulatorControl, WireStatus } from '../domain/simulator-control.ts'
import type { SiteLink } from '../domain/site.ts'
import { type Instant, secondsBetween } from '../domain/time.ts'
import type { WireFaults } from '../domain/wire-faults.ts'
import type { Recording } from '../recordings/recording.ts'
import { MetricsServer } from '../runtime/metrics-server.ts'
import { Accelerometer } from './accelerometer.ts'
import type { Boot, Fault, SimulatedDevice } from './device.ts'
import { Endpoints } from './endpoints.ts'
import { Gauge } from './gauge.ts'
import { ControlServer } from './io/control-server.ts'
import { linkServer, placeOf, portOf } from './io/link-server.ts'
import { ModbusServer } from './io/modbus-server.ts'
import { LiveControl } from './live/control.ts'
import { type ScenarioAbout, scenarioStatus } from './live/scenario-run.ts'
import type { Listener, SimulatorPart } from './live/simulator-part.ts'
import { wireStatus } from './live/wire-status.ts'
import { type MadeDevice, makeDevice } from './make-device.ts'
import { memoryLink } from './memory-link.ts'
import { readiness, renderMetrics, type SimStats } from './metrics.ts'
import { type Timebase, timebase } from './timebase.ts'
import type { LinkFaults } from './wire-proxy.ts'

export type SimulatorOptions = {
  readonly site: Pick<Site, 'file' | 'models'>
  readonly clock: Clock
  readonly log: Log
  readonly loadRecording: (name: string) => Promise<Recording>
  /** Listens elsewhere than the site file says; 0 = any free port, then ask `port()`. */
  readonly ports?: (link: SiteLink) => number
  /** False: no sockets at all; use `link()`. Default true. */
  readonly listen?: boolean
  /** Id of a device's next start, 1 to 2^32 - 1; default random. */
  readonly bootId?: () => number
  /** What happens to the devices while they run (`scenario/fault-timeline.ts`); the recordings are `loadRecording`'s. */
  readonly scenario?: {
    start(simulator: SimulatorService, clock: Clock, log: Log): void
    stop(): void
    /** For people; without it nobody sees that a scenario runs. */
    readonly about?: ScenarioAbout
  }
  /** Root of the data folder: other processes find the control there. Without it, or without sockets, there is none. */
  readonly dataDir?: string
}

export class SimulatorService implements Service {
  readonly name = 'sim'
  readonly #options: SimulatorOptions
  readonly #devices = new Map<string, MadeDevice>()
  readonly #endpoints = new Endpoints()
  #at: Timebase = () => invariant(false, 'the simulator was started') as never
  #control: LiveControl | undefined
  #server: ControlServer | undefined
  #metrics: MetricsServer | undefined
  #ownScenarioSince: Instant | undefined

  constructor(options: SimulatorOptions) {
    this.#options = options
  }

  /** Devices boot anew at every start. @throws PlumblineError SITE_INVALID, RECORDING_INVALID, PORT_IN_USE */
  async start(): Promise<void> {
    const { site, clock, log } = this.#options
    const simulated = devicesOf(site).filter((d) => d.device.simulated !== undefined)
    const recordings = await this.#recordings(simulated)
    this.#at = timebase(clock)
    try {
      for (const placed of simulated) this.#add(placed, recordings)
      this.#control = new LiveControl(this.#part())
      if (this.#options.listen ?? true) await this.#listen()
      await this.#watched()
    } catch (error) {
      await this.stop()
      throw error
    }
    const ports = this.#endpoints.listening().map((e) => placeOf(e.link, e.server))
    if (simulated.length > 0) log.info('simulated devices are running', { devices: simulated.length, ports })
    if (this.#options.scenario === undefined) return
    this.#ownScenarioSince = this.#at()
    this.#options.scenario.start(this, clock, log)
  }

  async #watched(): Promise<void> {
    const { site, dataDir } = this.#options
    const metrics = site.file.sim?.metrics
    if (metrics === undefined || this.#options.listen === false) return
    const page = () => (this.#control === undefined ? undefined : renderMetrics(this.#stats()))
    const checks = () => readiness(this.#stats())
    this.#metrics = new MetricsServer({ ...metrics, page, checks, ...(dataDir !== undefined && { data: dataDir }) })
    await this.#metrics.start()
  }

  #stats(): SimStats {
    const [endpoints, listening] = [this.#endpoints.all().size, this.#endpoints.listening().length]
    return { ...this.#control!.now(), endpoints, listening }
  }

  async stop(): Promise<void> {
    await this.#metrics?.stop()
    await this.#server?.close()
    this.#server = undefined
    await this.#control?.close()
    this.#control = undefined
    this.#endOwnScenario()
    await Promise.all(this.#endpoints.listening().map((e) => e.server.close()))
    this.#endpoints.clear()
    this.#devices.clear()
  }

  /** @throws PlumblineError BUG for a device that is not simulated or before `start()` */
  device(id: string): MadeDevice {
    const device = this.#devices.get(id)
    invariant(device, `${id} is a simulated device that runs`)
    return device
  }

  accelerometer(id: string): Accelerometer {
    const device = this.device(id)
    invariant(device instanceof Accelerometer, `${id} is an accelerometer`)
    return device
  }

  gauge(id: string): Gauge {
    const device = this.device(id)
    invariant(device instanceof Gauge, `${id} is a gauge`)
    return device
  }

  /** @throws PlumblineError USAGE for a fault that the device cannot show */
  setFault(deviceId: string, fault: Fault): void {
    this.device(deviceId).setFault(fault)
  }

  /** What can be done to the devices while they run. */
  get control(): SimulatorControl {
    invariant(this.#control, 'the simulator was started')
    return this.#control
  }

  /**
   * `{}` mends it; `seed`: of the scenario that asks. Only frames on sockets and serial lines are touched, not those of `link()`.
   * @throws PlumblineError SCENARIO_INVALID for a link without simulated devices, USAGE for faults that cannot be
   */
  setWireFaults(nodeId: string, linkId: string, faults: WireFaults, seed?: number): WireStatus {
    const wire = this.#endpoints.wire(nodeId, linkId)
    wire.setFaults(faults, seed)
    return wireStatus(nodeId, linkId, wire)
  }

  /** A new boot id and counters from 0; connections stay, as behind a gateway. */
  restartDevice(id: string): void {
    const device = this.device(id)
    device.restart(this.#boot(device.boot.id))
  }

  /** TCP port of a link (0: a serial line, or not listening), by its id or, where two nodes use the same link id, `<node>/<link>`. */
  port(linkId: string): number {
    return portOf(this.#endpoints.named(linkId).server)
  }

  /** The devices of a link without a socket. */
  link(linkId: string): ModbusLink {
    const { devices, link } = this.#endpoints.named(linkId)
    return memoryLink(devices, this.#options.clock, { at: this.#at, timeout_ms: link.timeout_ms })
  }

  /** Each recording is read once, however many devices play it. */
  async #recordings(placed: readonly PlacedDevice[]): Promise<ReadonlyMap<string, Recording>> {
    const names = new Set(placed.map((d) => d.device.simulated!.play.recording))
    return new Map(
      await Promise.all([...names].map(async (name) => [name, await this.#options.loadRecording(name)] as const)),
    )
  }

  #add(placed: PlacedDevice, recordings: ReadonlyMap<string, Recording>): void {
    const { node, link, device } = placed
    const { nodes } = this.#options.site.file
    const n = nodes.indexOf(node)
    const linkPath = `nodes[${n}].links[${node.links.indexOf(link)}]`
    const path = `${linkPath}.devices[${link.devices.indexOf(device)}]`
    const made = makeDevice(placed, recordings.get(device.simulated!.play.recording)!, this.#boot(0), path)
    this.#endpoints.add(made, { node: node.id, link, linkPath, path })
    this.#devices.set(device.id, made)
  }

  async #listen(): Promise<void> {
    const { dataDir, site, clock, log, ports } = this.#options
    for (const endpoint of this.#endpoints.all()) {
      const server = linkServer(endpoint, { at: this.#at, clock, log }, ports?.(endpoint.link))
      await server.listen()
      endpoint.server = server
    }
    if (dataDir === undefined || this.#control === undefined) return
    this.#server = new ControlServer(this.#control, simFolder(dataDir, site.file.site), log)
    await this.#server.listen()
  }

  /** What the live control may do. */
  #part(): SimulatorPart {
    const { site, clock, log, loadRecording } = this.#options
    return {
      site,
      clock,
      log,
      loadRecording,
      devices: this.#devices,
      now: () => this.#at(),
      boot: () => this.#boot(0),
      setFault: (device, fault) => this.setFault(device, fault),
      restartDevice: (device) => this.restartDevice(device),
      setWireFaults: (node, link, faults, seed) => this.setWireFaults(node, link, faults, seed),
      wires: () => this.#endpoints.wires(),
      ownScenario: () => this.#ownScenario(),
      endOwnScenario: () => this.#endOwnScenario(),
      serve: (devices, wire) => this.#serveShadows(devices, wire),
      newId: () => randomUUID().slice(0, 8),
    }
  }

  #ownScenario(): ScenarioStatus | null {
    const applied = this.#options.scenario?.about
    const since = this.#ownScenarioSince
    if (applied === undefined || since === undefined) return null
    return scenarioStatus({ applied, notes: [] }, secondsBetween(this.#at(), since))
  }

  #endOwnScenario(): void {
    this.#ownScenarioSince = undefined
    this.#options.scenario?.stop()
  }

  async #serveShadows(devices: ReadonlyMap<number, SimulatedDevice>, wire: LinkFaults): Promise<Listener> {
    const { clock, log } = this.#options
    const place = { host: '127.0.0.1', port: 0, path: 'drill' }
    const server = new ModbusServer({ ...place, devices, at: this.#at, clock, log, wire })
    await server.listen()
    return server
  }

  #boot(before: number): Boot {
    const next = this.#options.bootId ?? (() => randomInt(1, 2 ** 32))
    const id = next()
    return { id: id === before ? (id % (2 ** 32 - 1)) + 1 : id, at: this.#at() }
  }
}
