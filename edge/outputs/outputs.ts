/**
 * The local outputs of a node: one `Drive` for each that the site file names, looked at whenever a limit changes. The desk may
 * silence or sound one by its id.
 */
import { devicesOf, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { type Clock, type Log, ModbusError, type ModbusLink } from '../../domain/ports.ts'
import type { SiteNode } from '../../domain/site.ts'
import type { Instant } from '../../domain/time.ts'
import type { LimitWatch } from '../limit-watch.ts'
import type { EdgeState, Recorder } from '../ports.ts'
import { Drive, type OutputDevice } from './drive.ts'

/** What the node knows of the desk: since when its STATE has been offline; null = it is there. */
export type HostState = { deskOfflineSince(): Instant | null }

export type OutputsOptions = {
  readonly site: Site
  readonly node: SiteNode
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Recorder
  readonly state: EdgeState
  readonly limits: Pick<LimitWatch, 'stateOf'>
  /** The open link of a device of this node; asked before every use, for it may be exchanged. */
  readonly linkOf: (device: string) => ModbusLink | undefined
  readonly hostState?: HostState
}

export class Outputs {
  readonly #drives = new Map<string, Drive>()

  constructor(options: OutputsOptions) {
    const { site, node, limits, linkOf, hostState, ...common } = options
    const placed = new Map(devicesOf(site).flatMap((p) => (p.node.id === node.id ? [[p.device.id, p] as const] : [])))
    const at = (device: string | undefined): OutputDevice | undefined => {
      const place: PlacedDevice | undefined = device === undefined ? undefined : placed.get(device)
      return place && { placed: place, link: () => openOf(linkOf(place.device.id)) }
    }
    for (const output of node.outputs ?? []) {
      const driven = at(output.drives.device)
      if (driven === undefined) continue
      this.#drives.set(
        output.id,
        new Drive({
          ...common,
          output,
          driven,
          button: at(output.silence?.device),
          limits: site.limits,
          stateOf: (id) => limits.stateOf(id),
          deskOfflineSince: () => hostState?.deskOfflineSince() ?? null,
        }),
      )
    }
  }

  start(): void {
    for (const drive of this.#drives.values()) drive.start()
  }

  /** After every transition of a limit, and when the desk comes or goes. */
  look(): void {
    for (const drive of this.#drives.values()) drive.look()
  }

  /** A device answers again: what could not be written to it is tried at once. */
  heard(device: string): void {
    for (const drive of this.#drives.values()) if (drive.device === device) drive.retry()
  }

  /** @returns false where the node has no such output */
  silence(output: string): boolean {
    const drive = this.#drives.get(output)
    drive?.silence()
    return drive !== undefined
  }

  /** @returns false where the node has no such output */
  sound(output: string, id: string, for_ns: bigint): boolean {
    const drive = this.#drives.get(output)
    drive?.sound(id, for_ns)
    return drive !== undefined
  }

  /** What is wanted of each output, and whether it cannot be driven. */
  stats(): Array<{ readonly output: string; readonly on: boolean; readonly failing: boolean }> {
    return [...this.#drives].map(([output, { on, failing }]) => ({ output, on, failing }))
  }

  /** Close the links meanwhile, as with polls: what is in flight is given up. */
  async stop(): Promise<void> {
    await Promise.all([...this.#drives.values()].map((drive) => drive.stop()))
  }
}

function openOf(link: ModbusLink | undefined): ModbusLink {
  if (link === undefined) throw new ModbusError('closed', 'the link is not open')
  return link
}
