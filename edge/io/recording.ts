/**
 * The life of the recording side of an edge node: opened from disk (`recording-open.ts`), connected, told of changes of the
 * site and of the time, beating, stopped clean. Takes what acquisition gives through the seam of `ports.ts`; knows nothing of
 * registers.
 */
import type { Site } from '../../domain/channel.ts'
import { edgeFolder } from '../../domain/data-folder.ts'
import type { SiteNode } from '../../domain/site.ts'
import type { Metric } from '../../domain/sparkplug/payload.ts'
import { type Instant, instantToMs } from '../../domain/time.ts'
import { HEARTBEAT } from '../../domain/wire/names.ts'
import { afterMs } from '../../runtime/clock.ts'
import { systemClockProbe } from '../../runtime/clock-probe.ts'
import { lockFolder } from '../../runtime/folder-lock.ts'
import { clockMetrics } from '../births.ts'
import type { EdgeStats } from '../edge-stats.ts'
import type { ClockMode, SavedClock } from '../node-clock.ts'
import type { DeviceLife, EdgeState, Recorder } from '../ports.ts'
import type { EdgeRecorder } from '../recorder.ts'
import type { Uplink } from '../uplink.ts'
import { machineBoot } from './machine-boot.ts'
import { openParts, type Parts } from './recording-open.ts'
import { highestOf, type RecordingOptions, statsOf } from './recording-parts.ts'
import { sweepUndated } from './timeless-sweep.ts'
import { TrustedClock } from './trusted-clock.ts'

const HEARTBEAT_MS = 5_000
/** After a trusted start, until what cannot be dated is given up: sensors that are there are dated within seconds. */
const SWEEP_AFTER_MS = 60_000
export class Recording {
  readonly clock: TrustedClock
  readonly #options: RecordingOptions
  readonly #folder: string
  readonly #boot: Uint8Array
  #unlock: () => Promise<void> = async () => {}
  #parts: Parts | undefined
  #heartbeat = 0n
  /** Since when the desk's STATE is not online; null while it is. */
  #deskOffline: Instant | null = null
  #cancelHeartbeat: () => void = () => {}
  #cancelSweep: () => void = () => {}

  constructor(options: RecordingOptions) {
    this.#options = options
    this.#folder = edgeFolder(options.dataDir, options.site.file.site, options.node.id)
    this.#boot = options.boot ?? machineBoot()
    const { clock, log, node } = options
    this.clock = new TrustedClock({
      clock,
      log,
      mode: (node.clock ?? 'system') as ClockMode,
      probe: options.clockProbe ?? systemClockProbe,
      boot: Buffer.from(this.#boot).toString('hex'),
      save: (saved) => this.#parts?.state.set('clock', saved),
      onTrustable: options.onTrustable ?? (() => this.timeKnown()),
      onChange: () => this.#tellClock(),
    })
  }

  /** What acquisition gets. */
  get seam(): { recorder: Recorder; life: DeviceLife; state: EdgeState } {
    const { recorder, state } = this.#started()
    return { recorder, life: recorder, state }
  }

  #started(): Parts {
    if (this.#parts === undefined) throw new Error('the recording was not started')
    return this.#parts
  }

  /** Opens what is on disk and connects. @throws PlumblineError DATA_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  async start(): Promise<void> {
    await this.open()
    this.connect()
  }

  /** @throws PlumblineError DATA_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  async open(): Promise<void> {
    this.#unlock = await lockFolder(this.#folder)
    try {
      this.#parts = await openParts({
        ...this.#options,
        clock: this.clock,
        folder: this.#folder,
        boot: this.#boot,
        heartbeat: () => this.#heartbeat,
        onOwner: () => this.#deskMayHaveChanged(),
      })
      await this.clock.start(this.#parts.state.get('clock') as SavedClock | undefined)
      if (this.clock.trusted) this.#parts.state.restamp((t_ns) => this.clock.correctKept(t_ns))
      this.#sweepLater()
      this.#deskOffline = this.clock.now()
      const { site, node } = this.#options
      await this.apply(site, node, null)
    } catch (error) {
      this.clock.stop()
      await this.#unlock()
      throw error
    }
  }

  get deskOfflineSince(): Instant | null {
    return this.#deskOffline
  }

  #deskMayHaveChanged(): void {
    const online = this.#parts?.lanes.conditions.policy.ownerOnline === true
    if (online === (this.#deskOffline === null)) return
    this.#deskOffline = online ? null : this.clock.now()
    this.#options.onDesk?.()
  }

  connect(): void {
    const { node, blocks } = this.#uplinks()
    node.start()
    blocks.start()
    this.#beatLater()
  }

  #uplinks(): { node: Uplink; blocks: Uplink } {
    const { lanes } = this.#started()
    return { node: lanes.conditions.uplink, blocks: lanes.blocks.uplink }
  }

  /**
   * The site is now this: births say it, and what was recorded before is sent under the births of its time. No device that
   * changed is polled meanwhile.
   */
  async apply(site: Site, node: SiteNode, drill: string | null): Promise<void> {
    const { births, editions, outbox } = this.#started()
    births.drill = drill
    births.apply(site, node, highestOf(outbox))
    await editions.save(true)
    this.#announce()
  }

  #announce(): void {
    const { node, blocks } = this.#uplinks()
    node.announce()
    blocks.announce()
  }

