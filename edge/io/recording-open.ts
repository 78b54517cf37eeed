/**
 * Everything that records between start and stop, opened from disk and wired: outbox, state, editions, births, both Sparkplug
 * nodes with the streams that each carries, and their resending.
 */
import { join } from 'node:path'
import { limitsOfNode } from '../../domain/channel.ts'
import { blocksNodeId } from '../../domain/ids.ts'
import type { Stream } from '../../domain/record.ts'
import { NodeBirths } from '../node-births.ts'
import { OutboxWatch } from '../outbox-watch.ts'
import { Present } from '../present.ts'
import { EdgeRecorder } from '../recorder.ts'
import { Resend } from '../resend.ts'
import type { Resender, ResendLane } from '../resender.ts'
import { makeSide } from '../sparkplug-side.ts'
import { BdSeqFile } from './bd-seq.ts'
import { EditionsFile } from './editions-file.ts'
import { OutboxFile } from './outbox-file.ts'
import { conditionsBeyond, type Lanes, limitsOf, type RecordingOptions } from './recording-parts.ts'
import { StateFile } from './state-file.ts'
import type { TrustedClock } from './trusted-clock.ts'

/** Records in flight. Conditions go one payload at a time, so that the desk meets them in order. */
const WINDOW = { conditions: 64, readings: 1024, blocks: 512 } as const

/** Everything that lives between start and stop. */
export type Parts = {
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

export type OpenOptions = Omit<RecordingOptions, 'clock' | 'boot'> & {
  readonly clock: TrustedClock
  /** The node's own folder. */
  readonly folder: string
  readonly boot: Uint8Array
  readonly heartbeat: () => bigint
  /** An owner may have come or gone. */
  readonly onOwner: () => void
}

/** @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
export async function openParts(options: OpenOptions): Promise<Parts> {
  const { log, node, site, clock, folder, boot, software = 'plumbline' } = options
  const bdSeq = new BdSeqFile(folder, log)
  bdSeq.open()
  let recorder: EdgeRecorder | undefined
  const outbox = await OutboxFile.open({
    folder: join(folder, 'outbox'),
    limits: limitsOf(node),
    boot,
    clock,
    log,
    onDropped: (stream, gaps) => recorder?.dropped(stream, gaps),
  })
  const state = new StateFile({ folder, clock, log, outbox, syncOutbox: () => outbox.sync() })
  await state.open()
  const editions = await EditionsFile.open(folder, outbox.id, log)
  const present = new Present([])
  for (const record of state.conditions) present.condition(record)
  await conditionsBeyond(outbox, state, present)
  const known = { clock, outbox: outbox.id, software, present, editions: editions.editions }
  const births = new NodeBirths({ ...known, clockReport: () => clock.report() }, site, node)
  const { lanes, resenders } = wire(options, outbox, births, editions, bdSeq)
  const onCondition: StateFile['condition'] = (record, offset) => state.condition(record, offset)
  const onOffset = (device: string, stream: Stream, offset: number) =>
    editions.editions.recorded(device, stream, offset)
  recorder = new EdgeRecorder({ clock, outbox, present, lanes, cleanStart: state.cleanStart, onCondition, onOffset })
  log.info('outbox open', { outbox: outbox.id, limits: limitsOfNode(site, node).length })
  const watch = new OutboxWatch(node.id, limitsOf(node), recorder, log, clock.now())
  return { outbox, state, bdSeq, editions, present, births, recorder, watch, lanes, resenders }
}

/** The two Sparkplug nodes, each with the streams that it carries. */
function wire(
  options: OpenOptions,
  outbox: OutboxFile,
  births: NodeBirths,
  { editions }: EditionsFile,
  bdSeq: BdSeqFile,
) {
  const { heartbeat, onOwner, ...world } = options
  const { node, clock } = world
  const policy = (stream: Stream): ResendLane => ({
    stream,
    policy: new Resend({ windowRecords: WINDOW[stream], inOrder: stream === 'conditions' }, clock.monotonic()),
  })
  const [conditions, readings, blocks] = [policy('conditions'), policy('readings'), policy('blocks')]
  const common = {
    ...world,
    outbox,
    nextBdSeq: (id: string) => bdSeq.next(id),
    onlineDevices: () => births.onlineDevices(),
    editionOf: (device: string, stream: Stream, offset: number) => editions.of(device, stream, offset)?.key,
  }
  const nodeSide = makeSide({ ...common, onOwner }, node.id, [conditions, readings], {
    nodeBirth: () => births.nodeBirth(heartbeat()),
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
