/**
 * Guide to this room: the devices that we cannot have on a desk, as Modbus servers that play real recordings.
 *
 * A site entry with `simulated` becomes a device (`make-device.ts`): an accelerometer with a sample ring
 * (`accelerometer.ts`) or a gauge of single values (`gauge.ts`). Each is a pure function from an instant to registers, with
 * its own clock (`device-time.ts`) and rounds of its recording (`play.ts`). `modbus-frame.ts` and `answer.ts` turn requests
 * into replies, faults included; `io/` carries them over TCP, a serial line or RTU over TCP, `memory-link.ts` without a socket.
 * Everything here is an exercise: the site marks it so, and the edge says it in the device's birth.
 */
import { randomInt } from 'node:crypto'
import { devicesOf, endpointOf, kindOf, type PlacedDevice, type Site } from '../domain/channel.ts'
import { invariant, PlumblineError } from '../domain/errors.ts'
import type { Clock, Log, ModbusLink, Service } from '../domain/ports.ts'
import type { SiteLink } from '../domain/site.ts'
import type { Recording } from '../recordings/recording.ts'
import { Accelerometer } from './accelerometer.ts'
import type { Boot, Fault } from './device.ts'
import { Gauge } from './gauge.ts'
import { ModbusServer } from './io/modbus-server.ts'
import { RtuOverTcpServer } from './io/rtu-over-tcp-server.ts'
import { RtuSerialServer } from './io/rtu-serial-server.ts'
import { makeDevice } from './make-device.ts'
import { memoryLink } from './memory-link.ts'
import { type Timebase, timebase } from './timebase.ts'

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
  }
}

type Server = ModbusServer | RtuOverTcpServer | RtuSerialServer

/** One listener: the devices of all links that name the same endpoint. */
type Endpoint = {
  readonly link: SiteLink
  readonly path: string
  readonly devices: Map<number, Accelerometer | Gauge>
  server?: Server
}

export class SimulatorService implements Service {
  readonly name = 'sim'
  readonly #options: SimulatorOptions
  readonly #devices = new Map<string, Accelerometer | Gauge>()
  /** By `<node>/<link>`. */
  readonly #endpoints = new Map<string, Endpoint>()
  #at: Timebase = () => invariant(false, 'the simulator was started') as never

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
      if (this.#options.listen ?? true) await this.#listen()
    } catch (error) {
      await this.stop()
      throw error
    }
    const ports = [...this.#listeners()].map(placeOf)
    if (simulated.length > 0) log.info('simulated devices are running', { devices: simulated.length, ports })
    this.#options.scenario?.start(this, clock, log)
  }

  async stop(): Promise<void> {
    this.#options.scenario?.stop()
    await Promise.all([...this.#listeners()].map((e) => e.server!.close()))
    this.#endpoints.clear()
    this.#devices.clear()
  }

  /** @throws PlumblineError BUG for a device that is not simulated or before `start()` */
  device(id: string): Accelerometer | Gauge {
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

  /** A new boot id and counters from 0; connections stay, as behind a gateway. */
  restartDevice(id: string): void {
    const device = this.device(id)
    device.restart(this.#boot(device.boot.id))
  }

  /** TCP port of a link (0: a serial line, or not listening), by its id or, where two nodes use the same link id, `<node>/<link>`. */
  port(linkId: string): number {
    const { server } = this.#endpoint(linkId)
    return server === undefined || server instanceof RtuSerialServer ? 0 : server.port
  }

  /** The devices of a link without a socket. */
  link(linkId: string): ModbusLink {
    const { devices, link } = this.#endpoint(linkId)
    return memoryLink(devices, this.#options.clock, { at: this.#at, timeout_ms: link.timeout_ms })
  }

  #endpoint(linkId: string): Endpoint {
    const found = [...this.#endpoints].filter(([key]) => key === linkId || key.split('/')[1] === linkId)
    const endpoints = new Set(found.map(([, endpoint]) => endpoint))
    invariant(endpoints.size === 1, `${linkId} names one link with simulated devices, not ${endpoints.size}`)
    return found[0]![1]
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
    const endpoint = this.#endpointOf(`${node.id}/${link.id}`, link, `${linkPath}.${kindOf(link)}`)
    if (endpoint.devices.has(device.unit_id))
      throw new PlumblineError(
        'SITE_INVALID',
        `${path}.unit_id: expected a unit id that no other device at ${endpointOf(link)} has, got ${device.unit_id}`,
      )
    endpoint.devices.set(device.unit_id, made)
    this.#devices.set(device.id, made)
  }

  #endpointOf(key: string, link: SiteLink, path: string): Endpoint {
    const same = (e: Endpoint) => kindOf(e.link) === kindOf(link) && endpointOf(e.link) === endpointOf(link)
    const endpoint = [...this.#endpoints.values()].find(same) ?? { link, path, devices: new Map() }
    this.#endpoints.set(key, endpoint)
    return endpoint
  }

  async #listen(): Promise<void> {
    for (const endpoint of new Set(this.#endpoints.values())) {
      const server = this.#serverOf(endpoint)
      await server.listen()
      endpoint.server = server
    }
  }

  #serverOf({ link, path, devices }: Endpoint): Server {
    const { clock, log, ports } = this.#options
    const shared = { devices, at: this.#at, clock, log }
    const { tcp, rtu, rtu_over_tcp } = link
    if (tcp !== undefined)
      return new ModbusServer({ ...shared, host: tcp.host, port: ports?.(link) ?? tcp.port, path: `${path}.port` })
    if (rtu_over_tcp !== undefined) {
      const { host, port } = rtu_over_tcp
      return new RtuOverTcpServer({ ...shared, host, port: ports?.(link) ?? port, path: `${path}.port` })
    }
    const at = `${path}.simulator_path`
    const device = rtu?.simulator_path
    if (device === undefined)
      throw new PlumblineError('SITE_INVALID', `${at}: expected the far end of the line, got nothing`)
    return new RtuSerialServer({ ...shared, serial: { ...rtu!, device, path: at } })
  }

  #listeners(): Set<Endpoint> {
    return new Set([...this.#endpoints.values()].filter((e) => e.server !== undefined))
  }

  #boot(before: number): Boot {
    const next = this.#options.bootId ?? (() => randomInt(1, 2 ** 32))
    const id = next()
    return { id: id === before ? (id % (2 ** 32 - 1)) + 1 : id, at: this.#at() }
  }
}

const placeOf = ({ link, server }: Endpoint): string => {
  const { tcp = link.rtu_over_tcp, rtu } = link
  return tcp === undefined || server instanceof RtuSerialServer
    ? (rtu?.simulator_path ?? '')
    : `${tcp.host}:${server!.port}`
}
