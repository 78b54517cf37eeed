/**
 * Shadows of real devices for a drill: simulated devices of the same models on loopback listeners of their own, one for
 * each link, that play what the scenario has for them. The real devices are never touched.
 */
import { devicesOf, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { shadowId } from '../../domain/drill.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { ShadowPlace, WireStatus } from '../../domain/simulator-control.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { PlayableDevice } from '../device.ts'
import { makeDevice } from '../make-device.ts'
import { seedOf } from '../noise.ts'
import { LinkFaults } from '../wire-proxy.ts'
import type { Player } from './player.ts'
import type { ReadyScenario } from './scenario-run.ts'
import type { Listener, SimulatorPart } from './simulator-part.ts'
import { wireStatus } from './wire-status.ts'

/** Placeholder until the scenario says what a shadow plays. */
const NOTHING = { time_scale: 1, play: { recording: 'drill', quiet_s: 0, lead_s: 0 } } as const

type SitePart = Pick<Site, 'file' | 'models'>

/**
 * The site with these real devices as if they were simulated: a scenario names them as people do.
 * @throws PlumblineError DRILL_REFUSED
 */
export function withShadowed(site: SitePart, shadows: readonly string[]): SitePart {
  const known = new Map(devicesOf(site).map((placed) => [placed.device.id, placed]))
  for (const id of shadows) {
    const placed = known.get(id)
    if (placed === undefined || placed.device.simulated !== undefined)
      refuse(
        `shadows: expected real devices of the site, got ${JSON.stringify(id)}${placed ? ', which is simulated and takes part as it is' : ''}`,
      )
  }
  const file = structuredClone(site.file)
  for (const node of file.nodes)
    for (const link of node.links)
      for (const device of link.devices) if (shadows.includes(device.id)) device.simulated = structuredClone(NOTHING)
  return { ...site, file }
}

type ShadowLink = {
  readonly node: string
  readonly link: string
  readonly devices: Map<number, PlayableDevice>
  readonly wire: LinkFaults
  listener?: Listener
}

export class Shadows {
  readonly #simulator: SimulatorPart
  /** By real device id. */
  readonly #players = new Map<string, Player>()
  readonly #links = new Map<string, ShadowLink>()

  constructor(simulator: SimulatorPart) {
    this.#simulator = simulator
  }

  /** Makes them and listens. @throws PlumblineError DRILL_REFUSED; nothing listens then */
  async open(drill: string, shadows: readonly string[], { roles }: ReadyScenario): Promise<ShadowPlace[]> {
    const taking = roles.filter(({ placed }) => shadows.includes(placed.device.id))
    const without = shadows.filter((id) => !taking.some(({ placed }) => placed.device.id === id))
    if (without.length > 0) refuse(`shadows: expected devices that measure something, got ${without.join(', ')}`)
    try {
      for (const { placed, recording } of taking) this.#add(drill, placed, recording)
      for (const link of this.#links.values()) link.listener = await this.#simulator.serve(link.devices, link.wire)
    } catch (error) {
      await this.close()
      throw error
    }
    return taking.map(({ placed: { device, node, link } }) => ({
      device: device.id,
      host: '127.0.0.1',
      port: this.#links.get(`${node.id}/${link.id}`)!.listener!.port,
      unit_id: device.unit_id,
      time_scale: device.simulated!.time_scale,
    }))
  }

  async close(): Promise<void> {
    const links = [...this.#links.values()]
    this.#links.clear()
    this.#players.clear()
    await Promise.all(links.map((link) => link.listener?.close()))
  }

  /** By the id of the real device. */
  player(id: string): Player | undefined {
    return this.#players.get(id)
  }

  get players(): readonly Player[] {
    return [...this.#players.values()]
  }

  /** Undefined where no shadow is on this link. @throws PlumblineError USAGE, and nothing has changed */
  setWireFaults(node: string, link: string, faults: WireFaults, seed?: number): WireStatus | undefined {
    const found = this.#links.get(`${node}/${link}`)
    found?.wire.setFaults(faults, seed)
    return found && wireStatus(found.node, found.link, found.wire)
  }

  wires(): WireStatus[] {
    return [...this.#links.values()].map(({ node, link, wire }) => wireStatus(node, link, wire))
  }

  #add(drill: string, placed: PlacedDevice, recording: ReadyScenario['roles'][number]['recording']): void {
    const { node, link, device, model } = placed
    const id = shadowId(drill, device.id)
    const made = makeDevice({ device: { ...device, id }, model }, recording, this.#simulator.boot(), id)
    const key = `${node.id}/${link.id}`
    const wire = () => new LinkFaults(`${key} (drill ${drill})`, 'mbap', seedOf(key))
    const shadows = this.#links.get(key) ?? { node: node.id, link: link.id, devices: new Map(), wire: wire() }
    shadows.devices.set(device.unit_id, made)
    this.#links.set(key, shadows)
    this.#players.set(device.id, { device: made, time_scale: device.simulated!.time_scale })
  }
}

function refuse(detail: string): never {
  throw new PlumblineError('DRILL_REFUSED', detail)
}
