/**
 * Sparkplug Host Application over one MQTT connection: subscriptions, STATE, requests for rebirth (Sparkplug 3.0 chapter
 * 5.6 to 5.8 and 6.4.26). What the messages mean is `HostSession`'s; what is done about them the room's, by `onEvent`.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, ConnectMqtt, Log, MqttConnection, MqttMessage, MqttWill } from '../domain/ports.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { type HistoryWanted, type HostEvent, HostSession, type NodeBirths } from '../domain/sparkplug/host-session.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { decodeState, encodeState, nodeTopic, stateTopic } from '../domain/sparkplug/topics.ts'
import { instantToMs, type Monotonic } from '../domain/time.ts'
import { rebirthMetric } from '../domain/wire/committed.ts'
import { afterMs } from './clock.ts'

export type HostApplicationOptions = {
  /** Sparkplug host id; also the MQTT client id. */
  readonly hostId: string
  readonly group: string
  /** `mqtt://host:port` */
  readonly url: string
  readonly username: string
  readonly password: () => Promise<string>
  readonly connectMqtt: ConnectMqtt
  readonly clock: Clock
  readonly log: Log
  /** Subscribed at QoS 0 in every session before STATE online is published. */
  readonly filters: readonly string[]
  readonly checkSeq: (node: string) => boolean
  /** `HostSessionOptions.tolerant` */
  readonly tolerant?: (node: string) => boolean
  readonly history?: HistoryWanted
  /** How long a gap in a node's sequence may fill before a rebirth is asked for; default 500 ms. */
  readonly reorderTimeout_ms?: number
  readonly onEvent: (event: HostEvent) => void
  /** Topics beside Sparkplug, subscribed at QoS 1 in every session, and what is done with a message there. */
  readonly beside?: ReadonlyMap<string, (payload: Uint8Array) => void>
  /** Subscribed and STATE online published. Events of the session may come a moment before. */
  readonly onUp?: () => void
  readonly onDown?: (why: string) => void
  /** `MqttOptions.onAway` */
  readonly onAway?: (why: string) => void
}

const KEEPALIVE_S = 10
const REORDER_TIMEOUT_MS = 500
/** A broker that accepts CONNECT but answers no SUBSCRIBE in this time is dropped and tried again. */
const SETUP_TIMEOUT_MS = 10_000
/** Refused messages are logged once for each topic, up to so many topics; all are counted. */
const REFUSED_TOPICS_MAX = 256

export class HostApplication {
  readonly #o: HostApplicationOptions
  readonly #log: Log
  readonly #session: HostSession
  readonly #mqtt: MqttConnection
  readonly #state: string
  readonly #extra = new Set<string>()
  readonly #refusedTopics = new Set<string>()
  /** Nodes asked for rebirth and not born since, with the reason. */
  readonly #asked = new Map<string, string>()
  /** Timestamp of this session's will and birth, UTC ms; never falls, or edges would ignore us after a clock step. */
  #stateTimestamp_ms = 0
  #online = false
  #serving = true
  #stopping = false
  #sessions = 0
  #refused = 0
  #bugs = 0
  #tickAt: Monotonic | undefined
  #cancelTick: () => void = () => {}

