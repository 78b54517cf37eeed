/**
 * The recording side of an edge node put together: outbox, state, both Sparkplug nodes and resending. Takes what
 * acquisition gives through the seam of `ports.ts`; knows nothing of registers.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { channelsOf, devicesOf, limitsOfNode, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { edgeFolder } from '../../domain/data-folder.ts'
import { blocksNodeId } from '../../domain/ids.ts'
import type { Clock, ConnectMqtt, Log } from '../../domain/ports.ts'
import type { Stream } from '../../domain/record.ts'
import type { SiteNode } from '../../domain/site.ts'
import { decodePayload } from '../../domain/sparkplug/codec.ts'
import { instantToMs, NS_PER_S } from '../../domain/time.ts'
import { decodeCondition } from '../../domain/wire/condition.ts'
import { HEARTBEAT } from '../../domain/wire/names.ts'
import { afterMs } from '../../runtime/clock.ts'
import { lockFolder } from '../../runtime/folder-lock.ts'
import { type BirthContext, blocksDeviceBirth, blocksNodeBirth, deviceBirth, nodeBirth } from '../births.ts'
import { START, type StreamLimits, type StreamStats } from '../outbox.ts'
import type { DeviceLife, EdgeState, Recorder } from '../ports.ts'
import { Present } from '../present.ts'
import { EdgeRecorder } from '../recorder.ts'
import { Resend } from '../resend.ts'
import type { Resender, ResendLane } from '../resender.ts'
import { makeSide } from '../sparkplug-side.ts'
import type { Uplink, UplinkStats } from '../uplink.ts'
import { BdSeqFile } from './bd-seq.ts'
import { OutboxFile } from './outbox-file.ts'
import { StateFile } from './state-file.ts'

const HEARTBEAT_MS = 5_000
/** Records in flight. Conditions go one payload at a time, so that the desk meets them in order. */
const WINDOW = { conditions: 64, readings: 256, blocks: 256 } as const

export type RecordingOptions = {
  readonly site: Site
  readonly node: SiteNode
  /** Root of `--data`. */
  readonly dataDir: string
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly password: () => Promise<string>
  readonly software?: string
}

export type EdgeStats = {
  readonly outbox: string
  readonly sent_live: number
  readonly resent: number
  /** Neither recorded nor sent. */
  readonly lost: number
  readonly streams: Readonly<Record<Stream, StreamStats>>
  readonly uplinks: Readonly<Record<string, UplinkStats>>
}

/** Everything that lives between start and stop. */
type Parts = {
  readonly outbox: OutboxFile
  readonly state: StateFile
  readonly bdSeq: BdSeqFile
  readonly recorder: EdgeRecorder
  readonly uplinks: { readonly node: Uplink; readonly blocks: Uplink }
  readonly resenders: readonly Resender[]
}

export class Recording {
  readonly #options: RecordingOptions
  readonly #folder: string
  #unlock: () => Promise<void> = async () => {}
  #parts: Parts | undefined
  #heartbeat = 0n
  #cancelHeartbeat: () => void = () => {}

