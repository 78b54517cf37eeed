/**
 * The births of one node as it is now: site, editions, present values and drill put together for both Sparkplug nodes.
 * What each metric says is `births.ts`; when births are sent is `uplink.ts`.
 */
import { channelsOfDevice, devicesOf, limitsOfNode, type PlacedDevice, type Site } from '../domain/channel.ts'
import type { Clock } from '../domain/ports.ts'
import type { SiteNode } from '../domain/site.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import {
  type BirthContext,
  blocksDeviceBirth,
  blocksNodeBirth,
  type ClockReport,
  deviceBirth,
  nodeBirth,
} from './births.ts'
import type { Editions, Offsets } from './editions.ts'
import type { Present } from './present.ts'

export type NodeBirthsOptions = {
  readonly clock: Clock
  readonly outbox: string
  readonly software: string
  readonly present: Present
  readonly editions: Editions
  readonly clockReport: () => ClockReport
}

export class NodeBirths {
  readonly #options: NodeBirthsOptions
  #site: Site
  #node: SiteNode
  drill: string | null = null

  constructor(options: NodeBirthsOptions, site: Site, node: SiteNode) {
    this.#options = options
    this.#site = site
    this.#node = node
  }

  get site(): Site {
    return this.#site
  }
  get node(): SiteNode {
    return this.#node
  }

  /** What is born from now on is of this site; records up to the offsets `highest` are of the one before. */
  apply(site: Site, node: SiteNode, highest: Offsets): void {
    this.#site = site
    this.#node = node
    this.#options.editions.apply(placedOn(site, node), limitsOfNode(site, node), highest)
    this.prune()
  }

  /** Forgets the last values of channels that no edition has any more. */
  prune(): void {
    const { editions, present } = this.#options
    const channels = editions.all.flatMap(({ device, model }) => channelsOfDevice(device, model))
    present.keepChannels(channels.map(({ id }) => id))
  }

  onlineDevices(): readonly string[] {
    const { editions, present } = this.#options
    return editions.devices.filter((device) => present.isOnline(device))
  }

  #context(): BirthContext {
    const { outbox, software, present, editions, clockReport } = this.#options
    const retired = editions.retiredLimits
    return {
      site: this.#site,
      node: this.#node,
      outbox,
      software,
      present,
      retired,
      drill: this.drill,
      clock: clockReport(),
    }
  }

  nodeBirth(heartbeat: bigint): Metric[] {
    return nodeBirth(this.#context(), heartbeat, this.#options.clock.now())
  }
  blocksNodeBirth(): Metric[] {
    return blocksNodeBirth(this.#context(), this.#options.clock.now())
  }
  deviceBirth(device: string, edition: string): Metric[] | undefined {
    return this.#device(device, edition, deviceBirth)
  }
  blocksDeviceBirth(device: string, edition: string): Metric[] | undefined {
    return this.#device(device, edition, blocksDeviceBirth)
  }

  #device(id: string, key: string, make: typeof blocksDeviceBirth): Metric[] | undefined {
    const edition = this.#options.editions.byKey(id, key)
    return edition && make(this.#context(), edition.device, edition.model, this.#options.clock.now())
  }
}

const placedOn = (site: Site, node: SiteNode): PlacedDevice[] => devicesOf(site).filter((p) => p.node.id === node.id)