  constructor(options: HostApplicationOptions) {
    this.#o = options
    this.#log = options.log.child({ host: options.hostId })
    this.#state = stateTopic(options.hostId)
    const { group, checkSeq, tolerant = () => false, reorderTimeout_ms = REORDER_TIMEOUT_MS, history } = options
    this.#session = new HostSession({ group, checkSeq, tolerant, reorderTimeout_ms, ...(history && { history }) })
    this.#mqtt = options.connectMqtt({
      url: options.url,
      clientId: options.hostId,
      username: options.username,
      password: options.password,
      will: () => this.#will(),
      keepalive_s: KEEPALIVE_S,
      onUp: () => void this.#setUp(),
      onDown: (why) => this.#wentDown(why),
      ...(options.onAway && { onAway: options.onAway }),
      onMessage: (message) => this.#received(message),
    })
  }

  /** Subscribed and published as online. */
  get up(): boolean {
    return this.#online && this.#mqtt.up
  }

  /** Why not, in words; `undefined` while up. */
  get away(): string | undefined {
    return this.up ? undefined : (this.#mqtt.away ?? 'subscribing')
  }

  /** Messages refused since the start. */
  get refused(): number {
    return this.#refused
  }

  /** Exceptions of `onEvent` since the start: each is a bug of ours. */
  get bugs(): number {
    return this.#bugs
  }

  /** Births of a node and its devices as far as they are known in this session. */
  births(node: string): NodeBirths | undefined {
    return this.#session.births(node)
  }

  start(): void {
    this.#mqtt.start()
  }

  /**
   * What STATE says while the session stands: false for a host that cannot take what nodes have kept for it. The timestamp
   * stays the will's, or the will of this session would come too late for nodes that ignore what is older.
   */
  serve(serving: boolean): void {
    if (this.#serving === serving) return
    this.#serving = serving
    if (this.#online && this.#mqtt.up) this.#publishState().catch(() => {})
  }

  /** NCMD at QoS 0; rejects while the broker is out of reach. */
  command(node: string, metrics: readonly Metric[]): Promise<void> {
    const timestamp = instantToMs(this.#o.clock.now())
    return this.#mqtt.publish(nodeTopic(this.#o.group, 'NCMD', node), encodePayload({ timestamp, metrics }), { qos: 0 })
  }

  /** Says something on a topic beside Sparkplug, retained, at QoS 1; rejects while the broker is out of reach. */
  say(topic: string, payload: Uint8Array): Promise<void> {
    return this.#mqtt.publish(topic, payload, { qos: 1, retain: true })
  }

  /** A message beside Sparkplug, at QoS 1 and not retained; rejects while the broker is out of reach. */
  publish(topic: string, payload: Uint8Array): Promise<void> {
    return this.#mqtt.publish(topic, payload, { qos: 1 })
  }

  /** Asks the node for its births until they come: at once, then after 1 s doubling to 30 s. */
  requestRebirth(node: string, why: string): void {
    if (!this.#mqtt.up) return
    this.#emit(this.#session.wantRebirth(node, why, this.#o.clock.monotonic()))
  }

  /** Filters beside the fixed ones, kept across sessions; resolves at once while the broker is out of reach. */
  async subscribe(filters: readonly string[]): Promise<void> {
    for (const filter of filters) this.#extra.add(filter)
    if (this.#mqtt.up) await this.#inThisSession(this.#mqtt.subscribe(filters, 0))
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    for (const filter of filters) this.#extra.delete(filter)
    if (this.#mqtt.up) await this.#inThisSession(this.#mqtt.unsubscribe(filters))
  }

  /** The end of the session is no failure of a subscription: the next session makes it again. */
  async #inThisSession(work: Promise<void>): Promise<void> {
    const session = this.#sessions
    try {
      await work
    } catch (error) {
      if (session === this.#sessions && this.#mqtt.up) throw error
    }
  }

  /** Publishes STATE offline, then disconnects; resolves within the deadline. */
  async stop(deadline_ms: number): Promise<void> {
    this.#stopping = true
    this.#cancelTick()
    const wasOnline = this.#online
    this.#online = false
    if (wasOnline && this.#mqtt.up) {
      const timestamp = this.#nextTimestamp_ms()
      this.#mqtt.publish(this.#state, encodeState(false, timestamp), { qos: 1, retain: true }).catch(() => {})
    }
    // The connection sends DISCONNECT after the acknowledgement of the above, or gives up at the deadline.
    await this.#mqtt.stop(deadline_ms)
  }

  #nextTimestamp_ms(): number {
    this.#stateTimestamp_ms = Math.max(this.#stateTimestamp_ms, instantToMs(this.#o.clock.now()))
    return this.#stateTimestamp_ms
  }

  /** tck-id-host-topic-phid-death-payload: offline, with the time of this CONNECT. */
  #will(): MqttWill {
    return { topic: this.#state, payload: encodeState(false, this.#nextTimestamp_ms()), qos: 1, retain: true }
  }

  async #setUp(): Promise<void> {
    const session = ++this.#sessions
    const cancel = this.#o.clock.at(afterMs(this.#o.clock, SETUP_TIMEOUT_MS), () => this.#mqtt.drop())
    try {
      await this.#mqtt.subscribe([this.#state, ...(this.#o.beside?.keys() ?? [])], 1)
      await this.#mqtt.subscribe([...new Set([...this.#o.filters, ...this.#extra])], 0)
      await this.#publishState()
    } catch (error) {
      if (session !== this.#sessions || this.#stopping) return
      if (error instanceof PlumblineError) this.#log.error(error.message)
      this.#mqtt.drop()
      return
    } finally {
      cancel()
    }
    if (session !== this.#sessions || this.#stopping || !this.#mqtt.up) return
    this.#online = true
    this.#o.onUp?.()
  }

  /** tck-id-host-topic-phid-birth-payload: online, with the timestamp of the will. */
  #publishState(): Promise<void> {
    const payload = encodeState(this.#serving, this.#stateTimestamp_ms)
    return this.#mqtt.publish(this.#state, payload, { qos: 1, retain: true })
  }

  #wentDown(why: string): void {
    this.#sessions++
    this.#online = false
    this.#session.connectionLost()
    this.#planTick()
    this.#o.onDown?.(why)
  }

  #received({ topic, payload }: MqttMessage): void {
    if (this.#stopping) return
    const beside = this.#o.beside?.get(topic)
    if (beside !== undefined) beside(payload)
    else if (topic === this.#state) this.#ownState(payload)
    else this.#emit(this.#session.receive(topic, payload, this.#o.clock.monotonic()))
  }

  /** The will of an earlier session may be published after we came back: it must not stand (chapter 5.6). */
  #ownState(payload: Uint8Array): void {
    if (this.#online && decodeState(payload)?.online !== this.#serving) this.#publishState().catch(() => {})
  }

  #emit(events: readonly HostEvent[]): void {
    for (const event of events) {
      if (event.kind === 'rebirth-wanted') this.#askRebirth(event.node, event.why)
      if (event.kind === 'refused') this.#countRefused(event.topic, event.why)
      if (event.kind === 'birth') this.#asked.delete(event.node)
      this.#tell(event)
    }
    this.#planTick()
  }

  #tell(event: HostEvent): void {
    try {
      this.#o.onEvent(event)
    } catch (error) {
      this.#bugs++
      const { kind, node, topic } = event as { kind: string; node?: string; topic?: string }
      const bug = new PlumblineError('BUG', `handling ${kind} of ${node ?? topic}`, { cause: error })
      this.#log.error(bug.message, { cause: error, times: this.#bugs })
    }
  }

  /** One line for each reason; a node that is switched off is asked on, but not told again and again. */
  #askRebirth(node: string, why: string): void {
    if (this.#asked.get(node) !== why) this.#log.info('asking for rebirth', { node, why })
    this.#asked.set(node, why)
    this.command(node, [rebirthMetric(instantToMs(this.#o.clock.now()))]).catch(() => {})
  }

  #countRefused(topic: string, why: string): void {
    this.#refused++
    if (this.#refusedTopics.has(topic) || this.#refusedTopics.size >= REFUSED_TOPICS_MAX) return
    this.#refusedTopics.add(topic)
    this.#log.warn('message refused', { topic, why })
  }

  /** One timer for the next reorder time-out or repeated request. */
  #planTick(): void {
    const next = this.#stopping ? undefined : this.#session.nextTickAt()
    if (next === this.#tickAt) return
    this.#cancelTick()
    this.#tickAt = next
    if (next === undefined) return
    this.#cancelTick = this.#o.clock.at(next, () => {
      this.#tickAt = undefined
      this.#emit(this.#session.tick(this.#o.clock.monotonic()))
    })
  }
}