  constructor(options: RecordingOptions) {
    this.#options = options
    this.#folder = edgeFolder(options.dataDir, options.site.file.site, options.node.id)
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

  /** @throws PlumblineError DATA_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  async start(): Promise<void> {
    this.#unlock = await lockFolder(this.#folder)
    try {
      this.#parts = await this.#open()
    } catch (error) {
      await this.#unlock()
      throw error
    }
    this.#parts.uplinks.node.start()
    this.#parts.uplinks.blocks.start()
    this.#beatLater()
  }

  async #open(): Promise<Parts> {
    const { clock, log, node } = this.#options
    const bdSeq = new BdSeqFile(this.#folder, log)
    bdSeq.open()
    let recorder: EdgeRecorder | undefined
    const outbox = await OutboxFile.open({
      folder: join(this.#folder, 'outbox'),
      limits: limitsOf(node),
      boot: randomBytes(16),
      clock,
      log,
      onDropped: (stream, gaps) => recorder?.dropped(stream, gaps),
    })
    const state = new StateFile({ folder: this.#folder, clock, log, outbox, syncOutbox: () => outbox.sync() })
    await state.open()
    const present = new Present(channelsOf(this.#options.site).map((channel) => channel.id))
    for (const record of state.conditions) present.condition(record)
    await conditionsBeyond(outbox, state, present)
    const wired = this.#wire(outbox, present, bdSeq)
    const onCondition: StateFile['condition'] = (record, offset) => state.condition(record, offset)
    recorder = new EdgeRecorder({
      clock,
      outbox,
      present,
      lanes: wired.lanes,
      cleanStart: state.cleanStart,
      onCondition,
    })
    return { outbox, state, bdSeq, recorder, uplinks: wired.uplinks, resenders: wired.resenders }
  }

  /** The two Sparkplug nodes, each with the streams that it carries. */
  #wire(outbox: OutboxFile, present: Present, bdSeq: BdSeqFile) {
    const { site, node, clock, log } = this.#options
    const policy = (stream: Stream): ResendLane => ({
      stream,
      policy: new Resend({ windowRecords: WINDOW[stream], inOrder: stream === 'conditions' }, clock.monotonic()),
    })
    const [conditions, readings, blocks] = [policy('conditions'), policy('readings'), policy('blocks')]
    const placed = new Map(devicesOf(site).flatMap((p) => (p.node.id === node.id ? [[p.device.id, p] as const] : [])))
    const online = () => [...placed.keys()].filter((device) => present.isOnline(device))
    const context = { site, node, outbox: outbox.id, software: this.#options.software ?? 'plumbline', present }
    const common = { ...this.#options, outbox, nextBdSeq: (id: string) => bdSeq.next(id), onlineDevices: online }
    const nodeSide = makeSide(common, node.id, [conditions, readings], {
      nodeBirth: () => nodeBirth(context, this.#heartbeat, clock.now()),
      deviceBirth: (id) => birthOf(placed, id, context, deviceBirth, clock),
    })
    const blocksSide = makeSide(common, blocksNodeId(node.id), [blocks], {
      nodeBirth: () => blocksNodeBirth(context, clock.now()),
      deviceBirth: (id) => birthOf(placed, id, context, blocksDeviceBirth, clock),
    })
    log.info('outbox open', { outbox: outbox.id, limits: limitsOfNode(site, node).length })
    return {
      uplinks: { node: nodeSide.uplink, blocks: blocksSide.uplink },
      resenders: [nodeSide.resender, blocksSide.resender],
      lanes: {
        conditions: { uplink: nodeSide.uplink, policy: conditions.policy },
        readings: { uplink: nodeSide.uplink, policy: readings.policy },
        blocks: { uplink: blocksSide.uplink, policy: blocks.policy },
      },
    }
  }

  #beatLater(): void {
    const { clock } = this.#options
    this.#cancelHeartbeat = clock.at(afterMs(clock, HEARTBEAT_MS), () => {
      this.#heartbeat += 1n
      const timestamp = instantToMs(clock.now())
      this.#started().uplinks.node.sendNode([{ name: HEARTBEAT, timestamp, value: this.#heartbeat }])
      this.#beatLater()
    })
  }

  /** Acquisition has stopped by now. Deaths are said while the outbox is synced; the state is last and says "clean". */
  async stop(deadline_ms: number): Promise<void> {
    const parts = this.#parts
    if (parts === undefined) return
    this.#parts = undefined
    this.#cancelHeartbeat()
    parts.recorder.close()
    const { node, blocks } = parts.uplinks
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
    if (this.#parts === undefined) return undefined
    const { outbox, recorder, resenders, uplinks } = this.#parts
    return {
      outbox: outbox.id,
      sent_live: recorder.sentLive,
      resent: resenders.reduce((sum, r) => sum + r.resent, 0),
      lost: recorder.lost,
      streams: {
        conditions: outbox.stats('conditions'),
        readings: outbox.stats('readings'),
        blocks: outbox.stats('blocks'),
      },
      uplinks: { node: uplinks.node.stats, blocks: uplinks.blocks.stats },
    }
  }
}

function limitsOf({ outbox }: SiteNode): Record<Stream, StreamLimits> {
  const limit = ({ max_mib, max_age_h }: { max_mib: number; max_age_h: number }): StreamLimits => ({
    maxBytes: max_mib * 1024 * 1024,
    maxAge_ns: BigInt(Math.round(max_age_h * 3600)) * NS_PER_S,
  })
  return { conditions: limit(outbox.conditions), readings: limit(outbox.readings), blocks: limit(outbox.blocks) }
}

type MakeBirth = typeof blocksDeviceBirth
function birthOf(
  placed: ReadonlyMap<string, PlacedDevice>,
  id: string,
  context: BirthContext,
  make: MakeBirth,
  clock: Clock,
) {
  const at = placed.get(id)
  return at === undefined ? undefined : make(context, at.device, at.model, clock.now())
}

/** Conditions that were recorded after the state was last saved. */
async function conditionsBeyond(outbox: OutboxFile, state: StateFile, present: Present): Promise<void> {
  let from = START
  for (;;) {
    const { stored, next } = await outbox.read('conditions', from, 256 * 1024)
    if (stored.length === 0) return
    for (const { record } of stored) {
      if (record.offset <= state.conditionsOffset) continue
      for (const metric of decodePayload(record.metrics).metrics) {
        const condition = decodeCondition(metric)
        if (condition === undefined) continue
        present.condition(condition)
        state.condition(condition, record.offset)
      }
    }
    from = next
  }
}
