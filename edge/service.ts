/**
 * The edge node: registers in, Sparkplug out. It measures, decides and records whatever becomes of the uplink.
 *
 * Acquisition (`acquisition.ts`) polls devices and gives readings, blocks and conditions through the seam of `ports.ts`.
 * Recording (`io/recording.ts`) puts each into the outbox on disk (`outbox*.ts`), sends it live at once over one of the two
 * Sparkplug nodes (`uplink.ts`, `node-session.ts`, `births.ts`), and sends again what its owner has not committed
 * (`resend.ts` decides, `resender.ts` does). The site can change while the node runs (`reconfigure.ts`, `editions.ts`): by a
 * new site file, by a drill (`drill-keeper.ts`), or because the time became known (`node-clock.ts`); one change at a time.
 */
import type { Site } from '../domain/channel.ts'
import type { EdgeDrill } from '../domain/drill.ts'
import type { Clock, ConnectMqtt, Log, ModbusLink, Service } from '../domain/ports.ts'
import type { SiteLink, SiteNode } from '../domain/site.ts'
import { instantToMs, monotonic, secondsToNs } from '../domain/time.ts'
import { COMMAND, COMMAND_RESULT, DRILL, HEALTH } from '../domain/wire/names.ts'
import { afterMs } from '../runtime/clock.ts'
import { MetricsServer } from '../runtime/metrics-server.ts'
import { Acquisition } from './acquisition.ts'
import type { AcquisitionStats } from './acquisition-stats.ts'
import { type CommandResult, Commands } from './commands.ts'
import { keptDrill, LOOK_NS, parseDrill, siteWith, untilOf } from './drill-keeper.ts'
import type { EdgeStats } from './edge-stats.ts'
import { healthOf } from './health.ts'
import { Recording } from './io/recording.ts'
import type { RecordingOptions } from './io/recording-parts.ts'
import { readiness, renderMetrics } from './metrics.ts'
import { judgeCommand } from './outputs/command.ts'
import { changeBetween, needRestart, nodeAfter } from './reconfigure.ts'

/** Shares of the two seconds in which a stop must be done. */
const STOP_ACQUISITION_MS = 700
const STOP_RECORDING_MS = 1000
/** Half a kilobyte: under 2 % of a 56 kbit/s uplink. */
const HEALTH_MS = 15_000

export type EdgeServiceOptions = {
  readonly site: Site
  readonly node: SiteNode
  /** Root of `--data`. */
  readonly dataDir: string
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly openLink: (link: SiteLink) => ModbusLink
  readonly password: () => Promise<string>
  /** Name and version in the birth. */
  readonly software?: string
} & Pick<RecordingOptions, 'clockProbe' | 'boot'>

