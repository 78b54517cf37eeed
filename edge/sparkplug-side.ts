/**
 * One Sparkplug node of the gateway put together: its uplink, what owners say to it, and the resending of its streams.
 */
import type { Site } from '../domain/channel.ts'
import { edgeUser } from '../domain/data-folder.ts'
import { deskHostId, ingestHostId } from '../domain/ids.ts'
import type { Clock, ConnectMqtt, Log } from '../domain/ports.ts'
import { type Committed, OWNER, type Owner } from '../domain/record.ts'
import type { SiteNode } from '../domain/site.ts'
import type { Outbox } from './outbox.ts'
import { type NodeTime, Resender, type ResenderOptions, type ResendLane } from './resender.ts'
import { Uplink, type UplinkOptions } from './uplink.ts'

export type SideOptions = {
  readonly site: Site
  readonly node: SiteNode
  readonly brokerUrl: string
  readonly clock: Clock & NodeTime
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly password: () => Promise<string>
  readonly outbox: Outbox
  /** Next bdSeq of a Sparkplug node, durable. */
  readonly nextBdSeq: (id: string) => number
  readonly onlineDevices: () => readonly string[]
  readonly editionOf: ResenderOptions['editionOf']
  readonly onCommand?: UplinkOptions['onCommand']
  /** An owner may have come or gone. */
  readonly onOwner?: () => void
}

/** `id`: Sparkplug node and client id; `lanes`: the streams it carries, most urgent first. */
export function makeSide(
  options: SideOptions,
  id: string,
  lanes: readonly ResendLane[],
  births: Pick<UplinkOptions, 'nodeBirth' | 'deviceBirth'>,
): { uplink: Uplink; resender: Resender } {
  const { site, node, brokerUrl, clock, outbox, nextBdSeq, editionOf, onOwner = () => {}, ...world } = options
  const group = site.file.site
  const ownerOf: Readonly<Record<string, Owner>> = { [ingestHostId(group)]: 'ingest', [deskHostId(group)]: 'desk' }
  const wake = () => resender.wake()
  const session = (up: boolean) => {
    for (const { policy } of lanes) policy.session(up)
    onOwner()
    wake()
  }
  const onHostState = (host: string, online: boolean, timestamp_ms: number) => {
    const now = clock.monotonic()
    for (const { stream, policy } of lanes)
      if (OWNER[stream] === ownerOf[host]) policy.ownerState(online, timestamp_ms, now)
    onOwner()
    wake()
  }
  /** Only from the node that published it, for this outbox: anything else trims nothing. */
  const onCommitted = (committed: Committed): boolean => {
    const lane = lanes.find(({ stream }) => stream === committed.stream)
    if (lane === undefined || !outbox.commit(committed)) return false
    lane.policy.acknowledged(outbox.committed(lane.stream), clock.monotonic())
    wake()
    return true
  }
  const uplink = new Uplink({
    ...world,
    ...births,
    clock,
    group,
    node: id,
    url: brokerUrl,
    username: edgeUser(node.id),
    nextBdSeq: () => nextBdSeq(id),
    onSession: () => session(true),
    onBorn: wake,
    onDown: () => session(false),
    onHostState,
    onCommitted,
  })
  const resender = new Resender({
    outbox,
    uplink,
    lanes,
    clock,
    editionOf,
    log: world.log.child({ sparkplug_node: id }),
  })
  return { uplink, resender }
}
