/**
 * Acquisition: opens the links of a node, polls their devices, and gives readings, blocks, gaps and conditions to the
 * recorder. It never waits for the uplink. Files, from the registers up: `io/modbus-link` (requests), `read-plan` and
 * `decode` (points), `ring`, `counter-clock` and `block-cutter` (rings), `condition` and `limit-watch` (limits),
 * `scalar-part` and `ring-part` (one poll of each), `schedule` and `device-poll` (when, and what if nothing comes).
 */
import { devicesOf, type Site } from '../domain/channel.ts'
import type { Clock, Log, ModbusLink } from '../domain/ports.ts'
import type { SiteLink, SiteNode } from '../domain/site.ts'
import { DevicePoll } from './device-poll.ts'
import { LimitWatch } from './limit-watch.ts'
import { pollPeriod_ms } from './part.ts'
import type { DeviceLife, EdgeState, Recorder } from './ports.ts'
import { phase_ms } from './schedule.ts'

export type AcquisitionOptions = {
  readonly site: Site
  readonly node: SiteNode
  readonly clock: Clock
  readonly log: Log
  readonly openLink: (link: SiteLink) => ModbusLink
  readonly recorder: Recorder
  readonly life: DeviceLife
  readonly state: EdgeState
}

export class Acquisition {
  readonly #options: AcquisitionOptions
  #links: ModbusLink[] = []
  #polls: DevicePoll[] = []

  constructor(options: AcquisitionOptions) {
    this.#options = options
  }

  start(): void {
    const { site, node, clock, log, openLink, recorder, life, state } = this.#options
    const limits = new LimitWatch(site, node, { recorder, state, log })
    const placed = devicesOf(site).filter((p) => p.node.id === node.id)
    for (const link of node.links) {
      const open = openLink(link)
      this.#links.push(open)
      for (const place of placed.filter((p) => p.link.id === link.id)) {
        const child = log.child({ device: place.device.id })
        const context = { placed: place, link: open, clock, log: child, recorder, state, limits }
        const poll = new DevicePoll(context, life)
        poll.start(phase_ms(this.#polls.length, placed.length, pollPeriod_ms(place)))
        this.#polls.push(poll)
      }
    }
  }

  /** Resolves when no timer, request or connection of it is left; what is in flight is given up, not told as a failure. */
  async stop(): Promise<void> {
    const ended = this.#polls.map((poll) => poll.stop())
    await Promise.all(this.#links.map((link) => link.close()))
    await Promise.all(ended)
    this.#links = []
    this.#polls = []
  }

  /** Instants of polls that went by unused since the start, of all devices. */
  get missedPolls(): number {
    return this.#polls.reduce((sum, poll) => sum + poll.missed, 0)
  }
}
