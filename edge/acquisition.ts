/**
 * Acquisition: opens the links of a node, polls their devices, and gives readings, blocks, gaps and conditions to the
 * recorder. It never waits for the uplink. Files, from the registers up: `io/modbus-link` (requests), `read-plan`,
 * `point-reads`, `raw-value` and `decode` (points), `ring-reader`, `fifo-reader`, `counter-clock` and `block-cutter` (samples),
 * `condition` and `limit-watch` (limits), `scalar-part` and `ring-part` (one poll of each), `schedule`, `unit-patience` and
 * `device-poll` (when, and what if nothing comes), `poll-tally` (how it goes, in numbers).
 */
import { devicesOf, type Site } from '../domain/channel.ts'
import { type Clock, type Log, ModbusError, type ModbusLink } from '../domain/ports.ts'
import type { SiteLink, SiteNode } from '../domain/site.ts'
import { afterMs } from '../runtime/clock.ts'
import type { AcquisitionStats } from './acquisition-stats.ts'
import { DevicePoll } from './device-poll.ts'
import { KnownFunctions } from './known-functions.ts'
import { LimitWatch, TICK_MS } from './limit-watch.ts'
import { NodeLimits } from './node-limits.ts'
import { type HostState, Outputs } from './outputs/outputs.ts'
import { type WritePlan, writeConfirmed } from './outputs/write-plan.ts'
import { pollPeriod_ms, type SampleTime } from './part.ts'
import type { DeviceLife, EdgeState, Recorder } from './ports.ts'
import type { Change } from './reconfigure.ts'
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
  /** Whether the desk is there, for outputs that ask; without it the desk counts as there. */
  readonly hostState?: HostState
}

type Polled = { readonly link: string; readonly poll: DevicePoll }

export class Acquisition {
  readonly #options: AcquisitionOptions
  readonly #links = new Map<string, ModbusLink>()
  readonly #polls = new Map<string, Polled>()
  readonly #limits: NodeLimits
  #outputs: Outputs
  #cancelTick: () => void = () => {}
  #stopped = false

  constructor(options: AcquisitionOptions) {
    this.#options = options
    this.#limits = new NodeLimits(this.#watch(options.site, options.node))
    this.#outputs = this.#outputsOf(options.site, options.node)
    this.#limits.onTransition(() => this.#outputs.look())
  }

  #watch(site: Site, node: SiteNode): LimitWatch {
    const { recorder, state, log } = this.#options
    return new LimitWatch(site, node, { recorder, state, log })
  }

  #outputsOf(site: Site, node: SiteNode): Outputs {
    const { clock, log, recorder, state, hostState } = this.#options
    const linkOf = (device: string) => {
      const link = node.links.find(({ devices }) => devices.some(({ id }) => id === device))
      return link && this.#links.get(link.id)
    }
    return new Outputs({ site, node, clock, log, recorder, state, limits: this.#limits, linkOf, hostState })
  }

  /** Local outputs: sirens, lamps, gates. */
  get outputs(): Outputs {
    return this.#outputs
  }

  start(): void {
    const { site, node } = this.#options
    this.#begin(site, node, () => true)
    this.#outputs.start()
    this.#tickLater()
  }

  /** Time alone decides some limits. */
  #tickLater(): void {
    const { clock } = this.#options
    this.#cancelTick()
    if (!this.#limits.timed) return
    this.#cancelTick = clock.at(afterMs(clock, TICK_MS), () => {
      this.#limits.tick(clock.now())
      this.#tickLater()
    })
  }

  /** Links that are not open yet are opened; the devices that begin are spread over their period. */
  #begin(site: Site, node: SiteNode, begins: (device: string) => boolean): void {
    const { clock, log, openLink, recorder, life, state } = this.#options
    const placed = devicesOf(site).filter((p) => p.node.id === node.id && begins(p.device.id))
    const online: DeviceLife['online'] = (id, info) => {
      life.online(id, info)
      this.#outputs.heard(id)
    }
    placed.forEach((place, i) => {
      const { device, link } = place
      const open = this.#links.get(link.id) ?? openLink(link)
      this.#links.set(link.id, open)
      const child = log.child({ device: device.id })
      const functions = new KnownFunctions(open, clock)
      const context = { placed: place, link: functions, clock, log: child, recorder, state, limits: this.#limits }
      const poll = new DevicePoll(context, functions, { online, offline: (id, reason) => life.offline(id, reason) })
      poll.start(phase_ms(i, placed.length, pollPeriod_ms(place)))
      this.#polls.set(device.id, { link: link.id, poll })
    })
  }

  /** First half of a change of the site: what goes or changes is polled no more, and told. All else is polled on. */
  async leave({ stopped, ended, closedLinks }: Change): Promise<void> {
    const leaving = [...stopped].flatMap((device) => {
      const polled = this.#polls.get(device)
      return polled === undefined ? [] : [{ device, ...polled }]
    })
    const over = leaving.map(({ poll }) => poll.stop())
    await Promise.all([...closedLinks].map((id) => this.#links.get(id)?.close()))
    await Promise.all(over)
    for (const { device, poll } of leaving) {
      poll.leave(ended.has(device))
      this.#polls.delete(device)
    }
    for (const id of closedLinks) this.#links.delete(id)
  }

  /** Second half: limits are those of the new site, and what comes or has changed is polled. */
  join({ started, limits }: Change, site: Site, node: SiteNode): void {
    if (this.#stopped) return
    if (limits) this.#limits.exchange(this.#options.clock.now(), () => this.#watch(site, node))
    this.#tickLater()
    this.#begin(site, node, (device) => started.has(device))
    // An output is put together anew from what it saved, for its device may be another.
    void this.#outputs.stop()
    this.#outputs = this.#outputsOf(site, node)
    this.#outputs.start()
  }

  /** Resolves when no timer, request or connection of it is left; what is in flight is given up, not told as a failure. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTick()
    const ended = [this.#outputs.stop(), ...[...this.#polls.values()].map(({ poll }) => poll.stop())]
    await Promise.all([...this.#links.values()].map((link) => link.close()))
    await Promise.all(ended)
    this.#links.clear()
    this.#polls.clear()
  }

  /** Writes one point and reads it back. @throws ModbusError */
  async write(device: string, unitId: number, plan: WritePlan): Promise<void> {
    const link = this.#links.get(this.#polls.get(device)?.link ?? '')
    if (link === undefined) throw new ModbusError('closed', 'the link is not open')
    try {
      await writeConfirmed(link, unitId, plan)
    } finally {
      link.pollEnded?.()
    }
  }

  /** When a sample of a device was taken, by the device's own counter. */
  sampleTime(device: string, boot_id: number, counter: number): SampleTime | undefined {
    return this.#polls.get(device)?.poll.sampleTime(boot_id, counter)
  }

  /** How polling goes, for metrics. */
  stats(): AcquisitionStats {
    const links = [...this.#links].flatMap(([link, open]) => {
      const state = open.state?.()
      return state === undefined ? [] : [{ link, ...state }]
    })
    return { devices: [...this.#polls.values()].map(({ poll }) => poll.stats()), links }
  }

  /** Instants of polls that went by unused since the start, of all devices. */
  get missedPolls(): number {
    return [...this.#polls.values()].reduce((sum, { poll }) => sum + poll.missed, 0)
  }
}
