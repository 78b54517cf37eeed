/**
 * The recording side of an edge node put together: outbox, state, clock, both Sparkplug nodes and resending. Takes what
 * acquisition gives through the seam of `ports.ts`; knows nothing of registers.
 */
import { join } from 'node:path'
import { limitsOfNode, type Site } from '../../domain/channel.ts'
import { edgeFolder } from '../../domain/data-folder.ts'
import { blocksNodeId } from '../../domain/ids.ts'
import type { Stream } from '../../domain/record.ts'
import type { SiteNode } from '../../domain/site.ts'
import type { Metric } from '../../domain/sparkplug/payload.ts'
import { type Instant, instantToMs } from '../../domain/time.ts'
import { HEARTBEAT } from '../../domain/wire/names.ts'
import { afterMs } from '../../runtime/clock.ts'
import { systemClockProbe } from '../../runtime/clock-probe.ts'
import { lockFolder } from '../../runtime/folder-lock.ts'
import { clockMetrics } from '../births.ts'
import type { EdgeStats } from '../edge-stats.ts'
import { NodeBirths } from '../node-births.ts'
import type { ClockMode, SavedClock } from '../node-clock.ts'
import { OutboxWatch } from '../outbox-watch.ts'
import type { DeviceLife, EdgeState, Recorder } from '../ports.ts'
import { Present } from '../present.ts'
import { EdgeRecorder } from '../recorder.ts'
import { Resend } from '../resend.ts'
import type { Resender, ResendLane } from '../resender.ts'
import { makeSide } from '../sparkplug-side.ts'
import type { Uplink } from '../uplink.ts'
import { BdSeqFile } from './bd-seq.ts'
import { EditionsFile } from './editions-file.ts'
import { machineBoot } from './machine-boot.ts'
import { OutboxFile } from './outbox-file.ts'
import { conditionsBeyond, highestOf, type Lanes, limitsOf, type RecordingOptions, statsOf } from './recording-parts.ts'
import { StateFile } from './state-file.ts'
import { sweepUndated } from './timeless-sweep.ts'
import { TrustedClock } from './trusted-clock.ts'

const HEARTBEAT_MS = 5_000
/** After a trusted start, until what cannot be dated is given up: sensors that are there are dated within seconds. */
const SWEEP_AFTER_MS = 60_000
/** Records in flight. Conditions go one payload at a time, so that the desk meets them in order. */
const WINDOW = { conditions: 64, readings: 1024, blocks: 512 } as const

/** Everything that lives between start and stop. */
type Parts = {
  readonly outbox: OutboxFile
  readonly state: StateFile
  readonly bdSeq: BdSeqFile
  readonly editions: EditionsFile
  readonly present: Present
  readonly births: NodeBirths
  readonly recorder: EdgeRecorder
  readonly watch: OutboxWatch
  readonly lanes: Lanes
  readonly resenders: readonly Resender[]
}

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
      this.#parts = await this.#open()
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

  async #open(): Promise<Parts> {
    const { log, node, site } = this.#options
    const { clock } = this
    const bdSeq = new BdSeqFile(this.#folder, log)
    bdSeq.open()
    let recorder: EdgeRecorder | undefined
    const outbox = await OutboxFile.open({
      folder: join(this.#folder, 'outbox'),
      limits: limitsOf(node),
      boot: this.#boot,
      clock,
      log,
      onDropped: (stream, gaps) => recorder?.dropped(stream, gaps),
    })
    const state = new StateFile({ folder: this.#folder, clock, log, outbox, syncOutbox: () => outbox.sync() })
    await state.open()
    const editions = await EditionsFile.open(this.#folder, outbox.id, log)
    const present = new Present([])
    for (const record of state.conditions) present.condition(record)
    await conditionsBeyond(outbox, state, present)
    const software = this.#options.software ?? 'plumbline'
    const known = { clock, outbox: outbox.id, software, present, editions: editions.editions }
    const births = new NodeBirths({ ...known, clockReport: () => clock.report() }, site, node)
    const { lanes, resenders } = this.#wire(outbox, births, editions, bdSeq)
    const onCondition: StateFile['condition'] = (record, offset) => state.condition(record, offset)
    const onOffset = (device: string, stream: Stream, offset: number) =>
      editions.editions.recorded(device, stream, offset)
    recorder = new EdgeRecorder({ clock, outbox, present, lanes, cleanStart: state.cleanStart, onCondition, onOffset })
    log.info('outbox open', { outbox: outbox.id, limits: limitsOfNode(site, node).length })
    const watch = new OutboxWatch(node.id, limitsOf(node), recorder, log, clock.now())
    return { outbox, state, bdSeq, editions, present, births, recorder, watch, lanes, resenders }
  }

  /** The two Sparkplug nodes, each with the streams that it carries. */
  #wire(outbox: OutboxFile, births: NodeBirths, { editions }: EditionsFile, bdSeq: BdSeqFile) {
    const { node } = this.#options
    const { clock } = this
    const policy = (stream: Stream): ResendLane => ({
      stream,
      policy: new Resend({ windowRecords: WINDOW[stream], inOrder: stream === 'conditions' }, clock.monotonic()),
    })
    const [conditions, readings, blocks] = [policy('conditions'), policy('readings'), policy('blocks')]
    const common = {
      ...this.#options,
      clock,
      outbox,
      nextBdSeq: (id: string) => bdSeq.next(id),
      onlineDevices: () => births.onlineDevices(),
      editionOf: (device: string, stream: Stream, offset: number) => editions.of(device, stream, offset)?.key,
    }
    const onOwner = () => this.#deskMayHaveChanged()
    const nodeSide = makeSide({ ...common, onOwner }, node.id, [conditions, readings], {
      nodeBirth: () => births.nodeBirth(this.#heartbeat),
      deviceBirth: (id, edition) => births.deviceBirth(id, edition),
    })
    const blocksSide = makeSide({ ...common, onCommand: undefined }, blocksNodeId(node.id), [blocks], {
      nodeBirth: () => births.blocksNodeBirth(),
      deviceBirth: (id, edition) => births.blocksDeviceBirth(id, edition),
    })
    const lanes: Lanes = {
      conditions: { uplink: nodeSide.uplink, policy: conditions.policy },
      readings: { uplink: nodeSide.uplink, policy: readings.policy },
      blocks: { uplink: blocksSide.uplink, policy: blocks.policy },
    }
    return { resenders: [nodeSide.resender, blocksSide.resender], lanes }
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