  /** Nothing measures now: the clock is trusted, and what was kept in the time before is put right. */
  timeKnown(): void {
    const { state, present, resenders } = this.#started()
    this.clock.trust()
    state.restamp((t_ns) => this.clock.correctKept(t_ns))
    present.restamp((t_ns) => this.clock.correct(t_ns))
    this.#announce()
    for (const resender of resenders) resender.wake()
    this.#sweepLater()
  }

  /** Boots that ended without the time: after the sensors had time to be dated. */
  #sweepLater(): void {
    const { clock } = this
    if (!clock.trusted || clock.undated.length === 0) return
    this.#cancelSweep = clock.at(afterMs(clock, SWEEP_AFTER_MS), () => void this.#sweep())
  }

  async #sweep(): Promise<void> {
    const parts = this.#parts
    if (parts === undefined) return
    const { outbox, recorder, resenders } = parts
    const { log, sampleTime = () => undefined } = this.#options
    const { clock } = this
    const told: EdgeRecorder['dropped'] = (stream, gaps) => recorder.dropped(stream, gaps)
    try {
      if (await sweepUndated({ outbox, clock, log, sampleTime, told }))
        for (const resender of resenders) resender.rescan()
    } catch (error) {
      log.error('records without a time could not be looked through; trying again', { what: (error as Error).message })
      this.#sweepLater()
    }
  }

  #tellClock(): void {
    if (this.#parts !== undefined) this.sendNode(clockMetrics(this.clock.report(), instantToMs(this.clock.now())))
  }

  /** Metrics of the node that are no record. */
  sendNode(metrics: readonly Metric[]): void {
    this.#uplinks().node.sendNode(metrics)
  }

  #beatLater(): void {
    const { clock } = this
    this.#cancelHeartbeat = clock.at(afterMs(clock, HEARTBEAT_MS), () => {
      this.#heartbeat += 1n
      this.sendNode([{ name: HEARTBEAT, timestamp: instantToMs(clock.now()), value: this.#heartbeat }])
      clock.save()
      this.#watchOutbox()
      this.#settle()
      this.#beatLater()
    })
  }

  #watchOutbox(): void {
    const { outbox, watch } = this.#started()
    const [conditions, readings, blocks] = [
      outbox.stats('conditions'),
      outbox.stats('readings'),
      outbox.stats('blocks'),
    ]
    watch.look({ conditions, readings, blocks }, this.clock.now())
  }

  /** Editions and limits whose records are all committed leave the births. */
  #settle(): void {
    const { births, editions, outbox } = this.#started()
    const changed = editions.editions.settle((stream, upTo) => outbox.waits(stream, upTo))
    void editions.save(changed)
    if (!changed) return
    births.prune()
    this.#announce()
  }

  /** Acquisition has stopped by now. Deaths are said while the outbox is synced; the state is last and says "clean". */
  async stop(deadline_ms: number): Promise<void> {
    const parts = this.#parts
    if (parts === undefined) return
    const { node, blocks } = this.#uplinks()
    this.clock.stop()
    this.#parts = undefined
    this.#cancelHeartbeat()
    this.#cancelSweep()
    parts.recorder.close()
    await Promise.all([
      node.stop(deadline_ms),
      blocks.stop(deadline_ms),
      ...parts.resenders.map((resender) => resender.stop()),
      parts.outbox.sync().catch(() => {}),
    ])
    try {
      await parts.outbox.close()
      await parts.state.close()
    } catch (error) {
      this.#options.log.error('the last state could not be saved; the next start counts as unclean', {
        what: (error as Error).message,
      })
    } finally {
      parts.bdSeq.close()
      await this.#unlock()
    }
  }

  stats(): EdgeStats | undefined {
    return this.#parts && statsOf({ ...this.#parts, clock: this.clock.report() })
  }
}
