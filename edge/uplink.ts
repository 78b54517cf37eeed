/**
 * One Sparkplug edge node on its own MQTT connection: subscribes, is born, sends what it is given, answers rebirth, dies.
 * What is said to it is `uplink-heard.ts`'s; what births say, what acknowledgements mean and what is sent again its owner's;
 * nothing is queued here.
 */
import type { Clock, ConnectMqtt, Log, MqttConnection } from '../domain/ports.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { nodeTopic, stateTopic } from '../domain/sparkplug/topics.ts'
import { instantToMs, type Monotonic, monotonic, NS_PER_MS } from '../domain/time.ts'
import { type DeviceBirth, type Message, NodeSession } from './node-session.ts'
import { type HeardBy, UplinkHeard } from './uplink-heard.ts'

const KEEPALIVE_S = 10
/** Rebirths asked for in a burst (several hosts, a lost message each) are answered by one. */
const REBIRTH_MIN_NS = 1000n * NS_PER_MS
/** A socket that takes nothing for so long that this much waits is as good as down: live data is left to resending. */
const LIVE_PENDING_MAX = 4 * 1024 * 1024
const DEATH_MS = 500

export type UplinkOptions = {
  readonly group: string
  /** Sparkplug edge node id, also the MQTT client id. */
  readonly node: string
  readonly url: string
  readonly username: string
  readonly password: () => Promise<string>
  readonly connectMqtt: ConnectMqtt
  readonly clock: Clock
  readonly log: Log
  /** Durable, one more on every call. */
  readonly nextBdSeq: () => number
  readonly nodeBirth: () => readonly Metric[]
  /** Birth of a device as of an edition (empty: the present one); `undefined` where this node does not carry it. */
  readonly deviceBirth: (device: string, edition: string) => readonly Metric[] | undefined
  /** Devices that answer now. */
  readonly onlineDevices: () => readonly string[]
  /** A session began; nothing was subscribed yet, so whatever is heard after this belongs to it. */
  readonly onSession: () => void
  readonly onBorn: () => void
  readonly onDown: () => void
} & HeardBy

export type UplinkStats = {
  sent: number
  births: number
  rebirths: number
  refused_acks: number
  bad_commands: number
  not_sent: number
}

