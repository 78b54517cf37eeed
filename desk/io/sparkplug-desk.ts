/**
 * The desk's ear on the wire: Sparkplug host `<site>-desk`. Turns births, deaths and data into the live model and the
 * alarm desk, sends acknowledgements back, and takes waveforms only while somebody watches.
 */
import type { LiveEvent, NodeJson } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import type { EdgeDrill } from '../../domain/drill.ts'
import { blocksNodeId, deskHostId } from '../../domain/ids.ts'
import type { Clock, ConnectMqtt, Log } from '../../domain/ports.ts'
import type { Ranges } from '../../domain/record.ts'
import type { HostEvent } from '../../domain/sparkplug/host-session.ts'
import { DataType, type Metric } from '../../domain/sparkplug/payload.ts'
import { instantFromMs, instantToMs } from '../../domain/time.ts'
import { committedMetric } from '../../domain/wire/committed.ts'
import { conditionsOfBirth, decodeConditions } from '../../domain/wire/condition.ts'
import { DeviceNames } from '../../domain/wire/device-names.ts'
import { metricsByName } from '../../domain/wire/metric.ts'
import { COMMAND, COMMAND_RESULT, DRILL, HEALTH, OUTBOX_ID, OUTBOX_OFFSET, SITE_HASH } from '../../domain/wire/names.ts'
import { decodeReading, decodeRecords, RecordError } from '../../domain/wire/record.ts'
import { HostApplication } from '../../runtime/host-application.ts'
import { liveFrames } from '../block-frames.ts'
import { blocksTopic, deskFilters } from '../desk-topics.ts'
import type { LiveModel } from '../live-model.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { BlockWatch } from './block-watch.ts'
import type { SentCommand } from './command-teller.ts'

export type SparkplugDeskOptions = {
  readonly site: Site
  readonly url: string
  readonly username: string
  readonly password: () => Promise<string>
  readonly connectMqtt: ConnectMqtt
  readonly clock: Clock
  readonly log: Log
  readonly model: LiveModel
  readonly alarms: AlarmDesk
  readonly blocks: BlockWatch
  readonly onLive: (events: readonly LiveEvent[]) => void
  /** What a birth says of the drill that its node takes part in: an id, none, or nothing at all; nothing after a death. */
  readonly onDrill: (node: string, drill: string | null | undefined) => void
  /** What a node answered to a command, as it came. */
  readonly onCommandResult: (node: string, text: string) => void
  /** What a node says of itself, as it came; nothing when it is gone. */
  /** Topics beside Sparkplug. */
  readonly beside?: ReadonlyMap<string, (payload: Uint8Array) => void>
  readonly onHealth?: (node: string, text: string | undefined) => void
}

/** Metrics around the records of a payload: they bear the time of sending. */
const ENVELOPE = new Set([OUTBOX_ID, OUTBOX_OFFSET])
type DataEvent = HostEvent & { kind: 'data' }
const STOP_MS = 400
/** An edge that does not name its outbox in its birth is not one of ours; its occurrences still need a name. */
const OUTBOX_UNNAMED = 'unnamed'

export class SparkplugDesk {
  readonly #o: SparkplugDeskOptions
  readonly #group: string
  readonly #nodes: ReadonlySet<string>
  readonly #nodeOfBlocks: ReadonlyMap<string, string>
  #nodeOfDevice: ReadonlyMap<string, string> = new Map()
  #simulated: ReadonlySet<string> = new Set()
  readonly #host: HostApplication
  readonly #strangers = new Set<string>()
  #unreadable = 0
  #stopping = false

  constructor(options: SparkplugDeskOptions) {
    this.#o = options
    const { file } = options.site
    this.#group = file.site
    this.#nodes = new Set(file.nodes.map((n) => n.id))
    this.#nodeOfBlocks = new Map(file.nodes.map((n) => [blocksNodeId(n.id), n.id]))
    this.#host = new HostApplication({
      hostId: deskHostId(file.site),
      group: file.site,
      url: options.url,
      username: options.username,
      password: options.password,
      connectMqtt: options.connectMqtt,
      clock: options.clock,
      log: options.log,
      filters: deskFilters(file.site, this.#nodes),
      // Of `<node>-blocks` only what is watched comes in: its order says nothing.
      checkSeq: (node) => this.#nodes.has(node),
      history: { undated: ENVELOPE, wanted: (node, device, newest_ms) => this.#isNews(node, device, newest_ms) },
      ...(options.beside && { beside: options.beside }),
      onEvent: (event) => this.#event(event),
      onUp: () => this.#up(),
      onDown: (why) => this.#down(why),
      onAway: (why) => this.#down(why),
    })
    this.place(options.site)
  }