export class EdgeService implements Service {
  readonly name: string
  readonly #options: EdgeServiceOptions
  readonly #recording: Recording
  readonly #commands: Commands
  readonly #metrics: MetricsServer | undefined
  #acquisition: Acquisition | undefined
  /** The site of the file, and the drill on top of it. */
  #base: Site
  #drill: EdgeDrill | undefined
  #cancelDrillEnd: () => void = () => {}
  #cancelHealth: () => void = () => {}
  /** Changes, one after the other. */
  #changes: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(options: EdgeServiceOptions) {
    this.name = `edge ${options.node.id}`
    this.#options = { ...options, log: options.log.child({ node: options.node.id }) }
    this.#base = options.site
    this.#recording = new Recording({
      ...this.#options,
      onTrustable: () => this.#later('the time became known', () => this.#timeKnown()),
      sampleTime: (...sample) => this.#acquisition?.sampleTime(...sample),
      onCommand: (name, value) => this.#command(name, value),
      onDesk: () => this.#acquisition?.outputs.look(),
    })
    const { log } = this.#options
    this.#commands = new Commands({
      log,
      state: () => this.#recording.seam.state,
      execute: (kind, body, seen) => this.#execute(kind, body, seen),
      answer: (result) => this.#answer(result),
    })
    const { metrics } = options.node
    this.#metrics =
      metrics &&
      new MetricsServer({
        ...metrics,
        page: () => this.#metricsPage(),
        checks: () => readiness(this.stats()),
        data: options.dataDir,
      })
  }

  /** @throws PlumblineError DATA_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  async start(): Promise<void> {
    await this.#recording.open()
    try {
      this.#drill = keptDrill(this.#recording.seam.state.get('drill'), this.#recording.clock.now())
      if (this.#drill !== undefined) await this.#recording.apply(this.#site, this.#node, this.#drill.id)
      this.#acquisition = this.#acquire()
      this.#recording.connect()
      this.#awaitDrillEnd()
      this.#tellHealth()
      await this.#metrics?.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  get #site(): Site {
    return siteWith(this.#base, this.#drill)
  }
  get #node(): SiteNode {
    return nodeAfter(this.#base, this.#site, this.#options.node.id)
  }

  #acquire(): Acquisition {
    const { log, openLink } = this.#options
    const { clock, seam } = this.#recording
    const hostState = { deskOfflineSince: () => this.#recording.deskOfflineSince }
    const common = { clock, log, openLink, hostState, ...seam }
    const acquisition = new Acquisition({ site: this.#site, node: this.#node, ...common })
    acquisition.start()
    return acquisition
  }

  /**
   * Takes over a site that was loaded anew. What did not change is polled on undisturbed; resolves when births say the new
   * hash. A drill goes on.
   * @throws PlumblineError NODE_UNKNOWN, USAGE where it is not a site of this node; nothing has changed then
   */
  apply(site: Site): Promise<void> {
    return this.#inTurn(async () => {
      const { log, node } = this.#options
      nodeAfter(this.#base, site, node.id)
      const asleep = needRestart(this.#base, site, node.id)
      await this.#change(site, this.#drill)
      log.info('the site file was taken over', { hash: site.hash })
      if (asleep.length > 0) log.warn('some of the site file takes effect with the next start only', { keys: asleep })
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(() => (this.#stopping ? undefined : work()))
    this.#changes = done.catch(() => {})
    return done
  }

  #later(what: string, work: () => Promise<void>): void {
    this.#inTurn(work).catch((error: Error) => this.#options.log.error(`${what}: it failed`, { what: error.message }))
  }

  /** Stops what goes, changes what births say, starts what comes. */
  async #change(base: Site, drill: EdgeDrill | undefined): Promise<void> {
    const acquisition = this.#acquisition
    if (acquisition === undefined) return
    const [before, after] = [this.#site, siteWith(base, drill)]
    const { id } = this.#options.node
    const change = changeBetween(before, after, id)
    const node = nodeAfter(before, after, id)
    await acquisition.leave(change)
    this.#base = base
    this.#drill = drill
    await this.#recording.apply(after, node, drill?.id ?? null)
    if (!this.#stopping) acquisition.join(change, after, node)
  }

  async #timeKnown(): Promise<void> {
    await this.#acquisition?.stop()
    this.#recording.timeKnown()
    this.#acquisition = this.#acquire()
  }

  /** A control metric of an NCMD; false where it is none that is understood. */
  #command(name: string, value: string): boolean {
    if (name === COMMAND) return this.#commands.take(value)
    if (name !== DRILL) return false
    const { log, node } = this.#options
    let drill: EdgeDrill | null
    try {
      drill = parseDrill(value, this.#base, node.id, this.#recording.clock.now())
    } catch (error) {
      log.warn('a drill was refused', { why: (error as Error).message })
      return true
    }
    this.#later('drill', () => this.#takePart(drill ?? undefined))
    return true
  }

  async #execute(kind: string, body: Readonly<Record<string, unknown>>, seen: (id: string) => boolean) {
    const { clock } = this.#recording
    if (kind === 'silence') return this.#silence(body)
    if (kind === 'sound') return this.#sound(body)
    if (kind !== 'write')
      return { ok: false, detail: `kind: expected write, silence or sound, got ${kind.slice(0, 40)}` }
    const verdict = judgeCommand(this.#base, this.#node, body, clock.now(), seen, clock.trusted)
    if (!verdict.allowed) return { ok: false, detail: `${verdict.refusal}: ${verdict.detail}` }
    const { device } = verdict.placed
    await this.#acquisition!.write(device.id, device.unit_id, verdict.plan)
    return { ok: true, detail: 'written and read back' }
  }

  #silence({ output, expires_ns }: Readonly<Record<string, unknown>>) {
    if (!this.#isYetToCome(expires_ns)) return refusedExpiry(expires_ns)
    const known = typeof output === 'string' && this.#acquisition?.outputs.silence(output) === true
    return known ? { ok: true, detail: 'silenced' } : { ok: false, detail: `no output ${String(output).slice(0, 80)}` }
  }

  /** For people who are told of an alarm by a siren: the desk's causes, beside the node's own. */
  #sound({ id, output, for_s, expires_ns }: Readonly<Record<string, unknown>>) {
    if (!this.#isYetToCome(expires_ns)) return refusedExpiry(expires_ns)
    if (typeof for_s !== 'number' || !(for_s > 0 && for_s <= SOUND_MAX_S))
      return {
        ok: false,
        detail: `for_s: expected more than 0 and at most ${SOUND_MAX_S}, got ${String(for_s).slice(0, 40)}`,
      }
    const known =
      typeof output === 'string' && this.#acquisition?.outputs.sound(output, String(id), secondsToNs(for_s)) === true
    return known
      ? { ok: true, detail: `sounds for ${for_s} s` }
      : { ok: false, detail: `no output ${String(output).slice(0, 80)}` }
  }

  #isYetToCome(expires_ns: unknown): boolean {
    const isInstant = typeof expires_ns === 'string' && /^\d{1,20}$/.test(expires_ns)
    return isInstant && BigInt(expires_ns) > this.#recording.clock.now()
  }

  #answer(result: CommandResult): void {
    const { clock } = this.#recording
    if (this.#stopping) return
    const timestamp = instantToMs(clock.now())
    this.#recording.sendNode([{ name: COMMAND_RESULT, timestamp, value: JSON.stringify(result) }])
  }

  #tellHealth(): void {
    const { clock } = this.#options
    this.#cancelHealth = clock.at(afterMs(clock, HEALTH_MS), () => {
      const stats = this.stats()
      if (stats !== undefined) {
        const value = JSON.stringify(healthOf(stats))
        this.#recording.sendNode([{ name: HEALTH, timestamp: instantToMs(this.#recording.clock.now()), value }])
      }
      this.#tellHealth()
    })
  }

  #metricsPage(): string | undefined {
    const stats = this.stats()
    return stats && renderMetrics(stats, this.#recording.clock.now())
  }

  async #takePart(drill: EdgeDrill | undefined): Promise<void> {
    const { log } = this.#options
    const before = this.#drill
    if (before === undefined && drill === undefined) return
    this.#recording.seam.state.set('drill', drill ?? null)
    await this.#change(this.#base, drill)
    this.#awaitDrillEnd()
    if (drill === undefined) log.info('drill ended', { drill: before?.id })
    else if (drill.id !== before?.id)
      log.info('drill began', { drill: drill.id, shadows: drill.shadows.map(({ device }) => device) })
  }

  /** Leaves the drill when its time is over, whatever became of the desk. */
  #awaitDrillEnd(): void {
    this.#cancelDrillEnd()
    const drill = this.#drill
    if (drill === undefined || this.#stopping) return
    const { clock } = this.#recording
    const left_ns = untilOf(drill) - clock.now()
    if (left_ns <= 0n) {
      this.#later('end of the drill', () => this.#takePart(undefined))
      return
    }
    const wait_ns = left_ns < LOOK_NS ? left_ns : LOOK_NS
    this.#cancelDrillEnd = clock.at(monotonic(clock.monotonic() + wait_ns), () => this.#awaitDrillEnd())
  }

  /** Within two seconds: a link that does not answer is not waited for. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelDrillEnd()
    this.#cancelHealth()
    await this.#metrics?.stop()
    await this.#within(
      STOP_ACQUISITION_MS,
      this.#changes.then(() => this.#acquisition?.stop()),
    )
    await this.#recording.stop(STOP_RECORDING_MS)
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    const { clock, log } = this.#options
    let cancel = () => {}
    const over = new Promise<void>((resolve) => {
      cancel = clock.at(afterMs(clock, ms), resolve)
    })
    const failed = (error: Error) => log.error('acquisition did not stop cleanly', { what: error.message })
    await Promise.race([work.catch(failed), over])
    cancel()
  }

  /** `undefined` while stopped. */
  stats(): (EdgeStats & { readonly acquisition: AcquisitionStats }) | undefined {
    const stats = this.#recording.stats()
    const acquisition = this.#acquisition?.stats()
    return stats === undefined || acquisition === undefined ? undefined : { ...stats, acquisition }
  }
}

/** Longest time for which the desk may ask for a siren at once [s]; `max_s` of the output cuts it shorter. */
const SOUND_MAX_S = 3600

const refusedExpiry = (expires_ns: unknown) => ({
  ok: false,
  detail: `expires_ns: expected an instant to come, got ${String(expires_ns).slice(0, 40)}`,
})