export class Uplink {
  readonly #options: UplinkOptions
  readonly #session: NodeSession
  readonly #connection: MqttConnection
  readonly #log: Log
  readonly stats: UplinkStats = { sent: 0, births: 0, rebirths: 0, refused_acks: 0, bad_commands: 0, not_sent: 0 }
  /** Counts CONNECTs: what was begun in an older one is given up. */
  #connects = 0
  /** Devices that do not answer, born only so that their backlog may be sent. */
  readonly #backfilled = new Set<string>()
  /** Edition under which a device was last born, where that is not the present one. */
  readonly #bornAs = new Map<string, string>()
  #bornAt: Monotonic | undefined
  #cancelRebirth: (() => void) | undefined
  #stopping = false

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#log = options.log.child({ sparkplug_node: options.node })
    this.#session = new NodeSession(options.group, options.node)
    const heard = new UplinkHeard({ ...options, log: this.#log, stats: this.stats, onRebirth: () => this.#rebirth() })
    this.#connection = options.connectMqtt({
      url: options.url,
      clientId: options.node,
      username: options.username,
      password: options.password,
      keepalive_s: KEEPALIVE_S,
      will: () => this.#will(),
      onUp: () => void this.#onUp(),
      onDown: () => this.#onDown(),
      onMessage: (message) => heard.take(message),
    })
  }

  start(): void {
    this.#connection.start()
  }

  get born(): boolean {
    return this.#session.born && this.#connection.up
  }
  /** Why it is not born, in words; `undefined` while it is. */
  get away(): string | undefined {
    return this.born ? undefined : (this.#connection.away ?? 'subscribing')
  }
  get pendingBytes(): number {
    return this.#connection.pendingBytes
  }

  #now_ms(): number {
    return instantToMs(this.#options.clock.now())
  }

  /** The will of a CONNECT and its births carry one bdSeq (tck-id-topics-nbirth-bdseq-matching). */
  #will() {
    this.#connects++
    const { topic, payload } = this.#session.will(this.#options.nextBdSeq(), this.#now_ms())
    return { topic, payload, qos: 1, retain: false } as const
  }

  async #onUp(): Promise<void> {
    const connect = this.#connects
    const { group, node } = this.#options
    this.#options.onSession()
    try {
      await this.#connection.subscribe([nodeTopic(group, 'NCMD', node), stateTopic('+')], 1)
    } catch (error) {
      if (connect !== this.#connects || this.#stopping) return
      this.#log.error('the broker refused our subscriptions; trying anew', { why: (error as Error).message })
      this.#connection.drop()
      return
    }
    if (connect !== this.#connects || !this.#connection.up || this.#stopping) return
    this.#births()
    this.#log.info('born')
    this.#options.onBorn()
  }

  #onDown(): void {
    this.#session.end()
    this.#backfilled.clear()
    this.#bornAs.clear()
    this.#cancelRebirth?.()
    this.#cancelRebirth = undefined
    this.#options.onDown()
  }

  #births(): void {
    const { onlineDevices, deviceBirth, nodeBirth, clock } = this.#options
    const online = new Set(onlineDevices())
    for (const device of online) {
      this.#backfilled.delete(device)
      this.#bornAs.delete(device)
    }
    const births = [...online, ...this.#backfilled].flatMap((device): DeviceBirth[] => {
      const metrics = deviceBirth(device, this.#bornAs.get(device) ?? '')
      return metrics === undefined ? [] : [{ device, metrics }]
    })
    for (const message of this.#session.births(nodeBirth(), births, this.#now_ms())) this.#publish(message)
    this.#bornAt = clock.monotonic()
    this.stats.births++
  }

  #publish({ topic, payload }: Message): void {
    this.stats.sent++
    this.#connection.publish(topic, payload, { qos: 0 }).catch(() => this.stats.not_sent++)
  }

  /** A device answers (again): its birth. */
  online(device: string): void {
    if (!this.born) return
    if (this.#birth(device, '')) this.#backfilled.delete(device)
  }

  /** False where this node does not carry the device. */
  #birth(device: string, edition: string): boolean {
    const metrics = this.#options.deviceBirth(device, edition)
    if (metrics === undefined) return false
    if (edition === '') this.#bornAs.delete(device)
    else this.#bornAs.set(device, edition)
    this.#publish(this.#session.deviceBirth({ device, metrics }, this.#now_ms()))
    return true
  }

  /** What a device is born as, or `undefined`. */
  #edition(device: string): string | undefined {
    return this.#session.isBorn(device) ? (this.#bornAs.get(device) ?? '') : undefined
  }

  /** A device is lost: its death, after what was last said of it. */
  offline(device: string): void {
    if (!this.born || !this.#session.isBorn(device)) return
    this.#backfilled.delete(device)
    this.#bornAs.delete(device)
    this.#publish(this.#session.deviceDeath(device, this.#now_ms()))
  }

  /** Live metrics of a device (or of the node: empty). False where they cannot go now. */
  sendLive(device: string, metrics: Uint8Array): boolean {
    if (!this.born || (device !== '' && !this.#session.isBorn(device))) return false
    // Conditions always go: they are few, and the most urgent.
    if (device !== '' && this.#connection.pendingBytes > LIVE_PENDING_MAX) return false
    // Its backlog of before a change of the site file was being sent: what follows is read by the present birth again.
    if (device !== '' && this.#edition(device) !== '' && !this.#birth(device, '')) return false
    this.#publish(this.#session.data(device, metrics, this.#now_ms()))
    return true
  }

  /**
   * Recorded metrics. For a device that does not answer now, it is born first with what is known of it (its readings bad,
   * with their reason) and dies again when `endBackfill` is called: Sparkplug has no other way to hand over its backlog.
   * Likewise one whose records are of an older edition is born as that first, and as the present one again afterwards.
   */
  sendRecorded(device: string, edition: string, metrics: Uint8Array): boolean {
    if (!this.born) return false
    if (device !== '' && this.#edition(device) !== edition) {
      const silent = !this.#session.isBorn(device)
      if (!this.#birth(device, edition)) return false
      if (silent) this.#backfilled.add(device)
    }
    this.#publish(this.#session.data(device, metrics, this.#now_ms()))
    return true
  }

  get backfilling(): boolean {
    return this.#backfilled.size > 0 || this.#bornAs.size > 0
  }
  endBackfill(): void {
    for (const device of [...this.#backfilled]) this.offline(device)
    for (const device of [...this.#bornAs.keys()]) if (!this.#birth(device, '')) this.offline(device)
  }

  /** What the births say has changed: all of them anew. */
  announce(): void {
    if (this.born) this.#births()
  }

  /**
   * Node metrics that are no record: heartbeat, clock, answers. Their datatypes stand in the birth only
   * (tck-id-payloads-metric-datatype-not-req).
   */
  sendNode(metrics: readonly Metric[]): void {
    if (!this.born) return
    const untyped = metrics.map(({ datatype: _, ...metric }) => metric)
    const bytes = encodePayload({ metrics: untyped })
    this.#publish(this.#session.data('', bytes, this.#now_ms()))
  }

  /** tck-id-operational-behavior-data-commands-rebirth-action-1..3: data stop, then all births with the same bdSeq. */
  #rebirth(): void {
    if (!this.born || this.#cancelRebirth !== undefined) return
    const { clock } = this.#options
    const now = clock.monotonic()
    const at = monotonic((this.#bornAt ?? now) + REBIRTH_MIN_NS)
    const act = () => {
      this.#cancelRebirth = undefined
      if (!this.born) return
      this.stats.rebirths++
      this.#births()
    }
    if (at <= now) act()
    else this.#cancelRebirth = clock.at(at, act)
  }

  /** NDEATH before DISCONNECT (tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath). */
  async stop(deadline_ms: number): Promise<void> {
    this.#stopping = true
    this.#cancelRebirth?.()
    if (this.born) await this.#sayDeath(Math.min(DEATH_MS, deadline_ms / 2))
    this.#session.end()
    await this.#connection.stop(deadline_ms / 2)
  }

  async #sayDeath(deadline_ms: number): Promise<void> {
    const { clock } = this.#options
    const { topic, payload } = this.#session.death(this.#now_ms())
    const said = this.#connection.publish(topic, payload, { qos: 0 }).catch(() => {})
    const over = new Promise<void>((resolve) => {
      const cancel = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(deadline_ms)) * NS_PER_MS), resolve)
      void said.then(cancel)
    })
    await Promise.race([said, over])
  }
}