  get up(): boolean {
    return this.#host.up
  }
  /** Why not, in words; `undefined` while up. */
  get away(): string | undefined {
    return this.#host.away
  }
  /** Payloads that were Sparkplug but not whole. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** The devices of the site as it is now: with the shadows of a drill, or without them again. */
  place(site: Site): void {
    const placed = site.file.nodes.flatMap((n) =>
      n.links.flatMap((l) => l.devices.map((device) => ({ node: n.id, device }))),
    )
    const nodeOfDevice = new Map(placed.map(({ node, device }) => [device.id, node]))
    for (const device of this.#o.blocks.devices()) if (!nodeOfDevice.has(device)) this.unwatch(device)
    this.#nodeOfDevice = nodeOfDevice
    this.#simulated = new Set(placed.filter(({ device }) => device.simulated).map(({ device }) => device.id))
  }

  /** Tells an edge node of the drill that it shall take part in, or of none; rejects while the broker is away. */
  drill(node: string, drill: EdgeDrill | null): Promise<void> {
    const timestamp = instantToMs(this.#o.clock.now())
    const value = JSON.stringify(drill ?? { id: null })
    return this.#host.command(node, [{ name: DRILL, timestamp, datatype: DataType.String, value }])
  }

  /** Sends a command once; rejects while the broker is away. */
  sendCommand(node: string, command: SentCommand): Promise<void> {
    const timestamp = instantToMs(this.#o.clock.now())
    const value = JSON.stringify(command)
    return this.#host.command(node, [{ name: COMMAND, timestamp, datatype: DataType.String, value }])
  }

  /** A message to people on a topic of their own; rejects while the broker is away. */
  publish(topic: string, payload: Uint8Array): Promise<void> {
    return this.#host.publish(topic, payload)
  }

  start(): void {
    this.#host.start()
  }

  stop(): Promise<void> {
    this.#stopping = true
    return this.#host.stop(STOP_MS)
  }

  /** Acknowledges condition records; when the broker is away the edge resends and is acknowledged then. */
  committed(node: string, outbox: string, ranges: Ranges): void {
    const committed = { owner: 'desk', outbox, stream: 'conditions', ranges } as const
    const metric = committedMetric(committed, instantToMs(this.#o.clock.now()))
    this.#host.command(node, [metric]).catch(() => {})
  }

  /** Births that came while the journal was away were shown but not kept. */
  askAllAgain(why: string): void {
    for (const node of this.#nodes) this.#host.requestRebirth(node, why)
  }

  watch(device: string): void {
    const node = this.#nodeOfDevice.get(device)
    if (node === undefined) return
    this.#host.subscribe([blocksTopic(this.#group, node, device)]).catch((error) => this.#subscriptionFailed(error))
    this.#needBlocksBirth(node)
  }

  unwatch(device: string): void {
    const node = this.#nodeOfDevice.get(device)
    if (node === undefined) return
    this.#host.unsubscribe([blocksTopic(this.#group, node, device)]).catch((error) => this.#subscriptionFailed(error))
  }

  #subscriptionFailed(error: unknown): void {
    this.#o.log.warn('subscription to blocks failed', { why: String(error) })
  }

  /** Data means nothing without its birth, and births are not retained: the first viewer after a start asks for it. */
  #needBlocksBirth(node: string): void {
    const id = blocksNodeId(node)
    if (this.#host.births(id) === undefined) this.#host.requestRebirth(id, 'somebody watches and no birth is known')
  }

  #up(): void {
    this.askAllAgain('the desk has just connected')
    for (const device of this.#o.blocks.devices()) {
      const node = this.#nodeOfDevice.get(device)
      if (node !== undefined) this.#needBlocksBirth(node)
    }
  }

  #down(why: string): void {
    if (this.#stopping) return
    const before = this.#o.model.nodes()
    this.#live(this.#o.model.connectionLost(why, this.#o.clock.now()))
    for (const node of before) {
      this.#noteNode(node)
      this.#o.onDrill(node.id, undefined)
      this.#o.onHealth?.(node.id, undefined)
    }
  }

  #live(events: readonly LiveEvent[]): void {
    if (events.length > 0) this.#o.onLive(events)
  }

  #event(event: HostEvent): void {
    const { clock, model } = this.#o
    if (event.kind === 'birth') this.#nodeBirth(event)
    else if (event.kind === 'death') this.#nodeDeath(event.node)
    else if (event.kind === 'data') this.#data(event)
    else if (event.kind === 'device-birth' && this.#nodes.has(event.node))
      this.#deviceBirth(event.device, event.metrics)
    else if (event.kind === 'device-death' && this.#nodes.has(event.node))
      this.#live(model.deviceDeath(event.device, clock.now()))
  }

  /** A birth carries the last values: after a start of the desk they are there before the next poll. */
  #deviceBirth(device: string, metrics: readonly Metric[]): void {
    const { clock, model } = this.#o
    this.#live(model.deviceBirth(device, clock.now()))
    const names = new DeviceNames(device)
    const timed = metrics.filter(({ properties, value }) => properties?.['t_ns'] !== undefined && value !== undefined)
    const readings = timed.flatMap((metric) => {
      try {
        return [decodeReading(device, metric, names)]
      } catch (error) {
        if (error instanceof RecordError) return []
        throw error
      }
    })
    this.#live(model.read(device, readings, true))
  }

  #nodeBirth({ node, metrics }: HostEvent & { kind: 'birth' }): void {
    if (this.#nodeOfBlocks.has(node)) return
    const named = metricsByName(metrics)
    const hash = named.get(SITE_HASH)?.value
    const outbox = named.get(OUTBOX_ID)?.value
    const before = this.#o.model.node(node)
    if (before === undefined) this.#stranger(node)
    this.#live(this.#o.model.nodeBirth(node, typeof hash === 'string' ? hash : undefined, this.#o.clock.now()))
    if (before !== undefined) {
      this.#noteNode(before)
      this.#noteSite(before, hash)
    }
    const drill = named.get(DRILL)?.value
    if (before !== undefined) this.#o.onDrill(node, typeof drill === 'string' || drill === null ? drill : undefined)
    const conditions = conditionsOfBirth(metrics)
    this.#o.alarms.birth(node, typeof outbox === 'string' ? outbox : OUTBOX_UNNAMED, conditions)
  }

  #nodeDeath(node: string): void {
    const before = this.#o.model.node(node)
    if (before === undefined) return
    this.#live(this.#o.model.nodeDeath(node, this.#o.clock.now()))
    this.#o.onDrill(node, undefined)
    this.#o.onHealth?.(node, undefined)
    this.#noteNode(before)
  }

  #noteNode(before: NodeJson): void {
    const now = this.#o.model.node(before.id)!
    if (now.state === before.state) return
    void this.#o.alarms.note('node', now.id, { from: before.state, to: now.state, reason: now.reason })
    const report = now.state === 'online' ? this.#o.log.info : this.#o.log.warn
    report(`edge node ${now.state}`, { node: now.id, ...(now.reason !== null && { reason: now.reason }) })
  }

  #noteSite(before: NodeJson, edge_hash: unknown): void {
    const { id, site_hash_agrees } = this.#o.model.node(before.id)!
    if (site_hash_agrees === before.site_hash_agrees || (before.site_hash_agrees === null && site_hash_agrees)) return
    const body = { agrees: site_hash_agrees, edge_hash: String(edge_hash ?? ''), desk_hash: this.#o.site.hash }
    void this.#o.alarms.note('site', id, body)
    if (site_hash_agrees) this.#o.log.info('the edge node has our site file again', { node: id })
    else this.#o.log.warn('the edge node runs on another site file', { node: id, ...body })
  }

  /** Its conditions are taken all the same: no alarm is dropped for coming from a node that the site file lacks. */
  #stranger(node: string): void {
    if (this.#strangers.has(node) || this.#strangers.size >= 100) return
    this.#strangers.add(node)
    this.#o.log.warn('a node that is not in the site file was born', { node })
  }

  #data(event: DataEvent): void {
    const { node, device, metrics } = event
    if (device === undefined) {
      const received = decodeConditions(metrics, node)
      if (received.length > 0) this.#o.alarms.records(node, received)
      for (const { name, value } of metrics) {
        if (typeof value !== 'string') continue
        if (name === COMMAND_RESULT) this.#o.onCommandResult(node, value)
        else if (name === HEALTH && this.#nodes.has(node)) this.#o.onHealth?.(node, value)
      }
      return
    }
    try {
      const ofBlocks = this.#nodeOfBlocks.get(node)
      if (ofBlocks !== undefined) this.#blocks(ofBlocks, device, metrics)
      else if (this.#nodes.has(node)) this.#readings(node, device, metrics)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      if (this.#unreadable++ === 0)
        this.#o.log.warn('a payload cannot be read; further ones are counted', { node, device, why: error.message })
    }
  }

  /** Ingest keeps history; here it counts where it is the newest that is known, or belongs to an alarm that stands. */
  #isNews(node: string, device: string, newest_ms: number): boolean {
    const known = this.#o.model.device(device)
    if (known === undefined || !this.#nodes.has(node)) return true
    // Samples of axes come as blocks, not as readings.
    const channels = known.channels.flatMap(({ id, kind }) => (kind === 'axis' ? [] : [id]))
    // A time in ms stands for every nanosecond of that ms.
    const newest = instantFromMs(newest_ms + 1)
    return !this.#o.model.knowsSince(channels, newest) || this.#o.alarms.book.mayWorsen(channels, newest)
  }

  #readings(node: string, device: string, metrics: readonly Metric[]): void {
    const exercise = this.#simulated.has(device)
    const context = { node, stream: 'readings', device, exercise, blockGroups: new Map() } as const
    for (const record of decodeRecords(metrics, context)) {
      this.#live(this.#o.model.read(device, record.readings, record.historical))
      this.#o.alarms.observe(node, record.readings)
    }
  }

  #blocks(node: string, device: string, metrics: readonly Metric[]): void {
    if (!this.#o.blocks.watched(device)) return
    const birth = this.#host.births(blocksNodeId(node))?.devices.get(device)?.metrics ?? []
    for (const frame of liveFrames(device, metrics, birth, node, this.#simulated.has(device)))
      this.#o.blocks.send(device, frame)
  }
}
